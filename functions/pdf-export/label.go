package pdfexport

import (
	"strconv"
	"strings"

	admission "hce.co/functions/admission/api"
	"hce.co/functions/pdf-export/chart"
)

// labels are the Spanish names of a code table that the printer does not know.
type labels map[string]string

// coded is a code with its name.
func (l labels) coded(code string) chart.Coded { return chart.Coded{Code: code, Text: l[code]} }

// label is the name of a code, or the text itself where the record holds text.
func (l labels) label(code string) string {
	if name, ok := l[code]; ok {
		return name
	}
	return code
}

// healthService is a health service of the REPS with its name.
func healthService(code string) chart.Coded {
	return chart.Coded{Code: code, Text: admission.ServiceName(code)}
}

// healthServiceName is the name of a health service, or its code.
func healthServiceName(code string) string {
	if name := admission.ServiceName(code); name != "" {
		return name
	}
	return code
}

// Resolución 1995/1999, Resolución 866/2021 (DANE) and the law of affiliation.
var (
	maritalStatuses = labels{
		"soltero": "Soltero(a)", "casado": "Casado(a)", "union_libre": "Unión libre", "separado": "Separado(a)",
		"divorciado": "Divorciado(a)", "viudo": "Viudo(a)",
	}
	ethnicities = labels{
		"01": "Indígena", "02": "Rrom o gitano(a)", "03": "Raizal del archipiélago de San Andrés, Providencia y Santa Catalina",
		"04": "Palenquero(a) de San Basilio", "05": "Negro(a), mulato(a), afrodescendiente o afrocolombiano(a)",
		"06": "Otras etnias o ninguna de las anteriores", "99": "No informa",
	}
	regimes = labels{
		"contributivo": "Contributivo", "subsidiado": "Subsidiado", "excepcion": "Excepción", "especial": "Especial",
		"particular": "Particular", "no_afiliado": "No afiliado",
	}
	kinships = labels{
		"madre": "Madre", "padre": "Padre", "hijo": "Hijo(a)", "conyuge": "Cónyuge o compañero(a)", "hermano": "Hermano(a)",
		"abuelo": "Abuelo(a)", "tio": "Tío(a)", "amigo": "Amigo(a)", "acudiente": "Acudiente", "tutor": "Tutor(a) legal", "otro": "Otro",
	}
	criticalities   = labels{"indeterminada": "No se puede determinar"}
	dischargeStates = labels{"vivo": "Vivo", "muerto": "Muerto"}
	routes          = labels{
		"oral": "Oral", "sublingual": "Sublingual", "intravenosa": "Intravenosa", "intramuscular": "Intramuscular",
		"subcutanea": "Subcutánea", "inhalada": "Inhalada", "topica": "Tópica", "oftalmica": "Oftálmica", "otica": "Ótica",
		"nasal": "Nasal", "rectal": "Rectal", "vaginal": "Vaginal", "transdermica": "Transdérmica",
	}
)

// causes are RIPSCausaExternaVersion2 of Resolución 2275/2023, as far as the
// printer lacks them.
var causes = labels{
	"34": "IVE relacionada con peligro a la salud o vida de la mujer",
	"35": "IVE por malformación congénita incompatible con la vida",
	"36": "IVE por violencia sexual, incesto o por inseminación artificial o transferencia de óvulo fecundado no consentida",
	"45": "Accidente de mina antipersonal – MAP",
	"46": "Accidente de artefacto explosivo improvisado – AEI",
	"47": "Accidente de munición sin explotar – MUSE",
	"48": "Otra víctima de conflicto armado colombiano",
	"49": "IVE por decisión de la persona gestante hasta la semana 24",
}

// purposes are RIPSFinalidadConsultaVersion2 of Resolución 2275/2023.
var purposes = labels{
	"11": "Valoración integral para la promoción y mantenimiento",
	"12": "Detección temprana de enfermedad general",
	"13": "Detección temprana de enfermedad laboral",
	"14": "Protección específica",
	"15": "Diagnóstico",
	"16": "Tratamiento",
	"17": "Rehabilitación",
	"18": "Paliación",
	"19": "Planificación familiar y anticoncepción",
	"20": "Promoción y apoyo a la lactancia materna",
	"21": "Atención básica de orientación familiar",
	"22": "Atención para el cuidado preconcepcional",
	"23": "Atención para el cuidado prenatal",
	"24": "Interrupción voluntaria del embarazo",
	"25": "Atención del parto y puerperio",
	"26": "Atención para el cuidado del recién nacido",
	"27": "Atención para el seguimiento del recién nacido",
	"28": "Preparación para la maternidad y la paternidad",
	"29": "Promoción de actividad física",
	"30": "Promoción de la cesación del tabaquismo",
	"31": "Prevención del consumo de sustancias psicoactivas",
	"32": "Promoción de la alimentación saludable",
	"33": "Promoción para el ejercicio de los derechos sexuales y derechos reproductivos",
	"34": "Promoción para el desarrollo de habilidades para la vida",
	"35": "Promoción para la construcción de estrategias de afrontamiento frente a sucesos vitales",
	"36": "Promoción de la sana convivencia y el tejido social",
	"37": "Promoción de un ambiente seguro y de cuidado y protección del ambiente",
	"38": "Promoción del empoderamiento para el ejercicio del derecho a la salud",
	"39": "Promoción para la adopción de prácticas de crianza y cuidado para la salud",
	"40": "Promoción de la capacidad de agencia y cuidado de la salud",
	"41": "Desarrollo de habilidades cognitivas",
	"42": "Intervención colectiva",
	"43": "Modificación de la estética corporal (fines estéticos)",
	"44": "Otra",
}

// number writes a number with a decimal comma.
func number(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
}

// unit writes a UCUM unit for people.
func unit(ucum string) string {
	switch ucum {
	case "mm[Hg]":
		return "mmHg"
	case "Cel":
		return "°C"
	case "{score}":
		return "puntos"
	case "kg/m2":
		return "kg/m²"
	}
	return ucum
}
