package catalog

// EncounterClasses are HL7 v3 ActCode classes, as the RDA uses them.
var EncounterClasses = Table{
	{"AMB", "Ambulatoria"},
	{"EMER", "Urgencias"},
	{"IMP", "Hospitalización"},
	{"OBSENC", "Observación"},
}

// EncounterStates are the FHIR Encounter states that an admission goes through.
var EncounterStates = Table{
	{"planned", "Programada"},
	{"arrived", "Llegó"},
	{"triaged", "Clasificada"},
	{"in-progress", "En curso"},
	{"finished", "Finalizada"},
	{"cancelled", "Cancelada"},
}

// EntryRoutes are the ViaIngresoUsuario of Resolución 2275/2023.
var EntryRoutes = Table{
	{"01", "Demanda espontánea"},
	{"02", "Derivado de consulta externa"},
	{"03", "Derivado de urgencias"},
	{"04", "Derivado de hospitalización"},
	{"05", "Derivado de sala de cirugía"},
	{"06", "Derivado de sala de partos"},
	{"07", "Recién nacido en la institución"},
	{"08", "Recién nacido en otra institución"},
	{"09", "Derivado o referido de hospitalización domiciliaria"},
	{"10", "Derivado de atención domiciliaria"},
	{"11", "Derivado de telemedicina"},
	{"12", "Derivado de jornada de salud"},
	{"13", "Referido de otra institución"},
	{"14", "Contrarreferido de otra institución"},
}

// Modalities are the ModalidadAtencion of Resolución 2275/2023; there is no 05.
var Modalities = Table{
	{"01", "Intramural"},
	{"02", "Extramural unidad móvil"},
	{"03", "Extramural domiciliaria"},
	{"04", "Extramural jornada de salud"},
	{"06", "Telemedicina interactiva"},
	{"07", "Telemedicina no interactiva"},
	{"08", "Telemedicina telexperticia"},
	{"09", "Telemedicina telemonitoreo"},
}

// ServiceGroups are the GrupoServicios of Resolución 2275/2023.
var ServiceGroups = Table{
	{"01", "Consulta externa"},
	{"02", "Apoyo diagnóstico y complementación terapéutica"},
	{"03", "Internación"},
	{"04", "Quirúrgico"},
	{"05", "Atención inmediata"},
}

// Settings are the EntornoAtencion of the RDA.
var Settings = Table{
	{"01", "Hogar"},
	{"02", "Comunitario"},
	{"03", "Escolar"},
	{"04", "Laboral"},
	{"05", "Institucional"},
}

// DischargeConditions are the CondicionyDestinoUsuarioEgreso of Resolución
// 2275/2023.
var DischargeConditions = Table{
	{"01", "Paciente con destino a su domicilio"},
	{"02", "Paciente muerto"},
	{"03", "Paciente derivado a otro servicio"},
	{"04", "Referido a otra institución"},
	{"05", "Contrarreferido a otra institución"},
	{"06", "Derivado o referido a hospitalización domiciliaria"},
	{"07", "Derivado a servicio social"},
	{"08", "Paciente continúa en el servicio (corte facturación)"},
}

// AdmissionEvents are the steps in the history of an admission.
var AdmissionEvents = Table{
	{"ingreso", "Ingreso"},
	{"llegada", "Llegada"},
	{"triage", "Triage"},
	{"atencion", "Inicio de la atención"},
	{"traslado", "Traslado"},
	{"egreso", "Egreso"},
	{"cancelacion", "Cancelación"},
}

// VitalStates at discharge.
var VitalStates = Table{{"vivo", "Vivo"}, {"muerto", "Muerto"}}

// TriageLevels are those of Resolución 5596/2015, art. 5.
var TriageLevels = Table{
	{"1", "I · Atención inmediata"},
	{"2", "II · Atención en 30 minutos"},
	{"3", "III · Requiere evaluación y manejo en urgencias"},
	{"4", "IV · Puede esperar o ir a consulta prioritaria"},
	{"5", "V · Consulta externa"},
}
