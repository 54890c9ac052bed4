package view

import (
	"time"

	"hce.co/ui/view/component"
)

// Home is where everybody arrives: a part for each role that the user has.
type Home struct {
	Page
	Search    component.Form // q, to link.PatientSearch; shown to staff
	Patient   *PatientHome
	Physician *PhysicianHome
	Reception *ReceptionHome
	Clerk     *ClerkHome
	Admin     *AdminHome
	System    *System // of an operador
}

// PatientHome is a patient's own record.
type PatientHome struct {
	Patient     Patient
	Notes       []NoteItem // the last ones, signed
	Exports     []Export
	Accesses    []Access
	Medications []Medication
}

// PhysicianHome is what waits for a médico.
type PhysicianHome struct {
	Drafts     []NoteItem   // of theirs, oldest first
	Patients   []Stay       // open admissions in their services
	Unseen     []ResultItem // of several patients; nil where nobody knows of them
	UnseenMore bool         // there are older ones
	Services   string       // "Urgencias, Medicina interna"
}

// critical counts the results that cannot wait.
func (h PhysicianHome) critical() (n int) {
	for _, r := range h.Unseen {
		if r.Urgency() == mostUrgent {
			n++
		}
	}
	return n
}

// ReceptionHome is what an admisionista has at hand.
type ReceptionHome struct {
	Waiting []Stay // for triage
	Beds    []ServiceCount
}

// ServiceCount says how full a service is.
type ServiceCount struct {
	Service         string
	Occupied, Total int // Total 0 when the service has no fixed beds
}

// ClerkHome is what resultados has at hand.
type ClerkHome struct{ Exports []Export }

// AdminHome is what waits for an administrador.
type AdminHome struct {
	Active, Disabled int  // accounts
	More             bool // there are others, which were not counted
	Reviews          int  // emergency accesses to review
	Last             []Sign
}

// Sign is a sign-in, for the administrator's glance.
type Sign struct {
	When time.Time
	Name string
	Role string // code of catalog.Roles
}

func (h AdminHome) counted(n int) string {
	if h.More {
		return "más de " + number(n)
	}
	return number(n)
}

func searchField() component.Field {
	return component.Field{
		Name: "q", Label: "Nombre o documento del paciente", MaxLength: 120, Autocomplete: "off", Width: component.Wide,
		Hint: "Sin importar tildes ni orden: «pena luz», «1032456789».",
	}
}
