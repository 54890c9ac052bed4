package api

import (
	"time"

	"github.com/google/uuid"
)

// DraftSummary is a draft in its author's list.
type DraftSummary struct {
	DocumentoID    string    `json:"documento_id" db:"documento_id"`
	ID             uuid.UUID `json:"id" db:"id"`
	AdmisionID     uuid.UUID `json:"admision_id" db:"admision_id"`
	Version        int       `json:"version" db:"version"`
	Tipo           string    `json:"tipo" db:"tipo"`
	Paciente       string    `json:"paciente" db:"paciente"` // surnames first
	MotivoConsulta string    `json:"motivo_consulta,omitempty" db:"motivo_consulta"`
	FechaAtencion  time.Time `json:"fecha_atencion" db:"fecha_atencion"`
	ActualizadoEn  time.Time `json:"actualizado_en" db:"actualizado_en"`
}

// Vital is one measurement of a signed note.
type Vital struct {
	DocumentoID string    `json:"documento_id" db:"documento_id"` // of the record that it stands in
	ID          uuid.UUID `json:"id" db:"id"`
	NotaID      uuid.UUID `json:"nota_id" db:"nota_id"`
	Nombre      string    `json:"nombre" db:"nombre"` // as in [VitalSigns]
	Codigo      string    `json:"codigo" db:"codigo"` // LOINC
	Valor       float64   `json:"valor" db:"valor"`
	Unidad      string    `json:"unidad" db:"unidad"` // UCUM
	TomadoEn    time.Time `json:"tomado_en" db:"tomado_en"`
	TomadoPor   string    `json:"tomado_por" db:"tomado_por"`
}

// Condition is a diagnosis of a signed note.
type Condition struct {
	DocumentoID string    `json:"documento_id" db:"documento_id"` // of the record that it stands in
	ID          uuid.UUID `json:"id" db:"id"`
	NotaID      uuid.UUID `json:"nota_id" db:"nota_id"`
	AdmisionID  uuid.UUID `json:"admision_id" db:"admision_id"`
	CIE10       string    `json:"cie10" db:"cie10"`
	Descripcion string    `json:"descripcion" db:"descripcion"`
	Tipo        string    `json:"tipo" db:"tipo"`
	Rol         string    `json:"rol" db:"rol"`
	En          time.Time `json:"en" db:"en"`
}

// RegisteredAllergy is an allergy of the patient.
type RegisteredAllergy struct {
	DocumentoID   string     `json:"documento_id" db:"documento_id"` // of the record that it stands in
	ID            uuid.UUID  `json:"id" db:"id"`
	NotaID        *uuid.UUID `json:"nota_id,omitempty" db:"nota_id"`
	Tipo          string     `json:"tipo,omitempty" db:"tipo"`
	Sustancia     string     `json:"sustancia,omitempty" db:"sustancia"`
	Reaccion      string     `json:"reaccion,omitempty" db:"reaccion"`
	Criticidad    string     `json:"criticidad,omitempty" db:"criticidad"`
	Estado        string     `json:"estado" db:"estado"`
	RegistradaEn  time.Time  `json:"registrada_en" db:"registrada_en"`
	RegistradaPor string     `json:"registrada_por" db:"registrada_por"`
}

// PrescribedMedication is a medicine that somebody prescribed.
type PrescribedMedication struct {
	DocumentoID  string     `json:"documento_id" db:"documento_id"` // of the record that it stands in
	ID           uuid.UUID  `json:"id" db:"id"`
	NotaID       *uuid.UUID `json:"nota_id,omitempty" db:"nota_id"`
	DCI          string     `json:"dci" db:"dci"`
	CUM          string     `json:"cum,omitempty" db:"cum"`
	Dosis        string     `json:"dosis,omitempty" db:"dosis"`
	Unidad       string     `json:"unidad,omitempty" db:"unidad"`
	Via          string     `json:"via,omitempty" db:"via"`
	Frecuencia   string     `json:"frecuencia,omitempty" db:"frecuencia"`
	Duracion     string     `json:"duracion,omitempty" db:"duracion"`
	Cantidad     string     `json:"cantidad,omitempty" db:"cantidad"`
	Estado       string     `json:"estado" db:"estado"`
	PrescritoEn  time.Time  `json:"prescrito_en" db:"prescrito_en"`
	PrescritoPor string     `json:"prescrito_por" db:"prescrito_por"`
}

// NewResult is what POST /medico/resultado takes: a result that came on paper.
type NewResult struct {
	ID             string     `json:"id,omitempty"` // UUIDv7 of the client's own: a retry with it writes nothing new
	DocumentoID    string     `json:"documento_id"`
	AdmisionID     string     `json:"admision_id,omitempty"`
	CUPS           string     `json:"cups,omitempty"`
	LOINC          string     `json:"loinc,omitempty"`
	Nombre         string     `json:"nombre"`
	Valor          any        `json:"valor"`                // number or text
	ValorTipo      string     `json:"valor_tipo,omitempty"` // numero, texto, codigo; by the value when missing
	Unidad         string     `json:"unidad,omitempty"`     // UCUM
	Rango          string     `json:"rango,omitempty"`
	Interpretacion string     `json:"interpretacion,omitempty"`
	Estado         string     `json:"estado,omitempty"` // registered, preliminary, final (when missing), corrected
	TomadoEn       *time.Time `json:"tomado_en,omitempty"`
	EmitidoEn      *time.Time `json:"emitido_en,omitempty"` // now when missing
}

// Result is a laboratory's result (FHIR Observation).
type Result struct {
	DocumentoID    string     `json:"documento_id" db:"documento_id"`
	ID             uuid.UUID  `json:"id" db:"id"`
	Version        int        `json:"version" db:"version"`
	AdmisionID     *uuid.UUID `json:"admision_id,omitempty" db:"admision_id"`
	CUPS           string     `json:"cups,omitempty" db:"cups"`
	LOINC          string     `json:"loinc,omitempty" db:"loinc"`
	Nombre         string     `json:"nombre" db:"nombre"`
	Valor          string     `json:"valor" db:"valor"` // a number as it was written
	ValorTipo      string     `json:"valor_tipo" db:"valor_tipo"`
	Unidad         string     `json:"unidad,omitempty" db:"unidad"`
	Rango          string     `json:"rango,omitempty" db:"rango"`
	Interpretacion string     `json:"interpretacion,omitempty" db:"interpretacion"`
	Estado         string     `json:"estado" db:"estado"`
	TomadoEn       *time.Time `json:"tomado_en,omitempty" db:"tomado_en"`
	EmitidoEn      time.Time  `json:"emitido_en" db:"emitido_en"`
	Emisor         string     `json:"emisor" db:"emisor"`                      // who registered it, or the source of the event that brought it
	ProductorID    uuid.UUID  `json:"productor_id,omitzero" db:"productor_id"` // the account of the system that sent it
	Productor      string     `json:"productor,omitempty" db:"productor"`      // its name then
	VistoPor       string     `json:"visto_por,omitempty" db:"visto_por"`
	VistoEn        *time.Time `json:"visto_en,omitempty" db:"visto_en"`
}

// Code is a code of CIE-10.
type Code struct {
	Codigo      string `json:"codigo" db:"codigo"` // with the dot
	Descripcion string `json:"descripcion" db:"descripcion"`
	Sexo        string `json:"sexo,omitempty" db:"sexo"` // 01 men only, 02 women only
	EdadMin     *int   `json:"edad_min,omitempty" db:"edad_min"`
	EdadMax     *int   `json:"edad_max,omitempty" db:"edad_max"` // years
}

// Accepted is the answer to events taken.
type Accepted struct {
	Recibidos int `json:"recibidos"`
	Repetidos int `json:"repetidos"` // of them, those that had been taken before
}
