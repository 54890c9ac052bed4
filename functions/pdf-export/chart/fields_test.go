package chart_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"hce.co/functions/pdf-export/chart"
)

// shown is how a value of the model that is not printed as it is stands on paper.
var shown = map[string]string{
	"confirmada": "Confirmada", "activa": "Activa", "activo": "Activo", "completado": "Completado",
	"alta": "Alta", "baja": "Baja", "urbana": "Urbana", "vivo": "Vivo", "anulada": "Anulada", "correccion": "Corrección",
	"ingreso": "Nota de ingreso", "egreso": "Egreso y epicrisis", "enfermeria": "Nota de enfermería", "historia completa": "Historia completa",
	"arrived": "En espera", "triaged": "Clasificada", "in-progress": "En curso", "finished": "Terminada",
	"corrected": "Corregido", "preliminary": "Preliminar", "registered": "Registrado", "final": "Definitivo",
	"-": "negativo (−)",
}

// codes is the text that the renderer knows for the codes of the sample that come without one.
var codes = map[string]string{
	"TI": "Tarjeta de identidad", "IMP": "Hospitalización", "principal": "Principal", "relacionado1": "Relacionado 1", "relacionado2": "Relacionado 2",
	"complicacion": "Complicación", "H": "Alto", "HH": "Crítico alto", "A": "Anormal", "N": "Normal", "38": "Enfermedad general (38)",
}

// TestEveryFieldIsPrinted walks through the sample, in which every field of the model must have a value somewhere, and
// looks for each on paper.
func TestEveryFieldIsPrinted(t *testing.T) {
	c := sample()
	c.Patient.Deceased, c.Patient.DeceasedAt = true, at("2026-11-21 03:15")
	pdf, _ := render(t, c)
	paper := squeeze(bodyText(t, pdf) + pagesText(t, pdf)[0]) // the first page with its letterhead
	filled := map[string]bool{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if filled[path] = filled[path] || !v.IsZero(); v.IsZero() {
			return
		}
		switch value := v.Interface().(type) {
		case time.Time:
			expect(t, paper, path, value.Format("02/01/2006"))
			return
		case chart.Date:
			expect(t, paper, path, fmt.Sprintf("%02d/%02d/%04d", value.Day, value.Month, value.Year))
			return
		case chart.Coded:
			filled[path+".Code"], filled[path+".Text"] = true, true
			switch {
			case value.Text != "":
				expect(t, paper, path, value.Text)
			case codes[value.Code] != "":
				expect(t, paper, path, codes[value.Code])
			}
			return
		}
		switch v.Kind() {
		case reflect.Pointer:
			walk(path, v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path+"[]", v.Index(i))
			}
		case reflect.String:
			text := v.String()
			if shown[text] != "" {
				text = shown[text]
			}
			expect(t, paper, path, text)
		}
	}
	walk("Chart", reflect.ValueOf(c))
	for path, ok := range filled {
		if !ok && path != "Chart.Patient.OtherDocuments[].Current" && path != "Chart.Patient.DonationOpposition.Made" &&
			path != "Chart.Notes[].LOINC" && path != "Chart.Notes[].Addenda[].Signature.PatientSignature" &&
			path != "Chart.Notes[].Addenda[].Signature.ClosedAt" && path != "Chart.Notes[].Addenda[].Signature.RecordedBy" {
			t.Errorf("%s has no value in the sample", path)
		}
	}
}

func expect(t *testing.T, paper, path, text string) {
	t.Helper()
	if !strings.Contains(paper, squeeze(text)) {
		t.Errorf("%s: %q is not on paper", path, text)
	}
}

// TestLabelled looks for what is not a plain copy of a field: titles, ages, units, marks, codes.
func TestLabelled(t *testing.T) {
	pdf, _ := render(t, sample())
	paper := squeeze(bodyText(t, pdf))
	for _, want := range []string{
		"NIT 899.999.123-4", "REPS 110010912301", "Edad 42 años", "Sexo biológico Mujer", "O negativo (−)", "Cédula de ciudadanía (CC)",
		"Discapacidad Visual, Auditiva", "Contributivo cotizante (01)", "Sí · 04/05/2023", "No registra · 04/05/2023", "ALERGIAS Sustancia",
		"También consta que el paciente negó alergias", "50 mg", "CUM 19935305-1", "Nivel II · 14/11/2026 06:52", "Demanda espontánea (01)",
		"Derivado o referido a hospitalización domiciliaria (06)", "Nota de ingreso 14/11/2026 07:05 · LOINC 34117-2 · Firmada",
		"LOINC 18842-5 · Borrador", "BORRADOR: nota sin firmar", "ANULADA: esta nota no tiene validez",
		"Motivo de la anulación: Registrada en el paciente equivocado", "Registro médico 52871345", "PAS mmHg 8480-6", "SpO₂ % 59408-5",
		"148 ▲ 86 112 ▲ 26 ▲ 38,6 ▲ 87 ▼ 68,4 158 27,4 ▲ 15 6 ▲ 212 ▲", "126 78 96 20 37,4 93 68 ▼", "PAS 90–139", "Glucom. 80–180",
		"J13.X Neumonía debida a Streptococcus pneumoniae Confirmado nuevo Principal", "Firmado 14/11/2026 09:20:41 -05:00",
		"Huella SHA-256 del contenido 9f2c4e71", "Adenda · Corrección · 14/11/2026 15:40", "16,8 ▲ 10³/µL 4,5–11,0 Alto Definitivo",
		"184 ▲ mg/L ≤ 5 Crítico alto Corregido", "Informe abajo", "10/01/1995, no vigente", "versión 7", "Fin del documento",
	} {
		expect(t, paper, "label", want)
	}
}

func TestNotesOldestFirstInSectionOrder(t *testing.T) {
	pdf, _ := render(t, sample())
	paper := squeeze(bodyText(t, pdf))
	last := 0
	for _, title := range []string{
		"Notas clínicas", "Nota de ingreso", "Motivo de consulta«", "Enfermedad actualCuadro", "Antecedentes personalesHip", "Antecedentes familiaresMadre",
		"AlergiasPenicilina", "HábitosExfumadora", "Medicamentos actualesLosartán", "Signos vitalesTomados", "PASmmHg", "Examen físico generalAlerta",
		"Examen físico por sistemasTórax", "Impresión diagnósticaNeumonía", "Conducta y plan de manejo1.", "RecomendacionesVigilar",
		"Médicos interconsultadosNeumología", "Procedimientos realizadosToma", "Resultados de exámenesLeucocitos", "Diagnóstico definitivoNeumonía",
		"Evolución médicaEvolución", "Tratamiento instauradoLevo", "Formulación médicaContinuar", "Educación al pacienteSignos",
		"Referencia y contrarreferenciaContra", "Diagnósticos (CIE-10)", "PrescripcionesMedicamento", "Firma electrónica", "Adenda",
		"Firma electrónica de la adenda", "Nota de enfermería", "ANULADA", "Egreso y epicrisis", "BORRADOR", "ResultadosExamen",
	} {
		i := strings.Index(paper[last:], squeeze(title))
		if i < 0 {
			t.Fatalf("%q is missing or stands before its place", title)
		}
		last += i
	}
}

// TestUnregistered: of who writes in a record, paper says that they have no registration rather than nothing.
func TestUnregistered(t *testing.T) {
	c := sample()
	n := &c.Notes[1]
	n.Author = chart.Professional{Name: "Sin Número", Speciality: "Pediatría", Position: "Piso 2"}
	n.Signature.Author, n.Addenda[0].Author = n.Author, chart.Professional{Name: "Otra Sin"}
	pdf, _ := render(t, c)
	paper := squeeze(bodyText(t, pdf))
	for _, want := range []string{
		"Registro médico sin registrar", "Sin Número · Pediatría · Registro médico: sin registrar · Piso 2", "Otra Sin · Registro médico: sin registrar",
	} {
		expect(t, paper, "unregistered", want)
	}
	// Nobody is named, so nobody lacks anything; and of who answers for a stay it is not said.
	admission := sampleAdmission()
	admission.Professional = chart.Professional{Name: "Responsable"}
	pdf, _ = render(t, chart.Chart{Patient: c.Patient, Notes: []chart.Note{{Type: chart.NoteProgress}}, Admissions: []chart.Admission{admission}})
	if strings.Contains(squeeze(bodyText(t, pdf)), squeeze("sin registrar")) {
		t.Error("who is not named, or answers for a stay, is said to be unregistered")
	}
}
