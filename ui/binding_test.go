package ui

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	admission "hce.co/functions/admission/api"
	login "hce.co/functions/login/api"
	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// everything is a record with every field.
func everything() patient.Demographics {
	died := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	return patient.Demographics{
		TipoDocumento: "CC", NumeroDocumento: "1032456789", PrimerNombre: "Luz", SegundoNombre: "Marina", PrimerApellido: "Peña",
		SegundoApellido: "Núñez", NombreIdentitario: "Lucha", FechaNacimiento: "1984-02-29", HoraNacimiento: "06:30", SexoBiologico: "02",
		IdentidadGenero: "02", Nacionalidades: []string{"170", "862", "604"}, Direccion: "Calle 10 # 4-21", Barrio: "La Candelaria",
		Municipio: "11001", Departamento: "11", Pais: "170", Zona: "urbana", Etnia: "01", ComunidadEtnica: "Muisca",
		Discapacidades: []string{"01", "02"}, Ocupacion: "2221", Telefono: "6013456789", Celular: "+57 300 1234567",
		CorreoElectronico: "luz@example.org", EstadoCivil: "casado", GrupoSanguineo: "AB", FactorRH: "-", EntidadCodigo: "EPS010",
		EntidadPertenece: "EPS Sura", RegimenAfiliacion: "contributivo", TipoUsuario: "01",
		ContactoEmergencia: &patient.Contact{Nombre: "José Peña", Parentesco: "hermano", Telefono: "3109876543"},
		Responsable:        &patient.Contact{Nombre: "Rosa Núñez", Parentesco: "madre", Telefono: "3101112233"},
		VoluntadAnticipada: &patient.Will{Manifiesta: true, Fecha: "2020-01-02", Detalle: "Sin reanimación"},
		OposicionDonacion:  &patient.Will{Manifiesta: true, Fecha: "2021-05-06", Detalle: "Ningún órgano"},
		Fallecido:          true, FechaFallecimiento: &died,
	}
}

// least is a record with what none can lack.
func least() patient.Demographics {
	return patient.Demographics{
		TipoDocumento: "CC", NumeroDocumento: "1032456789", PrimerNombre: "Luz", PrimerApellido: "Peña", FechaNacimiento: "1984-02-29", SexoBiologico: "02",
	}
}

func TestRecordThroughAForm(t *testing.T) {
	for name, want := range map[string]patient.Demographics{"everything": everything(), "the least": least()} {
		v, err := fill(want)
		if err != nil {
			t.Fatal(err)
		}
		var got patient.Demographics
		if err := bind(v, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s comes back another (-written +read):\n%s", name, diff)
		}
	}
}

// What is stored, shown on the page, and sent again untouched must be stored as
// it was.
func TestRecordThroughThePage(t *testing.T) {
	for name, want := range map[string]patient.Demographics{"everything": everything(), "the least": least()} {
		d := newDoor(t)
		d.patient.on("GET /paciente/{id}", patient.Patient{DocumentoID: "CC-1032456789", Version: 7, Demographics: want, Activo: true})
		page := readPage(t, d.send(&registrar, "GET", "/pacientes/CC-1032456789/editar", nil), 200)
		sent := fieldsOf(form(t, page, "/pacientes/CC-1032456789"))
		if got := versionOf(sent.Get("version")); got != 7 {
			t.Errorf("%s: the page carries version %d, want 7", name, got)
		}
		got, err := typedDemographics(sent)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s changes by being edited (-stored +sent):\n%s", name, diff)
		}
	}
}

func TestTypedDemographics(t *testing.T) {
	v := url.Values{
		"pais": {"colombia"}, "nacionalidades": {"Perú", "", "venezuela"}, "municipio": {"medellin"}, "entidad_pertenece": {"eps sura"},
		"primer_nombre": {"  Luz "}, "responsable.nombre": {""}, "fallecido": {""}, "desconocido": {"x"}, "version": {"x"},
	}
	got, err := typedDemographics(v)
	if err != nil {
		t.Fatal(err)
	}
	want := patient.Demographics{
		Pais: "170", Nacionalidades: []string{"604", "862"}, Municipio: "05001", EntidadPertenece: "eps sura", EntidadCodigo: "EPS010", PrimerNombre: "Luz",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := typedDemographics(url.Values{"pais": {"Atlántida"}, "municipio": {"11001"}}); err != nil || got.Pais != "Atlántida" || got.Municipio != "11001" {
		t.Errorf("what no table knows becomes %+v, %v: the function has to judge it", got, err)
	}
}

func TestBind(t *testing.T) {
	var in admission.Opening
	err := bind(url.Values{
		"clase": {"IMP"}, "inicio": {"2026-11-23T08:30"}, "acompanante.nombre": {"Jorge"}, "eapb.nombre": {"EPS Sura"}, "cama": {"  "},
	}, &in)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 13, 30, 0, 0, time.UTC) // Bogotá is five hours behind
	want := admission.Opening{
		Clase: "IMP", Inicio: &at, Acompanante: &admission.Companion{Nombre: "Jorge"}, EAPB: &admission.Payer{Nombre: "EPS Sura"},
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("an opening (-want +got):\n%s", diff)
	}
	var u login.NewUser
	if err := bind(url.Values{"roles": {"medico", "administrador"}, "profesional.servicios": {"1102", "329"}}, &u); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(login.NewUser{
		Roles: []auth.Role{auth.Physician, auth.Admin}, Profesional: &login.NewProfessional{Servicios: []string{"1102", "329"}},
	}, u); diff != "" {
		t.Errorf("an account (-want +got):\n%s", diff)
	}
}

func TestBindRefuses(t *testing.T) {
	for _, tt := range []struct {
		values url.Values
		into   any
		field  string
	}{
		{url.Values{"nivel": {"dos"}}, &admission.TriageRequest{}, "nivel"},
		{url.Values{"fin": {"ayer"}}, &admission.DischargeRequest{}, "fin"},
		{url.Values{"fin": {"2026-13-40T99:00"}}, &admission.DischargeRequest{}, "fin"},
	} {
		err := bind(tt.values, tt.into)
		p, ok := err.(*problem.Error) //nolint:errorlint // bind returns it bare
		if !ok || p.Status != http.StatusUnprocessableEntity || p.Fields[tt.field] == "" {
			t.Errorf("%v: %v, want 422 with %s", tt.values, err, tt.field)
		}
	}
}

// A crafted field name must not make the server allocate without bound.
func TestBindIsBounded(t *testing.T) {
	var in struct {
		Filas []struct {
			Texto string `json:"texto"`
		} `json:"filas"`
	}
	if err := bind(url.Values{"filas.2000000000.texto": {"x"}}, &in); err == nil && len(in.Filas) > 1000 {
		t.Errorf("%d rows", len(in.Filas))
	}
}
