package pdfexport

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

// receiver is this function's name in the inbox.
const receiver = "pdf-export"

// receive gives effect to an event that asks for a document. It answers 2xx
// when the export came to an end, whichever; 503 when the broker should bring
// the event again; 4xx when no retry will help.
func (f *Function) receive(w http.ResponseWriter, r *http.Request) error {
	e, err := event.Read(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), f.cfg.Wait)
	defer cancel()
	if err := db.Problem(f.deliver(ctx, e)); err != nil {
		if s := problem.Status(err); s < 400 || s >= 500 {
			return problem.Unavailable(err)
		}
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (f *Function) deliver(ctx context.Context, e cloudevents.Event) error {
	if e.Type() != event.PDFRequested {
		return problem.Unprocessable("Este receptor no atiende eventos de ese tipo.")
	}
	var data event.PDFData
	if err := event.Data(e, &data); err != nil {
		return err
	}
	if data.DocumentoID != "" && data.DocumentoID != e.Subject() {
		return problem.Unprocessable("El subject del evento y su documento_id no son el mismo.")
	}
	id := event.ForeignUUID(e)
	if data.PDFID != nil {
		id = *data.PDFID
	}
	j, err := f.find(ctx, e.Subject(), id)
	if problem.Status(err) == http.StatusNotFound {
		var joined bool
		if j, joined, err = f.foreign(ctx, e, data, id); joined {
			return nil
		}
	}
	if err != nil {
		return err
	}
	j, err = f.finish(ctx, j, &e)
	if err == nil && !j.done() {
		return errUnfinished
	}
	return err
}

var errUnfinished = errors.New("the export is still under way")

// foreign writes down the export that another system asks for, unless it has
// done so before. It reports in joined that the event had joined the export of
// somebody else, which sees to itself.
func (f *Function) foreign(ctx context.Context, e cloudevents.Event, data event.PDFData, id uuid.UUID) (j job, joined bool, err error) {
	o := order{id: id}
	if data.Tipo == api.Note {
		return j, false, problem.Unprocessable("Un evento puede pedir historia o epicrisis.")
	}
	if o.content, err = contentOf(api.Request{Tipo: data.Tipo}); err != nil {
		return j, false, err
	}
	if o.motivo, err = reasonOf(data.Motivo); err != nil {
		return j, false, err
	}
	if o.record, err = record.Find(ctx, f.pool, e.Subject()); err == nil {
		o.huella, err = f.present(ctx, o.record, o.content)
	}
	if problem.Status(err) == http.StatusNotFound {
		// A broker would bring a 404 again.
		return j, false, problem.Unprocessable("El evento pide un documento de una historia que no lo tiene.").Because(err)
	}
	if err != nil {
		return j, false, err
	}
	producer := event.Producer(e)
	if producer == uuid.Nil {
		producer = uuid.NewSHA1(uuid.NameSpaceURL, []byte(e.Source()))
	}
	ctx = auth.NewContext(ctx, auth.Principal{
		ID: producer, Name: e.Source(), Roles: []auth.Role{auth.Producer}, RequestID: auth.From(ctx).RequestID,
	})
	var first bool
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) (err error) {
		if first, err = event.First(ctx, tx, receiver, o.record.ID, e); err != nil || !first {
			return err
		}
		if j, _, err = f.place(ctx, tx, o); err != nil {
			return err
		}
		b := &pgx.Batch{}
		exported(ctx, b, j, audit.Execute)
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return j, false, fmt.Errorf("take over request: %w", err)
	}
	if !first {
		j, err = f.find(ctx, o.record.ID, id)
		return j, problem.Status(err) == http.StatusNotFound, err
	}
	return j, false, nil
}

// flush sends the events that could not be sent when they happened, asks again
// for the exports that nobody remembers, and forgets the files whose time is
// over.
func (f *Function) flush(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_, err := f.outbox.Flush(ctx, event.FlushAge)
	if err := errors.Join(err, f.remind(ctx), f.forget(ctx)); err != nil {
		return problem.Unavailable(db.Problem(err))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// forget deletes the files that are kept no longer; what vouches for printed
// copies stays.
func (f *Function) forget(ctx context.Context) error {
	if _, err := f.pool.Exec(ctx, `DELETE FROM historia_clinica.documento_pdf_contenido WHERE expira < $1`, f.Now().UTC()); err != nil {
		return fmt.Errorf("delete expired files: %w", err)
	}
	return nil
}
