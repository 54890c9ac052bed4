package patient

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/client"
	"hce.co/shared/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// world is a registry under test, reached over HTTP.
type world struct {
	t      testing.TB
	f      *Function
	url    string
	issuer *authtest.Issuer
}

func newWorld(t testing.TB) *world {
	t.Helper()
	issuer := authtest.New(t)
	f := New()
	f.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	err := f.Start(context.Background(), map[string]string{
		"DATABASE_URL": dbtest.URL(t, "hce_patient"), "AUTH_KEYS_FILE": issuer.KeysFile, "DATABASE_MAX_CONNS": "16", "AUDIT_KEY": audittest.Key,
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(f.Handle))
	t.Cleanup(func() {
		srv.Close()
		if err := f.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, f: f, url: srv.URL, issuer: issuer}
}

// as returns a client, and a context in which it acts for p.
func (w *world) as(p auth.Principal) (api.Client, context.Context) {
	ctx := client.As(context.Background(), client.Caller{Token: w.issuer.Token(w.t, p)})
	return api.Client{Client: client.Client{Base: w.url, HTTP: http.DefaultClient}}, ctx
}

// send makes a raw request as p and returns the status and the body as an
// object.
func (w *world) send(p auth.Principal, method, path, contentType, body string) (int, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Authorization", "Bearer "+w.issuer.Token(w.t, p))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var v map[string]any
	json.NewDecoder(resp.Body).Decode(&v) //nolint:errcheck // not every answer is an object
	return resp.StatusCode, v
}

var (
	registrar = authtest.Principal("Ana Admisiones", auth.Registrar)
	physician = authtest.Principal("Mario Médico", auth.Physician)
	admin     = authtest.Principal("Alba Administra", auth.Admin)
)

// person returns the least that a record needs, under a document of its own.
func person() api.Demographics {
	return api.Demographics{
		TipoDocumento: "CC", NumeroDocumento: dbtest.DocumentoID(), PrimerNombre: "Luz", PrimerApellido: "Peña",
		FechaNacimiento: "1984-02-29", SexoBiologico: "02",
	}
}

// full returns a record with every field.
func full() api.Demographics {
	d := person()
	died := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	d.SegundoNombre, d.SegundoApellido, d.NombreIdentitario, d.HoraNacimiento = "Marina", "Núñez", "Lucha", "06:30"
	d.IdentidadGenero, d.Nacionalidades, d.Direccion, d.Barrio = "02", []string{"170", "862"}, "Calle 10 # 4-21", "La Candelaria"
	d.Municipio, d.Departamento, d.Pais, d.Zona, d.Etnia, d.ComunidadEtnica = "11001", "11", "170", "urbana", "01", "Muisca"
	d.Discapacidades, d.Ocupacion, d.Telefono, d.Celular = []string{"02"}, "2221", "6013456789", "+57 300 1234567"
	d.CorreoElectronico, d.EstadoCivil, d.GrupoSanguineo, d.FactorRH = "luz@example.org", "casado", "AB", "-"
	d.EntidadCodigo, d.EntidadPertenece, d.RegimenAfiliacion, d.TipoUsuario = "EPS010", "EPS Sura", "contributivo", "01"
	d.ContactoEmergencia = &api.Contact{Nombre: "José Peña", Parentesco: "hermano", Telefono: "3109876543"}
	d.Responsable = &api.Contact{Nombre: "Rosa Núñez", Parentesco: "madre", Telefono: "3101112233"}
	d.VoluntadAnticipada = &api.Will{Manifiesta: true, Fecha: "2020-01-02", Detalle: "Sin reanimación"}
	d.OposicionDonacion = &api.Will{Manifiesta: true, Fecha: "2021-05-06"}
	d.Fallecido, d.FechaFallecimiento = true, &died
	return d
}
