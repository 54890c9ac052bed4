package pdfexport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/access"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const source = "/hce/pdf-export"

// chartOf finds the record in the path, for a caller who may read its chart.
func (f *Function) chartOf(r *http.Request) (record.Record, error) {
	rec, err := record.ForCaller(r.Context(), f.pool, r.PathValue("id"))
	if err != nil {
		return rec, err
	}
	return access.Chart(r.Context(), f.pool, rec)
}

// jobOf returns the export in the path.
func (f *Function) jobOf(r *http.Request) (job, error) {
	id, err := service.PathID(r, "trabajo")
	if err != nil {
		return job{}, err
	}
	rec, err := f.chartOf(r)
	if err != nil {
		return job{}, err
	}
	return f.findIn(r.Context(), rec, id)
}

// findIn returns an export of a chart. One that holds what the caller may not
// read, or what is no longer of this chart, does not exist for them.
func (f *Function) findIn(ctx context.Context, rec record.Record, id uuid.UUID) (job, error) {
	for _, part := range rec.Nearest() {
		switch j, err := f.find(ctx, part, id); {
		case err == nil && j.within(rec):
			return j, nil
		case err != nil && problem.Status(err) != http.StatusNotFound:
			return job{}, err
		}
	}
	return job{}, noExport()
}

// exported leaves the audit row of an export with each record whose entries it
// holds.
func exported(ctx context.Context, b *pgx.Batch, j job, action audit.Action) {
	for _, id := range j.records() {
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: id, Action: action, Type: "export", Resource: "pdf/" + j.ID.String(), Reason: j.Motivo, Permission: auth.ExportChart,
		})
	}
}

// ask asks for a document, to be built in the background.
func (f *Function) ask(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	body, err := optionalBody(r)
	if err != nil {
		return err
	}
	key, err := idempotency.Of(r, body)
	if err != nil {
		return err
	}
	o, err := orderOf(body)
	if err != nil {
		return err
	}
	if o.record, err = f.chartOf(r); err != nil {
		return err
	}
	var placed *event.Event
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		if o.huella, err = f.present(ctx, o.record, o.content); err != nil {
			return service.Response{}, err
		}
		var resp service.Response
		placed, err = f.accept(ctx, o, func(tx pgx.Tx, j job) (err error) {
			if resp, err = accepted(j); err != nil {
				return err
			}
			return key.Save(ctx, tx, resp)
		})
		return resp, err
	})
	if err != nil {
		return err
	}
	if placed != nil {
		f.outbox.Committed(*placed)
	}
	w.Header().Set("Retry-After", "1")
	return resp.Write(w)
}

// optionalBody reads a JSON body that may be missing, whatever its type is said
// to be: many clients send one with nothing.
func optionalBody(r *http.Request) ([]byte, error) {
	body := bufio.NewReader(r.Body)
	if _, err := body.Peek(1); errors.Is(err, io.EOF) {
		return []byte("{}"), nil
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{body, r.Body}
	return service.Body(r)
}

func orderOf(body []byte) (order, error) {
	var in api.Request
	if err := service.DecodeBytes(body, &in); err != nil {
		return order{}, err
	}
	c, err := contentOf(in)
	if err != nil {
		return order{}, err
	}
	reason, err := reasonOf(in.Motivo)
	return order{content: c, motivo: reason}, err
}

// accept writes the order down with the audit row of its asking, and whatever
// else save adds, in one transaction. It returns the event to send, nil when
// the same document is under way already.
func (f *Function) accept(ctx context.Context, o order, save func(pgx.Tx, job) error) (*event.Event, error) {
	var e *event.Event
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		j, placed, err := f.place(ctx, tx, o)
		if err != nil {
			return err
		}
		e = placed
		b := &pgx.Batch{}
		exported(ctx, b, j, audit.Execute)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return save(tx, j)
	})
	if err != nil {
		return nil, fmt.Errorf("ask for export: %w", err)
	}
	return e, nil
}

// accepted answers with an export to follow.
func accepted(j job) (service.Response, error) {
	resp, err := service.JSON(http.StatusAccepted, j.wire())
	resp.Location = j.path()
	return resp, err
}

// follow tells how far an export is, or gives its file to who accepts PDF.
func (f *Function) follow(w http.ResponseWriter, r *http.Request) error {
	if strings.Contains(r.Header.Get("Accept"), "application/pdf") {
		return f.download(w, r)
	}
	j, err := f.jobOf(r)
	if err != nil {
		return err
	}
	if !j.done() {
		w.Header().Set("Retry-After", "1")
	}
	if now := f.Now().UTC(); j.forgotten(now, missedAfter) {
		if err := f.askAgain(r.Context(), j, now); err != nil { // the next look at it tries again
			f.Log.WarnContext(r.Context(), "a forgotten export stays so", "error", db.Problem(err))
		}
	}
	w.Header().Set("Vary", "Accept")
	return service.WriteJSON(w, 0, j.wire())
}

// download gives the file of an export.
func (f *Function) download(w http.ResponseWriter, r *http.Request) error {
	j, err := f.jobOf(r)
	if err != nil {
		return err
	}
	if !j.done() {
		p := problem.Conflict("El documento todavía se está generando.").With("progreso", j.Progreso)
		p.RetryAfter = time.Second
		return p
	}
	return f.send(w, r, j)
}
