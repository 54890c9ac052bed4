package login

import (
	"crypto/sha256"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"hce.co/functions/login/api"
	"hce.co/functions/login/password"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// account is a row of usuario with that of profesional beside it.
type account struct {
	ID            uuid.UUID
	Username      string
	Email         string
	Nombre        string
	Hash          string
	Roles         []auth.Role
	Activo        bool
	DocumentoID   string
	MFASecreto    []byte
	MFAPendiente  []byte
	MFAConfirmado bool
	MFAUltimoPaso int64
	DebeCambiar   bool
	ClaveVence    *time.Time // of a password that somebody else gave
	Demo          bool
	TokenVersion  int
	Version       int
	CreadoEn      time.Time
	UltimoIngreso *time.Time

	EsProfesional bool
	professional
}

// professional is a row of profesional but for its sealed key.
type professional struct {
	NombreProfesional string
	TipoProfesional   string
	RegistroMedico    string
	Especialidad      string
	CargoServicio     string
	Servicios         []string
	FirmaProfesional  string
	ClaveID           string
	ClavePublica      []byte
}

// firstPasswordLife is how long a password works that an administrador gave.
const firstPasswordLife = 7 * 24 * time.Hour

// usable reports whether a password of the account opens it now.
func (a account) usable(now time.Time) bool {
	return a.Activo && (a.ClaveVence == nil || now.Before(*a.ClaveVence))
}

// mainRole is what the account is first of all.
func mainRole(roles []auth.Role) auth.Role {
	if len(roles) == 0 {
		return ""
	}
	return roles[0]
}

// lacksMFA reports whether a role of the account asks for a second factor that it
// does not have. Demo accounts are not asked.
func (a account) lacksMFA(required []auth.Role) bool {
	return !a.MFAConfirmado && !a.Demo && slices.ContainsFunc(a.Roles, func(r auth.Role) bool { return slices.Contains(required, r) })
}

// principal is the account as the trail names it.
func (a account) principal(from auth.Principal) auth.Principal {
	from.ID, from.Name, from.Roles, from.DocumentoID = a.ID, a.Nombre, a.Roles, a.DocumentoID
	return from
}

func (a account) professionalView() *api.Professional {
	if !a.EsProfesional {
		return nil
	}
	return &api.Professional{NewProfessional: api.NewProfessional{
		NombreProfesional: a.NombreProfesional, TipoProfesional: a.TipoProfesional, RegistroMedico: a.RegistroMedico,
		Especialidad: a.Especialidad, CargoServicio: a.CargoServicio, Servicios: a.Servicios, FirmaProfesional: a.FirmaProfesional,
	}, ClaveID: a.ClaveID, ClavePublica: a.ClavePublica}
}

// view is the account as an administrador sees it.
func (a account) view() api.User {
	return api.User{
		ID: a.ID, Username: a.Username, Email: a.Email, Nombre: a.Nombre, Rol: mainRole(a.Roles), Roles: a.Roles, Activo: a.Activo,
		DocumentoID: a.DocumentoID, Profesional: a.professionalView(), MFA: a.MFAConfirmado, DebeCambiarClave: a.DebeCambiar, Demo: a.Demo,
		Version: a.Version, CreadoEn: a.CreadoEn, UltimoIngreso: a.UltimoIngreso,
	}
}

const (
	maxName     = 120 // characters of a person's name
	maxText     = 200 // characters of any other text
	maxEmail    = 254 // bytes (RFC 5321)
	maxServices = 40
)

var (
	usernamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$`)
	servicePattern  = regexp.MustCompile(`^[A-Za-z0-9]{1,10}$`)
)

// fields collects what is wrong with each field.
type fields struct{ problem.Fields }

func (f fields) text(name, value string, most int) {
	if utf8.RuneCountInString(value) > most || strings.ContainsFunc(value, unicode.IsControl) || ident.Hidden(value) {
		f.Add(name, "El texto es demasiado largo o tiene caracteres que no se admiten.")
	}
}

// username checks a user name: ASCII, so that every database folds it the same,
// and without @, so that none is somebody's e-mail.
func (f fields) username(value string) {
	if !usernamePattern.MatchString(value) {
		f.Add("username", "Use de 3 a 60 letras sin tilde, números, puntos o guiones.")
	}
}

// email checks an e-mail. It is a name to sign in by, and in ASCII for the reason
// that user names are: none looks like another's.
func (f fields) email(value string) {
	if value == "" {
		return
	}
	a, err := mail.ParseAddress(value)
	ascii := !strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxASCII })
	if err != nil || a.Address != value || len(value) > maxEmail || !ascii {
		f.Add("email", "Escriba un correo válido, sin tildes ni otros caracteres especiales.")
	}
}

func (f fields) password(name, value string, personal ...string) {
	if why := password.Weakness(value, personal...); why != "" {
		f.Add(name, why)
	}
}

// roles checks the roles and returns them without repetition, rol first.
func (f fields) roles(rol auth.Role, roles []auth.Role) []auth.Role {
	all := roles
	if rol != "" {
		all = append([]auth.Role{rol}, roles...)
		if len(roles) > 0 && !slices.Contains(roles, rol) {
			f.Add("rol", "El rol principal no está entre los roles.")
		}
	}
	var out []auth.Role
	for _, r := range all {
		if !slices.Contains(auth.Roles(), r) {
			f.Add("roles", "Elija roles de la lista.")
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		f.Add("roles", "Elija al menos un rol.")
	}
	return out
}

func (f fields) professional(p api.NewProfessional) {
	for name, value := range map[string]string{
		"nombre_profesional": p.NombreProfesional, "tipo_profesional": p.TipoProfesional, "registro_medico": p.RegistroMedico,
		"especialidad": p.Especialidad, "cargo_servicio": p.CargoServicio, "firma_profesional": p.FirmaProfesional,
	} {
		f.text("profesional."+name, value, maxText)
	}
	if len(p.Servicios) > maxServices || slices.ContainsFunc(p.Servicios, func(s string) bool { return !servicePattern.MatchString(s) }) {
		f.Add("profesional.servicios", "Use códigos de servicio REPS, hasta 40.")
	}
}

// tidy brings a text that somebody typed into the form that is kept.
func tidy(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// foldName is how user names and e-mails are compared.
func foldName(s string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(s))) }

func tidyProfessional(p api.NewProfessional, nombre string) professional {
	out := professional{
		NombreProfesional: tidy(p.NombreProfesional), TipoProfesional: tidy(p.TipoProfesional), RegistroMedico: tidy(p.RegistroMedico),
		Especialidad: tidy(p.Especialidad), CargoServicio: tidy(p.CargoServicio), FirmaProfesional: tidy(p.FirmaProfesional), Servicios: []string{},
	}
	if out.NombreProfesional == "" {
		out.NombreProfesional = nombre
	}
	for _, s := range p.Servicios {
		if !slices.Contains(out.Servicios, s) {
			out.Servicios = append(out.Servicios, s)
		}
	}
	return out
}

// newAccount is the account that in describes, but for its hash and keys, or
// what is wrong with it.
func newAccount(in api.NewUser, now time.Time) (account, error) {
	f := fields{problem.Fields{}}
	a := account{
		ID: ident.NewID(), Username: strings.TrimSpace(in.Username), Email: foldName(in.Email), Nombre: tidy(in.Nombre),
		Roles: f.roles(in.Rol, in.Roles), Activo: true, TokenVersion: 1, Version: 1, CreadoEn: now,
	}
	f.username(a.Username)
	f.email(a.Email)
	f.text("nombre", a.Nombre, maxName)
	if in.Profesional != nil {
		f.professional(*in.Profesional)
		if a.Nombre == "" {
			a.Nombre = tidy(in.Profesional.NombreProfesional)
		}
	}
	if a.Nombre == "" {
		a.Nombre = a.Username
	}
	if in.Profesional != nil || slices.Contains(a.Roles, auth.Physician) {
		if in.Profesional == nil {
			in.Profesional = &api.NewProfessional{}
		}
		a.EsProfesional, a.professional = true, tidyProfessional(*in.Profesional, a.Nombre)
	}
	isPatient := slices.Contains(a.Roles, auth.Patient)
	doc, err := ident.ParseID(in.DocumentoID)
	switch {
	case isPatient && err != nil:
		f.Add("documento_id", "La cuenta de un paciente necesita el documento de su historia, como CC-1032456789.")
	case !isPatient && in.DocumentoID != "":
		f.Add("documento_id", "Solo la cuenta de un paciente lleva documento de historia.")
	case isPatient:
		a.DocumentoID = doc.ID()
	}
	if in.Password != "" {
		f.password("password", in.Password, a.Username, a.Email, a.Nombre)
	}
	if in.Password == "" {
		vence := now.Add(firstPasswordLife)
		a.DebeCambiar, a.ClaveVence = true, &vence
	}
	return a, f.Err()
}

// hashCode is what is kept of a code, of however somebody copied it: it holds 80
// random bits, so no slower hash is needed.
func hashCode(s string) []byte {
	code, _ := crockford.Read(s) // "", which nobody was given, for what can be none
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
