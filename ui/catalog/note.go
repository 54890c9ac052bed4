package catalog

// NoteTypes are the kinds of clinical note.
var NoteTypes = Table{
	{"ingreso", "Nota de ingreso"},
	{"evolucion", "Evolución"},
	{"interconsulta", "Interconsulta"},
	{"egreso", "Epicrisis (egreso)"},
	{"enfermeria", "Nota de enfermería"},
}

// NoteStates a note goes through.
var NoteStates = Table{{"borrador", "Borrador"}, {"firmada", "Firmada"}, {"anulada", "Anulada"}}

// AddendumReasons are why a signed note is added to.
var AddendumReasons = Table{
	{"correccion", "Corrección"},
	{"aclaracion", "Aclaración"},
	{"ampliacion", "Ampliación"},
}

// DiagnosisTypes are the RIPSTipoDiagnosticoPrincipalVersion2 of Resolución
// 2275/2023.
var DiagnosisTypes = Table{
	{"01", "Impresión diagnóstica"},
	{"02", "Confirmado nuevo"},
	{"03", "Confirmado repetido"},
}

// DiagnosisRoles are what a diagnosis is in its attention.
var DiagnosisRoles = Table{
	{"principal", "Principal"},
	{"relacionado1", "Relacionado 1"},
	{"relacionado2", "Relacionado 2"},
	{"relacionado3", "Relacionado 3"},
	{"ingreso", "De ingreso"},
	{"egreso", "De egreso"},
	{"complicacion", "Complicación"},
	{"muerte", "Causa de muerte"},
}

// AllergyTypes are the TipoAlergia of Resolución 866/2021.
var AllergyTypes = Table{
	{"01", "Medicamento"},
	{"02", "Alimento"},
	{"03", "Sustancia del ambiente"},
	{"04", "Sustancia que entra en contacto con la piel"},
	{"05", "Picadura de insectos"},
	{"06", "Otra"},
}

// Criticalities are how dangerous an allergy is, as FHIR AllergyIntolerance
// grades it.
var Criticalities = Table{
	{"alta", "Alta"},
	{"baja", "Baja"},
	{"indeterminada", "No se puede determinar"},
}

// AllergyStates an allergy may have.
var AllergyStates = Table{
	{"activa", "Activa"},
	{"inactiva", "Inactiva"},
	{"resuelta", "Resuelta"},
	{"niega", "Niega alergias"},
}

// MedicationStates a prescription may have.
var MedicationStates = Table{{"activo", "Activo"}, {"suspendido", "Suspendido"}, {"terminado", "Terminado"}}

// MedicationRoutes suggest the routes of administration; the field is free.
var MedicationRoutes = Table{
	{"oral", "Oral"}, {"sublingual", "Sublingual"}, {"intravenosa", "Intravenosa"},
	{"intramuscular", "Intramuscular"}, {"subcutanea", "Subcutánea"}, {"inhalada", "Inhalada"},
	{"topica", "Tópica"}, {"oftalmica", "Oftálmica"}, {"otica", "Ótica"}, {"nasal", "Nasal"},
	{"rectal", "Rectal"}, {"vaginal", "Vaginal"}, {"transdermica", "Transdérmica"},
}

// ResultStates are the FHIR Observation states of a result.
var ResultStates = Table{
	{"registered", "Registrado"},
	{"preliminary", "Preliminar"},
	{"final", "Definitivo"},
	{"corrected", "Corregido"},
}

// Interpretations are HL7 v3 ObservationInterpretation codes.
var Interpretations = Table{
	{"N", "Normal"},
	{"L", "Bajo"},
	{"H", "Alto"},
	{"LL", "Crítico bajo"},
	{"HH", "Crítico alto"},
	{"A", "Anormal"},
	{"AA", "Crítico"},
	{"POS", "Positivo"},
	{"NEG", "Negativo"},
}
