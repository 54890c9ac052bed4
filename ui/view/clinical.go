package view

import (
	"slices"
	"strings"
	"time"

	"hce.co/shared/vital"
	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
)

// Diagnosis is one in a list.
type Diagnosis struct {
	Code, Description string
	Type, Role        string // codes of catalog.DiagnosisTypes, DiagnosisRoles
	When              time.Time
	Author            string
	NoteID            string
	Of                string // documento_id of the merged record that it stands in
}

// Allergy is one in a list.
type Allergy struct {
	Type        string // code of catalog.AllergyTypes
	Substance   string
	Reaction    string
	Criticality string // code of catalog.Criticalities
	State       string // code of catalog.AllergyStates
	When        time.Time
	Author      string
	NoteID      string
	Of          string // likewise
	Resolve     string // where a note that resolves it is begun, for who may
}

// Medication is a prescription in a list.
type Medication struct {
	Name     string // DCI
	CUM      string
	Dose     string // "500 mg"
	Route    string
	Every    string // "cada 8 horas"
	For      string // "por 7 días"
	Quantity string
	State    string // code of catalog.MedicationStates
	When     time.Time
	Author   string
	NoteID   string
	Of       string // likewise
	Stop     string // where a note that stops it is begun, for who may
}

// ResultItem is a result in a list.
type ResultItem struct {
	PatientID, ID  string
	PatientName    string // only where the list spans patients
	Name           string
	Code           string // LOINC or CUPS
	Value, Unit    string
	Range          string
	Interpretation string // code of catalog.Interpretations
	State          string // code of catalog.ResultStates
	Taken, Issued  time.Time
	Issuer         string
	SeenBy         string
	Seen           time.Time
	Version        string // ETag
	CanMark        bool   // the user may mark it as seen
	Of             string // likewise
}

// Series are the measurements of one vital sign.
type Series struct {
	Name   string // of the field
	Label  string
	Unit   string // for people
	Last   string
	When   time.Time
	Side   vital.Side // of the reference interval, where the last one lies
	Points []float64
	Usual  string // the reference interval, "90–140"; empty when there is none
	Low    float64
	High   float64
}

// VitalRow is what was measured at one time.
type VitalRow struct {
	When   time.Time
	By     string
	NoteID string
	Values []VitalValue // in the order of VitalSeries.Columns
}

// VitalValue is a cell of the table; empty when it was not measured.
type VitalValue struct {
	Text string
	Side vital.Side
}

// DiagnosisList lists the diagnoses of a record.
type DiagnosisList struct {
	Chart
	Items []Diagnosis
	Pager component.Pager
}

// AllergyList lists the allergies of a record.
type AllergyList struct {
	Chart
	Items []Allergy
	Pager component.Pager
}

// MedicationList lists the prescriptions of a record.
type MedicationList struct {
	Chart
	Items []Medication
	Pager component.Pager
}

// ResultList lists the results of a record; each unseen one posts to
// link.ResultSeen, with its version.
type ResultList struct {
	Chart
	Items []ResultItem
	Pager component.Pager
}

// ResultForm registers a result that came on paper; it posts to link.Results.
type ResultForm struct {
	Chart
	Form            component.Form
	Admissions      []component.Option
	Interpretations []component.Option
	States          []component.Option
}

// VitalSeries shows the vital signs of a record over time.
type VitalSeries struct {
	Chart
	Series  []Series
	Columns []string // headings of the table: "PAS (mmHg)"
	Rows    []VitalRow
	Pager   component.Pager
}

func (s Series) spark() component.Spark {
	return component.Spark{Values: s.Points, Low: s.Low, High: s.High}
}

// over says that an allergy is one no more; of the others it says nothing.
func (a Allergy) over() component.Badge {
	switch a.State {
	case "activa", "niega", "":
		return component.Badge{}
	}
	return component.Badge{Text: catalog.AllergyStates.Label(a.State)}
}

func criticalityTone(code string) component.Tone {
	if code == "alta" {
		return component.Danger
	}
	return component.Plain
}

func interpretationTone(code string) component.Tone {
	switch code {
	case "LL", "HH", "AA":
		return component.Danger
	case "L", "H", "A", "POS":
		return component.Caution
	}
	return component.Plain
}

// Urgency orders results by what they mean: critical ones before those that are
// out of range, and those before the rest.
func (r ResultItem) Urgency() int {
	switch interpretationTone(r.Interpretation) {
	case component.Danger:
		return mostUrgent
	case component.Caution:
		return 1
	}
	return 0
}

const mostUrgent = 2

// regimen is how the medicine is taken.
func (m Medication) regimen() string { return listed(m.Dose, m.Route, m.Every, m.For) }

// prescribed is how the medicine is taken, and how much of it was prescribed.
func (m Medication) prescribed() string {
	quantity := ""
	if m.Quantity != "" {
		quantity = "cantidad " + m.Quantity
	}
	return listed(m.regimen(), quantity)
}

// listed are the parts that say something, with commas between them.
func listed(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func (m ResultForm) groups() []component.Group {
	sel := component.Select
	return []component.Group{
		{Legend: "Examen", Fields: []component.Field{
			{Name: "nombre", Label: "Examen", Required: true, MaxLength: 120, Autocomplete: "off"},
			{Name: "cups", Label: "CUPS", Code: true, MaxLength: 10, Autocomplete: "off"},
			{Name: "loinc", Label: "LOINC", Code: true, MaxLength: 10, Autocomplete: "off"},
			{Name: "admision_id", Label: "Admisión", Kind: sel, Options: m.Admissions, Blank: "Ninguna"},
		}},
		{Legend: "Resultado", Fields: []component.Field{
			{Name: "valor", Label: "Valor", Required: true, MaxLength: 500, Autocomplete: "off", Hint: "Un número o un texto."},
			{Name: "unidad", Label: "Unidad", MaxLength: 20, Autocomplete: "off"},
			{Name: "rango", Label: "Rango de referencia", MaxLength: 60, Autocomplete: "off"},
			{Name: "interpretacion", Label: "Interpretación", Kind: sel, Options: m.Interpretations},
			{Name: "estado", Label: "Estado", Kind: sel, Options: m.States, Required: true, Default: "final"},
			{Name: "tomado_en", Label: "Muestra tomada", Kind: component.DateTime},
			{Name: "emitido_en", Label: "Emitido", Kind: component.DateTime, Hint: "Vacío: ahora."},
		}},
	}
}
