package pdfexport

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/problem"
)

// current gives the document of the record as it is now: the one that is there
// when nothing has changed since, else a new one, for which the client waits a
// while. A client that prefers not to wait (RFC 7240) gets a place to look.
func (f *Function) current(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := contentOf(requestOf(r.URL.Query()))
	if err != nil {
		return err
	}
	o := order{content: c}
	if o.record, err = f.chartOf(r); err != nil {
		return err
	}
	if o.huella, err = f.present(ctx, o.record, c); err != nil {
		return err
	}
	j, found, err := f.ready(ctx, f.pool, o.record.ID, o.huella)
	if err != nil {
		return err
	}
	var placed *event.Event
	if !found {
		if j, placed, err = f.start(ctx, o); err != nil {
			return err
		}
	}
	async := prefersAsync(r)
	if !async {
		waiting, cancel := context.WithTimeout(ctx, f.cfg.Wait)
		defer cancel()
		if j, err = f.finish(waiting, j, nil); err != nil {
			return err
		}
		if j.done() {
			return f.send(w, r, j)
		}
	}
	// Somebody else will finish what this request began.
	if placed != nil {
		f.outbox.Committed(*placed)
	}
	if err := f.tell(ctx, j, audit.Execute); err != nil {
		return err
	}
	resp, err := accepted(j)
	if err != nil {
		return err
	}
	if async {
		w.Header().Set("Preference-Applied", "respond-async")
	}
	if !j.done() {
		w.Header().Set("Retry-After", "1")
	}
	return resp.Write(w)
}

// start places an order whose client waits, unless the document became ready in
// this very moment: then that one comes back. Its audit row is that of the
// answer.
func (f *Function) start(ctx context.Context, o order) (j job, e *event.Event, err error) {
	var done job
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) (err error) {
		if j, e, err = f.place(ctx, tx, o); err != nil || e == nil {
			return err
		}
		// With its row in place nobody begins the same, and what ended before
		// is visible to this query.
		var found bool
		if done, found, err = f.ready(ctx, tx, o.record.ID, o.huella); found {
			return errReady
		}
		return err
	})
	if errors.Is(err, errReady) {
		return done, nil, nil
	}
	if err != nil {
		return j, nil, fmt.Errorf("ask for export: %w", err)
	}
	return j, e, nil
}

var errReady = errors.New("the document is there")

// prefersAsync reports whether the client would rather look later than wait.
func prefersAsync(r *http.Request) bool {
	for _, v := range r.Header.Values("Prefer") {
		for _, p := range strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ';' }) {
			if strings.EqualFold(strings.TrimSpace(p), "respond-async") {
				return true
			}
		}
	}
	return false
}

// send answers with the file of an export, and leaves the audit row of its
// reading. A client that has it already gets 304.
func (f *Function) send(w http.ResponseWriter, r *http.Request, j job) error {
	ctx := r.Context()
	if err := withheld(j, f.Now()); err != nil {
		return err
	}
	etag := `"` + hex.EncodeToString(j.SHA256) + `"`
	h := w.Header()
	h.Set("Vary", "Accept")
	if match := r.Header.Get("If-None-Match"); match != "" && (match == "*" || strings.Contains(match, etag)) {
		if err := f.tell(ctx, j, audit.Read); err != nil {
			return err
		}
		h.Set("ETag", etag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	var file []byte
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT contenido FROM historia_clinica.documento_pdf_contenido WHERE documento_id = $1 AND id = $2 AND expira > $3`,
			j.DocumentoID, j.ID, f.Now().UTC()).QueryRow(func(row pgx.Row) error { return row.Scan(&file) })
		exported(ctx, b, j, audit.Read)
	})
	if db.NoRows(err) {
		return gone(discarded)
	}
	if err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": j.fileName()}))
	h.Set("Content-Location", j.path()+"/archivo")
	h.Set("Content-Length", strconv.Itoa(len(file)))
	h.Set("ETag", etag)
	w.WriteHeader(http.StatusOK)
	w.Write(file) //nolint:errcheck // the client is gone; there is nobody to tell
	return nil
}

// tell leaves the audit rows of an export by themselves.
func (f *Function) tell(ctx context.Context, j job, action audit.Action) error {
	if err := db.Batch(ctx, f.pool, func(b *pgx.Batch) { exported(ctx, b, j, action) }); err != nil {
		return fmt.Errorf("write audit row: %w", err)
	}
	return nil
}

// withheld is why an export that came to an end has no file to give.
func withheld(j job, now time.Time) error {
	switch {
	case j.Estado == api.Revoked:
		return gone("El documento fue revocado.")
	case j.Estado == api.Ready && j.expired(now):
		return gone(discarded)
	case j.Estado == api.Failed && j.Error == tooLong:
		return problem.Unprocessable(tooLong)
	case j.Estado == api.Failed:
		return &problem.Error{Status: http.StatusInternalServerError, Detail: j.Error}
	}
	return nil
}

const discarded = "El archivo ya no se guarda: pida una nueva exportación."

func gone(detail string) error { return &problem.Error{Status: http.StatusGone, Detail: detail} }
