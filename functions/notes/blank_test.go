package notes

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// What has to be written is not written by characters that nobody sees.
func TestWhatNobodySeesIsNotWritten(t *testing.T) {
	const unseen = "\u200b\u2060\ufeff"
	c := api.Content{}
	c.MotivoConsulta, c.EnfermedadActual, c.EvolucionMedica = unseen, "\u2800", "\u00ad"
	f := fields{problem.Fields{}}
	if complete(&c, f); f.Fields["motivo_consulta"] == "" {
		t.Error("a note of nothing is complete")
	}
	c.EvolucionMedica, f = unseen+"Igual", fields{problem.Fields{}}
	if complete(&c, f); f.Fields["motivo_consulta"] != "" {
		t.Error("a note of one word is not complete")
	}
	for _, text := range []string{strings.Repeat(unseen, 4), "error" + strings.Repeat(unseen, 4)} {
		f := fields{problem.Fields{}}
		if reason(f, "motivo", text); f.Fields["motivo"] == "" {
			t.Errorf("%+q is a reason", text)
		}
	}
	if faults(t, checkAddendum(&api.AddendumRequest{Motivo: "correccion", Texto: unseen}))["texto"] == "" {
		t.Error("an addendum of nothing")
	}
	valor, err := json.Marshal(unseen)
	if err != nil {
		t.Fatal(err)
	}
	in := resultBody{NewResult: api.NewResult{DocumentoID: "CC-1032456789", Nombre: unseen}, Valor: valor}
	_, err = newResult(in, auth.Principal{}, time.Now())
	if wrong := faults(t, err); wrong["nombre"] == "" || wrong["valor"] == "" {
		t.Errorf("a result of nothing: %v", wrong)
	}
	f = fields{problem.Fields{}}
	checkAllergies([]api.Allergy{{Sustancia: unseen, Estado: "activa"}}, f)
	checkMedications([]api.Medication{{DCI: unseen, Estado: "activo"}}, f)
	if f.Fields["alergias_registradas.0.sustancia"] == "" || f.Fields["medicamentos.0.dci"] == "" {
		t.Errorf("an allergy and a medicine of nothing: %v", f.Fields)
	}
}
