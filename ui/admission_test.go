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
	"github.com/google/uuid"

	admission "hce.co/functions/admission/api"
	notes "hce.co/functions/notes/api"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
)

var stayID = uuid.MustParse("0193a5c1-2222-7aaa-8bbb-dddddddddddd")

// waitingIn is an admission that waits in urgencias.
func waitingIn() admission.Admission {
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	return admission.Admission{
		DocumentoID: luzID, ID: stayID, Numero: 4512, Version: 4, Clase: "EMER", Estado: "triaged", Inicio: at, CausaMotivo: "38", Servicio: "1102",
		Cama: "U-04", Triage: &admission.Triage{Nivel: 2, Motivo: "Disnea", Hora: at}, AdmitidoPor: "Ana Admisiones",
		Historia: []admission.Event{
			{En: at, Tipo: "ingreso", Servicio: "1102", Usuario: "Ana Admisiones"}, {En: at, Tipo: "triage", Servicio: "1102", Cama: "U-04", Detalle: "Nivel II. Disnea", Usuario: "Mario Médico"},
		},
	}
}

func (d *door) admitted(a admission.Admission) string {
	d.charted(record(3, least()))
	d.admission.on("GET /admision/{id}/{admision}", a)
	return "/pacientes/" + luzID + "/admisiones/" + a.ID.String()
}

func TestServicesOfTheFormsExist(t *testing.T) {
	for _, s := range catalog.Services {
		if admission.ServiceName(s.Code) == "" {
			t.Errorf("the front desk knows no service %s", s.Code)
		}
	}
}

func TestAdmit(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, everything()))
	d.admission.on("POST /admision", waitingIn())
	page := readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/admisiones/nueva", nil), 200)
	wants(t, page, "Vacío: la de la historia, EPS Sura.")
	v := fieldsOf(form(t, page, "/pacientes/"+luzID+"/admisiones"))
	v.Set("clase", "IMP")
	v.Set("cama", "302-A")
	v.Set("inicio", "2026-11-23T09:30")
	v.Set("eapb.nombre", "eps sanitas")
	leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID+"/admisiones", v), "/pacientes/"+luzID+"/admisiones/"+stayID.String())
	sent := d.admission.last(t, "POST /admision")
	if got := sent.header.Get("Idempotency-Key"); got == "" || got != v.Get("idempotencia") {
		t.Errorf("admitted under the key %q", got)
	}
	var got admission.Opening
	if err := json.Unmarshal([]byte(sent.body), &got); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)
	want := admission.Opening{
		DocumentoID: luzID, Clase: "IMP", CausaMotivo: "38", Inicio: &at, Modalidad: "01", Entorno: "05", Cama: "302-A",
		EAPB: &admission.Payer{Codigo: "EPS005", Nombre: "eps sanitas"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +sent):\n%s", diff)
	}
}

func TestAdmitTwice(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	d.admission.on("POST /admision", problem.Conflict("El paciente ya tiene una hospitalización abierta.").With("admision_id", stayID.String()))
	page := readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID+"/admisiones", url.Values{"clase": {"IMP"}, "cama": {"302"}}), 409)
	wants(t, page, "El paciente ya tiene una hospitalización abierta.", "Ver la admisión abierta")
	if !links(page, "/pacientes/"+luzID+"/admisiones/"+stayID.String()) {
		t.Error("nothing leads to the admission that is open")
	}
	if v := fieldsOf(form(t, page, "/pacientes/"+luzID+"/admisiones")); v.Get("cama") != "302" || v.Get("clase") != "IMP" {
		t.Errorf("the form comes back as %v", v)
	}
}

func TestAdmissionDetail(t *testing.T) {
	d := newDoor(t)
	at := d.admitted(waitingIn())
	mine, other := notes.Note{}, notes.Note{}
	mine.ID, mine.AdmisionID, mine.MotivoConsulta, mine.Estado = uuid.New(), stayID, "Tos", "firmada"
	other.ID, other.AdmisionID, other.MotivoConsulta, other.Estado = uuid.New(), uuid.New(), "Control", "firmada"
	d.notes.on("GET /medico/notas/{id}", []notes.Note{mine, other})
	page := readPage(t, d.send(&physician, "GET", at, nil), 200)
	wants(t, page, "Admisión 4512", "Triage II", "Urgencias", "Enfermedad general", "Nivel II. Disnea", "Urgencias, cama U-04", "Tos", "Iniciar la atención")
	if slices.Contains(strings.Fields(text(page)), "Control") {
		t.Error("a note of another admission is among those of this one")
	}
	for _, step := range []string{"triage", "traslado", "egreso", "cancelacion", "atencion"} {
		if v := fieldsOf(form(t, page, at+"/"+step)); v.Get("version") != `"4"` {
			t.Errorf("%s is sent as of version %q", step, v.Get("version"))
		}
	}
	if v := fieldsOf(form(t, page, at+"/triage")); v.Get("nivel") != "2" || v.Get("motivo") != "Disnea" {
		t.Errorf("the triage form has %v", v)
	}
	if v := fieldsOf(form(t, page, at+"/egreso")); v.Get("fin") != "2026-11-23T10:00" || v.Get("estado_egreso") != "vivo" {
		t.Errorf("the discharge form has %v", v)
	}
	// What nobody may do is not offered.
	for name, person := range map[string]who{"resultados": clerk, "the patient": luz} {
		page := readPage(t, d.send(&person, "GET", at, nil), 200)
		for c := range page.Descendants() {
			if a, _ := attr(c, "action"); len(a) > len(at) && a[:len(at)] == at {
				t.Errorf("%s is offered %s", name, a)
			}
		}
	}
	done := waitingIn()
	done.Estado = "finished"
	d = newDoor(t)
	at = d.admitted(done)
	page = readPage(t, d.send(&physician, "GET", at, nil), 200)
	for c := range page.Descendants() {
		if a, _ := attr(c, "action"); len(a) > len(at) && a[:len(at)] == at {
			t.Errorf("an admission that is over offers %s", a)
		}
	}
	readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID+"/admisiones/4512", nil), 404)
}

func TestAdmissionSteps(t *testing.T) {
	for _, tt := range []struct {
		step, body string
		form       url.Values
	}{
		{"llegada", "", url.Values{}},
		{"atencion", "", url.Values{}},
		{"triage", `{"nivel":3,"motivo":"Fiebre"}`, url.Values{"nivel": {"3"}, "motivo": {"Fiebre"}}},
		{"traslado", `{"servicio":"129","cama":"302"}`, url.Values{"servicio": {"129"}, "cama": {"302"}}},
		{
			"egreso", `{"fin":"2026-11-23T15:00:00Z","condicion_egreso":"01","estado_egreso":"vivo","observaciones":"Sin novedad"}`,
			url.Values{"fin": {"2026-11-23T10:00"}, "condicion_egreso": {"01"}, "estado_egreso": {"vivo"}, "observaciones": {"Sin novedad"}, "prestador_destino": {""}},
		},
		{"cancelacion", `{"motivo":"Se fue"}`, url.Values{"motivo": {"Se fue"}}},
	} {
		d := newDoor(t)
		at := d.admitted(waitingIn())
		d.admission.on("POST /admision/{id}/{admision}/{paso}", waitingIn())
		tt.form.Set("version", `"4"`)
		leads(t, d.send(&physician, "POST", at+"/"+tt.step, tt.form), at)
		sent := d.admission.last(t, "POST /admision/"+luzID+"/"+stayID.String()+"/"+tt.step)
		if sent.body != tt.body || sent.header.Get("If-Match") != `"4"` {
			t.Errorf("%s is sent as %s, as of %s", tt.step, sent.body, sent.header.Get("If-Match"))
		}
	}
	d := newDoor(t)
	at := d.admitted(waitingIn())
	readPage(t, d.send(&physician, "POST", at+"/alta", url.Values{}), 404)
}

func TestStepThatIsRefused(t *testing.T) {
	typed := url.Values{"version": {`"3"`}, "nivel": {"1"}, "motivo": {"Sepsis"}}
	for _, tt := range []struct {
		name   string
		err    error
		status int
		says   string
	}{
		{"fields", problem.Invalid(map[string]string{"nivel": "Elija un nivel de 1 a 5."}), 422, "Nivel de triage: Elija un nivel de 1 a 5."},
		{"a médico decided", problem.Forbidden("La clasificación la hizo un médico."), 403, "La clasificación la hizo un médico."},
		{"somebody was first", problem.Stale(), 412, "Otra persona modificó este registro."},
	} {
		d := newDoor(t)
		at := d.admitted(waitingIn())
		d.admission.on("POST /admision/{id}/{admision}/{paso}", tt.err)
		page := readPage(t, d.send(&physician, "POST", at+"/triage", typed), tt.status)
		wants(t, page, tt.says)
		v := fieldsOf(form(t, page, at+"/triage"))
		if v.Get("nivel") != "1" || v.Get("motivo") != "Sepsis" || v.Get("version") != `"4"` {
			t.Errorf("%s: the form comes back as %v", tt.name, v)
		}
	}
	// The step is no longer to be taken: the page says why.
	over := waitingIn()
	over.Estado = "finished"
	d := newDoor(t)
	at := d.admitted(over)
	d.admission.on("POST /admision/{id}/{admision}/{paso}", problem.Conflict("No se puede hacer el triage: la admisión está finalizada."))
	wants(t, readPage(t, d.send(&physician, "POST", at+"/triage", typed), 409), "la admisión está finalizada")
	wants(t, readPage(t, d.send(&physician, "POST", at+"/atencion", typed), 409), "la admisión está finalizada")
}

func TestCensus(t *testing.T) {
	level := 2
	late, soon := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC), time.Date(2026, 11, 23, 14, 50, 0, 0, time.UTC)
	stay := func(name, service, bed, state string, classified *time.Time) admission.Stay {
		s := admission.Stay{
			DocumentoID: luzID, Nombre: name, FechaNacimiento: "1984-02-29", SexoBiologico: "02", AdmisionID: uuid.New(), Clase: "EMER", Estado: state,
			Inicio: late, Servicio: service, ServicioNombre: admission.ServiceName(service), Cama: bed,
		}
		if classified != nil {
			s.TriageNivel, s.TriageHora = &level, classified
		}
		return s
	}
	pages := [][]admission.Stay{
		{stay("Ana", "1102", "U-01", "triaged", &late), stay("Berta", "1102", "U-02", "triaged", &soon)},
		{stay("Carla", "1102", "U-03", "in-progress", &late), stay("Dora", "129", "301", "in-progress", nil)},
	}
	d := newDoor(t)
	d.admission.on("GET /censo", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := 0
		if r.URL.Query().Get("despues") != "" {
			i = 1
		} else {
			w.Header().Set("Link", `</censo?limite=100&despues=1102_U-02_x>; rel="next"`)
		}
		json.NewEncoder(w).Encode(pages[i]) //nolint:errcheck // a test's
	}))
	d.admission.on("GET /censo/triage", []admission.Stay{stay("Eva", "1102", "", "arrived", nil), pages[0][0]})
	page := readPage(t, d.send(&registrar, "GET", "/camas", nil), 200)
	wants(t, page, "Urgencias 3 pacientes", "Hospitalización adultos 1 paciente", "Cama U-03", "hace 1 h")
	page = readPage(t, d.send(&physician, "GET", "/triage", nil), 200)
	wants(t, page, "Sin clasificar 1 paciente Eva", "Espera excedida")

	for i, want := range []bool{true, false, false, false} {
		s := slices.Concat(pages...)[i]
		if got := stayItem(s, d.now).Late; got != want {
			t.Errorf("%s (%s, level 2) is late: %v, want %v", s.Nombre, s.Estado, got, want)
		}
	}
}
