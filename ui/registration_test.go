package ui

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/problem"
)

const luzID = "CC-1032456789"

func record(version int, d patient.Demographics) patient.Patient {
	return patient.Patient{DocumentoID: luzID, Version: version, Demographics: d, Activo: true, ActualizadoEn: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)}
}

var namesake = patient.Summary{
	DocumentoID: "CC-52987654", TipoDocumento: "CC", NumeroDocumento: "52987654", PrimerApellido: "Pena", PrimerNombre: "Luz",
	FechaNacimiento: "1984-02-29", SexoBiologico: "02", Parecido: 91,
}

// typed is what the blank form sends when the least is written in it.
func (d *door) typed(t *testing.T) url.Values {
	t.Helper()
	page := readPage(t, d.send(&registrar, "GET", "/pacientes/nuevo", nil), 200)
	v := fieldsOf(form(t, page, "/pacientes"))
	written, err := fill(least())
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range written {
		v[name] = values
	}
	return v
}

func TestRegister(t *testing.T) {
	d := newDoor(t)
	d.patient.on("POST /paciente/parecidos", []patient.Summary{})
	d.patient.on("POST /paciente", record(1, least()))
	v := d.typed(t)
	if len(v.Get("idempotencia")) != 36 {
		t.Errorf("the form's key is %q", v.Get("idempotencia"))
	}
	leads(t, d.send(&registrar, "POST", "/pacientes", v), "/pacientes/"+luzID)
	sent := d.patient.last(t, "POST /paciente")
	if got := sent.header.Get("Idempotency-Key"); got != v.Get("idempotencia") {
		t.Errorf("registered under the key %q, want %q", got, v.Get("idempotencia"))
	}
	want := least()
	want.Pais, want.Nacionalidades = "170", []string{"170"} // what a blank form suggests
	var got patient.Demographics
	if err := json.Unmarshal([]byte(sent.body), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +sent):\n%s", diff)
	}
}

func TestLikelyDuplicatesAreShownFirst(t *testing.T) {
	d := newDoor(t)
	d.patient.on("POST /paciente/parecidos", []patient.Summary{namesake})
	d.patient.on("POST /paciente", record(1, least()))
	v := d.typed(t)
	page := readPage(t, d.send(&registrar, "POST", "/pacientes", v), http.StatusConflict)
	wants(t, page, "¿Es alguno de estos?", "Pena, Luz", "CC 52.987.654", "Parecido 91 %", "Coincidencia alta")
	if slices.Contains(d.patient.got(), "POST /paciente") {
		t.Fatal("the record was opened before anybody looked")
	}
	again := fieldsOf(form(t, page, "/pacientes"))
	if again.Get("primer_apellido") != "Peña" || again.Get("idempotencia") != v.Get("idempotencia") || again.Has("confirmar_nuevo") {
		t.Errorf("the form comes back as %v", again)
	}
	again.Set("confirmar_nuevo", "si")
	leads(t, d.send(&registrar, "POST", "/pacientes", again), "/pacientes/"+luzID)
}

func TestRegistrationThatIsRefused(t *testing.T) {
	d := newDoor(t)
	d.patient.on("POST /paciente/parecidos", problem.Invalid(map[string]string{"fecha_nacimiento": "Escriba el nombre y la fecha de nacimiento."}))
	d.patient.on("POST /paciente", problem.Invalid(map[string]string{
		"fecha_nacimiento": "Esa fecha no existe.", "responsable": "Escriba el nombre de la persona.", "pais": "Use el código.",
	}))
	v := d.typed(t)
	v.Set("fecha_nacimiento", "1984-02-31")
	v.Set("pais", "Atlántida")
	v.Set("responsable.telefono", "6011234567")
	page := readPage(t, d.send(&registrar, "POST", "/pacientes", v), 422)
	wants(t, page, "Fecha de nacimiento: Esa fecha no existe.", "Responsable, nombre: Escriba el nombre de la persona.", "País: Use el código.")
	again := fieldsOf(form(t, page, "/pacientes"))
	for _, name := range []string{"fecha_nacimiento", "pais", "responsable.telefono", "primer_nombre"} {
		if again.Get(name) != v.Get(name) {
			t.Errorf("%s comes back as %q, want %q", name, again.Get(name), v.Get(name))
		}
	}
}

func TestDocumentThatHasARecord(t *testing.T) {
	d := newDoor(t)
	d.patient.on("POST /paciente/parecidos", []patient.Summary{})
	d.patient.on("POST /paciente", problem.Conflict("Ya existe una historia clínica con ese documento.").With("documento_id", luzID))
	d.patient.on("GET /paciente/{id}", record(3, everything()))
	page := readPage(t, d.send(&registrar, "POST", "/pacientes", d.typed(t)), http.StatusConflict)
	wants(t, page, "Ya existe una historia clínica con ese documento.", "Peña Núñez, Luz Marina", "CC 1.032.456.789")
	if !links(page, "/pacientes/"+luzID) {
		t.Error("nothing leads to the record")
	}
}

func TestEdit(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", record(7, everything()))
	d.patient.on("PUT /paciente/{id}", record(8, everything()))
	v := fieldsOf(form(t, readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/editar", nil), 200), "/pacientes/"+luzID))
	leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID, v), "/pacientes/"+luzID)
	if got := d.patient.last(t, "PUT /paciente/"+luzID).header.Get("If-Match"); got != `"7"` {
		t.Errorf("changed as of %s, want what was shown", got)
	}
}

// Two people at once: the second keeps what they typed and sees what differs.
func TestEditThatCameLate(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", record(7, everything()))
	v := fieldsOf(form(t, readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/editar", nil), 200), "/pacientes/"+luzID))
	v.Set("celular", "300 999 8877")

	d = newDoor(t)
	theirs := everything()
	theirs.EstadoCivil, theirs.Pais = "viudo", "862"
	d.patient.on("GET /paciente/{id}", record(8, theirs))
	stale := true
	d.patient.on("PUT /paciente/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if stale {
			problem.Write(w, problem.Stale().With("version", 8), "")
			return
		}
		json.NewEncoder(w).Encode(record(9, theirs)) //nolint:errcheck // a test's
	}))
	page := readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID, v), http.StatusPreconditionFailed)
	wants(t, page, "Otra persona cambió estos datos", "Estado civil Viudo(a) Casado(a)", "País Venezuela Colombia", "Celular +57 300 1234567 300 999 8877", "23 nov 2026, 09:00")
	if strings.Contains(text(page), "Ocupación") {
		t.Error("what is the same is shown as a difference")
	}
	again := fieldsOf(form(t, page, "/pacientes/"+luzID))
	if again.Get("version") != `"8"` || again.Get("celular") != "300 999 8877" || again.Get("estado_civil") != "casado" {
		t.Errorf("the page carries %v", again)
	}
	editing := url.Values{}
	for k, vs := range again {
		editing[k] = vs
	}
	editing.Set("accion", "editar")
	back := fieldsOf(form(t, readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID, editing), 200), "/pacientes/"+luzID))
	if back.Get("celular") != "300 999 8877" || back.Get("version") != `"8"` {
		t.Errorf("the form to go on with has %v", back)
	}
	stale = false
	again.Set("accion", "guardar")
	leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID, again), "/pacientes/"+luzID)
	if got := d.patient.last(t, "PUT /paciente/"+luzID).header.Get("If-Match"); got != `"8"` {
		t.Errorf("saved as of %s, want %q", got, `"8"`)
	}
}

// Pressing the button twice is no conflict with oneself.
func TestEditSentTwice(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", record(8, everything()))
	d.patient.on("PUT /paciente/{id}", problem.Stale())
	v := fieldsOf(form(t, readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/editar", nil), 200), "/pacientes/"+luzID))
	v.Set("version", `"7"`)
	leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID, v), "/pacientes/"+luzID)
}

func TestSearch(t *testing.T) {
	d := newDoor(t)
	d.patient.on("POST /paciente/buscar", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `</paciente/buscar?limite=20&despues=CC-52987654>; rel="next"`)
		json.NewEncoder(w).Encode([]patient.Summary{namesake}) //nolint:errcheck // a test's
	}))
	page := readPage(t, d.send(&registrar, "POST", "/pacientes/buscar", url.Values{"q": {" luz pena "}}), 200)
	wants(t, page, "Pena, Luz", "42 años", "Registrar paciente")
	if got := d.patient.last(t, "POST /paciente/buscar").body; got != `{"q":"luz pena","limite":20}` {
		t.Errorf("asked for %s", got)
	}
	more := url.Values{}
	for c := range page.Descendants() {
		if name, _ := attr(c, "name"); name == "despues" {
			more = fieldsOf(c.Parent)
		}
	}
	d.send(&registrar, "POST", "/pacientes/buscar", more)
	if got := d.patient.last(t, "POST /paciente/buscar").body; got != `{"q":"luz pena","limite":20,"despues":"CC-52987654"}` {
		t.Errorf("the next page is asked for with %s", got)
	}
	if said := text(readPage(t, d.send(&clerk, "POST", "/pacientes/buscar", url.Values{"q": {"x"}}), 200)); strings.Contains(said, "Registrar paciente") {
		t.Error("resultados is offered to register")
	}
	d = newDoor(t)
	d.patient.on("POST /paciente/buscar", problem.Invalid(map[string]string{"q": "Escriba al menos una palabra."}))
	wants(t, readPage(t, d.send(&registrar, "POST", "/pacientes/buscar", url.Values{"q": {"."}}), 422), "Escriba al menos una palabra.")
}
