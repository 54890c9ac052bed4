package catalog

// Payers suggest the health insurers with most affiliates, by their code of
// the Superintendencia Nacional de Salud; the field is free.
var Payers = Table{
	{"EPS037", "Nueva EPS"},
	{"EPS010", "EPS Sura"},
	{"EPS005", "EPS Sanitas"},
	{"EPS002", "Salud Total EPS"},
	{"EPS017", "EPS Famisanar"},
	{"EPS008", "Compensar EPS"},
	{"ESSC24", "Coosalud EPS"},
	{"ESSC07", "Mutual Ser EPS"},
	{"EPSS40", "Savia Salud EPS"},
	{"ESSC18", "Emssanar EPS"},
	{"ESSC62", "Asmet Salud EPS"},
	{"CCFC55", "Cajacopi EPS"},
	{"EPSC34", "Capital Salud EPS"},
	{"EPS018", "Servicio Occidental de Salud (S.O.S.)"},
	{"EPS001", "Aliansalud EPS"},
	{"EPS012", "Comfenalco Valle EPS"},
	{"EPSC25", "Capresoca EPS"},
	{"EPSI03", "Asociación Indígena del Cauca (AIC)"},
	{"EPSI05", "Mallamas EPS Indígena"},
	{"EPSI06", "Pijaos Salud EPS Indígena"},
}
