package notes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// postable are the types of event that other systems may post.
var postable = []string{event.ResultIssued, event.PDFRequested}

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

// vetted are events that can be taken, and what is wrong with those that cannot.
type vetted struct {
	events []event.Event
	faults []fault
}

// fault is what is wrong with the event at a place of its batch.
type fault struct {
	Indice  int    `json:"indice"`
	Mensaje string `json:"mensaje"`
	status  int
}

func (v *vetted) refuse(index int, err error) error {
	status := problem.Status(err)
	if status >= 500 {
		return err
	}
	detail := err.Error()
	if p, ok := err.(*problem.Error); ok { //nolint:errorlint // ours, never wrapped
		detail = p.Detail
	}
	v.faults = append(v.faults, fault{index, detail, status})
	return nil
}

// problem is the answer when something is wrong: of a batch nothing is taken.
func (v *vetted) problem(batch bool) error {
	switch {
	case len(v.faults) == 0:
		return nil
	case !batch:
		return &problem.Error{Status: v.faults[0].status, Detail: v.faults[0].Mensaje}
	}
	return problem.Unprocessable("No se recibió ningún evento del lote: %d no son válidos.", len(v.faults)).With("eventos", v.faults)
}

// vet checks the events by themselves, then against the registry: their producer
// may post them, and they are about a record that exists.
func (f *Function) vet(ctx context.Context, events []cloudevents.Event) (*vetted, error) {
	v := &vetted{}
	sound := make([]bool, len(events))
	about := make([]string, len(events)) // documento_id in the data
	var keys []string
	for i := range events {
		subject, inData, err := checkEvent(events[i])
		if err != nil {
			if err := v.refuse(i, err); err != nil {
				return nil, err
			}
			continue
		}
		sound[i], about[i] = true, inData
		events[i].SetSubject(subject)
		keys = append(keys, subject, inData)
	}
	types, records, err := f.lookUp(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, e := range events {
		if !sound[i] {
			continue
		}
		id := records[e.Subject()]
		switch {
		case !slices.Contains(types, e.Type()):
			err = problem.Forbidden("Este productor no está autorizado para enviar eventos de tipo %s.", e.Type())
		case id == "":
			err = problem.Unprocessable("El subject no es de ninguna historia clínica.")
		case records[about[i]] != id:
			err = problem.Unprocessable("El documento_id de los datos no es de la misma historia clínica que el subject.")
		default:
			var out event.Event
			if out, err = passOn(e, id, about[i]); err != nil {
				return nil, err
			}
			v.events = append(v.events, out)
			continue
		}
		if err := v.refuse(i, err); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(v.faults, func(a, b fault) int { return a.Indice - b.Indice })
	return v, nil
}

// checkEvent checks an event by itself. It returns the keys of the documents
// that its subject and its data name.
func checkEvent(e cloudevents.Event) (subject, inData string, err error) {
	if err := e.Validate(); err != nil {
		return "", "", problem.Unprocessable("El CloudEvent no es válido: revise specversion, id, source, type y time.").Because(err)
	}
	for _, s := range []string{e.ID(), e.Source(), e.Subject()} {
		if len(s) > maxEventID || strings.ContainsFunc(s, unicode.IsControl) {
			return "", "", problem.Unprocessable("El id, el source y el subject tienen como máximo %d caracteres, ninguno de control.", maxEventID)
		}
	}
	if from := strings.ToLower(e.Source()); from == "/hce" || strings.HasPrefix(from, "/hce/") {
		return "", "", problem.Unprocessable("El source /hce/… es de este sistema: use el de quien emite el evento.")
	}
	if !slices.Contains(postable, e.Type()) {
		return "", "", problem.Forbidden("Los eventos de ese tipo no se reciben de otros sistemas.")
	}
	if mt, _, err := mime.ParseMediaType(e.DataContentType()); e.DataContentType() != "" && (err != nil || mt != cloudevents.ApplicationJSON) {
		return "", "", problem.Unprocessable("Los datos del evento van en application/json.")
	}
	if err := valid(e); err != nil {
		return "", "", err
	}
	d, err := ident.ParseID(e.Subject())
	if err != nil {
		return "", "", problem.Unprocessable("El subject dice de qué historia clínica trata el evento, como CC-1032456789.")
	}
	var data struct {
		DocumentoID string `json:"documento_id"`
	}
	if err := json.Unmarshal(e.Data(), &data); err != nil {
		return "", "", problem.Unprocessable("Los datos del evento no son JSON.").Because(err)
	}
	other, err := ident.ParseID(data.DocumentoID)
	if err != nil {
		return "", "", problem.Unprocessable("El documento_id de los datos no es un documento.")
	}
	return d.ID(), other.ID(), nil
}

// lookUp reads, in one round trip, which types the caller may post and which
// records documents lead to.
func (f *Function) lookUp(ctx context.Context, keys []string) (types []string, records map[string]string, err error) {
	records = map[string]string{}
	b := &pgx.Batch{}
	b.Queue(`SELECT tipos FROM historia_clinica.productor WHERE id = $1 AND activo`, auth.From(ctx).ID).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&types}, func() error { return nil })
		return err
	})
	b.Queue(`SELECT clave, documento_id FROM historia_clinica.identificador WHERE clave = ANY($1)`, keys).Query(func(rows pgx.Rows) error {
		var key, id string
		_, err := pgx.ForEachRow(rows, []any{&key, &id}, func() error {
			records[key] = id
			return nil
		})
		return err
	})
	if err := f.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, nil, fmt.Errorf("look up events: %w", err)
	}
	return types, records, nil
}

// passOn makes of a producer's event the one that is sent on: about the record
// by its documento_id, whatever document of the person the producer knows.
func passOn(e cloudevents.Event, documentoID, named string) (event.Event, error) {
	data := json.RawMessage(e.Data())
	if named != documentoID {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			return event.Event{}, fmt.Errorf("decode event data: %w", err)
		}
		id, err := json.Marshal(documentoID)
		if err != nil {
			return event.Event{}, fmt.Errorf("encode event data: %w", err)
		}
		members["documento_id"] = id
		if data, err = json.Marshal(members); err != nil {
			return event.Event{}, fmt.Errorf("encode event data: %w", err)
		}
	}
	return event.Foreign(e, documentoID, data), nil
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
			queueInbox(b, intake, e.DocumentoID, e.Source, e.ForeignID, f.now(), &first[i])
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
