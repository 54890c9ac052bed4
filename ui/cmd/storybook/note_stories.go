package main

import (
	"time"

	"hce.co/shared/vital"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

func codes() []component.Option {
	return []component.Option{
		{Value: "J20.9", Label: "Bronquitis aguda, no especificada"}, {Value: "J18.9", Label: "Neumonía, no especificada"},
		{Value: "J45.9", Label: "Asma, no especificada"}, {Value: "J96.0", Label: "Insuficiencia respiratoria aguda"},
		{Value: "I10", Label: "Hipertensión esencial (primaria)"}, {Value: "O99.5", Label: "Enfermedades del sistema respiratorio que complican el embarazo"},
	}
}

// editor is a draft of a type of note, half written.
func editor(kind string) view.NoteEditor {
	last, years := notes()[1], 42
	return view.NoteEditor{
		Chart: doctorChart(view.NotesTab), ID: draftID, Type: kind, Admission: "Admisión 2026-004512, Urgencias", SavedAt: now, Years: &years, CanDiscard: true,
		Form: component.Form{Version: `"3"`, Values: values(
			"fecha_atencion", component.LocalInput(now), "motivo_consulta", "«Me falta el aire»",
			"enfermedad_actual", "Paciente de 42 años, gestante de 24 semanas, con dos días de fiebre no cuantificada, tos con expectoración amarilla y disnea progresiva hasta pequeños esfuerzos.",
			"examen_fisico_general", "Alerta, taquipneica. Murmullo vesicular disminuido en base derecha, con estertores.",
			"signos_vitales.pas", "128", "signos_vitales.pad", "82", "signos_vitales.fc", "112", "signos_vitales.fr", "26", "signos_vitales.temp", "38,6", "signos_vitales.spo2", "91",
			"signos_vitales.peso", "68,5", "signos_vitales.talla", "161", "medicamentos.0.dci", "Acetaminofén", "medicamentos.0.dosis", "1", "medicamentos.0.unidad", "g",
			"medicamentos.0.via", "Oral", "medicamentos.0.frecuencia", "cada 8 horas", "medicamentos.0.duracion", "5 días", "medicamentos.0.cantidad", "15",
			"medicamentos.0.cum", "19905-3", "medicamentos.0.estado", "suspendido", "signos_vitales.tomado_por", "Enf. Nelly Arias",
			"alergias_registradas.0.sustancia", "Látex", "alergias_registradas.0.tipo", "04", "alergias_registradas.0.estado", "resuelta",
		), Warnings: map[string]string{"signos_vitales.temp": "Alto.", "signos_vitales.fc": "Alto.", "signos_vitales.fr": "Alto.", "signos_vitales.spo2": "Bajo."}},
		Diagnoses: []view.DiagnosisRow{
			{Code: "J18.9", Description: "Neumonía, no especificada", Type: "01", Role: "principal"},
			{Code: "O99.5", Description: "Enfermedades del sistema respiratorio que complican el embarazo", Type: "01", Role: "relacionado1"},
		},
		Allergies: 1, Drugs: 2, Codes: view.StandardNoteCodes(), LastNote: &last, LastVitals: series()[:6], Drug: medications(),
	}
}

func noteContent() view.NoteContent {
	return view.NoteContent{
		Type: "evolucion", State: "firmada", Attended: ago(50 * minute), Recorded: ago(45 * minute), Author: "Dra. Ana Ruiz Mejía", Specialty: "Medicina interna",
		License: "25-44871", Admission: "2026-004512, Urgencias", AdmissionID: admissionID,
		Sections: []view.SectionText{
			{Title: "Motivo de consulta", Text: "«Me falta el aire»"},
			{Title: "Evolución", Text: "Segundo día de manejo. Persiste la fiebre, con mejoría de la disnea.\n\nTolera la vía oral. Movimientos fetales presentes."},
			{Title: "Examen físico general", Text: "Alerta, hidratada. Murmullo vesicular disminuido en base derecha, con estertores."},
			{Title: "Conducta y plan de manejo", Text: "1. Continuar ceftriaxona.\n2. Oxígeno por cánula para SpO₂ mayor de 94 %.\n3. Control de hemograma mañana.\n4. Valoración por ginecobstetricia."},
		},
		Diagnoses:   diagnoses()[:2],
		Vitals:      []view.VitalReading{{Label: "PAS", Value: "128", Unit: "mmHg"}, {Label: "PAD", Value: "82", Unit: "mmHg"}, {Label: "FC", Value: "112", Unit: "/min", Side: vital.Above}, {Label: "Temp.", Value: "38,6", Unit: "°C", Side: vital.Above}, {Label: "SpO₂", Value: "91", Unit: "%", Side: vital.Below}},
		Allergies:   []view.Allergy{{Substance: "Látex", Reaction: "Eritema", Criticality: "baja", State: "resuelta"}},
		Medications: medications()[1:], Signed: ago(44 * minute), SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", KeyID: "med-25-44871-2026",
		PatientSignature: "Luz Marina Peña", PreviousID: "n0", NextID: "n2",
		Addenda: []view.Addendum{{
			When: ago(20 * minute), Author: "Dr. Óscar Ñáñez", License: "11-90211", Reason: "aclaracion",
			Text: "La alergia a penicilina fue un exantema leve en la infancia; se tolera ceftriaxona sin reacción.", SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
		}},
	}
}

func noteStories() []story {
	fresh := editor("ingreso")
	fresh.Form.Values = values("fecha_atencion", component.LocalInput(now))
	fresh.Form.Warnings, fresh.Diagnoses, fresh.SavedAt, fresh.Drugs = nil, nil, time.Time{}, 1
	fresh.Chart.Patient, fresh.Years = newborn(), new(int)
	searching := editor("evolucion")
	searching.Search.Values = values("cie10_q", "bronq")
	searching.Matches = &view.DiagnosisMatches{PatientID: luz().ID, NoteID: draftID, Query: "bronq", Items: codes()[:3]}
	wrong := editor("evolucion")
	wrong.Form.Values.Set("signos_vitales.temp", "386")
	wrong.Form.Values.Set("medicamentos.1.dosis", "500")
	wrong.Form.Errors = map[string]string{
		"signos_vitales.temp": "386 °C no es posible: debe estar entre 25 y 45.", "medicamentos.1.dci": "Escriba el medicamento.",
		"diagnosticos": "Elija un diagnóstico principal.", "diagnosticos.1.rol": "Solo puede haber un diagnóstico principal.",
	}
	wrong.Diagnoses[1].Warning = "Este diagnóstico es poco frecuente a su edad."
	pulmonary := notes()
	draft := noteContent()
	draft.State, draft.Signed, draft.SHA256, draft.Addenda, draft.PatientSignature, draft.PreviousID = "borrador", time.Time{}, "", nil, "", ""
	annulled := noteContent()
	annulled.State, annulled.Annulled, annulled.AnnulledWhy, annulled.Addenda = "anulada", ago(10*minute), "Se escribió en la historia de otra paciente.", nil
	unlicensed := noteContent()
	unlicensed.License, unlicensed.Addenda[0].License = "", ""
	addendum := &component.Form{Key: key}
	reasons := catalog.AddendumReasons.Options()
	types := catalog.NoteTypes.Options()
	admissions := []component.Option{{Value: admissionID, Label: "2026-004512 · Urgencias, cama U-04 · 23 nov 2026"}}
	own := ownChart(view.NotesTab)
	own.Section = view.NotesSection
	return []story{
		{slug: "nota-nueva", title: "Nueva nota", screen: view.NoteNew{Chart: doctorChart(view.NotesTab), Types: types, Admissions: admissions, Form: component.Form{Key: key}}},
		{slug: "nota-nueva-cambio", title: "Nueva nota, que resuelve una alergia", screen: view.NoteNew{
			Chart: doctorChart(view.NotesTab), Types: types, Admissions: admissions, Form: component.Form{Key: key},
			Change: &view.NoteChange{Field: view.FieldResolve, Row: noteID, Text: "La alergia a Látex, como resuelta."},
		}},
		{slug: "nota-editor", title: "Editor", screen: editor("evolucion")},
		{slug: "nota-editor-vacio", title: "Editor, ingreso en blanco", screen: fresh},
		{slug: "nota-editor-cie10", title: "Editor, buscando un diagnóstico", screen: searching},
		{slug: "nota-editor-errores", title: "Editor, con errores", screen: wrong},
		{slug: "nota-cie10", title: "Sugerencias de CIE-10 (parte)", screen: *searching.Matches, part: true},
		{slug: "nota-firma", title: "Firmar", screen: view.NoteSign{
			Chart: doctorChart(view.NotesTab), ID: draftID, Note: draft, Form: component.Form{Version: `"3"`, Key: key}, Signer: "Dra. Ana Ruiz Mejía, Medicina interna, RM 25-44871",
			Missing: []string{"análisis o impresión diagnóstica"}, Warnings: []string{"Temperatura 38,6 °C: alta", "Saturación 91 %: baja"},
		}},
		{slug: "nota-firma-codigo", title: "Firmar, con segundo factor", screen: view.NoteSign{
			Chart: doctorChart(view.NotesTab), ID: draftID, Note: draft, Signer: "Dra. Ana Ruiz Mejía, Medicina interna, RM 25-44871", StepUp: true,
			Form: component.Form{Version: `"3"`, Key: key, Values: values("firma_paciente", "Rosa Núñez, hija"), Errors: map[string]string{"codigo": "El código no es correcto o ya se usó."}},
		}},
		{slug: "nota-adenda-codigo", title: "Adenda, con segundo factor", screen: view.NoteView{Chart: doctorChart(view.NotesTab), ID: noteID, Note: noteContent(), Reasons: reasons, StepUp: true, Annul: &component.Form{}, Addendum: &component.Form{
			Key: key, Values: values("motivo", "aclaracion", "texto", "La tos era de ayer."), Errors: map[string]string{"codigo": "Escriba el código de su aplicación de autenticación."},
		}}},
		{slug: "nota-sin-registro", title: "Nota firmada, sin registro médico", screen: view.NoteView{Chart: doctorChart(view.NotesTab), ID: noteID, Note: unlicensed}},
		{slug: "nota", title: "Nota firmada", screen: view.NoteView{Chart: doctorChart(view.NotesTab), ID: noteID, Note: noteContent(), Addendum: addendum, Reasons: reasons, Annul: &component.Form{}}},
		{slug: "nota-adenda-errores", title: "Adenda con errores", screen: view.NoteView{Chart: doctorChart(view.NotesTab), ID: noteID, Note: noteContent(), Reasons: reasons, Addendum: &component.Form{Key: key, Errors: map[string]string{"texto": "Escriba la adenda.", "motivo": "Elija el motivo."}}}},
		{slug: "nota-anulada", title: "Nota anulada", screen: view.NoteView{Chart: doctorChart(view.NotesTab), ID: noteID, Note: annulled}},
		{slug: "nota-borrador", title: "Borrador, leído", screen: view.NoteView{Chart: doctorChart(view.NotesTab), ID: draftID, Note: draft, CanEdit: true}},
		{slug: "notas", title: "Notas", screen: view.NoteList{Chart: doctorChart(view.NotesTab), Items: pulmonary, Pager: component.Pager{Next: "?despues=x", First: "/notas"}}},
		{slug: "notas-paciente", title: "Notas, para el paciente", screen: view.NoteList{Chart: own, Items: pulmonary[1:]}},
	}
}

func notes() []view.NoteItem {
	id := luz().ID
	return []view.NoteItem{
		{PatientID: id, ID: draftID, Type: "evolucion", State: "borrador", When: ago(5 * minute), Author: "Dra. Ana Ruiz Mejía", Specialty: "Medicina interna", Mine: true, Excerpt: "«Me falta el aire»"},
		{PatientID: id, ID: noteID, Type: "ingreso", State: "firmada", When: ago(80 * minute), Author: "Dra. Ana Ruiz Mejía", Specialty: "Medicina interna", Addenda: 1, Diagnoses: []string{"J18.9 Neumonía, no especificada"}, Excerpt: "Paciente de 42 años, gestante de 24 semanas, con dos días de fiebre no cuantificada, tos con expectoración amarilla y disnea progresiva hasta pequeños esfuerzos. Niega dolor torácico."},
		{PatientID: id, ID: "n7", Type: "interconsulta", State: "firmada", When: ago(26 * 24 * time.Hour), Author: "Dr. Óscar Ñáñez", Specialty: "Ginecobstetricia", Diagnoses: []string{"Z34.9 Supervisión de embarazo normal, no especificado"}, Excerpt: "Control prenatal de la semana 20, sin hallazgos."},
		{PatientID: id, ID: "n6", Type: "evolucion", State: "anulada", When: ago(61 * 24 * time.Hour), Author: "Dra. Sofía Lleras", Specialty: "Medicina general", Excerpt: "Se escribió en la historia de otra paciente."},
	}
}

func drafts() []view.NoteItem {
	return []view.NoteItem{
		{PatientID: luz().ID, ID: draftID, PatientName: "Peña Rodríguez, Luz Marina", Type: "evolucion", State: "borrador", When: ago(5 * minute), Author: "Dra. Ana Ruiz Mejía", Mine: true, Excerpt: "«Me falta el aire»"},
		{PatientID: "CC-79456123", ID: "d2", PatientName: "Gómez Ávila, Hernán Darío", Type: "egreso", State: "borrador", When: ago(20 * time.Hour), Author: "Dra. Ana Ruiz Mejía", Mine: true},
	}
}
