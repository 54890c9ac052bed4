package api

import (
	"time"

	"github.com/google/uuid"

	"hce.co/shared/auth"
)

// NewUser is what POST /usuarios takes.
type NewUser struct {
	Username    string           `json:"username"`
	Email       string           `json:"email,omitempty"`
	Nombre      string           `json:"nombre,omitempty"`
	Password    string           `json:"password,omitempty"` // missing: one is made, and must be changed at the first sign-in
	Rol         auth.Role        `json:"rol,omitempty"`      // the same as roles of one
	Roles       []auth.Role      `json:"roles,omitempty"`
	DocumentoID string           `json:"documento_id,omitempty"` // of a patient's account: any document of the record
	Profesional *NewProfessional `json:"profesional,omitempty"`
}

// Registration is what POST /register takes: of a patient, who they are and the
// code that reception gave them; of an administrador, a NewUser.
type Registration struct {
	NewUser
	TipoDocumento   string `json:"tipo_documento,omitempty"`
	NumeroDocumento string `json:"numero_documento,omitempty"`
	FechaNacimiento string `json:"fecha_nacimiento,omitempty"` // 2006-01-02
	Codigo          string `json:"codigo,omitempty"`
}

// Registered answers a patient's registration.
type Registered struct {
	ID          uuid.UUID   `json:"id"`
	Username    string      `json:"username"`
	Nombre      string      `json:"nombre"`
	Rol         auth.Role   `json:"rol"`
	Roles       []auth.Role `json:"roles"`
	DocumentoID string      `json:"documento_id"`
}

// NewProfessional is what an administrador writes of a professional (seed:
// profesional; RETHUS).
type NewProfessional struct {
	NombreProfesional string   `json:"nombre_profesional,omitempty"` // the account's name when missing
	TipoProfesional   string   `json:"tipo_profesional,omitempty"`
	RegistroMedico    string   `json:"registro_medico,omitempty"` // RETHUS
	Especialidad      string   `json:"especialidad,omitempty"`
	CargoServicio     string   `json:"cargo_servicio,omitempty"`
	Servicios         []string `json:"servicios,omitempty"` // REPS codes of the services they work in
	FirmaProfesional  string   `json:"firma_profesional,omitempty"`
}

// Professional is a professional with the key that verifies their signatures.
type Professional struct {
	NewProfessional
	ClaveID      string `json:"clave_id"`
	ClavePublica []byte `json:"clave_publica"` // Ed25519, base64
}

// User is an account as an administrador sees it.
type User struct {
	ID               uuid.UUID     `json:"id"`
	Username         string        `json:"username"`
	Email            string        `json:"email,omitempty"`
	Nombre           string        `json:"nombre"`
	Rol              auth.Role     `json:"rol"`
	Roles            []auth.Role   `json:"roles"`
	Activo           bool          `json:"activo"`
	DocumentoID      string        `json:"documento_id,omitempty"`
	Profesional      *Professional `json:"profesional,omitempty"`
	MFA              bool          `json:"mfa"`
	DebeCambiarClave bool          `json:"debe_cambiar_clave"`
	Demo             bool          `json:"demo,omitempty"`
	Version          int           `json:"version"`
	CreadoEn         time.Time     `json:"creado_en"`
	UltimoIngreso    *time.Time    `json:"ultimo_ingreso,omitempty"`
}

// CreatedUser is a new account, with the password that was made for it; that is
// shown this once.
type CreatedUser struct {
	User
	ClaveInicial string `json:"clave_inicial,omitempty"`
}

// UserChange is what PATCH /usuarios/{id} takes: what is missing stays as it is.
type UserChange struct {
	Nombre      *string          `json:"nombre,omitempty"`
	Email       *string          `json:"email,omitempty"` // "" takes it away
	Rol         *auth.Role       `json:"rol,omitempty"`
	Roles       []auth.Role      `json:"roles,omitempty"`
	Activo      *bool            `json:"activo,omitempty"`
	Profesional *NewProfessional `json:"profesional,omitempty"` // replaces all of it but the key
}

// OneTimePassword is a password that must be changed at the next sign-in.
type OneTimePassword struct {
	ClaveInicial string `json:"clave_inicial"`
}

// UserSearch asks for accounts by a part of the name, user name or e-mail, and by
// role.
type UserSearch struct {
	Q     string
	Rol   auth.Role
	Limit int
	After string
}

// NewProducer is what POST /productores takes: client_id or nombre, and what else
// is known.
type NewProducer struct {
	ClientID string   `json:"client_id,omitempty"` // made from nombre when missing
	Nombre   string   `json:"nombre,omitempty"`    // client_id when missing
	Tipos    []string `json:"tipos,omitempty"`     // of auth.EventTypes, which it may post; all when missing
}

// ProducerChange is what PATCH /productores/{client_id} takes.
type ProducerChange struct {
	Nombre *string  `json:"nombre,omitempty"`
	Tipos  []string `json:"tipos,omitempty"`
	Activo *bool    `json:"activo,omitempty"`
}

// Producer is a system that posts events.
type Producer struct {
	ID       uuid.UUID `json:"id" db:"id"`
	ClientID string    `json:"client_id" db:"client_id"`
	Nombre   string    `json:"nombre" db:"nombre"`
	Tipos    []string  `json:"tipos" db:"tipos"`
	Activo   bool      `json:"activo" db:"activo"`
	Version  int       `json:"version" db:"version"`
	CreadoEn time.Time `json:"creado_en" db:"creado_en"`
}

// CreatedProducer is a new producer with its secret, which is shown this once.
type CreatedProducer struct {
	Producer
	ClientSecret string `json:"client_secret"`
}
