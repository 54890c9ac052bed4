package view

import (
	"time"

	"hce.co/ui/view/component"
)

// Trail lists who saw or changed a record.
type Trail struct {
	Chart
	Own   bool // the reader is the patient
	Items []Access
	Pager component.Pager
}

// Emergency asks for access to a record without being in relation to it; it
// posts to link.Emergency.
type Emergency struct {
	Chart
	Form component.Form // motivo
}

// Review lists the emergency accesses that wait for a decision, each posting
// decision to link.ReviewOf.
type Review struct {
	Page
	Items []EmergencyItem
	Pager component.Pager
}

// EmergencyItem is an emergency access.
type EmergencyItem struct {
	PatientID, ID string
	PatientName   string
	Who           string
	Own           bool // the user's own: somebody else judges it
	Why           string
	From, Until   time.Time
	Decision      string
	DecidedBy     string
	Decided       time.Time
}

// The decisions on an emergency access.
const (
	Justified   = "justificado"
	Unjustified = "injustificado"
)

func (Emergency) groups() []component.Group {
	return one(component.Field{
		Name: "motivo", Label: "Motivo", Kind: component.Area, Rows: 4, Required: true, MaxLength: 500, Width: component.Wide, Autofocus: true,
		Hint: "Qué pasa y por qué no puede esperar. El paciente y la administración lo leerán.",
	})
}

func (m Trail) heading() string {
	if m.Own {
		return "Quién vio mi historia"
	}
	return "Accesos a la historia"
}

func (e EmergencyItem) badge() component.Badge {
	if e.Decision == Justified {
		return component.Badge{Tone: component.Good, Text: "Justificado"}
	}
	return component.Badge{Tone: component.Danger, Text: "No justificado"}
}
