// Package api is the front desk's wire: what admission takes and gives, and a
// client that speaks it.
package api

import (
	"time"

	"github.com/google/uuid"
)

// Opening is what POST /admision takes (FHIR Encounter; RIPS, Res. 2275/2023).
type Opening struct {
	ID              string     `json:"id,omitempty"`              // UUIDv7 of the client's own: a retry with it opens nothing new
	DocumentoID     string     `json:"documento_id"`              // or any document that the person has had
	Clase           string     `json:"clase"`                     // AMB, EMER, IMP, OBSENC
	CausaMotivo     string     `json:"causa_motivo"`              // 21 to 49
	Inicio          *time.Time `json:"inicio,omitempty"`          // now when missing; in the future: planned
	ViaIngreso      string     `json:"via_ingreso,omitempty"`     // 01 to 14
	Finalidad       string     `json:"finalidad,omitempty"`       // 11 to 44
	Modalidad       string     `json:"modalidad,omitempty"`       // 01 to 09; there is no 05
	GrupoServicios  string     `json:"grupo_servicios,omitempty"` // 01 to 05
	Entorno         string     `json:"entorno,omitempty"`         // 01 to 05
	Servicio        string     `json:"servicio,omitempty"`        // REPS, see [Services]; by the class when missing
	Cama            string     `json:"cama,omitempty"`
	CUPS            string     `json:"cups,omitempty"`
	Sede            string     `json:"sede,omitempty"`
	ProfesionalID   string     `json:"profesional_id,omitempty"` // the médico who opens it when missing
	Acompanante     *Companion `json:"acompanante,omitempty"`
	EAPB            *Payer     `json:"eapb,omitempty"`         // that of the record when missing
	TipoUsuario     string     `json:"tipo_usuario,omitempty"` // 01 to 13; that of the record when missing
	NumAutorizacion string     `json:"num_autorizacion,omitempty"`
	PrestadorRemite string     `json:"prestador_remite,omitempty"`
}

// Companion is who came with the patient.
type Companion struct {
	Nombre     string `json:"nombre"`
	Parentesco string `json:"parentesco,omitempty"`
	Telefono   string `json:"telefono,omitempty"`
}

// Payer is the insurer that answers for an admission.
type Payer struct {
	Codigo string `json:"codigo,omitempty"`
	Nombre string `json:"nombre,omitempty"`
}

// TriageRequest is what POST …/triage takes (Res. 5596/2015).
type TriageRequest struct {
	Nivel  int    `json:"nivel"` // 1 (at once) to 5
	Motivo string `json:"motivo,omitempty"`
}

// TransferRequest is what POST …/traslado takes: where to. Without servicio the
// patient stays in theirs; without cama they have none.
type TransferRequest struct {
	Servicio string `json:"servicio,omitempty"`
	Cama     string `json:"cama,omitempty"`
}

// DischargeRequest is what POST …/egreso takes.
type DischargeRequest struct {
	Fin              *time.Time `json:"fin,omitempty"`    // now when missing
	CondicionEgreso  string     `json:"condicion_egreso"` // 01 to 08
	EstadoEgreso     string     `json:"estado_egreso"`    // vivo, muerto
	PrestadorDestino string     `json:"prestador_destino,omitempty"`
	Observaciones    string     `json:"observaciones,omitempty"`
}

// CancelRequest is what POST …/cancelacion takes.
type CancelRequest struct {
	Motivo string `json:"motivo"`
}

// Admission is an admission as the front desk gives it.
type Admission struct {
	DocumentoID     string        `json:"documento_id"`
	ID              uuid.UUID     `json:"id"`
	Numero          int64         `json:"numero"` // what people call it by
	Version         int           `json:"version"`
	Clase           string        `json:"clase"`
	Estado          string        `json:"estado"` // planned, arrived, triaged, in-progress, finished, cancelled
	Inicio          time.Time     `json:"inicio"`
	Fin             *time.Time    `json:"fin,omitempty"`
	CausaMotivo     string        `json:"causa_motivo"`
	ViaIngreso      string        `json:"via_ingreso,omitempty"`
	Finalidad       string        `json:"finalidad,omitempty"`
	Modalidad       string        `json:"modalidad,omitempty"`
	GrupoServicios  string        `json:"grupo_servicios,omitempty"`
	Entorno         string        `json:"entorno,omitempty"`
	Servicio        string        `json:"servicio"`
	Cama            string        `json:"cama,omitempty"` // the last one, of an admission that is over
	CUPS            string        `json:"cups,omitempty"`
	Sede            string        `json:"sede,omitempty"`
	Profesional     *Professional `json:"profesional,omitempty"`
	Triage          *Triage       `json:"triage,omitempty"`
	Acompanante     *Companion    `json:"acompanante,omitempty"`
	EAPB            *Payer        `json:"eapb,omitempty"`
	TipoUsuario     string        `json:"tipo_usuario,omitempty"`
	NumAutorizacion string        `json:"num_autorizacion,omitempty"`

	CondicionEgreso     string `json:"condicion_egreso,omitempty"`
	EstadoEgreso        string `json:"estado_egreso,omitempty"`
	PrestadorRemite     string `json:"prestador_remite,omitempty"`
	PrestadorDestino    string `json:"prestador_destino,omitempty"`
	ObservacionesEgreso string `json:"observaciones_egreso,omitempty"`

	AdmitidoPor string    `json:"admitido_por"` // name
	CreadoEn    time.Time `json:"creado_en"`
	Historia    []Event   `json:"historia,omitempty"` // in the order in which it was written; not in lists
}

// Professional is the médico responsible for an admission.
type Professional struct {
	ID     uuid.UUID `json:"id"`
	Nombre string    `json:"nombre"`
}

// Triage is the classification that counts: the last one.
type Triage struct {
	Nivel       int       `json:"nivel"` // 1 to 5
	Hora        time.Time `json:"hora"`
	Profesional string    `json:"profesional"` // name
	Rol         string    `json:"rol"`         // in which they classified
	Motivo      string    `json:"motivo,omitempty"`
}

// Event is a step in the history of an admission, and where it left it.
type Event struct {
	En       time.Time `json:"en"`   // when it took effect
	Tipo     string    `json:"tipo"` // ingreso, llegada, triage, atencion, traslado, egreso, cancelacion
	Estado   string    `json:"estado"`
	Servicio string    `json:"servicio,omitempty"`
	Cama     string    `json:"cama,omitempty"`
	Detalle  string    `json:"detalle,omitempty"`
	Usuario  string    `json:"usuario"` // name
}

// Stay is a present patient in the census or in the queue for triage.
type Stay struct {
	DocumentoID     string     `json:"documento_id" db:"documento_id"`
	TipoDocumento   string     `json:"tipo_documento" db:"tipo_documento"`
	NumeroDocumento string     `json:"numero_documento" db:"numero_documento"`
	Nombre          string     `json:"nombre" db:"nombre"`
	FechaNacimiento string     `json:"fecha_nacimiento" db:"fecha_nacimiento"` // 2006-01-02
	Edad            int        `json:"edad" db:"-"`                            // whole years
	SexoBiologico   string     `json:"sexo_biologico" db:"sexo_biologico"`
	AdmisionID      uuid.UUID  `json:"admision_id" db:"admision_id"`
	Numero          int64      `json:"numero" db:"numero"`
	Clase           string     `json:"clase" db:"clase"`
	Estado          string     `json:"estado" db:"estado"`
	Inicio          time.Time  `json:"inicio" db:"inicio"`
	Servicio        string     `json:"servicio" db:"servicio"`
	ServicioNombre  string     `json:"servicio_nombre" db:"-"`
	Cama            string     `json:"cama,omitempty" db:"cama"`
	TriageNivel     *int       `json:"triage_nivel,omitempty" db:"triage_nivel"`
	TriageHora      *time.Time `json:"triage_hora,omitempty" db:"triage_hora"`
	Profesional     string     `json:"profesional,omitempty" db:"profesional_nombre"` // name
}
