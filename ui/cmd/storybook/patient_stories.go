package main

import (
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

func patientStories() []story {
	search := component.Form{Values: values("q", "pena luz")}
	filled := values(
		"tipo_documento", "CC", "numero_documento", "1032456789", "primer_apellido", "Peña", "segundo_apellido", "Rodríguez",
		"primer_nombre", "Luz", "segundo_nombre", "Marina", "fecha_nacimiento", "1984-02-29", "sexo_biologico", "02",
		"celular", "300 123 4567", "direccion_residencia", "Carrera 7 # 45-12, apto 301", "departamento", "11", "municipio", "Bogotá, D. C.",
		"pais", "Colombia", "zona", "urbana", "entidad_pertenece", "EPS Sanitas", "entidad_codigo", "EPS005", "regimen_afiliacion", "contributivo",
		"tipo_usuario", "01", "grupo_sanguineo", "O", "factor_rh", "+", "contacto_emergencia.nombre", "Jorge Peña",
		"contacto_emergencia.parentesco", "Padre", "contacto_emergencia.telefono", "601 234 5678", "nacionalidades", "Colombia",
		"nacionalidades", "Venezuela", "discapacidades", "08", "etnia", "06", "estado_civil", "union_libre",
	)
	wrong := values("tipo_documento", "CC", "numero_documento", "10.32", "primer_apellido", "Peña", "primer_nombre", "", "fecha_nacimiento", "2031-02-29", "responsable.nombre", "J")
	codes := view.StandardPatientCodes()
	summary := func(c view.Chart) view.ChartSummary {
		s := stays()[0]
		as, ms := current(c.Can.Write)
		return view.ChartSummary{
			Chart: c, Stay: &s, Notes: notes(), Diagnoses: diagnoses(), Allergies: as, Medications: ms, Vitals: series()[:7], Results: results(),
			Identity: []component.Term{
				{Name: "Nombre", Value: "Luz Marina Peña Rodríguez"}, {Name: "Fecha de nacimiento", Value: "29 feb 1984"}, {Name: "Sexo biológico", Value: "Mujer"},
				{Name: "Identidad de género", Value: "Femenino"}, {Name: "Estado civil", Value: "Unión libre"}, {Name: "Ocupación", Value: "Docente"},
				{Name: "Nacionalidad", Value: "Colombia"}, {Name: "Discapacidad", Value: "Sin discapacidad"},
			},
			Contact: []component.Term{
				{Name: "Celular", Value: "300 123 4567"}, {Name: "Dirección", Value: "Carrera 7 # 45-12, apto 301"}, {Name: "Municipio", Value: "Bogotá, D. C."},
				{Name: "Contacto de emergencia", Value: "Jorge Peña (padre), 601 234 5678"},
			},
			Coverage:  []component.Term{{Name: "EPS", Value: "EPS Sanitas"}, {Name: "Régimen", Value: "Contributivo"}, {Name: "Tipo de usuario", Value: "Contributivo cotizante"}},
			Documents: identity(),
		}
	}
	quiet := func(s view.ChartSummary) view.ChartSummary { // nobody is admitted in it
		s.Stay, s.Notes = nil, s.Notes[1:3]
		return s
	}
	newPatient := view.Chart{Page: physician(), Patient: newborn(), Tab: view.SummaryTab, Can: view.Can{ReadChart: true, Admissions: true, Write: true, Admit: true, Export: true}}
	closed := doctorChart(view.SummaryTab)
	closed.Can = view.Can{Emergency: true}
	merged, includes := doctorChart(view.SummaryTab), doctorChart(view.SummaryTab)
	merged.Patient.ID, merged.Patient.MergedInto, merged.Can = "CC-52000111", luz().ID, view.Can{ReadChart: true, Admissions: true}
	includes.Patient.Includes = []string{"CC-52000111"}
	own := ownChart(view.SummaryTab)
	own.Patient.Closed = true
	return []story{
		{slug: "pacientes", title: "Buscar", screen: view.PatientSearch{Page: registrar(), CanAdd: true}},
		{slug: "pacientes-resultados", title: "Buscar, con resultados", screen: view.PatientSearch{Page: registrar(), Form: search, Done: true, Items: found(), More: "CE-445566", CanAdd: true}},
		{slug: "pacientes-nada", title: "Buscar, sin resultados", screen: view.PatientSearch{Page: physician(), Form: component.Form{Values: values("q", "zzz")}, Done: true, CanAdd: true}},
		{slug: "paciente-nuevo", title: "Registrar", screen: view.PatientForm{Page: registrar(), Codes: codes, Form: component.Form{Key: key}}},
		{slug: "paciente-nuevo-errores", title: "Registrar, con errores", screen: view.PatientForm{Page: registrar(), Codes: codes, Form: component.Form{
			Key: key, Values: wrong, Errors: map[string]string{
				"numero_documento": "El número no corresponde al tipo de documento.", "primer_nombre": "Escriba este dato.",
				"fecha_nacimiento": "Esa fecha no existe.", "sexo_biologico": "Elija el sexo biológico.", "responsable": "Escriba el nombre de la persona (hasta 200 caracteres).",
			},
		}}},
		{slug: "paciente-nuevo-duplicados", title: "Registrar, posibles duplicados", screen: view.PatientForm{Page: registrar(), Codes: codes, Duplicates: found()[:2], Form: component.Form{Key: key, Values: filled}}},
		{slug: "paciente-editar", title: "Editar", screen: view.PatientForm{Page: registrar(), ID: luz().ID, Name: luz().Name, Codes: codes, Form: component.Form{Version: `"7"`, Values: filled}}},
		{slug: "paciente-conflicto", title: "Editar, cambió mientras tanto", screen: view.PatientConflict{
			Page: registrar(), ID: luz().ID, Name: luz().Name, When: "23 nov 2026, 10:30", Form: component.Form{Version: `"8"`, Values: filled},
			Changes: []view.Change{{Label: "Celular", Theirs: "311 987 6543", Mine: "300 123 4567"}, {Label: "Barrio", Theirs: "Chapinero", Mine: ""}},
		}},
		{slug: "historia-resumen", title: "Resumen, para el médico", screen: summary(doctorChart(view.SummaryTab))},
		{slug: "historia-resumen-admisiones", title: "Resumen, para admisiones", screen: summary(registrarChart(view.SummaryTab))},
		{slug: "historia-resumen-vacio", title: "Resumen de una historia nueva", screen: view.ChartSummary{Chart: newPatient}},
		{slug: "historia-cerrada", title: "Resumen, sin relación con el paciente", screen: view.ChartSummary{Chart: closed}},
		{slug: "historia-con-uniones", title: "Resumen de una historia a la que se unió otra", screen: summary(includes)},
		{slug: "historia-unida", title: "Resumen de una historia unida a otra", screen: quiet(summary(merged))},
		{slug: "historia-unida-paciente", title: "Lo mismo, para su paciente", screen: quiet(summary(own))},
		{slug: "documento-identidad", title: "Nuevo documento de identidad", screen: view.IdentityForm{
			Chart: registrarChart(view.SummaryTab), Types: catalog.DocumentTypes.Options(), Documents: identity(), Form: component.Form{Key: key}, Version: `"8"`,
		}},
		{slug: "documento-identidad-retiro", title: "Retirar un documento, con errores", screen: view.IdentityForm{
			Chart: registrarChart(view.SummaryTab), Types: catalog.DocumentTypes.Options(), Documents: identity(), Form: component.Form{Key: key}, Version: `"8"`,
			Withdrawn: "TI-84022912345", Withdrawal: component.Form{Key: key, Errors: map[string]string{"motivo": "Explique el motivo en 10 a 500 caracteres: el paciente lo leerá."}},
		}},
		{slug: "codigo", title: "Código de registro", screen: view.CodeRequest{Chart: registrarChart(view.SummaryTab), Form: component.Form{Key: key}}},
		{slug: "codigo-papel", title: "Código de registro, para imprimir", screen: view.CodeSlip{
			Chart: registrarChart(view.SummaryTab), Code: "7QKM-2XDP-9RTV", Expires: "30 nov 2026, 10:32", Address: "https://historia.ejemplo.co/registro",
		}},
	}
}

func identity() []view.IdentityDocument {
	return []view.IdentityDocument{
		{ID: "CC-1032456789", Document: "CC 1.032.456.789", Type: "Cédula de ciudadanía", Since: "2002-03-11", Current: true},
		{ID: "TI-84022912345", Document: "TI 84022912345", Type: "Tarjeta de identidad", Since: "1991-03-04"},
	}
}
