package view

import (
	"slices"
	"strconv"
	"time"

	"hce.co/shared/vital"
	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
)

// NoteNew opens a note; it posts to link.Notes.
type NoteNew struct {
	Chart
	Form       component.Form // tipo, admision_id
	Types      []component.Option
	Admissions []component.Option // the open ones
	Change     *NoteChange        // what it begins with; nil for an empty note
}

// NoteChange is an allergy that a new note resolves, or a medicine that it stops.
type NoteChange struct {
	Field string // FieldResolve or FieldStop
	Row   string // id of the allergy or the prescription
	Text  string
}

// The fields that name what a new note begins with.
const (
	FieldResolve = "alergia"
	FieldStop    = "medicamento"
)

// NoteEditor is the editor of a draft. Every button of it posts the whole form
// to link.Note; the value of accion (or which of the other buttons was used)
// says what for, as the constants below.
type NoteEditor struct {
	Chart
	ID         string
	Type       string // code of catalog.NoteTypes
	Admission  string // "2026-000123 · Urgencias"
	SavedAt    time.Time
	Unsaved    bool           // what is typed was refused
	Stale      bool           // and the draft is another by now: saving replaces that one, so nothing saves by itself
	CanDiscard bool           // offers to discard the draft
	Years      *int           // the patient's age, for what is usual in vital signs; nil when unknown
	Form       component.Form // sections, signos_vitales.*, alergias_registradas.N.*, medicamentos.N.*
	Diagnoses  []DiagnosisRow
	Search     component.Form    // cie10_q
	Matches    *DiagnosisMatches // nil before a search
	Allergies  int               // rows of the form, the empty ones included
	Drugs      int
	FreshRow   string // the empty row just added, as "medicamentos.1": it takes the focus
	Codes      NoteCodes

	// What is at hand while writing.
	LastNote   *NoteItem
	LastVitals []Series
	Drug       []Medication
}

// The values of accion in the editor, and the names of the buttons that carry
// a value of their own.
const (
	ActionSave          = "guardar"
	ActionReview        = "revisar"         // save, then go on to link.NoteSign
	ActionSearch        = "buscar-cie10"    // by cie10_q
	ActionAddAllergy    = "agregar-alergia" // another empty row
	ActionAddMedication = "agregar-medicamento"
	ActionDiscard       = "descartar"

	ButtonAddDiagnosis    = "agregar_cie10"      // value: the code
	ButtonRemoveDiagnosis = "quitar_diagnostico" // value: the row
)

// NoteCodes are the choices of the editor.
type NoteCodes struct {
	DiagnosisTypes, DiagnosisRoles                []component.Option
	AllergyTypes, Criticalities, MedicationRoutes []component.Option
	AllergyStates, MedicationStates               []component.Option // of a row; that a patient denies any is a box of its own
}

// StandardNoteCodes are the choices of the catalogue.
func StandardNoteCodes() NoteCodes {
	return NoteCodes{
		DiagnosisTypes: catalog.DiagnosisTypes.Options(), DiagnosisRoles: catalog.DiagnosisRoles.Options(),
		AllergyTypes: catalog.AllergyTypes.Options(), Criticalities: catalog.Criticalities.Options(),
		MedicationRoutes: catalog.MedicationRoutes.Suggestions(),
		AllergyStates:    slices.DeleteFunc(catalog.AllergyStates.Options(), func(o component.Option) bool { return o.Value == "niega" }),
		MedicationStates: catalog.MedicationStates.Options(),
	}
}

// DiagnosisRow is a diagnosis of the draft; its fields are
// diagnosticos.N.{cie10,descripcion,tipo,rol}.
type DiagnosisRow struct {
	Code, Description, Type, Role string
	Fresh                         bool   // just added: it takes the focus
	Problem                       string // "J20.9 no es plausible para su edad"
	Warning                       string
}

// DiagnosisMatches are the codes that a search found. It is a part of the
// editor, and on its own the answer of link.Codes to a script.
type DiagnosisMatches struct {
	PatientID, NoteID string
	Query             string
	Items             []component.Option // code, description
}

// NoteSign asks for confirmation before signing; it posts to link.NoteSign.
type NoteSign struct {
	Chart
	ID       string
	Note     NoteContent
	Form     component.Form // version, firma_paciente
	Missing  []string       // what a note of this type usually has and this one lacks
	Warnings []string       // of vital signs and diagnoses
	Signer   string         // "Ana Ruiz, Medicina interna, RM 12345"
	StepUp   bool           // it takes a code of the second factor too, in [CodeField]
}

// NoteView shows a note; the addendum's form posts to link.NoteAddendum.
type NoteView struct {
	Chart
	ID       string
	Note     NoteContent
	Addendum *component.Form // motivo, texto; nil when the user may not add one
	Reasons  []component.Option
	CanEdit  bool            // it is a draft of the user's
	Annul    *component.Form // motivo; posts to link.NoteAnnul; nil when the user may not
	Of       string          // documento_id of the merged record that it stands in, which is read-only
	StepUp   bool            // both forms take a code of the second factor too, in [CodeField]
}

// NoteContent is what a note says.
type NoteContent struct {
	Type, State        string // codes
	Attended, Recorded time.Time
	Author, Specialty  string
	License            string // registro médico
	Admission          string
	AdmissionID        string
	Sections           []SectionText
	Diagnoses          []Diagnosis
	Vitals             []VitalReading
	Allergies          []Allergy
	Medications        []Medication
	Signed             time.Time
	SHA256             string
	KeyID              string
	PatientSignature   string
	Annulled           time.Time
	AnnulledWhy        string
	Addenda            []Addendum // oldest first
	PreviousID, NextID string     // of the notes around it
}

// SectionText is a section of a note that has text.
type SectionText struct{ Title, Text string }

// VitalReading is a vital sign as a note shows it.
type VitalReading struct {
	Label, Value, Unit string
	Side               vital.Side // of its reference interval
}

// Addendum is what was added to a signed note.
type Addendum struct {
	When    time.Time
	Author  string
	License string
	Reason  string // code of catalog.AddendumReasons
	Text    string
	SHA256  string
}

// NoteList lists the notes of a record, newest first.
type NoteList struct {
	Chart
	Items []NoteItem
	Pager component.Pager
}

// row names a field of the nth row of a list.
func row(list string, n int, field string) string {
	return list + "." + strconv.Itoa(n) + "." + field
}

func (m NoteNew) groups() []component.Group {
	fields := []component.Field{{Name: "tipo", Label: "Tipo de nota", Kind: component.Radio, Options: m.Types, Required: true, Default: "evolucion", Width: component.Wide}}
	admission := component.Field{
		Name: "admision_id", Label: "Admisión", Kind: component.Select, Options: m.Admissions,
		Blank: "Ninguna: abre una atención ambulatoria", Hint: "La nota queda en la admisión que elija.",
	}
	if len(m.Admissions) > 0 {
		admission.Default = m.Admissions[0].Value
	}
	return one(append(fields, admission)...)
}

// unsaved says that what was typed is not kept, and what to do.
func (m NoteEditor) unsaved() string {
	mistakes := m.Form.Mistakes(m.groups())
	switch {
	case m.Form.Problem != "" || len(mistakes) > 1:
		return "Sin guardar: revise lo señalado al comienzo."
	case len(mistakes) == 1:
		return "Sin guardar: " + mistakes[0].Text
	}
	return "Sin guardar"
}

func (m NoteSign) groups() []component.Group {
	return signing(m.StepUp, component.Field{
		Name: "firma_paciente", Label: "Firma del paciente o acudiente", MaxLength: 120, Autocomplete: "off", Width: component.Wide,
		Hint: "Nombre de quien firma en papel, si se pidió.",
	})
}

// signing are the fields of a form that somebody signs.
func signing(stepUp bool, fields ...component.Field) []component.Group {
	if stepUp {
		code := codeField()
		code.Hint += " Con uno puede firmar durante 15 minutos."
		fields = append(fields, code)
	}
	return one(fields...)
}

func (m NoteView) groups() []component.Group {
	return signing(m.StepUp,
		component.Field{Name: "motivo", Label: "Motivo", Kind: component.Radio, Options: m.Reasons, Required: true, Width: component.Wide},
		component.Field{Name: "texto", Label: "Texto", Kind: component.Area, Rows: 5, Required: true, MaxLength: 20000, Width: component.Wide},
	)
}

func (m NoteView) annulGroups() []component.Group {
	return signing(m.StepUp, component.Field{Name: "motivo", Label: "Motivo de la anulación", Required: true, MaxLength: 500, Width: component.Wide})
}

// Registration is the registro médico of who signs, or that there is none.
func Registration(license string) string {
	if license == "" {
		return "Registro médico: sin registrar"
	}
	return "RM " + license
}

func (m NoteView) page() Chart {
	c := m.Chart
	for _, f := range []*component.Form{m.Addendum, m.Annul} {
		if f != nil {
			c.Page = c.Page.with(*f)
		}
	}
	return c
}

func (n NoteContent) facts() []component.Term {
	return []component.Term{
		{Name: "Atención", Value: component.FormatTime(n.Attended)},
		{Name: "Registro", Value: component.FormatTime(n.Recorded)},
		{Name: "Profesional", Value: n.Author},
		{Name: "Especialidad", Value: n.Specialty},
		{Name: "Admisión", Value: n.Admission},
	}
}
