package chart

import "time"

// Admission is a stay or visit (admision).
type Admission struct {
	ID, Number string
	Version    int
	// RecordID is the merged record that the admission is of, empty for the patient's own.
	RecordID string
	// Class is AMB, EMER, IMP or OBSENC.
	Class Coded
	// State is planned, arrived, triaged, in-progress, finished or cancelled.
	State  string
	States []StateChange
	Start  time.Time
	End    time.Time

	EntryRoute   Coded // via_ingreso 01–14
	Cause        Coded // causa_motivo 21–49
	Purpose      Coded // finalidad 11–44
	Modality     Coded
	ServiceGroup Coded // grupo_servicios 01–05
	Setting      Coded // entorno 01–05
	Service      Coded // REPS
	Procedure    Coded // CUPS

	Professional  Professional
	Site          string // sede
	Companion     Contact
	Payer         Coded
	UserType      Coded
	Authorization string
	AdmittedBy    string

	// ReferredFrom and ReferredTo are prestador_remite and prestador_destino.
	ReferredFrom, ReferredTo Coded

	Triage *Triage
	Stays  []Stay

	// DischargeCondition is 01–08, DischargeState "vivo" or "muerto".
	DischargeCondition Coded
	DischargeState     string
}

// StateChange is a step of an admission's history.
type StateChange struct {
	State string
	At    time.Time
	By    string
}

// Triage is the classification of an emergency, level 1 to 5 (Resolución 5596 de 2015).
type Triage struct {
	Level int
	At    time.Time
	By    string
	Note  string
}

// Stay is a time in a service and bed; To is zero while it lasts.
type Stay struct {
	Service, Bed string
	From, To     time.Time
	By           string
}

// Result is what a laboratory or an imaging service found (resultado).
type Result struct {
	// Code is CUPS or LOINC, Name the examination.
	Code, Name string
	// Value is as it was reported: a number, a text or a code's text. Range likewise.
	Value, Unit, Range string
	// Interpretation is HL7's code (N, H, L, HH, LL, A, AA, POS, NEG …).
	Interpretation Coded
	// State is registered, preliminary, final or corrected.
	State    string
	TakenAt  time.Time
	IssuedAt time.Time
	Source   string
	SeenBy   string
	SeenAt   time.Time
	Comment  string
}
