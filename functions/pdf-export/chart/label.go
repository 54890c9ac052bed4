package chart

// labels is a code list of the data model with its Spanish text.
type labels map[string]string

// text gives what is printed of c: its text or that of the list, else the bare code.
func (l labels) text(c Coded) string {
	if c.Text != "" {
		return c.Text
	}
	if text := l[c.Code]; text != "" {
		return text
	}
	return c.Code
}

// withCode is text followed by the code in parentheses.
func (l labels) withCode(c Coded) string {
	text := l.text(c)
	if c.Code == "" || text == c.Code {
		return text
	}
	return text + " (" + c.Code + ")"
}

// of gives the text of a bare code.
func (l labels) of(code string) string { return l.text(Coded{Code: code}) }

// free is for lists that live in reference tables: their text comes with the code.
var free labels

var documentTypes = labels{
	"AS": "Adulto sin identificar", "CC": "Cédula de ciudadanía", "CD": "Carné diplomático", "CE": "Cédula de extranjería",
	"CN": "Certificado de nacido vivo", "DE": "Documento extranjero", "MS": "Menor sin identificar", "NI": "NIT", "NIT": "NIT",
	"NV": "Certificado de nacido vivo", "PA": "Pasaporte", "PE": "Permiso especial de permanencia",
	"PPT": "Permiso por protección temporal", "PT": "Permiso por protección temporal", "RC": "Registro civil",
	"SC": "Salvoconducto", "SI": "Sin identificación", "TI": "Tarjeta de identidad",
}

// Resolución 866 de 2021.
var (
	biologicalSexes  = labels{"01": "Hombre", "02": "Mujer", "03": "Indeterminado o intersexual"}
	genderIdentities = labels{"01": "Masculino", "02": "Femenino", "03": "Transgénero", "04": "Neutro", "05": "No lo declara"}
	disabilities     = labels{
		"01": "Física", "02": "Visual", "03": "Auditiva", "04": "Intelectual", "05": "Sicosocial (mental)", "06": "Sordoceguera",
		"07": "Múltiple", "08": "Sin discapacidad",
	}
)

// RIPS, Resolución 2275 de 2023.
var (
	userTypes = labels{
		"01": "Contributivo cotizante", "02": "Contributivo beneficiario", "03": "Contributivo adicional", "04": "Subsidiado",
		"05": "No afiliado", "06": "Especial o excepción cotizante", "07": "Especial o excepción beneficiario",
		"08": "Persona privada de la libertad a cargo del Fondo Nacional de Salud", "09": "Tomador o amparado ARL",
		"10": "Tomador o amparado SOAT", "11": "Tomador o amparado de planes voluntarios de salud", "12": "Particular",
		"13": "Especial o excepción no cotizante, Ley 352 de 1997",
	}
	entryRoutes = labels{
		"01": "Demanda espontánea", "02": "Derivado de consulta externa", "03": "Derivado de urgencias",
		"04": "Derivado de hospitalización", "05": "Derivado de sala de cirugía", "06": "Derivado de sala de partos",
		"07": "Recién nacido en la institución", "08": "Recién nacido en otra institución",
		"09": "Derivado o referido de hospitalización domiciliaria", "10": "Derivado de atención domiciliaria",
		"11": "Derivado de telemedicina", "12": "Derivado de jornada de salud", "13": "Referido de otra institución",
		"14": "Contrarreferido de otra institución",
	}
	causes = labels{
		"21": "Accidente de trabajo", "22": "Accidente en el hogar", "23": "Accidente de tránsito de origen común",
		"24": "Accidente de tránsito de origen laboral", "25": "Accidente en el entorno educativo", "26": "Otro tipo de accidente",
		"27": "Evento catastrófico de origen natural", "28": "Lesión por agresión", "29": "Lesión autoinfligida",
		"30": "Sospecha de violencia física", "31": "Sospecha de violencia psicológica", "32": "Sospecha de violencia sexual",
		"33": "Sospecha de negligencia y abandono", "37": "Evento adverso en salud", "38": "Enfermedad general",
		"39": "Enfermedad laboral", "40": "Promoción y mantenimiento de la salud, intervención individual",
		"41": "Promoción y mantenimiento de la salud, intervención colectiva", "42": "Atención de población materno perinatal",
		"43": "Riesgo ambiental", "44": "Otros eventos catastróficos",
	}
	modalities = labels{
		"01": "Intramural", "02": "Extramural, unidad móvil", "03": "Extramural, domiciliaria", "04": "Extramural, jornada de salud",
		"06": "Telemedicina interactiva", "07": "Telemedicina no interactiva", "08": "Telemedicina, telexperticia",
		"09": "Telemedicina, telemonitoreo",
	}
	serviceGroups = labels{
		"01": "Consulta externa", "02": "Apoyo diagnóstico y complementación terapéutica", "03": "Internación", "04": "Quirúrgico",
		"05": "Atención inmediata",
	}
	settings            = labels{"01": "Hogar", "02": "Comunitario", "03": "Escolar", "04": "Laboral", "05": "Institucional"}
	dischargeConditions = labels{
		"01": "Con destino a su domicilio", "02": "Muerto", "03": "Derivado a otro servicio", "04": "Referido a otra institución",
		"05": "Contrarreferido a otra institución", "06": "Derivado o referido a hospitalización domiciliaria",
		"07": "Derivado a servicio social", "08": "Continúa en el servicio",
	}
	diagnosisTypes = labels{"01": "Impresión diagnóstica", "02": "Confirmado nuevo", "03": "Confirmado repetido"}
)

var (
	admissionClasses = labels{"AMB": "Ambulatoria", "EMER": "Urgencias", "IMP": "Hospitalización", "OBSENC": "Observación"}
	admissionStates  = labels{
		"planned": "Programada", "arrived": "En espera", "triaged": "Clasificada", "in-progress": "En curso",
		"finished": "Terminada", "cancelled": "Cancelada",
	}
	dischargeStates = labels{"vivo": "Vivo", "muerto": "Muerto"}
	triageLevels    = [...]string{"", "I", "II", "III", "IV", "V"}
	zones           = labels{"urbana": "Urbana", "rural": "Rural"}
)
