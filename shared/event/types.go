// Package event carries what happened from one function to another as
// CloudEvents, through an outbox and an inbox.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"

	"hce.co/shared/ident"
	"hce.co/shared/telemetry"
)

// The types of event. Their subject is the documento_id.
const (
	PatientRegistered = "co.hce.paciente.registrado.v1"
	AdmissionOpened   = "co.hce.admision.abierta.v1"
	AdmissionClosed   = "co.hce.admision.cerrada.v1"
	NoteSigned        = "co.hce.nota.firmada.v1"
	PDFRequested      = "co.hce.pdf.solicitado.v1"
	PDFReady          = "co.hce.pdf.listo.v1"
	PDFFailed         = "co.hce.pdf.fallido.v1"
	ResultIssued      = "co.hce.resultado.emitido.v1"
)

// PatientRegisteredData tells that a record was opened.
type PatientRegisteredData struct {
	DocumentoID string `json:"documento_id"`
}

// AdmissionData tells of an admission's beginning or end.
type AdmissionData struct {
	DocumentoID string    `json:"documento_id"`
	AdmisionID  uuid.UUID `json:"admision_id"`
	Clase       string    `json:"clase"`
	Servicio    string    `json:"servicio,omitempty"`
}

// NoteSignedData tells that a note was signed.
type NoteSignedData struct {
	DocumentoID string    `json:"documento_id"`
	NotaID      uuid.UUID `json:"nota_id"`
	AdmisionID  uuid.UUID `json:"admision_id"`
	Tipo        string    `json:"tipo"`
}

// PDFData tells of an export: asked for, ready or failed. When another system
// asks, pdf_id may be missing: the receiver derives it from the event.
type PDFData struct {
	DocumentoID string     `json:"documento_id"`
	PDFID       *uuid.UUID `json:"pdf_id,omitempty"`
	Tipo        string     `json:"tipo,omitempty"`
	Motivo      string     `json:"motivo,omitempty"`
}

// ResultData is a laboratory's result.
type ResultData struct {
	DocumentoID    string     `json:"documento_id"`
	ResultadoID    *uuid.UUID `json:"resultado_id,omitempty"`
	AdmisionID     *uuid.UUID `json:"admision_id,omitempty"`
	CUPS           string     `json:"cups,omitempty"`
	LOINC          string     `json:"loinc,omitempty"`
	Nombre         string     `json:"nombre"`
	Valor          any        `json:"valor"` // number or text
	ValorTipo      string     `json:"valor_tipo,omitempty"`
	Unidad         string     `json:"unidad,omitempty"` // UCUM
	Rango          string     `json:"rango,omitempty"`
	Interpretacion string     `json:"interpretacion,omitempty"`
	Estado         string     `json:"estado,omitempty"` // FHIR Observation.status; final when missing
	TomadoEn       *time.Time `json:"tomado_en,omitempty"`
	EmitidoEn      *time.Time `json:"emitido_en,omitempty"`
}

// Event is an event on its way out.
type Event struct {
	ID          uuid.UUID
	Source      string // /hce/<function>
	Type        string
	DocumentoID string
	At          time.Time
	Data        json.RawMessage
	TraceParent string // W3C Trace Context, when there is one
	ForeignID   string // the id that another system gave its event; empty for ours

	Producer uuid.UUID // the account of the other system; Nil for ours
}

// New makes an event about a record. Whoever receives it goes on with the trace
// of ctx.
func New(ctx context.Context, source, typ, documentoID string, data any) (Event, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("encode %s: %w", typ, err)
	}
	return Event{
		ID: ident.NewID(), Source: source, Type: typ, DocumentoID: documentoID, At: time.Now().UTC(), Data: b, TraceParent: telemetry.TraceParent(ctx),
	}, nil
}

// Foreign makes of an event that another system posted, with the account of a
// producer, the one that is passed on: its id and source stay as they were, its
// row in the outbox gets an id that is the same each time. A time that it lacks, or that is yet to come, is
// now: it also says since when the event waits. One that belongs to no trace of
// its producer's belongs to that of ctx.
func Foreign(ctx context.Context, ce cloudevents.Event, producer uuid.UUID, documentoID string, data json.RawMessage) Event {
	at := ce.Time().UTC()
	if now := time.Now().UTC(); at.IsZero() || at.After(now) {
		at = now
	}
	e := Event{
		ID: foreignUUID(producer, ce.Source(), ce.ID()), Source: ce.Source(), Type: ce.Type(), DocumentoID: documentoID, At: at,
		Data: data, ForeignID: ce.ID(), Producer: producer, TraceParent: telemetry.TraceParent(ctx),
	}
	if parent, _ := ce.Extensions()["traceparent"].(string); telemetry.Traceable(parent) {
		e.TraceParent = parent
	}
	return e
}

// ForeignUUID derives an id of ours from an event of another system (UUIDv5):
// from its source and id, which are of that system's choosing, and from the
// account that it was posted with.
func ForeignUUID(ce cloudevents.Event) uuid.UUID {
	return foreignUUID(Producer(ce), ce.Source(), ce.ID())
}

func foreignUUID(producer uuid.UUID, source, id string) uuid.UUID {
	space := producer
	if space == uuid.Nil {
		space = uuid.NameSpaceURL
	}
	return uuid.NewSHA1(space, []byte(source+" "+id))
}

// producerExtension is the CloudEvents attribute that says whose account an
// event was posted with. What a producer writes there itself is not passed on.
const producerExtension = "productor"

// Producer returns the account that an event which we passed on was posted with,
// Nil for our own events.
func Producer(ce cloudevents.Event) uuid.UUID {
	s, _ := ce.Extensions()[producerExtension].(string)
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil
	}
	return id
}

// CloudEvent returns the event as the broker takes it.
func (e Event) CloudEvent() (cloudevents.Event, error) {
	ce := cloudevents.NewEvent()
	ce.SetID(e.ID.String())
	if e.ForeignID != "" {
		ce.SetID(e.ForeignID)
	}
	ce.SetSource(e.Source)
	ce.SetType(e.Type)
	ce.SetSubject(e.DocumentoID)
	ce.SetTime(e.At)
	if e.TraceParent != "" {
		ce.SetExtension("traceparent", e.TraceParent)
	}
	if e.Producer != uuid.Nil {
		ce.SetExtension(producerExtension, e.Producer.String())
	}
	if err := ce.SetData(cloudevents.ApplicationJSON, e.Data); err != nil {
		return ce, fmt.Errorf("encode %s: %w", e.Type, err)
	}
	return ce, nil
}
