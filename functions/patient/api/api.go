// Package api is the registry's wire: what patient takes and gives, and a client
// that speaks it.
package api

import (
	"time"

	"github.com/google/uuid"

	"hce.co/shared/client"
)

// Demographics are the fields of a patient that people write (FHIR Patient;
// Res. 866/2021, Res. 1888/2025, RIPS).
type Demographics struct {
	TipoDocumento      string     `json:"tipo_documento" db:"tipo_documento"`
	NumeroDocumento    string     `json:"numero_documento" db:"numero_documento"`
	PrimerApellido     string     `json:"primer_apellido" db:"primer_apellido"`
	SegundoApellido    string     `json:"segundo_apellido,omitempty" db:"segundo_apellido"`
	PrimerNombre       string     `json:"primer_nombre" db:"primer_nombre"`
	SegundoNombre      string     `json:"segundo_nombre,omitempty" db:"segundo_nombre"`
	NombreIdentitario  string     `json:"nombre_identitario,omitempty" db:"nombre_identitario"`
	FechaNacimiento    string     `json:"fecha_nacimiento" db:"fecha_nacimiento"`                   // 2006-01-02
	HoraNacimiento     string     `json:"hora_nacimiento,omitempty" db:"hora_nacimiento"`           // 15:04
	SexoBiologico      string     `json:"sexo_biologico" db:"sexo_biologico"`                       // 01 hombre, 02 mujer, 03 indeterminado
	IdentidadGenero    string     `json:"identidad_genero,omitempty" db:"identidad_genero"`         // 01 a 05
	Nacionalidades     []string   `json:"nacionalidades,omitempty" db:"nacionalidades"`             // ISO 3166-1 numeric
	Direccion          string     `json:"direccion_residencia,omitempty" db:"direccion_residencia"` //
	Barrio             string     `json:"barrio,omitempty" db:"barrio"`
	Municipio          string     `json:"municipio,omitempty" db:"municipio"`       // DIVIPOLA, five digits
	Departamento       string     `json:"departamento,omitempty" db:"departamento"` // DIVIPOLA, two digits
	Pais               string     `json:"pais,omitempty" db:"pais"`                 // ISO 3166-1 numeric
	Zona               string     `json:"zona,omitempty" db:"zona"`                 // urbana, rural
	Etnia              string     `json:"etnia,omitempty" db:"etnia"`
	ComunidadEtnica    string     `json:"comunidad_etnica,omitempty" db:"comunidad_etnica"`
	Discapacidades     []string   `json:"discapacidades,omitempty" db:"discapacidades"` // 01 a 08
	Ocupacion          string     `json:"ocupacion,omitempty" db:"ocupacion"`           // CIUO-88 or text
	Telefono           string     `json:"telefono,omitempty" db:"telefono"`
	Celular            string     `json:"celular,omitempty" db:"celular"`
	CorreoElectronico  string     `json:"correo_electronico,omitempty" db:"correo_electronico"`
	EstadoCivil        string     `json:"estado_civil,omitempty" db:"estado_civil"`
	GrupoSanguineo     string     `json:"grupo_sanguineo,omitempty" db:"grupo_sanguineo"` // A, B, AB, O
	FactorRH           string     `json:"factor_rh,omitempty" db:"factor_rh"`             // +, -
	EntidadCodigo      string     `json:"entidad_codigo,omitempty" db:"entidad_codigo"`   // EAPB
	EntidadPertenece   string     `json:"entidad_pertenece,omitempty" db:"entidad_nombre"`
	RegimenAfiliacion  string     `json:"regimen_afiliacion,omitempty" db:"regimen_afiliacion"`
	TipoUsuario        string     `json:"tipo_usuario,omitempty" db:"tipo_usuario"` // RIPS 01 a 13
	ContactoEmergencia *Contact   `json:"contacto_emergencia,omitempty" db:"contacto_emergencia"`
	Responsable        *Contact   `json:"responsable,omitempty" db:"responsable"`
	VoluntadAnticipada *Will      `json:"voluntad_anticipada,omitempty" db:"voluntad_anticipada"`
	OposicionDonacion  *Will      `json:"oposicion_donacion,omitempty" db:"oposicion_donacion"` // Ley 1805/2016
	Fallecido          bool       `json:"fallecido,omitempty" db:"fallecido"`
	FechaFallecimiento *time.Time `json:"fecha_fallecimiento,omitempty" db:"fecha_fallecimiento"`
}

// Change is what PUT /paciente/{id} takes: all that people write, in place of
// what was there. What else GET gives may come back with it.
type Change struct {
	DocumentoID string `json:"documento_id,omitempty"` // a document of the record in the path
	Demographics
	NotTheirs
}

// NotTheirs are the members of a record that nobody writes.
type NotTheirs struct {
	Version       client.ReadOnly `json:"version,omitzero"`
	Edad          client.ReadOnly `json:"edad,omitzero"`
	Activo        client.ReadOnly `json:"activo,omitzero"`
	FusionadoEn   client.ReadOnly `json:"fusionado_en,omitzero"`
	Fusionada     client.ReadOnly `json:"fusionada,omitzero"`
	Incluye       client.ReadOnly `json:"incluye,omitzero"`
	CreadoEn      client.ReadOnly `json:"creado_en,omitzero"`
	ActualizadoEn client.ReadOnly `json:"actualizado_en,omitzero"`
}

// Contact is somebody to call for a patient (FHIR Patient.contact).
type Contact struct {
	Nombre     string `json:"nombre"`
	Parentesco string `json:"parentesco,omitempty"`
	Telefono   string `json:"telefono,omitempty"`
}

// Will is a decision that the patient put on record (FHIR Consent).
type Will struct {
	Manifiesta bool   `json:"manifiesta"`
	Fecha      string `json:"fecha,omitempty"` // 2006-01-02
	Detalle    string `json:"detalle,omitempty"`
}

// Patient is a record as the registry gives it.
type Patient struct {
	DocumentoID string `json:"documento_id" db:"documento_id"`
	Version     int    `json:"version" db:"version"`
	Demographics
	Edad          int       `json:"edad" db:"-"` // whole years, today or at death
	Activo        bool      `json:"activo" db:"activo"`
	FusionadoEn   *string   `json:"fusionado_en,omitempty" db:"fusionado_en"` // the record that goes on; not told to patients
	Fusionada     bool      `json:"fusionada,omitempty" db:"-"`               // merged into another: nothing more is written here
	Incluye       []string  `json:"incluye,omitempty" db:"-"`                 // documento_id of the records merged into this one
	CreadoEn      time.Time `json:"creado_en" db:"creado_en"`
	ActualizadoEn time.Time `json:"actualizado_en" db:"actualizado_en"`
}

// Summary is a patient in a list of results.
type Summary struct {
	DocumentoID     string `json:"documento_id" db:"documento_id"`
	TipoDocumento   string `json:"tipo_documento" db:"tipo_documento"`
	NumeroDocumento string `json:"numero_documento" db:"numero_documento"`
	PrimerApellido  string `json:"primer_apellido" db:"primer_apellido"`
	SegundoApellido string `json:"segundo_apellido,omitempty" db:"segundo_apellido"`
	PrimerNombre    string `json:"primer_nombre" db:"primer_nombre"`
	SegundoNombre   string `json:"segundo_nombre,omitempty" db:"segundo_nombre"`
	FechaNacimiento string `json:"fecha_nacimiento" db:"fecha_nacimiento"`
	SexoBiologico   string `json:"sexo_biologico" db:"sexo_biologico"`
	Edad            int    `json:"edad" db:"-"`
	Parecido        int    `json:"parecido,omitempty" db:"parecido"` // of a likely duplicate: 0 to 100
}

// Search is what POST /paciente/buscar takes: names in any order, or a document.
type Search struct {
	Q       string `json:"q,omitempty"`
	Doc     string `json:"documento,omitempty"`
	Limite  int    `json:"limite,omitempty"`
	Despues string `json:"despues,omitempty"` // documento_id of the last one seen
}

// Document is an identity document that a record gets.
type Document struct {
	TipoDocumento   string `json:"tipo_documento" db:"-"`
	NumeroDocumento string `json:"numero_documento" db:"-"`
	Vigente         bool   `json:"vigente" db:"vigente"`
	Desde           string `json:"desde,omitempty" db:"desde"` // 2006-01-02
	Historia        string `json:"historia,omitempty" db:"-"`  // documento_id of the merged record that it was given to
}

// NewDocument is what POST /paciente/{id}/documentos takes.
type NewDocument struct {
	TipoDocumento   string `json:"tipo_documento"`
	NumeroDocumento string `json:"numero_documento"`
	Desde           string `json:"desde,omitempty"` // 2006-01-02; today when missing
}

// Withdrawal is what POST /paciente/{id}/documentos/{documento}/retiro takes.
type Withdrawal struct {
	Motivo string `json:"motivo"`
}

// Code is the one-time code with which a patient opens an account; it is shown
// this once.
type Code struct {
	Codigo string    `json:"codigo"`
	Expira time.Time `json:"expira"`
}

// EmergencyRequest asks to read a record without being in relation to it.
type EmergencyRequest struct {
	Motivo string `json:"motivo"`
}

// EmergencyAccess is a break-the-glass: who, why, until when, and its review.
type EmergencyAccess struct {
	ID          uuid.UUID  `json:"id" db:"id"`
	DocumentoID string     `json:"documento_id" db:"documento_id"`
	UsuarioID   uuid.UUID  `json:"usuario_id" db:"usuario_id"`
	Nombre      string     `json:"nombre" db:"nombre"`
	Motivo      string     `json:"motivo" db:"motivo"`
	Desde       time.Time  `json:"desde" db:"desde"`
	Hasta       time.Time  `json:"hasta" db:"hasta"`
	RevisadoEn  *time.Time `json:"revisado_en,omitempty" db:"revisado_en"`
	Decision    string     `json:"decision,omitempty" db:"decision"` // justificado, injustificado
}

// Review is the administrator's word on an emergency access.
type Review struct {
	Decision string `json:"decision"` // justificado, injustificado
}

// Access is a row of a record's trail (FHIR AuditEvent).
type Access struct {
	ID        uuid.UUID `json:"id" db:"id"`
	En        time.Time `json:"en" db:"en"`
	Nombre    string    `json:"nombre" db:"nombre"`
	Rol       string    `json:"rol" db:"rol"`
	Accion    string    `json:"accion" db:"accion"` // C, R, U, D, E
	Tipo      string    `json:"tipo" db:"tipo"`
	Recurso   string    `json:"recurso,omitempty" db:"recurso"`
	Motivo    string    `json:"motivo,omitempty" db:"motivo"`
	Resultado string    `json:"resultado" db:"resultado"`
	Peticion  string    `json:"peticion,omitempty" db:"request_id"` // the same for all rows of one page of the ui
}
