package view

import (
	"slices"
	"time"

	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// UserList lists the accounts.
type UserList struct {
	Page
	Filter component.Form // q, rol; posts to link.UserSearch
	Items  []UserItem
	More   string // the cursor of the next page, posted as despues: it holds a user name
}

// UserItem is an account in a list.
type UserItem struct {
	ID, Name, Username string
	Email              string
	Roles              []string // codes of catalog.Roles
	Active             bool
	SecondFactor       bool
	License            string // registro médico
	Specialty          string
	PatientID          string // documento_id of a patient's account
	LastSignIn         time.Time
}

// UserForm makes an account (posting to link.Users) or changes one (posting to
// link.User).
type UserForm struct {
	Page
	ID       string   // empty for a new one
	Account  UserItem // of the one that changes: what is shown and cannot be changed
	Form     component.Form
	Roles    []component.Option
	Services []component.Option
	Types    []component.Option // suggestions of profession
	Self     bool               // the administrator's own: it cannot be disabled
}

// UserPassword shows a one-time password, once.
type UserPassword struct {
	Page
	ID, Name, Username string
	Password           string
	Created            bool // the account is new
	Unlicensed         bool // it signs notes, and has no registro médico
}

func (m UserForm) groups() []component.Group {
	groups := []component.Group{
		{Legend: "Cuenta", Fields: []component.Field{
			{Name: "nombre", Label: "Nombre completo", Required: true, MaxLength: 120, Autocomplete: "off"},
			{Name: "email", Label: "Correo electrónico", Kind: component.Email, MaxLength: 254, Autocomplete: "off"},
			{Name: "roles", Label: "Roles", Kind: component.Checks, Options: m.Roles, Required: true, Width: component.Wide},
		}},
		{Legend: "Datos profesionales", Hint: "Los necesita quien firma notas.", Fields: []component.Field{
			{Name: "profesional.nombre_profesional", Label: "Nombre en la firma", MaxLength: 120, Autocomplete: "off"},
			{Name: "profesional.tipo_profesional", Label: "Profesión", List: "profesiones", MaxLength: 60, Autocomplete: "off"},
			{Name: "profesional.registro_medico", Label: "Registro médico (RETHUS)", Code: true, MaxLength: 30, Autocomplete: "off"},
			{Name: "profesional.especialidad", Label: "Especialidad", MaxLength: 80, Autocomplete: "off"},
			{Name: "profesional.cargo_servicio", Label: "Cargo", MaxLength: 80, Autocomplete: "off"},
			{Name: "profesional.firma_profesional", Label: "Texto al pie de la firma", MaxLength: 200, Autocomplete: "off", Width: component.Wide},
			{Name: "profesional.servicios", Label: "Servicios en que trabaja", Title: "Servicios", Kind: component.Checks, Options: m.Services, Width: component.Wide},
		}},
	}
	if m.ID == "" {
		groups[0].Fields = slices.Insert(groups[0].Fields, 1,
			component.Field{Name: "username", Label: "Usuario", Required: true, Code: true, MaxLength: 60, Autocomplete: "off"},
			component.Field{Name: "documento_id", Label: "Documento del paciente", Hint: "Solo para cuentas de paciente: CC-1032456789.", Code: true, MaxLength: 30, Autocomplete: "off"},
		)
	}
	return groups
}

func (m UserForm) heading() string {
	if m.ID != "" {
		return "Editar cuenta"
	}
	return "Nueva cuenta"
}

func (m UserForm) action() string {
	if m.ID != "" {
		return link.User(m.ID)
	}
	return link.Users
}

func (m UserForm) submit() string {
	if m.ID != "" {
		return "Guardar cambios"
	}
	return "Crear la cuenta"
}

func (u UserItem) badge() component.Badge {
	if u.Active {
		return component.Badge{Tone: component.Good, Text: "Activa"}
	}
	return component.Badge{Text: "Desactivada"}
}

func filterFields() []component.Field {
	return []component.Field{
		{Name: "q", Label: "Nombre, usuario o correo", MaxLength: 120, Autocomplete: "off"},
		{Name: "rol", Label: "Rol", Kind: component.Select, Options: catalog.Roles.Options(), Blank: "Todos"},
	}
}

// Unlicensed says that an account signs notes and has no registro médico.
func (u UserItem) Unlicensed() bool {
	return u.License == "" && slices.Contains(u.Roles, "medico")
}

func (u UserItem) professional() string {
	license := ""
	if u.License != "" || u.Unlicensed() {
		license = Registration(u.License)
	}
	if u.Specialty == "" || license == "" {
		return u.Specialty + license
	}
	return u.Specialty + ", " + license
}

// unlicensedText says what comes of it.
const unlicensedText = "Es de un médico y no tiene registro médico (RETHUS): sus notas saldrán con «Registro médico: sin registrar»."
