package pdfexport

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/chart"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/telemetry"
)

// What a failed export says.
const (
	tooLong = "La historia es demasiado larga para un solo documento. Pida un período más corto."
	givenUp = "No se pudo generar el documento después de varios intentos. Vuelva a pedirlo, e informe si se repite."
)

// finish sees to it that the export comes to an end: it builds the document
// when nobody else does, or waits for whoever does, until ctx ends. A job that
// comes back without being done is still on its way. cause is the event that
// asks, nil when a person waits.
func (f *Function) finish(ctx context.Context, j job, cause *cloudevents.Event) (job, error) {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 300*time.Millisecond) {
		if j.done() {
			return j, nil
		}
		if j.free(f.Now()) {
			built, mine, err := f.take(ctx, j, cause)
			if err != nil || mine {
				return built, err
			}
		}
		select {
		case <-ctx.Done():
			return j, nil
		case <-time.After(pause):
		}
		var err error
		if j, err = f.find(context.WithoutCancel(ctx), j.DocumentoID, j.ID); err != nil {
			return j, err
		}
	}
}

// take claims the export and builds it, once one of the instance's slots is
// free. It reports false when another instance was first.
func (f *Function) take(ctx context.Context, j job, cause *cloudevents.Event) (job, bool, error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return j, false, nil
	}
	// From here on the work is done even if whoever waits for it leaves.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), buildTimeout)
	defer cancel()
	j, mine, err := f.claim(ctx, j)
	if err != nil || !mine {
		return j, false, err
	}
	if j.Intentos > maxAttempts {
		j, err = f.fail(ctx, j, givenUp, cause)
		return j, true, err
	}
	began := time.Now()
	done, err := f.build(ctx, j, cause)
	built.Record(ctx, time.Since(began), "hce.outcome", outcomeOf(err))
	if errors.Is(err, chart.ErrTooLong) {
		j, err = f.fail(ctx, j, tooLong, cause)
		return j, true, err
	}
	if errors.Is(err, errLost) {
		return j, false, nil
	}
	if err != nil {
		return j, false, errors.Join(fmt.Errorf("build export: %w", err), f.release(ctx, j))
	}
	return done, true, nil
}

// built measures each attempt at a document.
var built = telemetry.Duration{
	Name: "hce.pdf.build.duration", About: "Time that it takes to build and store a document, by how it came out.",
	Bounds: []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
}

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "ready"
	case errors.Is(err, chart.ErrTooLong):
		return "too_long"
	case errors.Is(err, errLost):
		return "lost" // to another instance
	}
	return "failed"
}

// build makes the document of a claimed export and stores it.
func (f *Function) build(ctx context.Context, j job, cause *cloudevents.Event) (job, error) {
	s, err := f.read(ctx, j)
	if err != nil {
		return j, err
	}
	now := f.Now().UTC()
	var file bytes.Buffer
	pages, err := chart.Render(&file, assemble(s, j, f.cfg.Institution, f.cfg.PublicURL, now))
	if err != nil {
		return j, err
	}
	sum := sha256.Sum256(file.Bytes())
	var signature []byte
	if f.key != nil {
		signature = ed25519.Sign(f.key, sum[:])
	}
	expires := now.Add(f.cfg.Keep).Truncate(time.Second)
	return f.end(ctx, j, cause, event.PDFReady, `
		UPDATE historia_clinica.documento_pdf SET estado = 'listo', progreso = 100, error = '', huella = $4, paginas = $5, bytes = $6, sha256 = $7,
		  firma = $8, listo = $9, expira = $10
		WHERE documento_id = $1 AND id = $2 AND estado = 'generando' AND intentos = $3 RETURNING `+jobColumns,
		[]any{s.huella, pages, file.Len(), sum[:], signature, now, expires},
		func(b *pgx.Batch) {
			b.Queue(`INSERT INTO historia_clinica.documento_pdf_contenido (documento_id, id, contenido, expira) VALUES ($1, $2, $3, $4)`,
				j.DocumentoID, j.ID, file.Bytes(), expires)
		})
}

// fail ends a claimed export for good.
func (f *Function) fail(ctx context.Context, j job, message string, cause *cloudevents.Event) (job, error) {
	f.Log.WarnContext(ctx, "export failed", "pdf_id", j.ID, "attempts", j.Intentos, "error", message)
	return f.end(ctx, j, cause, event.PDFFailed, `
		UPDATE historia_clinica.documento_pdf SET estado = 'fallido', progreso = 0, error = $4
		WHERE documento_id = $1 AND id = $2 AND estado = 'generando' AND intentos = $3 RETURNING `+jobColumns,
		[]any{message}, func(*pgx.Batch) {})
}

// end writes down how a claimed export came out, with what goes with it and the
// event that tells it, in one transaction. What asked for it, and may still
// wait in the outbox, is settled. errLost when another instance took over.
func (f *Function) end(ctx context.Context, j job, cause *cloudevents.Event, typ, update string, args []any, more func(*pgx.Batch)) (job, error) {
	e, err := event.New(ctx, source, typ, j.DocumentoID, event.PDFData{DocumentoID: j.DocumentoID, PDFID: &j.ID, Tipo: j.Tipo})
	if err != nil {
		return j, err
	}
	args = append([]any{j.DocumentoID, j.ID, j.Intentos}, args...)
	var ended job
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		var mine bool
		var err error
		if ended, mine, err = one(ctx, tx, update, args...); err != nil {
			return err
		}
		if !mine {
			return errLost
		}
		b := &pgx.Batch{}
		more(b)
		b.Queue(`DELETE FROM historia_clinica.evento_salida WHERE documento_id = $1 AND tipo = $2 AND datos->>'pdf_id' = $3`,
			j.DocumentoID, event.PDFRequested, j.ID.String())
		f.outbox.Queue(b, e)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if cause == nil {
			return nil
		}
		// The claim has decided already who gives effect to the event.
		_, err = event.First(ctx, tx, receiver, j.DocumentoID, *cause)
		return err
	})
	if errors.Is(err, errLost) {
		return j, errLost
	}
	if err != nil {
		return j, fmt.Errorf("end export: %w", err)
	}
	f.outbox.Committed(e)
	return ended, nil
}
