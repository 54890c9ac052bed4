// Package api is login's wire: what it takes and gives, and a client that speaks
// it.
package api

import (
	"time"

	"github.com/google/uuid"

	"hce.co/shared/auth"
)

// The grants of POST /login (RFC 6749 §4.3, §4.4, §6).
const (
	GrantPassword = "password"
	GrantRefresh  = "refresh_token"
	GrantClient   = "client_credentials"
	// GrantSecondFactor finishes a sign-in whose password was right: with the
	// mfa_token of the mfa_required problem, and codigo_mfa.
	GrantSecondFactor = "mfa_otp"
)

// The `error` members of a problem of POST /login (RFC 6749 §5.2), which stand
// beside those of RFC 9457.
const (
	ErrorRequest      = "invalid_request"        // 400
	ErrorGrantType    = "unsupported_grant_type" // 400
	ErrorGrant        = "invalid_grant"          // 401
	ErrorClient       = "invalid_client"         // 401
	ErrorSecondFactor = "mfa_required"           // 401, with mfa_token; campos.codigo_mfa when a code was given and is wrong
	ErrorSlowDown     = "slow_down"              // 429
	ErrorUnavailable  = "temporarily_unavailable"
)

// TokenRequest is what POST /login takes, as a form or as JSON.
type TokenRequest struct {
	GrantType    string `json:"grant_type,omitempty"`
	Username     string `json:"username,omitempty"` // user name or e-mail
	Password     string `json:"password,omitempty"`
	CodigoMFA    string `json:"codigo_mfa,omitempty"` // six digits, or a recovery code
	MFAToken     string `json:"mfa_token,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
	Scope        string `json:"scope,omitempty"` // taken and ignored: the roles say what is allowed
}

// Token is a successful answer of POST /login, and of whatever else issues an
// access token. With debe_cambiar_clave or mfa_por_activar the access token is
// good for nothing but settling that.
type Token struct {
	AccessToken      string      `json:"access_token"`
	TokenType        string      `json:"token_type"` // Bearer
	ExpiresIn        int         `json:"expires_in"` // seconds
	RefreshToken     string      `json:"refresh_token,omitempty"`
	Rol              auth.Role   `json:"rol"` // the first of roles
	Roles            []auth.Role `json:"roles"`
	Nombre           string      `json:"nombre"`
	DocumentoID      string      `json:"documento_id,omitempty"` // of a patient's account
	DebeCambiarClave bool        `json:"debe_cambiar_clave"`
	MFAPorActivar    bool        `json:"mfa_por_activar"` // their role asks for a second factor that they do not have yet
}

// Reinforce is what POST /login/reforzar takes: the code of who has a second
// factor, the password of who has not.
type Reinforce struct {
	Codigo string `json:"codigo,omitempty"`
	Clave  string `json:"clave,omitempty"`
}

// Me is who the caller is.
type Me struct {
	ID               uuid.UUID     `json:"id"`
	Username         string        `json:"username"` // of a producer: its client_id
	Email            string        `json:"email,omitempty"`
	Nombre           string        `json:"nombre"`
	Rol              auth.Role     `json:"rol"`
	Roles            []auth.Role   `json:"roles"`
	DocumentoID      string        `json:"documento_id,omitempty"`
	Servicios        []string      `json:"servicios,omitempty"`
	Profesional      *Professional `json:"profesional,omitempty"`
	Tipos            []string      `json:"tipos,omitempty"` // of a producer: the types of event that it may post
	MFA              bool          `json:"mfa"`
	DebeCambiarClave bool          `json:"debe_cambiar_clave"`
	MFAPorActivar    bool          `json:"mfa_por_activar"`
	UltimoIngreso    *time.Time    `json:"ultimo_ingreso,omitempty"`
}

// PasswordChange is what POST /yo/clave takes.
type PasswordChange struct {
	Actual string `json:"actual"`
	Nueva  string `json:"nueva"`
}

// Enrolment is a second factor about to be set up: to be typed, or scanned.
type Enrolment struct {
	Secreto string `json:"secreto"` // base32
	URI     string `json:"uri"`     // otpauth://totp/…
}

// Code is a code of the second factor.
type Code struct {
	Codigo string `json:"codigo"`
}

// Enrolled answers the confirmation of a second factor.
type Enrolled struct {
	CodigosRecuperacion []string `json:"codigos_recuperacion"` // each good once; shown this once
	Token
}
