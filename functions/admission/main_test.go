package admission

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

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/functions/admission/api"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/civil"
	"hce.co/shared/client"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
)

func TestMain(m *testing.M) {
	time.Local = civil.Zone // as on a machine in Colombia: the wire is in UTC all the same
	os.Exit(dbtest.Main(m))
}

// world is a front desk under test, reached over HTTP.
type world struct {
	t        testing.TB
	f        *Function
	url      string
	issuer   *authtest.Issuer
	registry *pgxpool.Pool // acts as patient
}

func newWorld(t testing.TB) *world {
	t.Helper()
	issuer := authtest.New(t)
	f := New()
	f.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	err := f.Start(context.Background(), map[string]string{
		"DATABASE_URL": dbtest.URL(t, "hce_admission"), "AUTH_KEYS_FILE": issuer.KeysFile, "DATABASE_MAX_CONNS": "16", "AUDIT_KEY": audittest.Key,
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
	return &world{t: t, f: f, url: srv.URL, issuer: issuer, registry: dbtest.Pool(t, "hce_patient")}
}

// as returns a client, and a context in which it acts for p.
func (w *world) as(p auth.Principal) (api.Client, context.Context) {
	ctx := client.As(context.Background(), client.Caller{Token: w.issuer.Token(w.t, p)})
	return api.Client{Client: client.Client{Base: w.url, HTTP: http.DefaultClient}}, ctx
}

// answer is what came back of a raw request.
type answer struct {
	status int
	header http.Header
	body   map[string]any // nil unless the body is an object
}

func (a answer) field(name string) any {
	f, _ := a.body["campos"].(map[string]any)
	return f[name]
}

// send makes a raw request as p; headers are pairs of name and value.
func (w *world) send(p auth.Principal, method, path, body string, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+w.issuer.Token(w.t, p))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	json.NewDecoder(resp.Body).Decode(&a.body) //nolint:errcheck // not every answer is an object
	return a
}

// patient puts a person in the registry and returns their documento_id.
func (w *world) patient() string { return w.patientWith("") }

// patientWith does so and then sets columns of the record.
func (w *world) patientWith(set string) string {
	w.t.Helper()
	ctx := context.Background()
	number := dbtest.DocumentoID()
	id := "CC-" + number
	for _, q := range []string{
		`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ('` + id + `', '` + id + `', '2020-01-01')`,
		`INSERT INTO historia_clinica.paciente (documento_id, creado_en, actualizado_en, actualizado_por, tipo_documento, numero_documento,
			primer_apellido, segundo_apellido, primer_nombre, fecha_nacimiento, sexo_biologico, entidad_codigo, entidad_nombre, tipo_usuario,
			nombre_busqueda, nombre_orden)
			VALUES ('` + id + `', '2020-01-01', '2020-01-01', '00000000-0000-0000-0000-000000000001', 'CC', '` + number + `',
			'Peña', 'Núñez', 'Luz', '1984-02-29', '02', 'EPS010', 'EPS Sura', '01', ' pena nunez luz', ' peña nuñez luz')`,
	} {
		if _, err := w.registry.Exec(ctx, q); err != nil {
			w.t.Fatal(err)
		}
	}
	if set != "" {
		if _, err := w.registry.Exec(ctx, `UPDATE historia_clinica.paciente SET `+set+` WHERE documento_id = '`+id+`'`); err != nil {
			w.t.Fatal(err)
		}
	}
	return id
}

// admit opens an admission of a class for a new patient.
func (w *world) admit(class string) api.Admission {
	w.t.Helper()
	return w.admitTo(class, "", "")
}

func (w *world) admitTo(class, service, bed string) api.Admission {
	w.t.Helper()
	c, ctx := w.as(registrar)
	a, err := c.Open(ctx, api.Opening{DocumentoID: w.patient(), Clase: class, CausaMotivo: "38", Servicio: service, Cama: bed}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// count runs a query that counts.
func (w *world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := dbtest.Pool(w.t, "postgres").QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

var (
	registrar = authtest.Principal("Ana Admisiones", auth.Registrar)
	physician = authtest.Principal("Mario Médico", auth.Physician)
	clerk     = authtest.Principal("Rita Resultados", auth.RecordsClerk)
)

// stranger is a patient with an account of their own.
func stranger(documentoID string) auth.Principal {
	p := authtest.Principal("Luz Peña", auth.Patient)
	p.DocumentoID = documentoID
	return p
}

// conflict returns the problem that err is, with its status.
func conflict(err error) (*problem.Error, int) {
	p, _ := err.(*problem.Error)
	return p, problem.Status(err)
}

func ago(d time.Duration) *time.Time {
	t := time.Now().Add(-d).UTC().Truncate(time.Second)
	return &t
}

// professional makes an account of a médico and returns its id.
func (w *world) professional() string {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7()).String()
	pool := dbtest.Pool(w.t, "hce_login")
	for _, q := range []string{
		`INSERT INTO historia_clinica.usuario (id, username, nombre, hash, roles, creado_en) VALUES ('` + id + `', '` + id + `', 'Elsa Otra', '', '{medico}', '2020-01-01')`,
		`INSERT INTO historia_clinica.profesional (usuario_id, nombre_profesional, clave_id, clave_publica, clave_privada) VALUES ('` + id + `', 'Elsa Otra', '', '', '')`,
	} {
		if _, err := pool.Exec(context.Background(), q); err != nil {
			w.t.Fatal(err)
		}
	}
	return id
}
