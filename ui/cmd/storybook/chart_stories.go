package main

import (
	"time"

	"hce.co/shared/vital"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

func chartStories() []story {
	at := func(tab view.Tab) view.Chart { return doctorChart(tab) }
	more := component.Pager{Next: "?despues=x"}
	columns := []string{"PAS (mmHg)", "PAD (mmHg)", "FC (/min)", "FR (/min)", "Temp. (°C)", "SpO₂ (%)", "Peso (kg)", "Glasgow", "Dolor", "Gluc. (mg/dL)"}
	row := func(when time.Time, by string, texts ...string) view.VitalRow {
		r := view.VitalRow{When: when, By: by, NoteID: noteID}
		for _, t := range texts {
			var side vital.Side
			if len(t) > 0 && t[len(t)-1] == '!' {
				side = vital.Above
				t = t[:len(t)-1]
			}
			r.Values = append(r.Values, view.VitalValue{Text: t, Side: side})
		}
		return r
	}
	rows := []view.VitalRow{
		row(ago(50*minute), "Dra. Ana Ruiz Mejía", "128", "82", "112!", "26!", "38,6!", "91!", "68,5", "15", "4", ""),
		row(ago(80*minute), "Dra. Ana Ruiz Mejía", "131", "84", "118!", "28!", "38,9!", "89!", "", "15", "5", "104"),
		row(ago(26*24*time.Hour), "Dr. Óscar Ñáñez", "116", "72", "84", "16", "36,7", "97", "67,2", "", "0", ""),
		row(ago(61*24*time.Hour), "Dra. Sofía Lleras", "112", "70", "80", "15", "36,5", "98", "65,9", "", "0", "92"),
	}
	empty := at(view.ResultsTab)
	empty.Patient = newborn()
	return []story{
		{slug: "signos", title: "Signos vitales", screen: view.VitalSeries{Chart: at(view.VitalsTab), Series: series(), Columns: columns, Rows: rows, Pager: more}},
		{slug: "diagnosticos", title: "Diagnósticos", screen: view.DiagnosisList{Chart: at(view.DiagnosesTab), Items: diagnoses(), Pager: more}},
		{slug: "alergias", title: "Alergias", screen: view.AllergyList{Chart: at(view.SummaryTab), Items: allergies()}},
		{slug: "medicamentos", title: "Medicamentos", screen: view.MedicationList{Chart: at(view.SummaryTab), Items: medications()}},
		{slug: "resultados", title: "Resultados", screen: view.ResultList{Chart: at(view.ResultsTab), Items: results(), Pager: more}},
		{slug: "resultado-nuevo", title: "Nuevo resultado", screen: view.ResultForm{
			Chart: at(view.ResultsTab), Interpretations: catalog.Interpretations.Options(), States: catalog.ResultStates.Options(), Form: component.Form{Key: key},
		}},
		{slug: "resultados-vacio", title: "Resultados, ninguno", screen: view.ResultList{Chart: empty}},
	}
}

func series() []view.Series {
	when := ago(50 * minute)
	return []view.Series{
		{Name: "pas", Label: "Presión sistólica", Unit: "mmHg", Last: "128", When: when, Points: []float64{112, 116, 131, 128}, Usual: "90–140", Low: 90, High: 140},
		{Name: "pad", Label: "Presión diastólica", Unit: "mmHg", Last: "82", When: when, Points: []float64{70, 72, 84, 82}, Usual: "60–90", Low: 60, High: 90},
		{Name: "fc", Label: "Frecuencia cardíaca", Unit: "/min", Last: "112", When: when, Side: vital.Above, Points: []float64{80, 84, 118, 112}, Usual: "50–110", Low: 50, High: 110},
		{Name: "fr", Label: "Frecuencia respiratoria", Unit: "/min", Last: "26", When: when, Side: vital.Above, Points: []float64{15, 16, 28, 26}, Usual: "12–22", Low: 12, High: 22},
		{Name: "temp", Label: "Temperatura", Unit: "°C", Last: "38,6", When: when, Side: vital.Above, Points: []float64{36.5, 36.7, 38.9, 38.6}, Usual: "35,5–38", Low: 35.5, High: 38},
		{Name: "spo2", Label: "Saturación de oxígeno", Unit: "%", Last: "91", When: when, Side: vital.Below, Points: []float64{98, 97, 89, 91}, Usual: "92–100", Low: 92, High: 100},
		{Name: "peso", Label: "Peso", Unit: "kg", Last: "68,5", When: when, Points: []float64{65.9, 67.2, 68.5}},
		{Name: "imc", Label: "Índice de masa corporal", Unit: "kg/m²", Last: "26,4", When: when, Points: []float64{26.4}},
	}
}

func diagnoses() []view.Diagnosis {
	return []view.Diagnosis{
		{Code: "J18.9", Description: "Neumonía, no especificada", Type: "01", Role: "principal", When: ago(80 * minute), Author: "Dra. Ana Ruiz Mejía", NoteID: noteID},
		{Code: "O99.5", Description: "Enfermedades del sistema respiratorio que complican el embarazo", Type: "01", Role: "relacionado1", When: ago(80 * minute), Author: "Dra. Ana Ruiz Mejía", NoteID: noteID},
		{Code: "Z34.9", Description: "Supervisión de embarazo normal, no especificado", Type: "02", Role: "principal", When: ago(26 * 24 * time.Hour), Author: "Dr. Óscar Ñáñez", NoteID: "n7"},
	}
}

func allergies() []view.Allergy {
	return []view.Allergy{
		{Type: "01", Substance: "Penicilina", Reaction: "Exantema en la infancia", Criticality: "baja", State: "activa", When: ago(80 * minute), Author: "Dra. Ana Ruiz Mejía"},
		{Type: "01", Substance: "Ácido acetilsalicílico", Reaction: "Broncoespasmo", Criticality: "alta", State: "activa", When: ago(61 * 24 * time.Hour), Author: "Dra. Sofía Lleras"},
		{Type: "02", Substance: "Maní", Reaction: "", Criticality: "indeterminada", State: "inactiva", When: ago(900 * 24 * time.Hour), Author: "Dra. Sofía Lleras"},
	}
}

// current are allergies and medicines as the summary shows them; who may write
// can resolve and stop them.
func current(write bool) ([]view.Allergy, []view.Medication) {
	as, ms := allergies()[:2], medications()[:2]
	for i := range as {
		if write {
			as[i].Resolve, ms[i].Stop = link.AllergyResolve(luz().ID, noteID), link.MedicationStop(luz().ID, noteID)
		}
	}
	return append(as, view.Allergy{Type: "04", Substance: "Látex", Criticality: "alta", State: "resuelta"}), ms
}

func medications() []view.Medication {
	return []view.Medication{
		{Name: "Ceftriaxona", Dose: "1 g", Route: "intravenosa", Every: "cada 24 horas", For: "por 7 días", Quantity: "7", State: "activo", When: ago(70 * minute), Author: "Dra. Ana Ruiz Mejía"},
		{Name: "Acetaminofén", Dose: "1 g", Route: "oral", Every: "cada 8 horas", For: "por 5 días", Quantity: "15", State: "activo", When: ago(70 * minute), Author: "Dra. Ana Ruiz Mejía"},
		{Name: "Ácido fólico", Dose: "1 mg", Route: "oral", Every: "cada día", State: "suspendido", When: ago(150 * 24 * time.Hour), Author: "Dr. Óscar Ñáñez"},
	}
}

func results() []view.ResultItem {
	id := luz().ID
	return []view.ResultItem{
		{PatientID: id, ID: "r1", PatientName: "Peña Rodríguez, Luz Marina", Name: "Leucocitos", Code: "6690-2", Value: "18,4", Unit: "10³/µL", Range: "4,5–11,0", Interpretation: "H", State: "final", Taken: ago(70 * minute), Issued: ago(25 * minute), Issuer: "Laboratorio clínico", CanMark: true},
		{PatientID: "CC-79456123", ID: "r2", PatientName: "Gómez Ávila, Hernán Darío", Name: "Potasio", Code: "2823-3", Value: "6,3", Unit: "mmol/L", Range: "3,5–5,1", Interpretation: "HH", State: "preliminary", Taken: ago(70 * minute), Issued: ago(30 * minute), Issuer: "Laboratorio clínico", CanMark: true},
		{PatientID: id, ID: "r3", Name: "Cultivo de esputo", Code: "6460-0", Value: "Streptococcus pneumoniae, sensible a ceftriaxona", Interpretation: "POS", State: "final", Issued: ago(20 * minute), Issuer: "Laboratorio clínico", SeenBy: "Dra. Ana Ruiz Mejía", Seen: ago(15 * minute)},
		{PatientID: id, ID: "r4", Name: "Hemoglobina", Code: "718-7", Value: "11,2", Unit: "g/dL", Range: "11,0–14,0", Interpretation: "N", State: "corrected", Issued: ago(24 * minute), Issuer: "Laboratorio clínico"},
	}
}
