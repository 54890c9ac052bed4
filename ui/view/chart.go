package view

import (
	"strings"
	"time"

	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// Patient is what the banner of a chart shows.
type Patient struct {
	ID            string // documento_id
	Name          string // "Peña Rodríguez, Luz Marina"
	PreferredName string // nombre identitario
	Document      string // component.FormatDocument
	BirthDate     string // 2006-01-02
	Age           string // component.Age
	Sex           string // label of catalog.Sexes
	Gender        string // label, where it says more than the sex
	Blood         string // "O+"
	Payer         string
	Allergies     []string // the active ones
	NoAllergies   bool     // the patient denies having any
	PastAllergies bool     // had some that are over
	NoChart       bool     // the user may not know of their allergies
	Reserved      bool     // nor whose record it is
	Alerts        []string // what must be seen before anything is done
	Deceased      string   // date of death, 2006-01-02
	Inactive      bool
	MergedInto    string   // documento_id of the record that goes on
	Closed        bool     // merged into another, which the user may not know
	Includes      []string // documento_id of the records merged into this one

	EmergencyUntil time.Time // of the break-the-glass access in use
}

// Chart is what every screen about one patient has.
type Chart struct {
	Page
	Patient Patient
	Can     Can
	Tab     Tab
}

// Can is what the user may do with this record.
type Can struct {
	ReadChart  bool // notes, vital signs, diagnoses, results
	Admissions bool
	Write      bool // a note
	Edit       bool // the demographic data, the identity documents
	Admit      bool
	Triage     bool
	Move       bool // transfer and discharge
	Export     bool
	Trail      bool // see who saw the record
	IssueCode  bool
	Emergency  bool // ask for break-the-glass access
	Merge      bool // merge records, and part them
}

// Tab is one of a chart's.
type Tab string

// The tabs of a chart.
const (
	SummaryTab    Tab = "resumen"
	NotesTab      Tab = "notas"
	VitalsTab     Tab = "signos"
	DiagnosesTab  Tab = "diagnosticos"
	ResultsTab    Tab = "resultados"
	AdmissionsTab Tab = "admisiones"
	ExportsTab    Tab = "documentos"
	TrailTab      Tab = "accesos"
)

func (c Chart) tabs() []component.Link {
	id := c.Patient.ID
	all := []struct {
		tab   Tab
		href  string
		text  string
		shown bool
	}{
		{SummaryTab, link.Patient(id), "Resumen", true},
		{NotesTab, link.Notes(id), "Notas", c.Can.ReadChart},
		{VitalsTab, link.Vitals(id), "Signos", c.Can.ReadChart},
		{DiagnosesTab, link.Diagnoses(id), "Diagnósticos", c.Can.ReadChart},
		{ResultsTab, link.Results(id), "Resultados", c.Can.ReadChart},
		{AdmissionsTab, link.Admissions(id), "Admisiones", c.Can.Admissions},
		{ExportsTab, link.Exports(id), "Documentos", c.Can.Export},
		{TrailTab, link.Trail(id), "Accesos", c.Can.Trail},
	}
	var links []component.Link
	for _, t := range all {
		if t.shown {
			links = append(links, component.Link{Href: t.href, Text: t.text, Current: t.tab == c.Tab})
		}
	}
	return links
}

// short tells charts apart in the titles of a browser's tabs and history, which
// on a shared computer should name nobody: initials and last digits.
func (p Patient) short() string {
	var initials strings.Builder
	family, given, _ := strings.Cut(p.Name, ", ")
	for _, part := range []string{given, family} {
		for _, r := range part {
			initials.WriteRune(r)
			break
		}
	}
	id := p.ID
	if len(id) > 4 {
		id = id[len(id)-4:]
	}
	return initials.String() + " …" + id
}

func (p Patient) includes() string {
	if len(p.Includes) == 1 {
		return "Incluye una historia unida:"
	}
	return "Incluye " + number(len(p.Includes)) + " historias unidas:"
}

func (p Patient) ageAndSex() string {
	parts := []string{}
	for _, s := range []string{p.Age, p.Sex, p.Gender} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}
