package ui

import (
	"net/url"

	notes "hce.co/functions/notes/api"
	"hce.co/shared/problem"
	"hce.co/ui/view"
)

// change is what a new note begins with: an allergy that is over, or a medicine
// that the patient stops taking. Only its id is in an address.
type change struct {
	content notes.Structured
	view    *view.NoteChange
}

// changeOf reads the change that a form names, among what counts today. Most
// forms name none.
func (f *Function) changeOf(p *page, id string, v url.Values) (c change, err error) {
	switch {
	case v.Get(view.FieldResolve) != "":
		list, err := f.notes.CurrentAllergies(p.ctx, id)
		if err != nil {
			return c, err
		}
		for _, a := range list {
			if v.Get(view.FieldResolve) == a.ID.String() && a.Estado == "activa" {
				c.content.AlergiasRegistradas = []notes.Allergy{{
					Tipo: a.Tipo, Sustancia: a.Sustancia, Reaccion: a.Reaccion, Criticidad: a.Criticidad, Estado: "resuelta",
				}}
				c.view = &view.NoteChange{Field: view.FieldResolve, Row: a.ID.String(), Text: "La alergia a " + a.Sustancia + ", como resuelta."}
				return c, nil
			}
		}
		return c, problem.Conflict("Esa alergia ya no está activa.")
	case v.Get(view.FieldStop) != "":
		list, err := f.notes.CurrentMedications(p.ctx, id)
		if err != nil {
			return c, err
		}
		for _, m := range list {
			if v.Get(view.FieldStop) == m.ID.String() {
				c.content.Medicamentos = []notes.Medication{{
					DCI: m.DCI, CUM: m.CUM, Dosis: m.Dosis, Unidad: m.Unidad, Via: m.Via, Frecuencia: m.Frecuencia, Duracion: m.Duracion,
					Cantidad: m.Cantidad, Estado: "suspendido",
				}}
				c.view = &view.NoteChange{Field: view.FieldStop, Row: m.ID.String(), Text: m.DCI + ", suspendido: el paciente deja de tomar todo lo formulado de ese medicamento."}
				return c, nil
			}
		}
		return c, problem.Conflict("Ese medicamento ya no está activo.")
	}
	return c, nil
}
