package notes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

var (
	// errElsewhere says that the record stands under another documento_id, or was
	// merged into another.
	errElsewhere = errors.New("the record is elsewhere")
	// errWaiting says that the patient's attention has not begun: it begins with
	// the note, and that has to be the transaction's first lock.
	errWaiting = errors.New("the admission waits")
)

// insert writes the note that was asked for, with all that belongs to it, and
// returns the answer and the events to send.
func (f *Function) insert(ctx context.Context, q request, key idempotency.Key) (service.Response, []event.Event, error) {
	w := noteWrite{f: f, q: q, key: key, record: q.record}
	err := w.run(ctx)
	if errors.Is(err, errElsewhere) {
		if w.record, err = record.ToWrite(ctx, f.pool, q.record); err == nil {
			err = w.run(ctx)
		}
	}
	if errors.Is(err, errWaiting) {
		w.begin = true
		err = w.run(ctx)
	}
	switch {
	case errors.Is(err, errElsewhere):
		return service.Response{}, nil, record.NotFound()
	case db.Violates(err) == "nota_pkey":
		resp, err := f.again(ctx, q, w.record)
		return resp, nil, err
	case err != nil:
		return service.Response{}, nil, fmt.Errorf("write note: %w", err)
	}
	return w.resp, w.events, nil
}

// noteWrite is one attempt at writing a note.
type noteWrite struct {
	f      *Function
	q      request
	key    idempotency.Key
	record string
	begin  bool // the attention begins with this note

	resp   service.Response
	events []event.Event
}

// run reads the facts in one round trip, decides, and writes in another.
func (w *noteWrite) run(ctx context.Context) error {
	return db.Lean(ctx, w.f.pool, func(tx *db.LeanTx) error {
		var x facts
		var signer *professional
		var begun *place
		b := &pgx.Batch{}
		if w.begin {
			queueAttention(b, w.record, w.q.admission, w.q.by, w.q.at, &begun)
		}
		found := queueFacts(b, w.record, w.q.admission, codesOf(w.q.content.Diagnosticos), &x)
		if w.q.sign {
			w.f.keys.queue(b, w.q.by.ID, w.q.now, &signer)
		}
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		switch {
		case !*found:
			return errElsewhere
		case w.q.sign && signer == nil:
			return noProfessional()
		case w.q.admission != uuid.Nil && x.admission == nil:
			return problem.Invalid(map[string]string{"admision_id": "Esa admisión no es de este paciente."})
		case x.admission.moves():
			return errWaiting
		}
		b = &pgx.Batch{}
		if begun != nil {
			queueAttended(b, w.record, w.q.admission, w.q.by, w.q.now, *begun)
		}
		if err := w.queue(ctx, b, x, signer); err != nil {
			return err
		}
		return tx.Commit(ctx, b)
	})
}

// queue decides on the note and writes it with all that belongs to it.
func (w *noteWrite) queue(ctx context.Context, b *pgx.Batch, x facts, signer *professional) (err error) {
	q := w.q
	n := q.note(w.record, q.admission)
	if n.Advertencias, err = judge(&n.Content, q.at, q.by.Name, x, q.now); err != nil {
		return err
	}
	w.events = nil
	if x.admission == nil {
		n.AdmisionID = ident.NewID()
		own := queueEncounter(b, n, x.person, q.by)
		x.admission = &own
	}
	entry := audit.Entry{DocumentoID: w.record, Action: audit.Create, Type: "create", Resource: "nota/" + n.ID.String() + "/1", Permission: auth.WriteNote}
	var body []byte
	if q.sign {
		entry.Type = "sign"
		s, err := signer.signNote(&n, q.now)
		if err != nil {
			return err
		}
		queueNote(b, n, q.print, &s)
		e, err := queueSigned(ctx, b, n, s)
		if err != nil {
			return err
		}
		w.f.outbox.Queue(b, e)
		if x.admission.Pending {
			if w.events, err = w.f.queueAttested(ctx, b, w.record, *x.admission, q.by); err != nil {
				return err
			}
		}
		w.events = append(w.events, e)
		if body, err = shown(s.content, n.Status); err != nil {
			return err
		}
	} else {
		queueNote(b, n, q.print, nil)
		if body, err = json.Marshal(n); err != nil {
			return fmt.Errorf("encode note: %w", err)
		}
	}
	audit.Queue(ctx, b, entry)
	w.resp = service.Response{
		Status: http.StatusCreated, Location: notePath(w.record, n.ID), ETag: service.ETag(n.Version), Body: append(body, '\n'),
	}
	w.key.Queue(b, w.resp)
	return nil
}

// again answers a retry of a note that stands there already under the same id:
// with that note, as long as it is what was asked for then.
func (f *Function) again(ctx context.Context, q request, documentoID string) (service.Response, error) {
	var same bool
	err := f.pool.QueryRow(ctx, `
		SELECT autor_id = $3 AND coalesce(huella = $4, false) FROM historia_clinica.nota WHERE documento_id = $1 AND id = $2`,
		documentoID, q.id, q.by.ID, q.print).Scan(&same)
	if err != nil {
		return service.Response{}, fmt.Errorf("compare notes: %w", err)
	}
	if !same {
		return service.Response{}, problem.Conflict("Ya existe una nota con ese identificador y otro contenido.")
	}
	n, err := f.find(ctx, documentoID, q.id)
	if err != nil {
		return service.Response{}, err
	}
	full, err := n.note()
	if err != nil {
		return service.Response{}, err
	}
	return service.Created(notePath(documentoID, full.ID), full.Version, full)
}
