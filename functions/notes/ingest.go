package notes

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// postable are the types of event that other systems may post.
var postable = auth.EventTypes()

const (
	maxEvents  = 500       // in one batch
	maxEventID = 200       // bytes of an event's id, source or subject
	intake     = "ingreso" // the receiver that this is, in the inbox
)

// takeEvents takes the events of a producer: all of them or none. They are kept
// before they are answered for, and sent on after.
func (f *Function) takeEvents(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	events, batch, err := readEvents(r)
	if err != nil {
		return err
	}
	ready, err := f.vet(ctx, events)
	if err != nil {
		return err
	}
	if err := ready.problem(batch); err != nil {
		return err
	}
	fresh, err := f.keep(ctx, ready.events)
	if err != nil {
		return err
	}
	f.outbox.Committed(fresh...)
	resp, err := service.JSON(http.StatusAccepted, api.Accepted{Recibidos: len(events), Repetidos: len(events) - len(fresh)})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// readEvents reads the CloudEvents that a request carries: structured, binary or
// a batch (CloudEvents 1.0, HTTP protocol binding).
func readEvents(r *http.Request) (events []cloudevents.Event, batch bool, err error) {
	mt, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	batch = mt == cloudevents.ApplicationCloudEventsBatchJSON
	if err != nil || !batch && mt != cloudevents.ApplicationCloudEventsJSON && (mt != cloudevents.ApplicationJSON || r.Header.Get("Ce-Id") == "") {
		return nil, false, &problem.Error{
			Status: http.StatusUnsupportedMediaType,
			Detail: "Envíe un CloudEvent 1.0: application/cloudevents+json, application/cloudevents-batch+json, o application/json con encabezados ce-.",
		}
	}
	body, err := service.Text(r)
	if err != nil {
		return nil, false, err
	}
	if err := service.WellFormed(body); err != nil {
		return nil, false, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if batch {
		events, err = cloudevents.NewEventsFromHTTPRequest(r)
	} else {
		var e *cloudevents.Event
		if e, err = cloudevents.NewEventFromHTTPRequest(r); err == nil {
			events = []cloudevents.Event{*e}
		}
	}
	if err != nil {
		return nil, false, problem.BadRequest("El contenido no es un CloudEvent 1.0.").Because(err)
	}
	if len(events) > maxEvents {
		return nil, false, problem.Unprocessable("Un lote lleva como máximo %d eventos.", maxEvents)
	}
	return events, batch, nil
}

// keep writes the events that were not taken before into the outbox, and returns
// them: all in one transaction.
func (f *Function) keep(ctx context.Context, events []event.Event) (fresh []event.Event, err error) {
	if len(events) == 0 {
		return nil, nil
	}
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		first := make([]bool, len(events))
		b := &pgx.Batch{}
		for i, e := range events {
			queueInbox(b, intake, e.DocumentoID, e.Producer, e.Source, e.ForeignID, f.now(), &first[i])
		}
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		b, fresh = &pgx.Batch{}, nil
		for i, e := range events {
			if !first[i] {
				continue
			}
			fresh = append(fresh, e)
			f.outbox.Queue(b, e)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: e.DocumentoID, Action: audit.Create, Type: "event", Resource: e.Type + "/" + e.ForeignID, Permission: auth.PostEvents,
			})
		}
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return nil, fmt.Errorf("keep events: %w", err)
	}
	return fresh, nil
}
