package hce_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A draft is open in two windows: what is typed in one after the other saved it
// is shown for a decision, and after the other signed it becomes an addendum.
func TestDraftInTwoWindows(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	here := c.signedIn(t, "medico")
	there := c.signedIn(t, "medico")
	edit, mine := here.send(here.get("/notas/"+id+"/nueva"), "/notas/"+id, url.Values{"tipo": {"evolucion"}, "admision_id": {""}}, 200, "Borrador")
	at := strings.TrimSuffix(edit, "/editar")
	theirs := there.get(edit)
	there.send(theirs, at, url.Values{"motivo_consulta": {"Tos"}, "diagnosticos.0.cie10": {"J20.9"}, "diagnosticos.0.tipo": {"01"}, "diagnosticos.0.rol": {"principal"}, "accion": {"guardar"}}, 200, "Tos")
	_, mine = here.send(mine, at, url.Values{"motivo_consulta": {"Fiebre"}, "accion": {"guardar"}}, http.StatusPreconditionFailed,
		"Este borrador cambió en otra ventana", "Fiebre")

	there.send(there.get(at+"/firma"), at+"/firma", nil, 200, "La nota quedó firmada.")
	_, note := here.send(mine, at, url.Values{"motivo_consulta": {"Fiebre"}, "accion": {"guardar"}}, http.StatusConflict,
		"La nota se firmó en otra ventana", "Motivo de consulta: Fiebre")
	here.send(note, at+"/adenda", nil, 200, "La adenda quedó firmada.", "Fiebre")
}
