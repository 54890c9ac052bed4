// Package api is the chart's wire: what notes takes and gives, and a client that
// speaks it.
package api

import (
	"time"

	"github.com/google/uuid"

	"hce.co/shared/client"
	"hce.co/shared/vital"
)

// Sections are the texts of a note (FHIR Composition.section).
type Sections struct {
	MotivoConsulta             string `json:"motivo_consulta,omitempty"`
	EnfermedadActual           string `json:"enfermedad_actual,omitempty"`
	AntecedentesPersonales     string `json:"antecedentes_personales,omitempty"`
	AntecedentesFamiliares     string `json:"antecedentes_familiares,omitempty"`
	Alergias                   string `json:"alergias,omitempty"`
	Habitos                    string `json:"habitos,omitempty"`
	MedicamentosActuales       string `json:"medicamentos_actuales,omitempty"`
	ExamenFisicoGeneral        string `json:"examen_fisico_general,omitempty"`
	ExamenFisicoSistemas       string `json:"examen_fisico_sistemas,omitempty"`
	ImpresionDiagnostica       string `json:"impresion_diagnostica,omitempty"`
	ConductaPlanManejo         string `json:"conducta_plan_manejo,omitempty"`
	Recomendaciones            string `json:"recomendaciones,omitempty"`
	MedicosInterconsultados    string `json:"medicos_interconsultados,omitempty"`
	ProcedimientosRealizados   string `json:"procedimientos_realizados,omitempty"`
	ResultadosExamenes         string `json:"resultados_examenes,omitempty"`
	DiagnosticoDefinitivo      string `json:"diagnostico_definitivo,omitempty"`
	EvolucionMedica            string `json:"evolucion_medica,omitempty"`
	TratamientoInstaurado      string `json:"tratamiento_instaurado,omitempty"`
	FormulacionMedica          string `json:"formulacion_medica,omitempty"`
	EducacionPaciente          string `json:"educacion_paciente,omitempty"`
	ReferenciaContrareferencia string `json:"referencia_contrareferencia,omitempty"`
}

// Diagnosis is a diagnosis of a note (FHIR Condition; RIPS).
type Diagnosis struct {
	CIE10       string `json:"cie10"`                 // with the dot: A05.9; on the way in, without it too
	Descripcion string `json:"descripcion,omitempty"` // that of the code when missing
	Tipo        string `json:"tipo,omitempty"`        // 01 impresión, 02 confirmado nuevo, 03 confirmado repetido
	Rol         string `json:"rol,omitempty"`         // principal, relacionado1..3 (relacionado: the next of them), ingreso, egreso, complicacion, muerte
}

// VitalSigns are what was measured at one moment (FHIR Observation vital-signs).
type VitalSigns struct {
	PAS         *float64   `json:"pas,omitempty"`         // systolic pressure, mm[Hg]
	PAD         *float64   `json:"pad,omitempty"`         // diastolic pressure, mm[Hg]
	FC          *float64   `json:"fc,omitempty"`          // heart rate, /min
	FR          *float64   `json:"fr,omitempty"`          // respiratory rate, /min
	Temp        *float64   `json:"temp,omitempty"`        // Cel
	SpO2        *float64   `json:"spo2,omitempty"`        // %
	Peso        *float64   `json:"peso,omitempty"`        // kg
	Talla       *float64   `json:"talla,omitempty"`       // cm
	IMC         *float64   `json:"imc,omitempty"`         // kg/m2, computed: what a client sends is not taken
	Glasgow     *float64   `json:"glasgow,omitempty"`     // 3 to 15
	Dolor       *float64   `json:"dolor,omitempty"`       // 0 to 10
	Glucometria *float64   `json:"glucometria,omitempty"` // mg/dL
	TomadoEn    *time.Time `json:"tomado_en,omitempty"`   // the time of the note when missing
	TomadoPor   string     `json:"tomado_por,omitempty"`  // the author of the note when missing
}

// Value is the field of a sign; it holds nil where that was not measured.
func (v *VitalSigns) Value(s vital.Sign) **float64 {
	return [vital.Count]**float64{
		vital.Systolic: &v.PAS, vital.Diastolic: &v.PAD, vital.HeartRate: &v.FC, vital.RespiratoryRate: &v.FR, vital.Temperature: &v.Temp,
		vital.OxygenSaturation: &v.SpO2, vital.Weight: &v.Peso, vital.Height: &v.Talla, vital.BodyMassIndex: &v.IMC,
		vital.Glasgow: &v.Glasgow, vital.Pain: &v.Dolor, vital.Glucose: &v.Glucometria,
	}[s]
}

// Allergy is an allergy that a note registers (FHIR AllergyIntolerance). One
// with estado niega and nothing else says that the patient denies any.
type Allergy struct {
	Tipo       string `json:"tipo,omitempty"` // 01 medicamento, 02 alimento, 03 ambiente, 04 contacto, 05 picadura, 06 otra
	Sustancia  string `json:"sustancia,omitempty"`
	Reaccion   string `json:"reaccion,omitempty"`
	Criticidad string `json:"criticidad,omitempty"` // baja, alta, indeterminada
	Estado     string `json:"estado,omitempty"`     // activa (when missing), inactiva, resuelta, niega
}

// Medication is a medicine that a note prescribes (FHIR MedicationRequest).
type Medication struct {
	DCI        string `json:"dci"`           // international name
	CUM        string `json:"cum,omitempty"` // code of the presentation (INVIMA)
	Dosis      string `json:"dosis,omitempty"`
	Unidad     string `json:"unidad,omitempty"`
	Via        string `json:"via,omitempty"`
	Frecuencia string `json:"frecuencia,omitempty"`
	Duracion   string `json:"duracion,omitempty"`
	Cantidad   string `json:"cantidad,omitempty"`
	Estado     string `json:"estado,omitempty"` // activo (when missing), suspendido, terminado
}

// Structured are the parts of a note that are more than text.
type Structured struct {
	Diagnosticos        []Diagnosis  `json:"diagnosticos,omitempty"`
	SignosVitales       *VitalSigns  `json:"signos_vitales,omitempty"`
	AlergiasRegistradas []Allergy    `json:"alergias_registradas,omitempty"`
	Medicamentos        []Medication `json:"medicamentos,omitempty"`
}

// Content is what the author of a note writes.
type Content struct {
	Tipo string `json:"tipo,omitempty"` // ingreso, evolucion, interconsulta, egreso (epicrisis: the same), enfermeria
	Sections
	Structured
	FirmaPaciente string `json:"firma_paciente,omitempty"`
}

// NewNote is what POST /medico/nota takes.
type NewNote struct {
	ID            string     `json:"id,omitempty"`          // UUIDv7 of the client's own: a retry with it writes nothing new
	DocumentoID   string     `json:"documento_id"`          // or any document that the person has had
	AdmisionID    string     `json:"admision_id,omitempty"` // missing: the note has an ambulatory encounter of its own
	FechaAtencion *time.Time `json:"fecha_atencion,omitempty"`
	Content
	Firmar bool `json:"firmar,omitempty"` // sign at once; a draft otherwise
}

// Draft is what PUT /medico/nota/{documento_id}/{nota} takes: the whole content,
// in place of what was there. Of the ids, the time and the type that may be
// missing, the note keeps what it has.
type Draft struct {
	ID            string     `json:"id,omitempty"`
	DocumentoID   string     `json:"documento_id,omitempty"`
	AdmisionID    string     `json:"admision_id,omitempty"`
	FechaAtencion *time.Time `json:"fecha_atencion,omitempty"`
	Content
	NotItsAuthors
}

// NotItsAuthors are the members of a note that its author does not write, and may
// send back with a draft.
type NotItsAuthors struct {
	Esquema       client.ReadOnly `json:"esquema,omitzero"`
	FechaRegistro client.ReadOnly `json:"fecha_registro,omitzero"`
	FirmadaEn     client.ReadOnly `json:"firmada_en,omitzero"`
	Autor         client.ReadOnly `json:"autor,omitzero"`
	Version       client.ReadOnly `json:"version,omitzero"`
	Estado        client.ReadOnly `json:"estado,omitzero"`
	ActualizadoEn client.ReadOnly `json:"actualizado_en,omitzero"`
	Firma         client.ReadOnly `json:"firma,omitzero"`
	Anulacion     client.ReadOnly `json:"anulacion,omitzero"`
	Adendas       client.ReadOnly `json:"adendas,omitzero"`
	Advertencias  client.ReadOnly `json:"advertencias,omitzero"`
}

// Author is who wrote something. The key is the one that a signature was made
// with.
type Author struct {
	ID           uuid.UUID `json:"id"`
	Nombre       string    `json:"nombre"`
	Registro     string    `json:"registro,omitempty"` // RETHUS
	Especialidad string    `json:"especialidad,omitempty"`
	ClaveID      string    `json:"clave_id,omitempty"`
	ClavePublica []byte    `json:"clave_publica,omitempty"` // Ed25519, base64
}

// Written is a note as its signature covers it: signed are the bytes of this in
// the canonical form of RFC 8785, which GET …/contenido gives.
type Written struct {
	Esquema       string     `json:"esquema,omitempty"` // co.hce.nota.v1, of a signed note
	ID            uuid.UUID  `json:"id"`
	DocumentoID   string     `json:"documento_id"`
	AdmisionID    uuid.UUID  `json:"admision_id"`
	FechaAtencion time.Time  `json:"fecha_atencion"`
	FechaRegistro time.Time  `json:"fecha_registro"` // when it was begun
	FirmadaEn     *time.Time `json:"firmada_en,omitempty"`
	Autor         Author     `json:"autor"`
	Content
}

// Status is what may still change of a note, and what others added to it.
type Status struct {
	Version       int        `json:"version"`
	Estado        string     `json:"estado"` // borrador, firmada, anulada
	ActualizadoEn time.Time  `json:"actualizado_en"`
	Firma         *Signature `json:"firma,omitempty"`
	Anulacion     *Annulment `json:"anulacion,omitempty"`
	Adendas       []Addendum `json:"adendas,omitempty"`      // in the order of their chain
	Advertencias  []Warning  `json:"advertencias,omitempty"` // in the answer to a write
}

// Note is a note as the chart shows it.
type Note struct {
	Written
	Status
}

// Signature is who signed, when, and what it takes to check it.
type Signature struct {
	Autor    string    `json:"autor"`
	Registro string    `json:"registro,omitempty"` // RETHUS
	En       time.Time `json:"en"`
	SHA256   string    `json:"sha256"` // of the signed bytes, hexadecimal
	ClaveID  string    `json:"clave_id"`
	Valor    []byte    `json:"valor"` // Ed25519 (RFC 8032) over the signed bytes, base64
}

// Annulment says that a signed note no longer counts.
type Annulment struct {
	En     time.Time `json:"en"`
	Motivo string    `json:"motivo"`
}

// AnnulRequest is what POST …/anulacion takes.
type AnnulRequest struct {
	Motivo string `json:"motivo"`
}

// AddendumRequest is what POST …/adenda takes.
type AddendumRequest struct {
	Motivo string `json:"motivo"` // correccion, aclaracion, ampliacion
	Texto  string `json:"texto"`
}

// Addendum is what somebody added to a signed note.
type Addendum struct {
	ID         uuid.UUID `json:"id"`
	En         time.Time `json:"en"`
	Autor      Author    `json:"autor"`
	Motivo     string    `json:"motivo"`
	Texto      string    `json:"texto"`
	HashPrevio string    `json:"hash_previo"` // SHA-256 of the note, or of the addendum before; hexadecimal
	Firma      Signature `json:"firma"`
}

// Warning is something unusual that was accepted.
type Warning struct {
	Campo   string `json:"campo"`
	Mensaje string `json:"mensaje"`
}
