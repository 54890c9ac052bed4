package ui

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	notes "hce.co/functions/notes/api"
)

func amount(x float64) *float64 { return &x }

// wholeNote is a draft in which every field says something.
func wholeNote() notes.Note {
	at, taken := time.Date(2026, 11, 23, 14, 3, 27, 481_000_000, time.UTC), time.Date(2026, 11, 23, 13, 40, 12, 345_678_000, time.UTC)
	n := notes.Note{
		Written: notes.Written{
			ID: uuid.MustParse("0193a0aa-7777-7aaa-8bbb-ffffffffffff"), DocumentoID: luzID, AdmisionID: uuid.New(), FechaAtencion: at,
			Autor: notes.Author{Nombre: physician.Name},
		},
		Status: notes.Status{Version: 3, Estado: "borrador"},
	}
	n.Tipo, n.FirmaPaciente = "evolucion", "Rosa Núñez,\nhija"
	sections := reflect.ValueOf(&n.Sections).Elem()
	for i := range sections.NumField() {
		sections.Field(i).SetString(sections.Type().Field(i).Name + ":\n\nuna <línea>, y «otra»")
	}
	n.Diagnosticos = []notes.Diagnosis{
		{CIE10: "J20.9", Descripcion: "Bronquitis aguda", Tipo: "02", Rol: "principal"}, {CIE10: "I10", Descripcion: "Hipertensión", Tipo: "03", Rol: "relacionado1"},
	}
	n.SignosVitales = &notes.VitalSigns{
		PAS: amount(120), PAD: amount(80), FC: amount(72), FR: amount(16), Temp: amount(36.55), SpO2: amount(97), Peso: amount(64.2), Talla: amount(160),
		IMC: amount(25.08), Glasgow: amount(15), Dolor: amount(2), Glucometria: amount(98.5), TomadoEn: &taken, TomadoPor: "Nelly Enfermera",
	}
	n.AlergiasRegistradas = []notes.Allergy{
		{Tipo: "01", Sustancia: "Penicilina", Reaccion: "Urticaria", Criticidad: "alta", Estado: "resuelta"},
		{Tipo: "02", Sustancia: "Maní", Reaccion: "Edema", Criticidad: "baja", Estado: "inactiva"},
		{Tipo: "06", Sustancia: "Yodo", Reaccion: "Eritema", Criticidad: "indeterminada", Estado: "activa"},
	}
	for _, state := range []string{"suspendido", "activo", "terminado"} {
		n.Medicamentos = append(n.Medicamentos, notes.Medication{
			DCI: "Warfarina " + state, CUM: "12345-1", Dosis: "2,5", Unidad: "mg", Via: "Oral", Frecuencia: "cada día", Duracion: "30 días",
			Cantidad: "30", Estado: state,
		})
	}
	return n
}

// empty lists the fields that say nothing.
func empty(v reflect.Value, name string) (all []string) {
	switch {
	case v.IsZero():
		return []string{name}
	case v.Kind() == reflect.Pointer:
		return empty(v.Elem(), name)
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			all = append(all, empty(v.Field(i), name+"."+v.Type().Field(i).Name)...)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			all = append(all, empty(v.Index(i), name)...)
		}
	}
	return all
}

// saved posts the editor of a note after change, and returns what is saved.
func saved(t *testing.T, n notes.Note, change func(url.Values)) notes.Draft {
	t.Helper()
	d := newDoor(t)
	d.charted(record(3, least()))
	d.notes.on("GET /medico/nota/{documento_id}/{nota}", n)
	d.notes.on("PUT /medico/nota/{documento_id}/{nota}", n)
	at := "/notas/" + luzID + "/" + n.ID.String()
	v := fieldsOf(form(t, readPage(t, d.send(&physician, "GET", at+"/editar", nil), 200), at))
	v.Set("accion", "guardar")
	if change != nil {
		change(v)
	}
	leads(t, d.send(&physician, "POST", at, v), at+"/editar")
	var out notes.Draft
	if err := json.Unmarshal([]byte(d.notes.last(t, "PUT /medico/nota/"+luzID+"/"+n.ID.String()).body), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The editor loses nothing of a draft: what another program wrote into it is
// there after somebody opens and saves it.
func TestEditorKeepsEveryField(t *testing.T) {
	n := wholeNote()
	if missing := empty(reflect.ValueOf(n.Content), "Content"); len(missing) > 0 {
		t.Fatalf("the fixture says nothing of %v", missing)
	}
	want := draftOf(n)
	vitals := *n.SignosVitales
	vitals.IMC = nil // computed: what a client sends is not taken
	want.SignosVitales = &vitals
	if diff := cmp.Diff(want, saved(t, n, nil)); diff != "" {
		t.Errorf("opened and saved (-was +is):\n%s", diff)
	}

	denied := wholeNote()
	denied.AlergiasRegistradas = []notes.Allergy{{Estado: "niega"}}
	if diff := cmp.Diff(denied.AlergiasRegistradas, saved(t, denied, nil).AlergiasRegistradas); diff != "" {
		t.Errorf("the denial (-was +is):\n%s", diff)
	}
}

// An instant that somebody changes is what they wrote; what the note completed
// of the vital signs follows the note.
func TestInstantsOfTheEditor(t *testing.T) {
	n := wholeNote()
	later := func(v url.Values) {
		v.Set("fecha_atencion", "2026-11-23T08:15")
		v.Set("signos_vitales.tomado_en", "2026-11-23T08:10")
	}
	d := saved(t, n, later)
	if !d.FechaAtencion.Equal(time.Date(2026, 11, 23, 13, 15, 0, 0, time.UTC)) || !d.SignosVitales.TomadoEn.Equal(time.Date(2026, 11, 23, 13, 10, 0, 0, time.UTC)) {
		t.Errorf("at %v, taken %v", d.FechaAtencion, d.SignosVitales.TomadoEn)
	}
	n.SignosVitales.TomadoEn, n.SignosVitales.TomadoPor = &n.FechaAtencion, n.Autor.Nombre
	d = saved(t, n, func(v url.Values) { v.Set("fecha_atencion", "2026-11-23T08:15") })
	if d.SignosVitales.TomadoEn != nil || d.SignosVitales.TomadoPor != "" {
		t.Errorf("the note's own time is pinned: %v by %q", d.SignosVitales.TomadoEn, d.SignosVitales.TomadoPor)
	}
}

// A row that somebody empties is none, though its state stands.
func TestEmptiedRowsAreNone(t *testing.T) {
	d := saved(t, wholeNote(), func(v url.Values) {
		for name := range v {
			if (strings.HasPrefix(name, "medicamentos.0.") || strings.HasPrefix(name, "alergias_registradas.1.")) && !strings.HasSuffix(name, ".estado") {
				v.Set(name, "")
			}
		}
	})
	if len(d.Medicamentos) != 2 || d.Medicamentos[0].Estado != "activo" || len(d.AlergiasRegistradas) != 2 || d.AlergiasRegistradas[1].Sustancia != "Yodo" {
		t.Errorf("medicines %+v, allergies %+v", d.Medicamentos, d.AlergiasRegistradas)
	}
}
