package notes

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/access"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const source = "/hce/notes"

// now is this instant as finely as the database keeps it.
func (f *Function) now() time.Time { return f.Now().UTC().Truncate(time.Microsecond) }

// notePath is where a note stands.
func notePath(documentoID string, id uuid.UUID) string {
	return "/medico/nota/" + documentoID + "/" + id.String()
}

// write writes a note: a draft, or signed at once.
func (f *Function) write(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in api.NewNote
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	q, err := newRequest(in, auth.From(ctx), f.now())
	if err != nil {
		return err
	}
	var events []event.Event
	resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
		if q.sign {
			if err := auth.RequireStepUp(q.by, q.now); err != nil {
				return resp, err
			}
		}
		resp, events, err = f.insert(ctx, q, key)
		return resp, err
	})
	if err != nil {
		return err
	}
	f.outbox.Committed(events...)
	return resp.Write(w)
}

// read shows one note: a draft to its author, a signed one to whoever may read
// the chart.
func (f *Function) read(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	rec, err := access.Open(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	n, err := f.findIn(ctx, rec, note)
	if err != nil {
		return err
	}
	body, err := n.encode()
	if err != nil {
		return err
	}
	return service.Response{Status: http.StatusOK, ETag: service.ETag(n.Version), Body: append(body, '\n')}.Write(w)
}

// readContent shows the bytes that the signature of a note covers, so that
// anybody who may read the note can check it with the public key alone.
func (f *Function) readContent(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	rec, err := access.Open(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	n, err := f.findIn(ctx, rec, note)
	if err != nil {
		return err
	}
	if !n.Sellada {
		return problem.Conflict("La nota no está firmada.").With("estado", n.Estado)
	}
	return service.Response{Status: http.StatusOK, Body: n.Contenido}.Write(w)
}

// chartOf opens the chart in the path: that of all the records merged into one,
// or of one of them.
func (f *Function) chartOf(r *http.Request) (record.Record, error) {
	rec, err := access.Open(r.Context(), f.pool, r.PathValue("id"))
	if err != nil {
		return rec, err
	}
	return record.Narrow(r, rec), nil
}

// list shows the notes of a patient, newest first.
func (f *Function) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, after, err := position(r)
	if err != nil {
		return err
	}
	rec, err := f.chartOf(r)
	if err != nil {
		return err
	}
	notes, err := f.findAll(ctx, rec, after, page.Limit+1)
	if err != nil {
		return err
	}
	if len(notes) > page.Limit {
		notes = notes[:page.Limit]
		page.Next(w, r, notes[page.Limit-1].place().String())
	}
	all := make([][]byte, len(notes))
	for i, n := range notes {
		if all[i], err = n.encode(); err != nil {
			return err
		}
	}
	body := slices.Concat([]byte{'['}, bytes.Join(all, []byte{','}), []byte("]\n"))
	return service.Response{Status: http.StatusOK, Body: body}.Write(w)
}

// flush sends the events that could not be sent when they happened.
func (f *Function) flush(w http.ResponseWriter, r *http.Request) error {
	if _, err := f.outbox.Flush(r.Context(), event.FlushAge); err != nil {
		return problem.Unavailable(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// problemOf says what a client may read of an error of the database: that a
// signed note does not change, besides what [db.Problem] says.
func problemOf(err error) error {
	if db.IsCode(err, db.CodeImmutable) {
		err = problem.Conflict("Una nota firmada no se modifica: agregue una adenda.").Because(err)
	}
	return db.Problem(err)
}
