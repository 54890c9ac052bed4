package hce_test

import (
	"net/url"
	"strings"
	"testing"

	"hce.co/functions/hce/journey"
	notesapi "hce.co/functions/notes/api"
)

// The desk unites two records through the pages, a médico reads the one chart,
// and the administrador undoes it, who opens no record.
func TestMergeForms(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	twin, _ := c.registered(t)
	n := journey.Note(twin, "")
	n.Firmar = true
	n.AlergiasRegistradas = []notesapi.Allergy{{Tipo: "01", Sustancia: "Dipirona", Criticidad: "alta"}}
	signed, err := c.notes.Write(c.as(t, "medico"), n, "")
	if err != nil {
		t.Fatal(err)
	}
	desk, doctor, admin := c.signedIn(t, "admisionista"), c.signedIn(t, "medico"), c.signedIn(t, "admin")
	at := "/pacientes/" + id

	if !strings.Contains(says(desk.get(at)), "Unir con un duplicado") {
		t.Error("nothing leads the desk to it")
	}
	find := desk.get(at + "/unir")
	desk.send(find, "/unir", url.Values{"duplicado": {"CC-999"}}, 422, "No existe una historia clínica con ese documento.")
	desk.send(find, "/unir", url.Values{"duplicado": {id}}, 422, "Es la misma historia.")
	_, compare := desk.send(find, "/unir", url.Values{"duplicado": {strings.TrimPrefix(twin, "CC-")}}, 200, "¿Son la misma persona?", "1 nota, 1 admisión", "Distinto")
	_, again := desk.send(compare, at+"/uniones", url.Values{"motivo": {"corto"}, "confirmo": {"si"}, "conserva": {id}}, 422, "Explique el motivo en 10 a 500 caracteres")
	to, chart := desk.send(again, at+"/uniones", url.Values{"motivo": {"Se registró dos veces"}, "confirmo": {"si"}, "conserva": {id}}, 200,
		"Las historias quedaron unidas.", "Incluye una historia unida: "+twin, "Ver las uniones")
	if to != at {
		t.Errorf("after the merge the desk is at %s", to)
	}
	desk.send(compare, at+"/uniones", url.Values{"motivo": {"Se registró dos veces"}, "confirmo": {"si"}, "conserva": {id}}, 200, "Las historias quedaron unidas.") // pressed twice
	_ = chart

	for page, words := range map[string][]string{
		at:                   {"Alergias: Dipirona", "Incluye una historia unida: " + twin},
		"/pacientes/" + twin: {"Incluye una historia unida: " + twin},
		at + "/alergias":     {"Dipirona Historia " + twin},
		"/notas/" + id:       {"Historia " + twin},
		"/notas/" + twin + "/" + signed.ID.String(): {"Nota de la historia unida " + twin},
		"/pacientes/" + twin + "?fusionada=1":       {"Historia unida a " + id, "Dipirona"},
		"/notas/" + twin + "?fusionada=1":           {"de solo lectura"},
	} {
		said := says(doctor.get(page))
		for _, w := range words {
			if !strings.Contains(said, w) {
				t.Errorf("%s does not say %q:\n%s", page, w, said)
			}
		}
	}

	undo := at + "/uniones/" + twin + "/reversion"
	list := admin.get(at + "/uniones")
	admin.send(list, undo, url.Values{"motivo": {"no"}}, 422, "Explique el motivo en 10 a 500 caracteres")
	admin.send(list, undo, url.Values{"motivo": {"Son dos hermanas gemelas"}}, 200, "Las historias quedaron separadas", "Deshecha", "Son dos hermanas gemelas")
	if said := says(desk.get("/pacientes/" + twin)); strings.Contains(said, "de solo lectura") || !strings.Contains(said, "Admitir") {
		t.Errorf("apart, the record is not what it was:\n%s", said)
	}
	// And from the administrador's home, with both documents.
	if !strings.Contains(says(admin.get("/")), "Unir dos historias") {
		t.Error("nothing leads the administrador to it")
	}
	admin.send(admin.get("/unir"), "/unir", url.Values{"historia": {id}, "duplicado": {twin}}, 200, "¿Son la misma persona?")
}
