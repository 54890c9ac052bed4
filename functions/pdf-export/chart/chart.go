// Package chart renders a medical record (historia clínica) as a PDF.
package chart

import "time"

// Chart is everything that stands in one printed record. Zero values are unknown data and are left out, except where
// their absence is itself worth knowing (allergies, for one). Admissions, notes and results may come in any order: they
// are printed oldest first. Other lists keep their order. Nothing of what is given is changed.
type Chart struct {
	Institution Institution
	Document    Document
	Patient     Patient

	// AllergyDenial is the explicit "niega alergias"; nil when nobody asked or the patient has some.
	AllergyDenial *AllergyDenial
	Allergies     []Allergy
	// Medications are the active ones; those of a note are its Prescriptions.
	Medications []Medication
	// Problems are the diagnoses of the whole record, each once.
	Problems   []Problem
	Admissions []Admission
	Notes      []Note
	Results    []Result
}

// Coded is a value of a code list. Text is what people read; the renderer knows the text of the short lists of the data
// model and fills it in when it is empty. Codes that it does not know are printed bare.
type Coded struct{ Code, Text string }

// IsZero tells that there is no value.
func (c Coded) IsZero() bool { return c == Coded{} }

// Institution is the health-care provider in whose name the record is kept: the letterhead.
type Institution struct {
	Name string
	NIT  string
	// REPSCode is its habilitation code (Registro Especial de Prestadores de Servicios de Salud).
	REPSCode string
	Address  string
	City     string
	Phone    string
	Email    string
}

// Kind is how much of the record a document holds (documento_pdf.tipo).
type Kind string

// The kinds of document. The zero Kind is KindFull.
const (
	KindFull      Kind = "historia completa"
	KindEpicrisis Kind = "epicrisis"
	KindNote      Kind = "nota"
)

// Document is the export itself (documento_pdf).
type Document struct {
	ID   string
	Kind Kind
	// From and To bound the period of what is included; zero on an open side.
	From, To    Date
	RequestedBy string
	RequestedAt time.Time
	Reason      string
	// GeneratedAt is the instant of generation: ages are reckoned at it, and it is the creation date of the PDF.
	GeneratedAt time.Time
	ExpiresAt   time.Time
	// VerificationCode is printed, and encoded with PublicURL in the QR code: {PublicURL}/verificar/{VerificationCode}.
	// Without either there is no QR code.
	VerificationCode string
	PublicURL        string
}

// Date is a calendar day without time or zone, as a date of birth is.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t shows in its own location; of a DATE read from PostgreSQL that is the day stored.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// IsZero tells that the date is unknown.
func (d Date) IsZero() bool { return d == Date{} }

// Professional is who wrote, signed or answers for something.
type Professional struct {
	Name string
	// Kind is the profession (tipo_profesional), Registration the RETHUS number (registro_medico).
	Kind         string
	Registration string
	Speciality   string
	// Position is the post or service (cargo_servicio).
	Position string
}

// IsZero tells that nobody is named.
func (p Professional) IsZero() bool { return p == Professional{} }
