package pdfexport

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/db"
	"hce.co/shared/event"
)

// The broker may lose an event that it took on, and an instance may be killed
// with an export in its hands. Whoever follows the export finds out soon; for
// those that nobody looks at there is the sweep.
const (
	missedAfter = 10 * time.Second // of one that is being followed
	remindAfter = time.Minute      // since an export was asked for, or last asked for again
	remindMost  = 100              // exports in one go
)

// asking is the event that asks for the export, the same each time: it has the
// export's id, so that at most one waits in the outbox.
func (j job) asking(ctx context.Context) (event.Event, error) {
	e, err := event.New(ctx, source, event.PDFRequested, j.DocumentoID, event.PDFData{DocumentoID: j.DocumentoID, PDFID: &j.ID, Tipo: j.Tipo})
	e.ID = j.ID
	return e, err
}

// forgotten reports whether nobody seems to be at work on the export: asked for
// longer ago than patience, or in the hands of an instance that is gone.
func (j job) forgotten(now time.Time, patience time.Duration) bool {
	since := j.Creado
	if j.Tomado != nil {
		since = *j.Tomado
	}
	return j.Estado == api.Requested && now.Sub(since) > patience || j.Estado == api.Generating && j.free(now)
}

// remind asks again for exports whose event is gone.
func (f *Function) remind(ctx context.Context) error {
	now := f.Now().UTC()
	rows, err := f.pool.Query(ctx, `
		SELECT `+jobColumns+` FROM historia_clinica.documento_pdf d
		WHERE (estado = 'solicitado' AND coalesce(tomado, creado) < $1 OR estado = 'generando' AND tomado < $2)
		  AND NOT EXISTS (SELECT 1 FROM historia_clinica.evento_salida s
		    WHERE s.documento_id = d.documento_id AND s.tipo = $3 AND s.datos->>'pdf_id' = d.id::text)
		ORDER BY creado LIMIT $4`, now.Add(-remindAfter), now.Add(-staleAfter), event.PDFRequested, remindMost)
	if err != nil {
		return fmt.Errorf("find forgotten exports: %w", err)
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowToStructByName[job])
	if err != nil {
		return fmt.Errorf("find forgotten exports: %w", err)
	}
	for _, j := range jobs {
		if err := f.askAgain(ctx, j, now); err != nil {
			return err
		}
	}
	return nil
}

// askAgain sends the event of a forgotten export once more, unless somebody has
// taken the export or asked for it meanwhile.
func (f *Function) askAgain(ctx context.Context, j job, now time.Time) error {
	e, err := j.asking(ctx)
	if err != nil {
		return err
	}
	sent := false
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE historia_clinica.documento_pdf SET estado = 'solicitado', progreso = 0, tomado = $4
			WHERE documento_id = $1 AND id = $2 AND estado = $3 AND tomado IS NOT DISTINCT FROM $5`, j.DocumentoID, j.ID, j.Estado, now, j.Tomado)
		if sent = err == nil && tag.RowsAffected() == 1; !sent {
			return err
		}
		return f.outbox.Save(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("ask again for export: %w", err)
	}
	if sent {
		f.outbox.Committed(e)
	}
	return nil
}
