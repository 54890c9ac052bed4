package notes

import (
	"strings"

	"hce.co/functions/notes/api"
	"hce.co/shared/ident"
)

// denies is the state of the entry that says a patient denies any allergy.
const denies = "niega"

func normaliseAllergy(a *api.Allergy) {
	for _, s := range []*string{&a.Tipo, &a.Sustancia, &a.Reaccion, &a.Criticidad, &a.Estado} {
		*s = line(*s)
	}
	a.Estado, a.Criticidad = strings.ToLower(a.Estado), strings.ToLower(a.Criticidad)
	if a.Estado == "" {
		a.Estado = "activa"
	}
}

func checkAllergies(as []api.Allergy, f fields) {
	if !f.count("alergias_registradas", len(as)) {
		return
	}
	for i, a := range as {
		f.oneOf(item("alergias_registradas", i, "tipo"), a.Tipo, "01", "02", "03", "04", "05", "06")
		f.oneOf(item("alergias_registradas", i, "criticidad"), a.Criticidad, "baja", "alta", "indeterminada")
		f.oneOf(item("alergias_registradas", i, "estado"), a.Estado, "activa", "inactiva", "resuelta", denies)
		f.text(item("alergias_registradas", i, "sustancia"), a.Sustancia, maxLine)
		f.text(item("alergias_registradas", i, "reaccion"), a.Reaccion, 500)
		switch {
		case a.Estado != denies && ident.Blank(a.Sustancia):
			f.Add(item("alergias_registradas", i, "sustancia"), "Escriba la sustancia, o registre que el paciente niega alergias.")
		case a.Estado == denies && len(as) > 1:
			f.Add(item("alergias_registradas", i, "estado"), "Si el paciente niega alergias, no registre ninguna otra.")
		case a.Estado == denies && (a.Sustancia != "" || a.Reaccion != ""):
			f.Add(item("alergias_registradas", i, "sustancia"), "Si el paciente niega alergias, no escriba sustancia ni reacción.")
		}
	}
}

func normaliseMedication(m *api.Medication) {
	for _, s := range []*string{&m.DCI, &m.CUM, &m.Dosis, &m.Unidad, &m.Via, &m.Frecuencia, &m.Duracion, &m.Cantidad, &m.Estado} {
		*s = line(*s)
	}
	m.Estado = strings.ToLower(m.Estado)
	if m.Estado == "" {
		m.Estado = "activo"
	}
}

func checkMedications(ms []api.Medication, f fields) {
	if !f.count("medicamentos", len(ms)) {
		return
	}
	for i, m := range ms {
		if ident.Blank(m.DCI) {
			f.Add(item("medicamentos", i, "dci"), "Escriba el medicamento por su nombre internacional (DCI).")
		}
		f.oneOf(item("medicamentos", i, "estado"), m.Estado, "activo", "suspendido", "terminado")
		for name, value := range map[string]string{
			"dci": m.DCI, "cum": m.CUM, "dosis": m.Dosis, "unidad": m.Unidad, "via": m.Via, "frecuencia": m.Frecuencia,
			"duracion": m.Duracion, "cantidad": m.Cantidad,
		} {
			f.text(item("medicamentos", i, name), value, maxLine)
		}
	}
}
