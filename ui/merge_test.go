package ui

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	notes "hce.co/functions/notes/api"
	patient "hce.co/functions/patient/api"
	"hce.co/shared/problem"
)

const otherID = "CC-52000111"

// preview is Luz's record beside another that may be hers.
func preview() patient.MergePreview {
	one, other := record(3, everything()), record(7, least())
	other.DocumentoID, other.NumeroDocumento = otherID, otherID[3:]
	return patient.MergePreview{
		Continua:    patient.MergeSide{Patient: one, Notas: 4, Admisiones: 2},
		Duplicado:   patient.MergeSide{Patient: other, Notas: 1, Admisiones: 1, AdmisionAbierta: true},
		Diferencias: []string{"fecha_nacimiento", "numero_documento"},
	}
}

func TestMergeTwoRecords(t *testing.T) {
	for _, keep := range []string{luzID, otherID} {
		d := newDoor(t)
		d.charted(record(3, everything()))
		d.patient.on("GET /paciente/{id}/fusion", preview())
		d.patient.on("POST /paciente/{id}/fusion", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			w.Write([]byte(`{}`)) //nolint:errcheck // a recorder
		}))
		page := readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID+"/unir", nil), 200)
		wants(t, page, "Peña Núñez, Luz Marina")
		v := fieldsOf(form(t, page, "/unir"))
		v.Set("duplicado", "52.000.111") // a number alone is a cédula
		page = readPage(t, d.send(&registrar, "POST", "/unir", v), 200)
		if got := d.patient.last(t, "GET /paciente/"+luzID+"/fusion"); got.body != "" {
			t.Errorf("the preview has a body: %s", got.body)
		}
		wants(t, page, "Pueden ser dos personas: difieren en la fecha de nacimiento", "4 notas, 2 admisiones", "1 nota, 1 admisión, con una admisión abierta", "Distinto")
		v = fieldsOf(form(t, page, "/pacientes/"+luzID+"/uniones"))

		// Nothing is done that was not confirmed.
		page = readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID+"/uniones", v), 422)
		wants(t, page, "Elija la historia que se conserva", "Compruebe los documentos")

		v.Set("conserva", keep)
		v.Set("confirmo", "si")
		v.Set("motivo", "Se registró dos veces")
		leads(t, d.send(&registrar, "POST", "/pacientes/"+luzID+"/uniones", v), "/pacientes/"+keep)
		asked := d.patient.last(t, "POST /paciente/"+keep+"/fusion")
		want, match := `{"duplicado":"`+otherID+`","motivo":"Se registró dos veces","version_duplicado":7}`, `"3"`
		if keep == otherID {
			want, match = `{"duplicado":"`+luzID+`","motivo":"Se registró dos veces","version_duplicado":3}`, `"7"`
		}
		if asked.body != want || asked.header.Get("If-Match") != match || asked.header.Get("Idempotency-Key") != v.Get("idempotencia") || v.Get("idempotencia") == "" {
			t.Errorf("keeping %s asks %s, %v", keep, asked.body, asked.header)
		}
	}
}

func TestMergeIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		status int
		says   string
	}{
		{"an open admission", problem.Conflict("La historia CC-2 tiene abierta la admisión 7: ciérrela primero, o conserve esa historia."), 409, "tiene abierta la admisión 7"},
		{"changed meanwhile", problem.Stale(), 412, "Una de las historias cambió mientras las comparaba"},
		{"a reason too short", problem.Invalid(map[string]string{"motivo": "Explique el motivo en 10 a 500 caracteres."}), 422, "Explique el motivo"},
	} {
		d := newDoor(t)
		d.patient.on("GET /paciente/{id}/fusion", preview())
		d.patient.on("POST /paciente/{id}/fusion", tt.err)
		v := url.Values{"duplicado": {otherID}, "conserva": {luzID}, "confirmo": {"si"}, "motivo": {"Se registró dos veces"}, "version_historia": {`"2"`}, "version_duplicado": {`"7"`}}
		page := readPage(t, d.send(&registrar, "POST", "/pacientes/"+luzID+"/uniones", v), tt.status)
		wants(t, page, tt.says)
		again := fieldsOf(form(t, page, "/pacientes/"+luzID+"/uniones"))
		if again.Get("motivo") != "Se registró dos veces" || again.Get("conserva") != luzID || again.Get("version_historia") != `"3"` {
			t.Errorf("%s: the form keeps %v", tt.name, again)
		}
	}
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}/fusion", problem.NotFound("No existe una historia clínica con ese documento."))
	page := readPage(t, d.send(&admin, "POST", "/unir", url.Values{"historia": {"CC-9"}, "duplicado": {otherID}}), 422)
	wants(t, page, "No existe una historia clínica con ese documento")
	if v := fieldsOf(form(t, page, "/unir")); v.Get("duplicado") != otherID || v.Get("historia") != "CC-9" {
		t.Errorf("the form keeps %v", v)
	}
}

// A document is taken as pages show it, and as people write it; what names no
// record is for the form to say.
func TestCompareTypedDocuments(t *testing.T) {
	for typed, asks := range map[string]string{
		"CC 1.032.456.789": luzID, " cc-1032456789 ": luzID, "1032456789": luzID, "1.032.456.789": luzID, "CC\u00a01.032.456.789": luzID, "pa ab-123": "PA-AB123",
	} {
		d := newDoor(t)
		d.patient.on("GET /paciente/{id}/fusion", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.URL.Query().Get("duplicado"); r.PathValue("id") != asks || got != asks {
				t.Errorf("%q asks for %s and %s", typed, r.PathValue("id"), got)
			}
			problem.Write(w, problem.NotFound("No existe una historia clínica con ese documento."), "")
		}))
		readPage(t, d.send(&admin, "POST", "/unir", url.Values{"historia": {typed}, "duplicado": {typed}}), 422)
	}
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}/fusion", preview())
	page := readPage(t, d.send(&admin, "POST", "/unir", url.Values{}), 422)
	wants(t, page, "Escriba el documento de una historia.", "Escriba el documento de la otra historia.")
	if asked := d.patient.got(); len(asked) > 0 {
		t.Errorf("an empty form asks %v", asked)
	}
	// A part of an address that is no part names no record either.
	readPage(t, d.send(&registrar, "GET", "/pacientes/%2e%2e/editar", nil), 404)
	v := url.Values{"duplicado": {".."}, "conserva": {".."}, "confirmo": {"si"}, "motivo": {"Se registró dos veces"}}
	readPage(t, d.send(&admin, "POST", "/pacientes/"+luzID+"/uniones", v), 404)
}

// What is signed with a second factor takes it here too.
func TestMergeTakesTheSecondFactor(t *testing.T) {
	careful := admin
	careful.Factor = true
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}/fusion", preview())
	page := readPage(t, d.send(&careful, "POST", "/unir", url.Values{"historia": {luzID}, "duplicado": {otherID}}), 200)
	v := fieldsOf(form(t, page, "/pacientes/"+luzID+"/uniones"))
	if !v.Has("codigo") {
		t.Fatal("the form has no place for the code")
	}
	v.Set("conserva", luzID)
	v.Set("confirmo", "si")
	page = readPage(t, d.send(&careful, "POST", "/pacientes/"+luzID+"/uniones", v), 422)
	wants(t, page, "Escriba el código")
}

func TestMergesOfARecord(t *testing.T) {
	undone := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	list := []patient.Merge{
		{ID: uuid.New(), Duplicado: otherID, Motivo: "Se registró dos veces", En: undone, Por: "Ana Admisiones"},
		{ID: uuid.New(), Duplicado: "CC-7", Motivo: "Se parecían", En: undone, Por: "Ana Admisiones", DeshechaEn: &undone, DeshechaPor: "Alba Administra", DeshechaMotivo: "Eran hermanas"},
	}
	undo := "/pacientes/" + luzID + "/uniones/" + otherID + "/reversion"
	for _, w := range []who{registrar, admin} {
		d := newDoor(t)
		d.charted(record(3, least()))
		d.patient.on("GET /paciente/{id}/fusiones", list)
		d.patient.on("POST /paciente/{id}/fusion/{duplicado}/reversion", record(4, least()))
		page := readPage(t, d.send(&w, "GET", "/pacientes/"+luzID+"/uniones", nil), 200)
		wants(t, page, "Se registró dos veces", "Deshecha", "Alba Administra", "Eran hermanas")
		v := fieldsOf(form(t, page, undo))
		v.Set("motivo", "Son dos hermanas gemelas")
		leads(t, d.send(&w, "POST", undo, v), "/pacientes/"+luzID+"/uniones")
		if got := d.patient.last(t, "POST /paciente/"+luzID+"/fusion/"+otherID+"/reversion"); got.body != `{"motivo":"Son dos hermanas gemelas"}` {
			t.Errorf("asked %s", got.body)
		}
	}
	d := newDoor(t)
	d.charted(record(3, least()))
	d.patient.on("GET /paciente/{id}/fusiones", list)
	d.patient.on("POST /paciente/{id}/fusion/{duplicado}/reversion", problem.Invalid(map[string]string{"motivo": "Explique el motivo en 10 a 500 caracteres."}))
	page := readPage(t, d.send(&registrar, "POST", undo, url.Values{"motivo": {"no"}}), 422)
	wants(t, page, "Explique el motivo")
}

// A chart says which records it is made of; a merged one that it is closed.
func TestChartsOfMergedRecords(t *testing.T) {
	d := newDoor(t)
	rec := record(3, least())
	rec.Incluye = []string{otherID}
	d.patient.on("GET /paciente/{id}", rec)
	d.patient.on("GET /paciente/{id}/documentos", []patient.Document{{TipoDocumento: "CC", NumeroDocumento: "52000111", Historia: otherID, Desde: "2020-01-01"}})
	d.admission.on("GET /admision/{id}", []int{})
	d.notes.on("GET /medico/alergias/{id}", []notes.RegisteredAllergy{{DocumentoID: otherID, Sustancia: "Dipirona", Estado: "activa"}})
	d.notes.on("GET /medico/", []int{})
	page := readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID, nil), 200)
	wants(t, page, "Incluye una historia unida: "+otherID, "Alergias: Dipirona", "de la historia unida "+otherID)
	if !links(page, "/pacientes/"+otherID+"?fusionada=1") {
		t.Error("nothing leads to the merged record")
	}
	page = readPage(t, d.send(&physician, "GET", "/pacientes/"+luzID+"/alergias", nil), 200)
	wants(t, page, "Historia "+otherID)
	page = readPage(t, d.send(&registrar, "GET", "/pacientes/"+luzID, nil), 200)
	if !links(page, "/pacientes/"+luzID+"/uniones") {
		t.Error("nothing leads to the merges")
	}

	// The merged record by itself.
	d = newDoor(t)
	into := luzID
	closed := record(7, least())
	closed.DocumentoID, closed.FusionadoEn, closed.Fusionada = otherID, &into, true
	alone := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("fusionada") != "1" {
			problem.Write(w, errors.New("asked for the whole chart"), "")
			return
		}
		w.Write([]byte("[]")) //nolint:errcheck // a recorder
	})
	d.patient.on("GET /paciente/{id}", closed)
	d.patient.on("GET /paciente/{id}/documentos", alone)
	d.admission.on("/", alone)
	d.notes.on("/", alone)
	page = readPage(t, d.send(&physician, "GET", "/pacientes/"+otherID+"?fusionada=1", nil), 200)
	wants(t, page, "de solo lectura", "Historia unida a "+luzID)
	if !links(page, "/pacientes/"+luzID) || !links(page, "/notas/"+otherID+"?fusionada=1") || links(page, "/notas/"+otherID+"/nueva") || strings.Contains(text(page), "Nueva nota") {
		t.Error("the page of a merged record does not lead where it should")
	}
	readPage(t, d.send(&physician, "GET", "/notas/"+otherID+"?fusionada=1", nil), 200)
	page = readPage(t, d.send(&registrar, "GET", "/pacientes/"+otherID+"?fusionada=1", nil), 200)
	if said := text(page); strings.Contains(said, "Editar datos") || strings.Contains(said, "Admitir") || strings.Contains(said, "Código de registro") {
		t.Errorf("an admisionista may change a merged record:\n%s", said)
	}

	// Its patient is told that it is closed, and not of whom the other is.
	d = newDoor(t)
	mine := record(7, least())
	mine.Fusionada = true
	d.charted(mine)
	page = readPage(t, d.send(&luz, "GET", "/pacientes/"+luzID, nil), 200)
	wants(t, page, "aquí ya no se escribe nada nuevo")
}

// A note of a merged record is read, and says so.
func TestNoteOfAMergedRecord(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	n := notes.Note{}
	n.ID, n.DocumentoID, n.Tipo, n.Estado, n.MotivoConsulta = uuid.New(), otherID, "evolucion", "firmada", "Tos"
	d.notes.on("GET /medico/nota/{id}/{nota}", n)
	page := readPage(t, d.send(&physician, "GET", "/notas/"+otherID+"/"+n.ID.String(), nil), 200)
	wants(t, page, "Nota de la historia unida "+otherID)
	if strings.Contains(text(page), "Agregar una adenda") {
		t.Error("it offers an addendum")
	}
	n.Estado = "borrador"
	d.notes.on("GET /medico/nota/"+otherID+"/{nota}", n)
	page = readPage(t, d.send(&physician, "GET", "/notas/"+otherID+"/"+n.ID.String()+"/editar", nil), 200)
	wants(t, page, "este borrador ya no se puede guardar ni firmar", "Descartar")
	form(t, page, "/notas/"+otherID+"/"+n.ID.String())
}
