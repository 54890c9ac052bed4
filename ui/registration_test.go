package ui

import (
	"encoding/json"
	"maps"
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

// Two people at once: the second keeps what they typed and sees what both of them
// changed; what only the other changed stays as they left it.
func TestEditThatCameLate(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", record(7, everything()))
	v := fieldsOf(form(t, readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/editar", nil), 200), "/pacientes/"+luzID))
	v.Set("celular", "300 999 8877")
	v.Set("estado_civil", "soltero")

	d = newDoor(t)
	theirs := everything()
	theirs.EstadoCivil, theirs.Pais, theirs.FechaNacimiento = "viudo", "862", "1984-02-28"
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
	wants(t, page, "Estos datos cambiaron mientras usted escribía", "Estado civil Viudo(a) Soltero(a)", "23 nov 2026, 09:00")
	for _, word := range []string{"Ocupación", "Celular", "País", "Fecha de nacimiento", "Otra persona"} {
		if strings.Contains(text(page), word) {
			t.Errorf("the page shows %s as changed by both", word)
		}
	}
	again := fieldsOf(form(t, page, "/pacientes/"+luzID))
	if again.Get("version") != `"8"` || again.Get("celular") != "300 999 8877" || again.Get("estado_civil") != "soltero" ||
		again.Get("fecha_nacimiento") != "1984-02-28" || again.Get("pais") != "Venezuela" {
		t.Errorf("the page carries %v", again)
	}
	editing := maps.Clone(again)
	editing.Set("accion", "editar")
	back := fieldsOf(form(t, readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID, editing), 200), "/pacientes/"+luzID))
	if back.Get("celular") != "300 999 8877" || back.Get("version") != `"8"` || back.Get("original") != again.Get("original") {
		t.Errorf("the form to go on with has %v", back)
	}
	stale = false
	again.Set("accion", "guardar")
	leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID, again), "/pacientes/"+luzID)
	if got := d.patient.last(t, "PUT /paciente/"+luzID).header.Get("If-Match"); got != `"8"` {
		t.Errorf("saved as of %s, want %q", got, `"8"`)
	}
}

// Where nobody changed the same, both changes are saved.
func TestEditsThatDoNotMeet(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", record(7, everything()))
	v := fieldsOf(form(t, readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/editar", nil), 200), "/pacientes/"+luzID))
	v.Set("celular", "300 999 8877")

	d = newDoor(t)
	theirs := everything()
	theirs.FechaNacimiento = "1984-02-28"
	d.patient.on("GET /paciente/{id}", record(8, theirs))
	d.patient.on("PUT /paciente/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Match") != `"8"` {
			problem.Write(w, problem.Stale().With("version", 8), "")
			return
		}
		json.NewEncoder(w).Encode(record(9, theirs)) //nolint:errcheck // a test's
	}))
	leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID, v), "/pacientes/"+luzID)
	var saved patient.Demographics
	if err := json.Unmarshal([]byte(d.patient.last(t, "PUT /paciente/"+luzID).body), &saved); err != nil {
		t.Fatal(err)
	}
	want := theirs
	want.Celular = "300 999 8877"
	if diff := cmp.Diff(want, saved); diff != "" {
		t.Errorf("(-want +saved):\n%s", diff)
	}
	v.Del("original") // of a page from before: all that differs is shown
	page := readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID, v), http.StatusPreconditionFailed)
	wants(t, page, "Fecha de nacimiento 28 feb 1984 29 feb 1984", "Celular +57 300 1234567 300 999 8877")
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
	page := readPage(t, d.search(&registrar, url.Values{"q": {" luz pena "}}), 200)
	wants(t, page, "Pena, Luz", "42 años", "Registrar paciente")
	if got := d.patient.last(t, "POST /paciente/buscar").body; got != `{"q":"luz pena","limite":20}` {
		t.Errorf("asked for %s", got)
	}
	for _, after := range []string{"CC-52987654", "CC-52987654"} { // page by page
		more := url.Values{}
		for c := range page.Descendants() {
			if name, _ := attr(c, "name"); name == "despues" {
				more = fieldsOf(c.Parent)
			}
		}
		page = readPage(t, d.search(&registrar, more), 200)
		if got := d.patient.last(t, "POST /paciente/buscar").body; got != `{"q":"luz pena","limite":20,"despues":"`+after+`"}` {
			t.Errorf("the next page is asked for with %s", got)
		}
	}
	if said := text(readPage(t, d.search(&clerk, url.Values{"q": {"x"}}), 200)); strings.Contains(said, "Registrar paciente") {
		t.Error("resultados is offered to register")
	}
	d = newDoor(t)
	d.patient.on("POST /paciente/buscar", problem.Invalid(map[string]string{"q": "Escriba al menos una palabra."}))
	wants(t, readPage(t, d.search(&registrar, url.Values{"q": {"."}}), 422), "Escriba al menos una palabra.")
}

// A browser comes back to what each of its last searches found; no address says
// what they were for, and nobody else can read it.
func TestComeBackToASearch(t *testing.T) {
	d := newDoor(t)
	d.patient.on("POST /paciente/buscar", []patient.Summary{namesake})
	ana, mario := somebody(registrar, "b"), somebody(physician, "a")
	var jar *http.Cookie
	with := func(r *http.Request) {
		if jar != nil {
			r.AddCookie(jar)
		}
	}
	var pages []string
	for _, q := range []string{"luz", "pedro", "ana", "rosa", "juan", "eva"} {
		resp := d.send(&ana, "POST", "/pacientes/buscar", url.Values{"q": {q}}, with)
		at := resp.Header.Get("Location")
		jar = cookies(resp)[searchCookie]
		if resp.StatusCode != 303 || strings.Contains(at, q) || strings.Contains(jar.Value, q) || len(jar.String()) > 4096 {
			t.Fatalf("%q leads to %d %s, with %v", q, resp.StatusCode, at, jar)
		}
		pages = append(pages, at)
	}
	readPage(t, d.send(&ana, "GET", pages[1], nil, with), 200)
	if got := d.patient.last(t, "POST /paciente/buscar").body; got != `{"q":"pedro","limite":20}` {
		t.Errorf("the second page looks for %s", got)
	}
	asked := len(d.patient.got())
	for name, resp := range map[string]*http.Response{
		"the oldest": d.send(&ana, "GET", pages[0], nil, with), "another's": d.send(&mario, "GET", pages[5], nil, with),
		"no search": d.send(&ana, "GET", "/pacientes", nil, with), "one without its cookie": d.send(&ana, "GET", pages[5], nil),
	} {
		if page := readPage(t, resp, 200); strings.Contains(text(page), "Pena, Luz") || len(d.patient.got()) > asked {
			t.Errorf("%s: %s", name, text(page))
		}
	}
	readPage(t, d.send(&ana, "POST", "/pacientes/buscar", url.Values{"q": {strings.Repeat("luz ", 1000)}}, with), 200)
}

// Who looked for a document and did not find it need not type it again.
func TestRegisterWhoWasLookedFor(t *testing.T) {
	for q, want := range map[string][2]string{
		"52.000.111": {"CC", "52000111"}, "CC 52.000.111": {"CC", "52000111"}, "ti-1098765": {"TI", "1098765"}, "luz peña": {"CC", ""}, "CC 1": {"CC", ""},
	} {
		d := newDoor(t)
		d.patient.on("POST /paciente/buscar", []patient.Summary{})
		resp := d.send(&registrar, "POST", "/pacientes/buscar", url.Values{"q": {q}})
		with := func(r *http.Request) { r.AddCookie(cookies(resp)[searchCookie]) }
		page := readPage(t, d.send(&registrar, "GET", resp.Header.Get("Location"), nil, with), 200)
		to := strings.Replace(resp.Header.Get("Location"), "/pacientes?", "/pacientes/nuevo?", 1)
		if !links(page, to) {
			t.Fatalf("nothing leads to %s", to)
		}
		v := fieldsOf(form(t, readPage(t, d.send(&registrar, "GET", to, nil, with), 200), "/pacientes"))
		if got := [2]string{v.Get("tipo_documento"), v.Get("numero_documento")}; got != want || v.Get("pais") != "Colombia" {
			t.Errorf("after %q the form has %v, want %v", q, got, want)
		}
	}
}
