package notes

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/civil"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// The states of a note.
const (
	draft    = "borrador"
	signed   = "firmada"
	annulled = "anulada"
)

const (
	maxSection = 20_000 // characters of a section
	maxLine    = 200    // characters of a short text
	maxItems   = 50     // of each list of a note
)

// kinds are the kinds of note. An epicrisis is a note of discharge (LOINC
// 18842-5).
var kinds = []string{"ingreso", "evolucion", "interconsulta", "egreso", "enfermeria"}

// section is a text of a note with its name.
type section struct {
	name string
	text *string
}

// sections lists the texts of a note in the order of the table's columns.
func sections(s *api.Sections) []section {
	return []section{
		{"motivo_consulta", &s.MotivoConsulta},
		{"enfermedad_actual", &s.EnfermedadActual},
		{"antecedentes_personales", &s.AntecedentesPersonales},
		{"antecedentes_familiares", &s.AntecedentesFamiliares},
		{"alergias", &s.Alergias},
		{"habitos", &s.Habitos},
		{"medicamentos_actuales", &s.MedicamentosActuales},
		{"examen_fisico_general", &s.ExamenFisicoGeneral},
		{"examen_fisico_sistemas", &s.ExamenFisicoSistemas},
		{"impresion_diagnostica", &s.ImpresionDiagnostica},
		{"conducta_plan_manejo", &s.ConductaPlanManejo},
		{"recomendaciones", &s.Recomendaciones},
		{"medicos_interconsultados", &s.MedicosInterconsultados},
		{"procedimientos_realizados", &s.ProcedimientosRealizados},
		{"resultados_examenes", &s.ResultadosExamenes},
		{"diagnostico_definitivo", &s.DiagnosticoDefinitivo},
		{"evolucion_medica", &s.EvolucionMedica},
		{"tratamiento_instaurado", &s.TratamientoInstaurado},
		{"formulacion_medica", &s.FormulacionMedica},
		{"educacion_paciente", &s.EducacionPaciente},
		{"referencia_contrareferencia", &s.ReferenciaContrareferencia},
	}
}

// normalise brings what people write into the form the record keeps.
func normalise(c *api.Content, now time.Time) {
	c.Tipo = line(c.Tipo)
	if c.Tipo == "epicrisis" {
		c.Tipo = "egreso"
	}
	for _, s := range sections(&c.Sections) {
		*s.text = paragraph(*s.text)
	}
	c.FirmaPaciente = paragraph(c.FirmaPaciente)
	normaliseDiagnoses(c.Diagnosticos)
	for i := range c.AlergiasRegistradas {
		normaliseAllergy(&c.AlergiasRegistradas[i])
	}
	for i := range c.Medicamentos {
		normaliseMedication(&c.Medicamentos[i])
	}
	if v := c.SignosVitales; v != nil {
		normaliseVitals(v, now)
		if *v == (api.VitalSigns{TomadoEn: v.TomadoEn, TomadoPor: v.TomadoPor}) {
			c.SignosVitales = nil
		}
	}
}

// check reports what no note may hold, draft or not: what is there must be
// possible, what is missing may be missing until it is signed.
func check(c *api.Content, f fields, now time.Time) {
	f.oneOf("tipo", c.Tipo, kinds...)
	for _, s := range sections(&c.Sections) {
		f.text(s.name, *s.text, maxSection)
	}
	f.text("firma_paciente", c.FirmaPaciente, maxSection)
	checkDiagnoses(c.Diagnosticos, f)
	checkAllergies(c.AlergiasRegistradas, f)
	checkMedications(c.Medicamentos, f)
	if c.SignosVitales != nil {
		checkVitals(c.SignosVitales, f, now)
	}
}

// complete reports what a note lacks to be signed (Res. 1995/1999 art. 5 to 11).
func complete(c *api.Content, f fields) {
	if ident.Blank(c.MotivoConsulta + c.EnfermedadActual + c.EvolucionMedica) {
		f.Add("motivo_consulta", "Para firmar, escriba el motivo de consulta, la enfermedad actual o la evolución.")
	}
	completeDiagnoses(c, f)
}

// person is what has to be known of a patient to judge a note, and to open an
// encounter for it.
type person struct {
	Sex       string // 01 hombre, 02 mujer, 03 indeterminado
	Birth     time.Time
	Dead      bool
	Payer     string // code of the insurer
	PayerName string
	UserType  string
}

// encounter is what has to be known of an admission.
type encounter struct {
	ID    uuid.UUID
	State string
	Class string
	Start time.Time

	Service string
	Pending bool // it is a note's own, and none of its notes was signed yet
	Only    bool // and it has no other note than the one in question
}

// facts are what the record says about the patient, the admission (nil: the note
// gets one of its own) and the codes of a note.
type facts struct {
	person
	admission *encounter
	codes     map[string]api.Code
}

// earlier is how long before its admission an attention may have begun: in an
// emergency the patient comes before the papers.
var earlier = map[string]time.Duration{"EMER": 24 * time.Hour, "OBSENC": 24 * time.Hour}

// judge completes a note from the facts and reports what they do not allow, and
// what is unusual.
func judge(c *api.Content, at time.Time, by string, x facts, now time.Time) ([]api.Warning, error) {
	f, w := fields{problem.Fields{}}, warnings{}
	day := civil.Today(at)
	switch a := x.admission; {
	case day.Before(x.Birth):
		f.Add("fecha_atencion", "La atención no puede ser anterior al nacimiento del paciente.")
	case a == nil && x.Dead:
		return nil, problem.Conflict("El paciente figura como fallecido: escriba la nota en la admisión en que se le atendió.")
	case a == nil:
	case a.State == "cancelled":
		return nil, problem.Conflict("La admisión está cancelada: no admite notas.").With("estado", a.State)
	case a.Only: // it goes with its note
	case at.Before(a.Start.Truncate(time.Minute).Add(-earlier[a.Class])) && a.State != "planned":
		f.Add("fecha_atencion", "La atención no puede ser anterior al inicio de la admisión.")
	}
	age := civil.Age(x.Birth, day)
	judgeDiagnoses(c.Diagnosticos, x, age, f, &w)
	if v := c.SignosVitales; v != nil {
		completeVitals(v, at, by)
		if civil.Today(*v.TomadoEn).Before(x.Birth) {
			f.Add("signos_vitales.tomado_en", "La medición no puede ser anterior al nacimiento del paciente.")
		}
		warnVitals(v, age, &w)
	}
	return w, f.Err()
}

// moves reports whether writing a note begins the attention of an admission.
func (e *encounter) moves() bool {
	return e != nil && (e.State == "planned" || e.State == "arrived" || e.State == "triaged")
}

// item names a field of the nth element of a list.
func item(list string, n int, field string) string { return fmt.Sprintf("%s.%d.%s", list, n, field) }

// count checks how long a list is.
func (f fields) count(name string, n int) bool {
	if n > maxItems {
		f.Add(name, fmt.Sprintf("Use como máximo %d elementos.", maxItems))
	}
	return n <= maxItems
}

// reason checks why somebody does what cannot be undone.
func reason(f fields, name, value string) string {
	value = strings.TrimSpace(paragraph(value))
	if ident.Length(value) < 10 || len([]rune(value)) > 500 {
		f.Add(name, "Explique el motivo en 10 a 500 caracteres.")
	}
	f.text(name, value, 500)
	return value
}
