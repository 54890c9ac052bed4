package ui

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	notes "hce.co/functions/notes/api"
	"hce.co/shared/service"
)

// today answers with what counts today where that is asked for, and with rows
// that say something else where it is not.
func (d *door) today(as []notes.RegisteredAllergy, ms []notes.PrescribedMedication) {
	d.patient.on("GET /paciente/{id}", record(3, least()))
	d.patient.on("GET /paciente/{id}/documentos", []int{})
	d.admission.on("GET /admision/{id}", []int{})
	d.notes.on("GET /medico/", []int{})
	answer := func(pattern string, now, all any) {
		d.notes.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			list := all
			if r.URL.Query().Get("vigentes") == "1" {
				list = now
			}
			service.WriteJSON(w, 0, list) //nolint:errcheck // of a test
		})
	}
	answer("GET /medico/alergias/{id}", as, []notes.RegisteredAllergy{{Sustancia: "Dipirona", Estado: "activa"}})
	answer("GET /medico/medicamentos/{id}", ms, []notes.PrescribedMedication{{DCI: "Amoxicilina", Estado: "terminado"}})
}

// The banner, the summary, the home of the patient and the editor show what
// counts today, however many rows came after it.
func TestPagesShowWhatCountsToday(t *testing.T) {
	latex, penicillin, metformin := uuid.New(), uuid.New(), uuid.New()
	as := []notes.RegisteredAllergy{
		{ID: penicillin, Sustancia: "Penicilina", Criticidad: "alta", Estado: "resuelta"}, {ID: latex, Sustancia: "Látex", Criticidad: "alta", Estado: "activa"},
	}
	ms := []notes.PrescribedMedication{{ID: metformin, DCI: "Metformina", Estado: "activo"}}
	for _, tt := range []struct {
		who   who
		path  string
		links bool // to begin a note
	}{{physician, "/pacientes/" + luzID, true}, {clerk, "/pacientes/" + luzID, false}} {
		d := newDoor(t)
		d.today(as, ms)
		page := readPage(t, d.send(&tt.who, "GET", tt.path, nil), 200)
		wants(t, page, "Alergias: Látex", "Látex Alta", "Penicilina Resuelta", "Metformina")
		if said := text(page); strings.Contains(said, "Dipirona") || strings.Contains(said, "Amoxicilina") || strings.Contains(said, "Penicilina Alta") ||
			strings.Index(said, "Látex Alta") > strings.Index(said, "Penicilina") {
			t.Errorf("the page says %s", said)
		}
		for path, want := range map[string]bool{
			"?alergia=" + latex.String(): tt.links, "?medicamento=" + metformin.String(): tt.links, "?alergia=" + penicillin.String(): false,
		} {
			if links(page, "/notas/"+luzID+"/nueva"+path) != want {
				t.Errorf("%s is led to %s: %v", tt.who.Name, path, !want)
			}
		}
	}
	d := newDoor(t)
	d.today(nil, nil)
	wants(t, readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID, nil), 200), "No hay medicamentos activos.", "Alergias sin registrar")

	d = newDoor(t)
	d.today(as, ms)
	n := wholeNote()
	d.notes.on("GET /medico/nota/{documento_id}/{nota}", n)
	page := readPage(t, d.send(&physician, "GET", "/notas/"+luzID+"/"+n.ID.String()+"/editar", nil), 200)
	wants(t, page, "Medicamentos actuales Metformina")

	d = newDoor(t)
	d.today(as, ms)
	d.patient.on("GET /paciente/{id}/accesos", []int{})
	d.export.on("/", []int{})
	wants(t, readPage(t, d.send(&luz, "GET", "/", nil), 200), "Metformina")
}

// A list shows every row with its own state.
func TestListsShowStates(t *testing.T) {
	d := newDoor(t)
	d.today(nil, nil)
	wants(t, readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID+"/alergias", nil), 200), "Dipirona Activa")
	wants(t, readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID+"/medicamentos", nil), 200), "Amoxicilina Terminado")
}

// An allergy is resolved, and a medicine stopped, by a note that says so.
func TestNoteThatBeginsWithAChange(t *testing.T) {
	latex, metformin := uuid.New(), uuid.New()
	as := []notes.RegisteredAllergy{{ID: latex, Tipo: "04", Sustancia: "Látex", Reaccion: "Eritema", Criticidad: "alta", Estado: "activa"}}
	ms := []notes.PrescribedMedication{{ID: metformin, DCI: "Metformina", CUM: "1-1", Dosis: "850", Unidad: "mg", Via: "oral", Estado: "activo"}}
	for _, tt := range []struct {
		query, says string
		want        notes.Structured
	}{
		{"?alergia=" + latex.String(), "La alergia a Látex, como resuelta.", notes.Structured{AlergiasRegistradas: []notes.Allergy{
			{Tipo: "04", Sustancia: "Látex", Reaccion: "Eritema", Criticidad: "alta", Estado: "resuelta"},
		}}},
		{"?medicamento=" + metformin.String(), "Metformina, suspendido", notes.Structured{Medicamentos: []notes.Medication{
			{DCI: "Metformina", CUM: "1-1", Dosis: "850", Unidad: "mg", Via: "oral", Estado: "suspendido"},
		}}},
		{"", "Nueva nota", notes.Structured{}},
	} {
		d := newDoor(t)
		d.today(as, ms)
		n := wholeNote()
		d.notes.on("POST /medico/nota", n)
		page := readPage(t, d.send(&physician, "GET", "/notas/"+luzID+"/nueva"+tt.query, nil), 200)
		wants(t, page, tt.says)
		v := fieldsOf(form(t, page, "/notas/"+luzID))
		v.Set("tipo", "evolucion")
		leads(t, d.send(&physician, "POST", "/notas/"+luzID, v), "/notas/"+luzID+"/"+n.ID.String()+"/editar")
		var in notes.NewNote
		if err := json.Unmarshal([]byte(d.notes.last(t, "POST /medico/nota").body), &in); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, in.Structured); diff != "" || in.Firmar {
			t.Errorf("%s begins (-want +got):\n%s", tt.query, diff)
		}
	}
	// What is over already is not begun again.
	d := newDoor(t)
	d.today(nil, nil)
	wants(t, readPage(t, d.send(&physician, "GET", "/notas/"+luzID+"/nueva?alergia="+latex.String(), nil), 200), "Esa alergia ya no está activa.")
	page := readPage(t, d.send(&physician, "POST", "/notas/"+luzID, url.Values{"tipo": {"evolucion"}, "medicamento": {metformin.String()}}), 409)
	wants(t, page, "Ese medicamento ya no está activo.")
	if slices.Contains(d.notes.got(), "POST /medico/nota") {
		t.Error("a note is begun all the same")
	}
}
