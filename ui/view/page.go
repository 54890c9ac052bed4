// Package view holds the screens: a model for each and the template that shows
// it.
package view

import (
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// ContentSecurityPolicy is the policy that every screen is written for: no
// inline script or style, nothing from elsewhere.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Screen is a model that knows how it is shown.
type Screen interface{ Screen() templ.Component }

// Page is what every screen has around its content.
type Page struct {
	User    *User // nil for who has not signed in
	Section Section
	Flash   component.Notice // what the last action did, shown once

	live     bool // uses htmx
	searches bool // is itself a search for patients
	refresh  int  // seconds after which a browser without scripts asks again
	failed   bool // a form of it came back with errors
}

// User is who looks at the screen.
type User struct {
	Name        string
	Roles       []string // codes of catalog.Roles
	PatientID   string   // documento_id of a patient's account
	SessionEnds time.Time
}

// Is says whether the user has the role.
func (u *User) Is(role string) bool { return u != nil && slices.Contains(u.Roles, role) }

func (u *User) staff() bool { return u.Is("admisionista") || u.Is("medico") || u.Is("resultados") }

func (u *User) ends() string {
	if u == nil || u.SessionEnds.IsZero() {
		return ""
	}
	return u.SessionEnds.UTC().Format(time.RFC3339)
}

// Section is the entry of the navigation that a screen belongs to.
type Section string

// The sections.
const (
	NoSection        Section = ""
	HomeSection      Section = "inicio"
	PatientsSection  Section = "pacientes"
	CensusSection    Section = "camas"
	TriageSection    Section = "triage"
	DocumentsSection Section = "documentos"
	NotesSection     Section = "notas"
	TrailSection     Section = "accesos"
	UsersSection     Section = "usuarios"
	ReviewSection    Section = "revision"
	OperationSection Section = "operacion"
)

// navigation lists where the user may go, by role.
func (p Page) navigation() []component.Link {
	u := p.User
	entries := []struct {
		section Section
		href    string
		text    string
		shown   bool
	}{
		{HomeSection, link.Home, "Inicio", true},
		{PatientsSection, link.Patients, "Pacientes", u.staff()},
		{CensusSection, link.Census, "Camas", u.staff()},
		{TriageSection, link.Triage, "Triage", u.Is("admisionista") || u.Is("medico")},
		{UsersSection, link.Users, "Usuarios", u.Is("administrador")},
		{ReviewSection, link.Review, "Revisión de accesos", u.Is("administrador")},
		{OperationSection, link.Operation, "Operación", u.Is("operador") || u.Is("administrador")},
	}
	var links []component.Link
	for _, e := range entries {
		if e.shown {
			links = append(links, component.Link{Href: e.href, Text: e.text, Current: e.section == p.Section})
		}
	}
	if u.Is("paciente") && u.PatientID != "" {
		links = append(links,
			component.Link{Href: link.Notes(u.PatientID), Text: "Mis notas", Current: p.Section == NotesSection},
			component.Link{Href: link.Exports(u.PatientID), Text: "Mis documentos", Current: p.Section == DocumentsSection},
			component.Link{Href: link.Trail(u.PatientID), Text: "Quién vio mi historia", Current: p.Section == TrailSection},
		)
	}
	return links
}

// searchable says whether the search for patients stands in the page's header;
// where the page is itself a search it would be there twice.
func (p Page) searchable() bool {
	return p.User.staff() && !p.searches
}

func (p Page) searching() Page { p.searches = true; return p }

func (p Page) interactive() Page { p.live = true; return p }

func (p Page) every(seconds int) Page { p.refresh = seconds; return p }

func (p Page) with(f component.Form) Page {
	p.failed = p.failed || f.Problem != "" || len(f.Errors) > 0
	return p
}

func (p Page) title(s string) string {
	if p.failed {
		s = "Error: " + s
	}
	return s + " · HCE"
}

func (p Page) wait() string { return strconv.Itoa(p.refresh) }
