package view

import (
	"slices"

	"github.com/a-h/templ"

	"hce.co/shared/vital"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// NoteSection is a section of text of a note.
type NoteSection struct {
	Name, Title string
	Rows        int
}

// NoteSections are the sections of every note, in the order in which they are
// read (Resolución 1995/1999 and the fields of the record's earlier form).
var NoteSections = []NoteSection{
	{"motivo_consulta", "Motivo de consulta", 2},
	{"enfermedad_actual", "Enfermedad actual", 5},
	{"evolucion_medica", "Evolución", 5},
	{"antecedentes_personales", "Antecedentes personales", 3},
	{"antecedentes_familiares", "Antecedentes familiares", 2},
	{"alergias", "Alergias (comentario)", 2},
	{"habitos", "Hábitos", 2},
	{"medicamentos_actuales", "Medicamentos que toma", 2},
	{"examen_fisico_general", "Examen físico general", 4},
	{"examen_fisico_sistemas", "Examen físico por sistemas", 4},
	{"resultados_examenes", "Resultados de exámenes", 3},
	{"impresion_diagnostica", "Impresión diagnóstica", 3},
	{"diagnostico_definitivo", "Diagnóstico definitivo", 2},
	{"conducta_plan_manejo", "Conducta y plan de manejo", 4},
	{"tratamiento_instaurado", "Tratamiento instaurado", 3},
	{"procedimientos_realizados", "Procedimientos realizados", 3},
	{"formulacion_medica", "Formulación médica", 3},
	{"medicos_interconsultados", "Médicos interconsultados", 2},
	{"recomendaciones", "Recomendaciones", 3},
	{"educacion_paciente", "Educación al paciente", 2},
	{"referencia_contrareferencia", "Referencia y contrarreferencia", 2},
}

// usual are the sections that a type of note starts with open.
var usual = map[string][]string{
	"ingreso": {
		"motivo_consulta", "enfermedad_actual", "antecedentes_personales", "examen_fisico_general",
		"impresion_diagnostica", "conducta_plan_manejo",
	},
	"evolucion":     {"motivo_consulta", "evolucion_medica", "examen_fisico_general", "impresion_diagnostica", "conducta_plan_manejo"},
	"interconsulta": {"motivo_consulta", "enfermedad_actual", "examen_fisico_sistemas", "impresion_diagnostica", "conducta_plan_manejo"},
	"egreso": {
		"motivo_consulta", "enfermedad_actual", "evolucion_medica", "resultados_examenes", "diagnostico_definitivo",
		"tratamiento_instaurado", "recomendaciones",
	},
	"enfermeria": {"evolucion_medica", "procedimientos_realizados", "educacion_paciente"},
}

// Title names a section.
func (s NoteSection) field() component.Field {
	return component.Field{Name: s.Name, Label: s.Title, Kind: component.Area, Rows: s.Rows, MaxLength: 20000, Width: component.Wide}
}

// sections splits the fields of a note's text: those in view, because the type
// of note usually has them or they say something, and the others.
func (m NoteEditor) sections() (open, rest []component.Field) {
	for _, s := range NoteSections {
		if f := s.field(); slices.Contains(usual[m.Type], s.Name) || m.Form.Filled([]component.Field{f}) {
			open = append(open, f)
		} else {
			rest = append(rest, f)
		}
	}
	return open, rest
}

// VitalFields are the fields of the vital signs that are typed, with the limits
// of an age in whole years; without an age nothing is said of what is likely.
func VitalFields(years *int) []component.Field {
	var fields []component.Field
	for s := range vital.Count {
		if s == vital.BodyMassIndex {
			continue
		}
		info := s.Info()
		field := component.Field{
			Name: "signos_vitales." + info.Name, Label: info.Label, Unit: vital.UnitLabel(info.Unit), Kind: component.Number,
			Min: component.FormatNumber(info.Possible.Low), Max: component.FormatNumber(info.Possible.High),
			Width: component.Narrow, MaxLength: 6, Autocomplete: "off",
		}
		if years != nil {
			if r, known := s.Likely(*years); known {
				field.Low, field.High = component.FormatNumber(r.Low), component.FormatNumber(r.High)
			}
		}
		fields = append(fields, field)
	}
	return fields
}

// taken are the fields of when and by whom the vital signs were taken.
func taken() []component.Field {
	return []component.Field{
		{Name: "signos_vitales.tomado_en", Label: "Tomados", Title: "Signos vitales, tomados", Kind: component.DateTime, Hint: "Vacío: a la hora de la atención."},
		{Name: "signos_vitales.tomado_por", Label: "Tomados por", Title: "Signos vitales, tomados por", MaxLength: 120, Autocomplete: "off", Hint: "Vacío: quien escribe la nota."},
	}
}

// Exact is what the name of a field of an instant has before it in the hidden
// field with the instant as it is stored: the visible one shows no seconds.
const Exact = "exacto."

// ExactFields are the instants of the editor.
var ExactFields = []string{"fecha_atencion", "signos_vitales.tomado_en"}

// kept are the hidden fields of what the editor does not change: the instants,
// and the signature of the patient, which the page of signing asks for.
func kept() []component.Field {
	fields := []component.Field{{Name: "firma_paciente", Kind: component.Hidden}}
	for _, name := range ExactFields {
		fields = append(fields, component.Field{Name: Exact + name, Kind: component.Hidden})
	}
	return fields
}

func (m NoteEditor) allergyFields(n int) []component.Field {
	const list = "alergias_registradas"
	who := "Alergia " + number(n+1)
	return []component.Field{
		{Name: row(list, n, "sustancia"), Label: "Sustancia", Title: who + ", sustancia", MaxLength: 120, Autocomplete: "off", Autofocus: m.FreshRow == list+"."+number(n)},
		{Name: row(list, n, "tipo"), Label: "Tipo", Title: who + ", tipo", Kind: component.Select, Options: m.Codes.AllergyTypes},
		{Name: row(list, n, "reaccion"), Label: "Reacción", Title: who + ", reacción", MaxLength: 200, Autocomplete: "off"},
		{Name: row(list, n, "criticidad"), Label: "Criticidad", Title: who + ", criticidad", Kind: component.Select, Options: m.Codes.Criticalities},
		{Name: row(list, n, "estado"), Label: "Estado", Title: who + ", estado", Kind: component.Select, Options: m.Codes.AllergyStates, Required: true, Default: "activa"},
	}
}

func (m NoteEditor) medicationFields(n int) []component.Field {
	const list = "medicamentos"
	who := "Medicamento " + number(n+1)
	return []component.Field{
		{Name: row(list, n, "dci"), Label: "Medicamento (DCI)", Title: who, MaxLength: 120, Autocomplete: "off", Autofocus: m.FreshRow == list+"."+number(n)},
		{Name: row(list, n, "dosis"), Label: "Dosis", Title: who + ", dosis", MaxLength: 20, Width: component.Narrow, Autocomplete: "off"},
		{Name: row(list, n, "unidad"), Label: "Unidad", Title: who + ", unidad", MaxLength: 20, Width: component.Narrow, Autocomplete: "off"},
		{Name: row(list, n, "via"), Label: "Vía", Title: who + ", vía", List: "vias", MaxLength: 40, Width: component.Narrow, Autocomplete: "off"},
		{Name: row(list, n, "frecuencia"), Label: "Frecuencia", Title: who + ", frecuencia", MaxLength: 60, Width: component.Narrow, Autocomplete: "off"},
		{Name: row(list, n, "duracion"), Label: "Duración", Title: who + ", duración", MaxLength: 60, Width: component.Narrow, Autocomplete: "off"},
		{Name: row(list, n, "cantidad"), Label: "Cantidad", Title: who + ", cantidad", MaxLength: 20, Width: component.Narrow, Autocomplete: "off"},
		{Name: row(list, n, "cum"), Label: "CUM", Title: who + ", CUM", MaxLength: 40, Width: component.Narrow, Autocomplete: "off", Code: true},
		{Name: row(list, n, "estado"), Label: "Estado", Title: who + ", estado", Kind: component.Select, Options: m.Codes.MedicationStates, Required: true, Default: "activo"},
	}
}

func noAllergies() component.Field {
	return component.Field{Name: "niega_alergias", Label: "El paciente niega alergias", Kind: component.Check, Width: component.Wide}
}

func attended() component.Field {
	return component.Field{Name: "fecha_atencion", Label: "Fecha y hora de la atención", Kind: component.DateTime, Required: true}
}

// groups lists every field of the editor, for the error summary.
func (m NoteEditor) groups() []component.Group {
	open, rest := m.sections()
	groups := []component.Group{{Fields: []component.Field{attended()}}, {Fields: open}, {Fields: VitalFields(m.Years)}, {Fields: taken()}}
	groups = append(groups, component.Group{Fields: []component.Field{{Name: "diagnosticos", Label: "Diagnósticos", Anchor: "cie10-q"}}})
	for i, d := range m.Diagnoses {
		groups = append(groups, component.Group{Fields: m.diagnosisFields(i, d)})
	}
	groups = append(groups, component.Group{Fields: []component.Field{noAllergies()}})
	for n := range m.Allergies {
		groups = append(groups, component.Group{Fields: m.allergyFields(n)})
	}
	for n := range m.Drugs {
		groups = append(groups, component.Group{Fields: m.medicationFields(n)})
	}
	return append(groups, component.Group{Fields: rest})
}

func (m NoteEditor) diagnosisFields(n int, d DiagnosisRow) []component.Field {
	const list = "diagnosticos"
	return []component.Field{
		{Name: row(list, n, "cie10"), Kind: component.Hidden, Default: d.Code, Title: "Diagnóstico " + d.Code},
		{Name: row(list, n, "descripcion"), Kind: component.Hidden, Default: d.Description, Title: "Diagnóstico " + d.Code},
		{Name: row(list, n, "rol"), Label: "Rol", Title: d.Code + ", rol", Kind: component.Select, Options: m.Codes.DiagnosisRoles, Required: true, Default: d.Role, Width: component.Narrow, Autofocus: d.Fresh},
		{Name: row(list, n, "tipo"), Label: "Tipo", Title: d.Code + ", tipo", Kind: component.Select, Options: m.Codes.DiagnosisTypes, Required: true, Default: d.Type, Width: component.Narrow},
	}
}

// fragment makes a button of the editor replace only a part of the page, where
// there are scripts; the answer is the same page as without them.
func fragment(action, target string) templ.Attributes {
	return templ.Attributes{
		"hx-post":       action,
		"hx-target":     target,
		"hx-select":     target,
		"hx-select-oob": "#version,#guardado,#revise",
		"hx-swap":       "outerHTML",
	}
}

func (m NoteEditor) fragment(target string) templ.Attributes {
	return fragment(link.Note(m.Patient.ID, m.ID), target)
}

func (m NoteEditor) codeHelp() string {
	if m.Form.Errors["diagnosticos"] != "" {
		return "diagnosticos-error cie10-q-hint"
	}
	return "cie10-q-hint"
}
