package ui

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	admission "hce.co/functions/admission/api"
	notes "hce.co/functions/notes/api"
	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// links reports whether a page leads to path.
func links(n *html.Node, path string) bool {
	for c := range n.Descendants() {
		if href, ok := attr(c, "href"); ok && href == path {
			return true
		}
	}
	return false
}

// charted makes the backends know a record.
func (d *door) charted(rec patient.Patient) {
	d.patient.on("GET /paciente/{id}", rec)
	d.patient.on("GET /paciente/{id}/documentos", []patient.Document{
		{TipoDocumento: "CC", NumeroDocumento: "52000111", Desde: "2026-11-20"}, {TipoDocumento: "CC", NumeroDocumento: "1032456789", Vigente: true, Desde: "2002-03-01"},
	})
	d.admission.on("GET /admision/{id}", []admission.Admission{})
	d.notes.on("GET /medico/alergias/{id}", []notes.RegisteredAllergy{{Sustancia: "Penicilina", Estado: "activa"}})
	d.notes.on("GET /medico/", []int{})
}

func TestSummary(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, everything()))
	page := readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID, nil), 200)
	wants(t, page, "Peña Núñez, Luz Marina", "«Lucha»", "CC 1.032.456.789", "42 años · Mujer", "Grupo AB−", "EPS Sura", "Penicilina", "Tiene voluntad anticipada",
		"Falleció el 1 mar 2026", "Colombia, Venezuela, Perú", "Física, Visual", "José Peña · hermano · 3109876543", "Sí, 6 may 2021. Ningún órgano", "Nueva nota")
	for path, want := range map[string]bool{
		"/pacientes/" + luzID + "/editar": false, "/notas/" + luzID + "/nueva": true, "/pacientes/" + luzID + "/admisiones/nueva": false,
	} {
		if links(page, path) != want {
			t.Errorf("a médico is led to %s: %v, want %v (the patient died)", path, !want, want)
		}
	}
	reads := 0
	for _, what := range d.patient.got() {
		if what == "GET /paciente/"+luzID {
			reads++
		}
	}
	if reads != 1 {
		t.Errorf("one look at the record is read %d times into the trail", reads)
	}
}

// Who may not read the chart gets the rest, and nothing is asked in their name.
func TestSummaryWithoutTheChart(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	page := readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID, nil), 200)
	wants(t, page, "Editar datos", "Admitir", "Código de registro")
	if said := text(page); strings.Contains(said, "Alergias") || strings.Contains(said, "Últimas notas") {
		t.Errorf("an admisionista reads of the chart:\n%s", said)
	}
	if got := d.notes.got(); len(got) > 0 {
		t.Errorf("notes was asked %v", got)
	}

	d = newDoor(t)
	d.patient.on("GET /paciente/{id}", record(3, least()))
	d.patient.on("GET /paciente/{id}/documentos", []patient.Document{})
	d.admission.on("GET /admision/{id}", []admission.Admission{})
	d.notes.on("/", problem.Forbidden("No tiene una atención en curso.").With("acceso_emergencia", true))
	page = readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID, nil), 200)
	wants(t, page, "Acceso de emergencia")
	if said := text(page); strings.Contains(said, "Alergias sin registrar") || strings.Contains(said, "Últimas notas") {
		t.Errorf("a médico without relation reads:\n%s", said)
	}
}

func TestAllergiesInTheBanner(t *testing.T) {
	for _, tt := range []struct {
		name string
		list []notes.RegisteredAllergy
		says string
	}{
		{"none yet", []notes.RegisteredAllergy{}, "Alergias sin registrar"},
		{"denied", []notes.RegisteredAllergy{{Estado: "niega"}}, "Niega alergias"},
		{"some", []notes.RegisteredAllergy{{Sustancia: "Látex", Estado: "activa"}, {Estado: "niega"}, {Sustancia: "Látex", Estado: "activa"}}, "Alergias: Látex"},
		{"outgrown", []notes.RegisteredAllergy{{Sustancia: "Huevo", Estado: "resuelta"}}, "Sin alergias activas"},
	} {
		d := newDoor(t)
		d.patient.on("GET /paciente/{id}", record(3, least()))
		d.notes.on("GET /medico/alergias/{id}", tt.list)
		d.notes.on("GET /medico/", []int{})
		page := readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID+"/diagnosticos", nil), 200)
		wants(t, page, tt.says)
	}
	// That it is not known because a function is down is no reason to say nothing.
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", record(3, least()))
	d.notes.on("/", problem.Unavailable(errors.New("down")))
	readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID+"/admisiones", nil), 503)
}

func TestWhoSawMyRecord(t *testing.T) {
	rows := []patient.Access{
		{ID: uuid.New(), En: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC), Nombre: "Mario Médico", Rol: "medico", Tipo: "break-glass", Recurso: "acceso-emergencia/x", Motivo: "Inconsciente", Resultado: "exito"},
		{ID: uuid.New(), Nombre: "Rita", Rol: "resultados", Tipo: "export", Recurso: "pdf/x", Resultado: "negado"},
	}
	for _, what := range []string{"notas", "alergias", "alergias"} { // of one page
		rows = append(rows, patient.Access{ID: uuid.New(), Nombre: "Elena Enfermera", Rol: "medico", Tipo: "read", Recurso: what + "/x", Resultado: "exito", Peticion: "1"})
	}
	d := newDoor(t)
	d.charted(record(3, least()))
	d.patient.on("GET /paciente/{id}/accesos", rows)
	page := readPage(t, d.send(&luz, "GET", "/pacientes/"+luzID+"/accesos", nil), 200)
	wants(t, page, "Quién vio mi historia", "Mario Médico", "Acceso de emergencia", "Inconsciente", "Negado", "Documento PDF", "Notas, Alergias")
	if n := strings.Count(text(page), "Elena Enfermera"); n != 1 {
		t.Errorf("one page that was read is shown as %d", n)
	}

	// The administrador reads the trail and not the record.
	d = newDoor(t)
	d.patient.on("GET /paciente/{id}/accesos", rows)
	page = readPage(t, d.send(&admin, "GET", "/pacientes/"+luzID+"/accesos", nil), 200)
	wants(t, page, "Accesos a la historia", luzID)
	if got := d.patient.got(); !slices.Equal(got, []string{"GET /paciente/" + luzID + "/accesos"}) {
		t.Errorf("for the trail, the registry was asked %v", got)
	}
	if links(page, "/pacientes/"+luzID) || len(d.notes.got()) > 0 {
		t.Error("the administrador is led to the record")
	}
}

func TestIdentity(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	taken := problem.Conflict("Ese documento ya está en una historia clínica.").With("documento_id", "CC-777")
	d.patient.on("POST /paciente/{id}/documentos", taken)
	v := url.Values{"tipo_documento": {"CE"}, "numero_documento": {"445566"}}
	page := readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID+"/documentos", v), 409)
	wants(t, page, "Ese documento ya está en la historia CC-777.")
	if got := fieldsOf(form(t, page, "/pacientes/"+luzID+"/documentos")); got.Get("numero_documento") != "445566" || got.Get("tipo_documento") != "CE" {
		t.Errorf("the form comes back as %v", got)
	}
	// The same press again: the document is there, and is the one of now.
	d = newDoor(t)
	d.charted(record(3, least()))
	d.patient.on("POST /paciente/{id}/documentos", problem.Conflict("Ya está.").With("documento_id", luzID))
	leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID+"/documentos", url.Values{"tipo_documento": {"CC"}, "numero_documento": {"1.032.456.789"}}), "/pacientes/"+luzID)
}

// A document given by mistake is taken back where the others are added.
func TestWithdrawalOfADocument(t *testing.T) {
	docs := []patient.Document{
		{TipoDocumento: "CC", NumeroDocumento: "1032456789", Vigente: true, Desde: "2002-03-01"},
		{TipoDocumento: "CC", NumeroDocumento: "52000111", Desde: "2026-11-20"},
		{TipoDocumento: "CE", NumeroDocumento: "7", Desde: "2020-01-01", Historia: otherID},
	}
	out := "/pacientes/" + luzID + "/documentos/CC-52000111/retiro"
	answering := func(version int, answer any) *door {
		d := newDoor(t)
		d.patient.on("GET /paciente/{id}", record(version, least()))
		d.patient.on("GET /paciente/{id}/documentos", docs)
		d.patient.on("POST /paciente/{id}/documentos/{documento}/retiro", answer)
		d.admission.on("GET /admision/{id}", []admission.Admission{})
		return d
	}
	d := answering(3, record(4, least()))
	page := readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/documentos/nuevo", nil), 200)
	wants(t, page, "Retirar CC 52.000.111")
	for n := range page.Descendants() {
		if action, _ := attr(n, "action"); strings.HasSuffix(action, "/retiro") && action != out {
			t.Errorf("there is a form for %s", action)
		}
	}
	v := fieldsOf(form(t, page, out))
	v.Set("motivo", "Era el documento de otra persona")
	leads(t, d.send(&registrar, "POST", out, v), "/pacientes/"+luzID)
	got := d.patient.last(t, "POST /paciente/"+luzID+"/documentos/CC-52000111/retiro")
	if got.body != `{"motivo":"Era el documento de otra persona"}` || got.header.Get("If-Match") != `"3"` || got.header.Get("Idempotency-Key") == "" {
		t.Errorf("asked %s with %v", got.body, got.header)
	}
	for _, tt := range []struct {
		err    error
		status int
		says   string
		match  string
	}{
		{problem.Invalid(map[string]string{"motivo": "Explique el motivo."}), 422, "Explique el motivo.", `"3"`},
		{problem.Conflict("Ese es el documento vigente."), 409, "Ese es el documento vigente.", `"3"`},
		{problem.Stale(), 412, "La historia cambió mientras tanto", `"5"`},
	} {
		page := readPage(t, answering(5, tt.err).send(&registrar, "POST", out, v), tt.status)
		wants(t, page, tt.says)
		if back := fieldsOf(form(t, page, out)); back.Get("motivo") != v.Get("motivo") || back.Get("version") != tt.match {
			t.Errorf("%d: the form comes back as %v", tt.status, back)
		}
	}
}

func TestCodeIsShownOnce(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	d.patient.on("POST /paciente/{id}/codigo", patient.Code{Codigo: "ABCD-EFGH-JKMN-PQRS", Expira: d.now.AddDate(0, 0, 7)})
	readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/codigo", nil), 200)
	resp := d.send(&registrar, "POST", "/pacientes/"+luzID+"/codigo", url.Values{})
	if resp.Header.Get("Cache-Control") != "no-store" {
		t.Error("the slip may be kept")
	}
	wants(t, readPage(t, resp, http.StatusCreated), "ABCD-EFGH-JKMN-PQRS", "hce.example.co/registro", "30 nov 2026, 10:00")
}

func TestBreakGlass(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	d.patient.on("POST /paciente/{id}/acceso-emergencia", problem.Invalid(map[string]string{"motivo": "Explique el motivo en 10 a 500 caracteres."}))
	page := readPage(t, d.send(&physician, "POST", "/pacientes/"+luzID+"/acceso-emergencia", url.Values{"motivo": {"ya"}}), 422)
	wants(t, page, "Explique el motivo")
	if got := fieldsOf(form(t, page, "/pacientes/"+luzID+"/acceso-emergencia")).Get("motivo"); got != "ya" {
		t.Errorf("the reason comes back as %q", got)
	}
}

func TestReview(t *testing.T) {
	e := patient.EmergencyAccess{ID: uuid.New(), DocumentoID: luzID, Nombre: "Mario Médico", Motivo: "Paciente inconsciente", Desde: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	d := newDoor(t)
	d.patient.on("GET /accesos-emergencia", []patient.EmergencyAccess{e})
	d.patient.on("POST /accesos-emergencia/{id}/{acceso}/revision", e)
	page := readPage(t, d.send(&admin, "GET", "/revision", nil), 200)
	wants(t, page, "Mario Médico", luzID, "Paciente inconsciente", "Justificado")
	to := "/revision/" + luzID + "/" + e.ID.String()
	form(t, page, to)
	leads(t, d.send(&admin, "POST", to, url.Values{"decision": {"justificado"}}), "/revision")
	if got := d.patient.last(t, "POST /accesos-emergencia/"+luzID+"/"+e.ID.String()+"/revision").body; got != `{"decision":"justificado"}` {
		t.Errorf("the decision is sent as %s", got)
	}
	readPage(t, d.send(&admin, "POST", "/revision/"+luzID+"/nada", url.Values{}), 404)
}

func TestCan(t *testing.T) {
	s := func(w who) *session {
		out := &session{DocumentoID: w.DocumentoID}
		for _, r := range w.Roles {
			out.Roles = append(out.Roles, string(r))
		}
		return out
	}
	own, other := record(1, least()), record(1, least())
	other.DocumentoID = "CC-2"
	both := who{Roles: []auth.Role{auth.Patient, auth.Admin}, DocumentoID: luzID}
	if c := s(luz).can(own); !c.ReadChart || !c.Trail || !c.Export || c.Write || c.Edit {
		t.Errorf("of their own record a patient may %+v", c)
	}
	if c := s(luz).can(other); c.ReadChart || c.Trail || c.Export || c.Admissions {
		t.Errorf("of another's a patient may %+v", c)
	}
	if c := s(physician).can(own); c.Trail || c.Edit || !c.Emergency || !c.Write {
		t.Errorf("a médico may %+v", c)
	}
	if c := s(both).can(other); !c.Trail || c.Write {
		t.Errorf("an administrador who is a patient too may %+v", c)
	}
	merged := record(1, least())
	into := "CC-2"
	merged.FusionadoEn = &into
	for _, w := range []who{registrar, physician} {
		if c := s(w).can(merged); c.Admit || c.Write || c.Edit || c.IssueCode || c.Merge || c.Triage || c.Move {
			t.Errorf("of a record that was merged %s may %+v", w.Name, c)
		}
	}
}
