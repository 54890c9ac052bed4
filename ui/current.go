package ui

import (
	"slices"

	notes "hce.co/functions/notes/api"
	"hce.co/ui/view"
	"hce.co/ui/view/link"
)

// allergiesOf puts what the banner of a chart says of allergies into b. Who may
// not read the chart is told nothing, which is no error.
func (f *Function) allergiesOf(p *page, id string, b *view.Patient) error {
	list, err := f.notes.CurrentAllergies(p.ctx, id)
	if err != nil {
		return optional(err)
	}
	b.NoChart = false
	for _, a := range list {
		switch a.Estado {
		case "activa":
			b.Allergies = append(b.Allergies, a.Sustancia)
		case "niega":
			b.NoAllergies = true
		default:
			b.PastAllergies = true
		}
	}
	return nil
}

// currentAllergies are those of today, the active ones first; who may write can
// resolve them.
func currentAllergies(id string, list []notes.RegisteredAllergy, write bool) []view.Allergy {
	var active, others []view.Allergy
	for i, item := range allergyItems(id, list) {
		if item.State != "activa" {
			others = append(others, item)
			continue
		}
		if write {
			item.Resolve = link.AllergyResolve(id, list[i].ID.String())
		}
		active = append(active, item)
	}
	return slices.Concat(active, others)
}

// currentMedications are what the patient takes; who may write can stop them.
func currentMedications(id string, list []notes.PrescribedMedication, write bool) []view.Medication {
	out := medicationItems(id, list)
	for i, m := range list {
		if write {
			out[i].Stop = link.MedicationStop(id, m.ID.String())
		}
	}
	return out
}
