package notes

import (
	"slices"
	"strings"

	"hce.co/functions/notes/api"
)

// standing is what of a list counts today, which ?vigentes=1 asks for: what was
// written down later takes the place of what it speaks of. It is the rule of the
// document in PDF.
type standing[T any] struct {
	// query takes the documento_id and a number of rows. It gives the last rows of
	// each wording, newest first: more than those that count, as records that were
	// merged speak of each other's, and people write large and small.
	query string
	// replaces reports whether a row takes the place of one that stands after it.
	replaces func(later, earlier T) bool
	counts   func(T) bool
}

// maxStanding is how many wordings of one record are looked at: many times those
// of any chart.
const maxStanding = 1000

// of picks what counts from rows that are newest first.
func (s standing[T]) of(rows []T) []T {
	out := []T{}
	for i, row := range rows {
		if s.counts(row) && !slices.ContainsFunc(rows[:i], func(later T) bool { return s.replaces(later, row) }) {
			out = append(out, row)
		}
	}
	return out
}

// Each substance stands as it was last written down, whatever its state is then,
// and so does the denial of any, which has none.
var standingAllergies = standing[api.RegisteredAllergy]{
	query: `SELECT ` + allergyColumns + ` FROM (
		  SELECT x.*, rank() OVER (PARTITION BY x.sustancia ORDER BY x.registrada_en DESC, x.id DESC) AS puesto
		  FROM historia_clinica.alergia x` + ofNotesOrNone + `) x
		WHERE puesto = 1 ORDER BY x.registrada_en DESC, x.id DESC LIMIT $2`,
	replaces: func(later, earlier api.RegisteredAllergy) bool {
		return strings.EqualFold(later.Sustancia, earlier.Sustancia)
	},
	counts: func(api.RegisteredAllergy) bool { return true },
}

// A prescription stands until a later note stops the medicine, or prescribes the
// same again. Rows of one instant are those of one note, and stand together.
var standingMedications = standing[api.PrescribedMedication]{
	query: `SELECT ` + medicationColumns + ` FROM (
		  SELECT x.*, rank() OVER (PARTITION BY x.dci, x.estado = 'activo', x.dosis, x.unidad, x.via, x.frecuencia ORDER BY x.prescrito_en DESC) AS puesto
		  FROM historia_clinica.medicamento x` + ofNotesOrNone + `) x
		WHERE puesto = 1 ORDER BY x.prescrito_en DESC, x.id DESC LIMIT $2`,
	replaces: func(later, earlier api.PrescribedMedication) bool {
		if !strings.EqualFold(later.DCI, earlier.DCI) || later.PrescritoEn.Equal(earlier.PrescritoEn) {
			return false
		}
		return later.Estado != taken || later.Dosis == earlier.Dosis && later.Unidad == earlier.Unidad &&
			later.Via == earlier.Via && later.Frecuencia == earlier.Frecuencia
	},
	counts: func(m api.PrescribedMedication) bool { return m.Estado == taken },
}

// taken is the state of a medicine that the patient takes.
const taken = "activo"
