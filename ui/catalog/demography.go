package catalog

// MaritalStatuses of Resolución 1995/1999, art. 10.
var MaritalStatuses = Table{
	{"soltero", "Soltero(a)"},
	{"casado", "Casado(a)"},
	{"union_libre", "Unión libre"},
	{"separado", "Separado(a)"},
	{"divorciado", "Divorciado(a)"},
	{"viudo", "Viudo(a)"},
}

// Ethnicities are the ethnic groups of the DANE, as Resolución 866/2021 and
// the RDA take them.
var Ethnicities = Table{
	{"01", "Indígena"},
	{"02", "Rrom o gitano(a)"},
	{"03", "Raizal del archipiélago de San Andrés, Providencia y Santa Catalina"},
	{"04", "Palenquero(a) de San Basilio"},
	{"05", "Negro(a), mulato(a), afrodescendiente o afrocolombiano(a)"},
	{"06", "Otras etnias o ninguna de las anteriores"},
	{"99", "No informa"},
}

// Disabilities are the categories of Resolución 866/2021.
var Disabilities = Table{
	{"08", "Sin discapacidad"},
	{"01", "Física"},
	{"02", "Visual"},
	{"03", "Auditiva"},
	{"04", "Intelectual"},
	{"05", "Sicosocial (mental)"},
	{"06", "Sordoceguera"},
	{"07", "Múltiple"},
}

// Zones of residence are words here because RIPS and RDA number them the other
// way round.
var Zones = Table{{"urbana", "Urbana"}, {"rural", "Rural"}}

// Regimes of affiliation to the social security system in health.
var Regimes = Table{
	{"contributivo", "Contributivo"},
	{"subsidiado", "Subsidiado"},
	{"excepcion", "Excepción"},
	{"especial", "Especial"},
	{"particular", "Particular"},
	{"no_afiliado", "No afiliado"},
}

// UserTypes are the RIPSTipoUsuarioVersion2 of Resolución 2275/2023.
var UserTypes = Table{
	{"01", "Contributivo cotizante"},
	{"02", "Contributivo beneficiario"},
	{"03", "Contributivo adicional"},
	{"04", "Subsidiado"},
	{"05", "No afiliado"},
	{"06", "Especial o excepción cotizante"},
	{"07", "Especial o excepción beneficiario"},
	{"08", "Personas privadas de la libertad a cargo del Fondo Nacional de Salud"},
	{"09", "Tomador / amparado ARL"},
	{"10", "Tomador / amparado SOAT"},
	{"11", "Tomador / amparado planes voluntarios de salud"},
	{"12", "Particular"},
	{"13", "Especial o excepción no cotizante Ley 352 de 1997"},
}

// Kinships suggest how a contact is related to the patient; the field is free.
var Kinships = Table{
	{"madre", "Madre"}, {"padre", "Padre"}, {"hijo", "Hijo(a)"}, {"conyuge", "Cónyuge o compañero(a)"},
	{"hermano", "Hermano(a)"}, {"abuelo", "Abuelo(a)"}, {"tio", "Tío(a)"}, {"amigo", "Amigo(a)"},
	{"acudiente", "Acudiente"}, {"tutor", "Tutor(a) legal"}, {"otro", "Otro"},
}

// YesNo answers a yes-or-no question.
var YesNo = Table{{"si", "Sí"}, {"no", "No"}}
