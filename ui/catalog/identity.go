package catalog

// DocumentTypes are the identity documents that a person may be registered
// with: the 16 of RIPS (Resolución 2275/2023, table TipoIDPISIS), the most
// frequent first.
var DocumentTypes = Table{
	{"CC", "Cédula de ciudadanía"},
	{"TI", "Tarjeta de identidad"},
	{"RC", "Registro civil"},
	{"CE", "Cédula de extranjería"},
	{"PT", "Permiso por protección temporal"},
	{"PA", "Pasaporte"},
	{"CN", "Certificado de nacido vivo"},
	{"NV", "Certificado de nacido vivo (NV)"},
	{"PE", "Permiso especial de permanencia"},
	{"DE", "Documento extranjero"},
	{"CD", "Carné diplomático"},
	{"SC", "Salvoconducto de permanencia"},
	{"MS", "Menor sin identificación"},
	{"AS", "Adulto sin identificación"},
	{"SI", "Sin identificación"},
	{"NI", "Número de identificación tributaria (NIT)"},
}

// RDADocumentTypes are the 17 of the RDA's ColombianPersonIdentifier
// (Resolución 1888/2025), which differ from those of RIPS.
var RDADocumentTypes = Table{
	{"CC", "Cédula de ciudadanía"},
	{"TI", "Tarjeta de identidad"},
	{"RC", "Registro civil"},
	{"CN", "Certificado de nacido vivo"},
	{"CE", "Cédula de extranjería"},
	{"PA", "Pasaporte"},
	{"CD", "Carné diplomático"},
	{"DE", "Documento extranjero"},
	{"SC", "Salvoconducto de permanencia"},
	{"PE", "Permiso especial de permanencia"},
	{"PT", "Permiso temporal de permanencia"},
	{"PPT", "Permiso por protección temporal"},
	{"PC", "PEP-Tutor"},
	{"RUT", "Registro único tributario"},
	{"AS", "Adulto sin identificar"},
	{"MS", "Menor sin identificar"},
	{"SI", "Sin identificación"},
}

// Sexes are the biological sexes of Resolución 866/2021.
var Sexes = Table{
	{"01", "Hombre"},
	{"02", "Mujer"},
	{"03", "Indeterminado o intersexual"},
}

// GenderIdentities are those of Resolución 866/2021.
var GenderIdentities = Table{
	{"01", "Masculino"},
	{"02", "Femenino"},
	{"03", "Transgénero"},
	{"04", "Neutro"},
	{"05", "No lo declara"},
}

// BloodGroups are the groups of the ABO system.
var BloodGroups = Table{{"O", "O"}, {"A", "A"}, {"B", "B"}, {"AB", "AB"}}

// RhFactors are the two of the Rh system.
var RhFactors = Table{{"+", "Positivo (+)"}, {"-", "Negativo (−)"}}
