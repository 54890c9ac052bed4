package view

import (
	"strconv"
	"time"

	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// PatientItem is a record in a list of matches.
type PatientItem struct {
	ID, Name, Document string
	BirthDate          string // 2006-01-02
	Age, Sex           string
	Place              string // municipality of residence
	Likely             bool   // a likely match, to be looked at first
	Why                string // "mismo documento", "nombre parecido"
	Admitted           string // where, when there is an open admission
	Inactive           bool
}

// Stay is an open admission in a list of patients.
type Stay struct {
	PatientID, Name, Document string
	Age, Sex                  string
	AdmissionID               string
	Class, State              string // codes of catalog.EncounterClasses, EncounterStates
	Service, Bed              string
	Since                     time.Time
	Waited                    string // component.Elapsed
	Triage                    int    // 1 to 5; 0 before it
	Reason                    string // of the triage, or the main diagnosis
	Physician                 string
	Allergies                 bool
	Late                      bool // waits longer than its level allows
}

// NoteItem is a note in a list.
type NoteItem struct {
	PatientID, ID string
	PatientName   string // only where the list spans patients
	Type, State   string // codes of catalog.NoteTypes, NoteStates
	When          time.Time
	Author        string
	Specialty     string
	Excerpt       string
	Diagnoses     []string // "J20.9 Bronquitis aguda"
	Addenda       int
	Mine          bool
	Of            string // documento_id of the merged record that it stands in
}

// Export is a PDF that was asked for.
type Export struct {
	PatientID, ID string
	PatientName   string // only where the list spans patients
	Kind, State   string // codes of catalog.DocumentKinds, DocumentStates
	Requested     time.Time
	By, Reason    string
	From, To      string // 2006-01-02, what part of the record; empty for all
	Progress      int    // percent
	Pages         int
	Bytes         int64
	SHA256        string
	Code          string // of verification
	Ready         time.Time
	Expires       time.Time
	Failure       string
}

// Access is a row of who saw a record.
type Access struct {
	When      time.Time
	Name      string
	Role      string   // code of catalog.Roles
	Type      string   // code of catalog.AuditTypes
	Resources []string // what was touched, in words
	Reason    string
	Refused   bool
	Emergency bool
}

// State badges.

func encounterBadge(state string) component.Badge {
	tone := component.Plain
	switch state {
	case "in-progress":
		tone = component.Good
	case "arrived", "triaged":
		tone = component.Info
	case "cancelled":
		tone = component.Danger
	}
	return component.Badge{Tone: tone, Text: catalog.EncounterStates.Label(state)}
}

func noteBadge(state string) component.Badge {
	tone := component.Good
	switch state {
	case "borrador":
		tone = component.Caution
	case "anulada":
		tone = component.Danger
	}
	return component.Badge{Tone: tone, Text: catalog.NoteStates.Label(state)}
}

func exportBadge(state string) component.Badge {
	tone := component.Info
	switch state {
	case "listo":
		tone = component.Good
	case "fallido", "revocado":
		tone = component.Danger
	}
	return component.Badge{Tone: tone, Text: catalog.DocumentStates.Label(state)}
}

var triageShort = [...]string{"Sin clasificar", "I", "II", "III", "IV", "V"}

func triageText(level int) string {
	if level < 1 || level > 5 {
		return triageShort[0]
	}
	return "Triage " + triageShort[level]
}

func triageClass(level int) string { return "triage-" + strconv.Itoa(level) }

func (e Export) pending() bool { return e.State == "solicitado" || e.State == "generando" }

func (e Export) size() string {
	switch {
	case e.Pages == 1:
		return "1 página, " + component.FormatBytes(e.Bytes)
	case e.Pages > 1:
		return strconv.Itoa(e.Pages) + " páginas, " + component.FormatBytes(e.Bytes)
	}
	return ""
}

func (e Export) span() string {
	switch {
	case e.From != "" && e.To != "":
		return "del " + component.FormatDate(e.From) + " al " + component.FormatDate(e.To)
	case e.From != "":
		return "desde el " + component.FormatDate(e.From)
	case e.To != "":
		return "hasta el " + component.FormatDate(e.To)
	}
	return ""
}

// plural writes "1 nota" or "3 notas".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func number(n int) string { return strconv.Itoa(n) }

func (s Stay) place() string {
	switch {
	case s.Service != "" && s.Bed != "":
		return s.Service + ", cama " + s.Bed
	case s.Service != "":
		return s.Service
	}
	return "Ver la admisión"
}

func (n NoteItem) heading() string {
	if n.PatientName != "" {
		return n.PatientName + " · " + catalog.NoteTypes.Label(n.Type)
	}
	return catalog.NoteTypes.Label(n.Type)
}

func (n NoteItem) href() string {
	if n.State == "borrador" && n.Mine {
		return link.NoteEdit(n.PatientID, n.ID)
	}
	return link.Note(n.PatientID, n.ID)
}

func (e Export) heading() string {
	if e.PatientName != "" {
		return catalog.DocumentKinds.Label(e.Kind) + " de " + e.PatientName
	}
	return catalog.DocumentKinds.Label(e.Kind)
}

func (c ServiceCount) text() string {
	if c.Total == 0 {
		return plural(c.Occupied, "paciente", "pacientes")
	}
	return number(c.Occupied) + " de " + number(c.Total)
}

func (c ServiceCount) total() string    { return number(c.Total) }
func (c ServiceCount) occupied() string { return number(c.Occupied) }
