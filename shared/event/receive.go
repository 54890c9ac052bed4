package event

import (
	"context"
	"fmt"
	"net/http"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/telemetry"
)

// Read takes the event that a request carries, in binary or structured mode. An
// event that can never be understood is a 400, which the broker does not retry
// and hands to the dead letter sink.
func Read(r *http.Request) (cloudevents.Event, error) {
	e, err := cloudevents.NewEventFromHTTPRequest(r)
	if err != nil {
		return cloudevents.Event{}, problem.BadRequest("La solicitud no lleva un CloudEvent.").Because(err)
	}
	if err := CheckVersion(*e); err != nil {
		return cloudevents.Event{}, err
	}
	if err := e.Validate(); err != nil {
		return cloudevents.Event{}, problem.BadRequest("El CloudEvent no es válido.").Because(err)
	}
	if e.Subject() == "" {
		return cloudevents.Event{}, problem.Unprocessable("El CloudEvent no dice en subject de qué historia clínica trata.")
	}
	noteType(r.Context(), e.Type())
	return *e, nil
}

// CheckVersion refuses an event of another version of CloudEvents than 1.0.
func CheckVersion(e cloudevents.Event) error {
	if e.SpecVersion() != cloudevents.VersionV1 {
		return problem.BadRequest("Solo se reciben eventos de CloudEvents 1.0: revise specversion.")
	}
	return nil
}

// noteType has the request counted by the type of event that it brought, where
// it is one of ours: anybody may make others up.
func noteType(ctx context.Context, typ string) {
	switch typ {
	case PatientRegistered, AdmissionOpened, AdmissionClosed, NoteSigned, PDFRequested, PDFReady, PDFFailed, ResultIssued:
	default:
		typ = "other"
	}
	telemetry.Note(ctx, "cloudevents.event_type", typ)
}

// Data reads the event's data into v.
func Data(e cloudevents.Event, v any) error {
	if err := e.DataAs(v); err != nil {
		return problem.Unprocessable("Los datos del evento no corresponden a su tipo.").Because(err)
	}
	return nil
}

// First notes in the receiver's inbox that the event takes effect in this
// transaction. It reports false when it already has: then there is nothing
// left to do.
func First(ctx context.Context, tx db.Querier, receiver, documentoID string, e cloudevents.Event) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO historia_clinica.evento_entrada (documento_id, receptor, productor, fuente, id, recibido_en)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, documentoID, receiver, Producer(e), e.Source(), e.ID(), time.Now().UTC())
	if err != nil {
		return false, fmt.Errorf("note event received: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}
