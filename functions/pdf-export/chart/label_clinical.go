package chart

var (
	allergyKinds = labels{
		"01": "Medicamento", "02": "Alimento", "03": "Ambiente", "04": "Contacto", "05": "Picadura", "06": "Otra",
	}
	criticalities = labels{
		"alta": "Alta", "baja": "Baja", "media": "Media", "high": "Alta", "low": "Baja", "unable-to-assess": "No evaluable",
	}
	statuses = labels{
		"activa": "Activa", "activo": "Activo", "inactiva": "Inactiva", "inactivo": "Inactivo", "resuelta": "Resuelta",
		"resuelto": "Resuelto", "confirmada": "Confirmada", "sospecha": "Sospecha", "suspendido": "Suspendido",
		"terminado": "Terminado", "completado": "Completado", "active": "Activo", "completed": "Completado",
		"stopped": "Suspendido",
	}
	diagnosisRoles = labels{
		"principal": "Principal", "relacionado": "Relacionado", "relacionado1": "Relacionado 1", "relacionado2": "Relacionado 2",
		"relacionado3": "Relacionado 3", "relacionado 1": "Relacionado 1", "relacionado 2": "Relacionado 2",
		"relacionado 3": "Relacionado 3", "relacionado_1": "Relacionado 1", "relacionado_2": "Relacionado 2",
		"relacionado_3": "Relacionado 3", "ingreso": "Ingreso", "egreso": "Egreso", "complicacion": "Complicación",
		"complicación": "Complicación", "muerte": "Causa de muerte",
	}
	noteStates      = labels{"borrador": "Borrador", "firmada": "Firmada", "anulada": "Anulada"}
	addendumReasons = labels{
		"correccion": "Corrección", "corrección": "Corrección", "aclaracion": "Aclaración", "aclaración": "Aclaración",
		"ampliacion": "Ampliación", "ampliación": "Ampliación",
	}
	resultStates = labels{
		"registered": "Registrado", "preliminary": "Preliminar", "final": "Definitivo", "corrected": "Corregido",
	}
	// interpretations are HL7 v3 ObservationInterpretation, as in FHIR R4.
	interpretations = labels{
		"N": "Normal", "H": "Alto", "L": "Bajo", "HH": "Crítico alto", "LL": "Crítico bajo", "HU": "Muy alto", "LU": "Muy bajo",
		"A": "Anormal", "AA": "Crítico", "POS": "Positivo", "NEG": "Negativo", "IND": "Indeterminado", "DET": "Detectado",
		"ND": "No detectado", "R": "Resistente", "S": "Sensible", "I": "Intermedio", "RR": "Reactivo", "NR": "No reactivo",
	}
)

// noteTypeInfo is the title of a type of note and its LOINC code.
type noteTypeInfo struct{ title, loinc string }

var noteTypes = map[NoteType]noteTypeInfo{
	NoteAdmission:    {"Nota de ingreso", "34117-2"},
	NoteProgress:     {"Nota de evolución", "11506-3"},
	NoteConsultation: {"Interconsulta", "11488-4"},
	NoteDischarge:    {"Egreso y epicrisis", "18842-5"},
	NoteNursing:      {"Nota de enfermería", ""},
}

// section is one text of a note under its title.
type section struct{ title, text string }

// titled lists the sections in the order of the data model.
func (s *Sections) titled() []section {
	return []section{
		{"Motivo de consulta", s.ChiefComplaint},
		{"Enfermedad actual", s.PresentIllness},
		{"Antecedentes personales", s.PersonalHistory},
		{"Antecedentes familiares", s.FamilyHistory},
		{"Alergias", s.Allergies},
		{"Hábitos", s.Habits},
		{"Medicamentos actuales", s.CurrentMedications},
		{vitalSignsTitle, s.VitalSigns},
		{"Examen físico general", s.GeneralExamination},
		{"Examen físico por sistemas", s.SystemsExamination},
		{"Impresión diagnóstica", s.DiagnosticImpression},
		{"Conducta y plan de manejo", s.ManagementPlan},
		{"Recomendaciones", s.Recommendations},
		{"Médicos interconsultados", s.ConsultedPhysicians},
		{"Procedimientos realizados", s.Procedures},
		{"Resultados de exámenes", s.ExaminationResults},
		{"Diagnóstico definitivo", s.DefinitiveDiagnosis},
		{"Evolución médica", s.MedicalProgress},
		{"Tratamiento instaurado", s.Treatment},
		{"Formulación médica", s.Prescription},
		{"Educación al paciente", s.PatientEducation},
		{"Referencia y contrarreferencia", s.Referral},
	}
}
