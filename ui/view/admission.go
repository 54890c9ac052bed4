package view

import (
	"strconv"
	"time"

	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// AdmissionForm admits a patient; it posts to link.Admissions.
type AdmissionForm struct {
	Chart
	Form  component.Form // the fields of admision
	Open  string         // where the admission is that stands in the way of this one
	Stay  *Stay          // one that is open already, nil when none is
	Codes AdmissionCodes
}

// AdmissionCodes are the choices of the admission forms.
type AdmissionCodes struct {
	Classes, Routes, Causes, Purposes, Modalities []component.Option
	Groups, Settings, Services, UserTypes, Payers []component.Option
	Conditions, VitalStates, Levels, Kinships     []component.Option
	Beds                                          []component.Option // suggested, where the free ones are known
}

// StandardAdmissionCodes are the choices of the catalogue.
func StandardAdmissionCodes() AdmissionCodes {
	return AdmissionCodes{
		Classes: catalog.EncounterClasses.Options(), Routes: catalog.EntryRoutes.Coded(), Causes: catalog.Causes.Coded(),
		Purposes: catalog.Purposes.Coded(), Modalities: catalog.Modalities.Coded(), Groups: catalog.ServiceGroups.Coded(),
		Settings: catalog.Settings.Options(), Services: catalog.Services.Options(), UserTypes: catalog.UserTypes.Coded(),
		Payers: catalog.Payers.Suggestions(), Conditions: catalog.DischargeConditions.Coded(),
		VitalStates: catalog.VitalStates.Options(), Levels: catalog.TriageLevels.Options(),
		Kinships: catalog.Kinships.Suggestions(),
	}
}

// AdmissionDetail shows an admission; its forms post to link.AdmissionStep.
type AdmissionDetail struct {
	Chart
	Stay      Stay
	Number    string
	Facts     []component.Term
	History   []AdmissionEvent // newest first
	Notes     []NoteItem
	Arrive    *component.Form // nothing but its version; posts llegada
	Attend    *component.Form // the same; posts atencion
	Triage    *component.Form // nivel, motivo; nil when it cannot be done now
	Transfer  *component.Form // servicio, cama
	Discharge *component.Form // fin, condicion_egreso, estado_egreso, …
	Cancel    *component.Form // motivo
	Codes     AdmissionCodes
}

// AdmissionEvent is a step in the history of an admission.
type AdmissionEvent struct {
	When   time.Time
	What   string // label of catalog.AdmissionEvents, "Triage II"
	Place  string // "Medicina interna, cama 302"
	Detail string
	By     string
}

// AdmissionList lists the admissions of a record.
type AdmissionList struct {
	Chart
	Items []AdmissionItem
	Pager component.Pager
}

// AdmissionItem is an admission in a list.
type AdmissionItem struct {
	ID, Number   string
	Class, State string // codes
	Start, End   time.Time
	Service, Bed string
	Cause        string // code of catalog.Causes
	Condition    string // code of catalog.DischargeConditions
	Physician    string
}

// Census lists the open admissions by service and bed.
type Census struct {
	Page
	At       time.Time
	Filter   component.Form     // servicio, by GET to link.Census
	Services []component.Option // of the filter
	Groups   []Ward
	Free     bool // shows the free beds too

	Truncated bool // there are more than the page shows
}

// Ward is a service in the census.
type Ward struct {
	Count ServiceCount
	Stays []Stay
	Free  []string // beds
}

// TriageQueue lists who waits, the most urgent first.
type TriageQueue struct {
	Page
	At           time.Time
	Unclassified []Stay
	Levels       [5][]Stay // I to V
}

func (m AdmissionForm) groups() []component.Group {
	c, sel := m.Codes, component.Select
	return []component.Group{
		{Legend: "Atención", Fields: []component.Field{
			{Name: "clase", Label: "Clase de atención", Kind: component.Radio, Options: c.Classes, Required: true, Default: "AMB", Width: component.Wide},
			{Name: "causa_motivo", Label: "Causa que motiva la atención", Kind: sel, Options: c.Causes, Required: true, Default: "38"},
			{Name: "via_ingreso", Label: "Vía de ingreso", Kind: sel, Options: c.Routes},
			{Name: "servicio", Label: "Servicio", Kind: sel, Options: c.Services},
			{Name: "cama", Label: "Cama", Hint: "Vacío: sin cama.", List: "camas", Code: true, MaxLength: 20, Autocomplete: "off"},
			{Name: "inicio", Label: "Inicio", Kind: component.DateTime, Hint: "Vacío: ahora."},
		}},
		{Legend: "Pagador", Fields: []component.Field{
			{Name: "eapb.nombre", Label: "EPS o entidad", Hint: m.payerHint(), List: "entidades", MaxLength: 120, Autocomplete: "off"},
			{Name: "tipo_usuario", Label: "Tipo de usuario (RIPS)", Kind: sel, Options: c.UserTypes},
			{Name: "num_autorizacion", Label: "Número de autorización", Code: true, MaxLength: 30, Autocomplete: "off"},
		}},
		{Legend: "Acompañante", Folded: true, Fields: contactFields("acompanante", "Acompañante")},
		{Legend: "Datos para RIPS y remisión", Folded: true, Fields: []component.Field{
			{Name: "finalidad", Label: "Finalidad", Kind: sel, Options: c.Purposes},
			{Name: "modalidad", Label: "Modalidad", Kind: sel, Options: c.Modalities, Default: "01"},
			{Name: "grupo_servicios", Label: "Grupo de servicios", Kind: sel, Options: c.Groups},
			{Name: "entorno", Label: "Entorno", Kind: sel, Options: c.Settings, Default: "05"},
			{Name: "cups", Label: "CUPS", Code: true, MaxLength: 10, Autocomplete: "off"},
			{Name: "sede", Label: "Sede", MaxLength: 80, Autocomplete: "off"},
			{Name: "prestador_remite", Label: "Prestador que remite", MaxLength: 120, Autocomplete: "off"},
		}},
	}
}

// payerHint says which payer answers when none is written.
func (m AdmissionForm) payerHint() string {
	if m.Patient.Payer == "" {
		return ""
	}
	return "Vacío: la de la historia, " + m.Patient.Payer + "."
}

func (m AdmissionDetail) triageFields() []component.Group {
	return one(
		component.Field{Name: "nivel", Label: "Nivel de triage", Kind: component.Radio, Options: m.Codes.Levels, Required: true, Width: component.Wide},
		component.Field{Name: "motivo", Label: "Motivo y hallazgos", Kind: component.Area, Rows: 2, MaxLength: 500, Width: component.Wide},
	)
}

func (m AdmissionDetail) transferFields() []component.Group {
	return one(
		component.Field{Name: "servicio", Label: "Servicio de destino", Kind: component.Select, Options: m.Codes.Services, Blank: "El mismo"},
		component.Field{Name: "cama", Label: "Cama", Hint: "Vacío: sin cama.", List: "camas", Code: true, MaxLength: 20, Autocomplete: "off"},
	)
}

func (m AdmissionDetail) dischargeFields() []component.Group {
	return one(
		component.Field{Name: "fin", Label: "Fecha y hora de egreso", Kind: component.DateTime, Required: true},
		component.Field{Name: "condicion_egreso", Label: "Condición y destino", Kind: component.Select, Options: m.Codes.Conditions, Required: true},
		component.Field{Name: "estado_egreso", Label: "Estado al egreso", Kind: component.Radio, Options: m.Codes.VitalStates, Required: true, Default: "vivo"},
		component.Field{Name: "prestador_destino", Label: "Prestador de destino", MaxLength: 120, Hint: "Si se remite a otra institución."},
		component.Field{Name: "observaciones", Label: "Observaciones", Kind: component.Area, Rows: 2, MaxLength: 500, Width: component.Wide},
	)
}

func (AdmissionDetail) cancelFields() []component.Group {
	return one(component.Field{Name: "motivo", Label: "Motivo", Required: true, MaxLength: 200, Width: component.Wide})
}

// pageWith marks the page as failed when one of its forms came back.
func (m AdmissionDetail) pageWith() Page {
	p := m.Page
	for _, f := range []*component.Form{m.Triage, m.Transfer, m.Discharge, m.Cancel} {
		if f != nil {
			p = p.with(*f)
		}
	}
	return p
}

func failed(f component.Form) bool { return f.Problem != "" || len(f.Errors) > 0 }

func (c Census) none() bool {
	for _, w := range c.Groups {
		if len(w.Stays) > 0 {
			return false
		}
	}
	return true
}

func (q TriageQueue) level(i int) string { return catalog.TriageLevels.Label(strconv.Itoa(i + 1)) }

// step is where one of the admission's forms posts; its name keeps the ids of
// the forms apart.
func (m AdmissionDetail) step(name string) string {
	return link.AdmissionStep(m.Patient.ID, m.Stay.AdmissionID, name)
}
