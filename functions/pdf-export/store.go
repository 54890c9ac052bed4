package pdfexport

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

const jobColumns = `documento_id, id, tipo, filtros, solicitado_por, solicitado_por_nombre, motivo, estado, progreso, intentos, error, huella,
	paginas, bytes, sha256, codigo_verificacion, firma, creado, tomado, listo, expira, partes`

// collect reads at most one job into j and reports in found whether there was
// one.
func collect(j *job, found *bool) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		jobs, err := pgx.CollectRows(rows, pgx.RowToStructByName[job])
		if *found = len(jobs) > 0; *found {
			*j = jobs[0]
		}
		return err
	}
}

// one runs a query that finds at most one job.
func one(ctx context.Context, q db.Querier, sql string, args ...any) (j job, found bool, err error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return j, false, err
	}
	err = collect(&j, &found)(rows)
	return j, found, err
}

// find returns an export of a record; 404 when there is none.
func (f *Function) find(ctx context.Context, documentoID string, id uuid.UUID) (job, error) {
	j, found, err := one(ctx, f.pool, `SELECT `+jobColumns+` FROM historia_clinica.documento_pdf WHERE documento_id = $1 AND id = $2`, documentoID, id)
	if err != nil {
		return job{}, fmt.Errorf("read export: %w", err)
	}
	if !found {
		return job{}, noExport()
	}
	return j, nil
}

func noExport() error { return problem.NotFound("No existe esa exportación.") }

// ready returns the newest document with the fingerprint whose file is kept and
// that may be served to whoever may read the chart.
func (f *Function) ready(ctx context.Context, q db.Querier, documentoID string, huella []byte) (job, bool, error) {
	j, found, err := one(ctx, q, `SELECT `+jobColumns+` FROM historia_clinica.documento_pdf
		WHERE documento_id = $1 AND huella = $2 AND estado = 'listo' AND motivo = '' AND expira > $3
		ORDER BY creado DESC, id DESC LIMIT 1`, documentoID, huella, f.Now().UTC())
	if err != nil {
		return j, false, fmt.Errorf("read current document: %w", err)
	}
	return j, found, nil
}

// order is an export about to be asked for.
type order struct {
	record record.Record
	content
	huella []byte
	motivo string
	id     uuid.UUID // uuid.Nil: a new one
}

// place writes the export down with its code and its event, unless the same is
// under way already: then that one comes back, and no event.
func (f *Function) place(ctx context.Context, tx pgx.Tx, o order) (job, *event.Event, error) {
	p := auth.From(ctx)
	if o.id == uuid.Nil {
		o.id = ident.NewID()
	}
	code, now := crockford.New(), f.Now().UTC()
	j, created, err := one(ctx, tx, `
		INSERT INTO historia_clinica.documento_pdf
		  (documento_id, id, tipo, filtros, solicitado_por, solicitado_por_nombre, motivo, estado, huella, codigo_verificacion, creado, partes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'solicitado', $8, $9, $10, $11)
		ON CONFLICT DO NOTHING RETURNING `+jobColumns,
		o.record.ID, o.id, o.Tipo, o.Filtros, p.ID, p.Name, o.motivo, o.huella, code, now, o.record.Others())
	if err != nil {
		return j, nil, err
	}
	if !created {
		j, err = f.underWay(ctx, tx, o, p.ID)
		return j, nil, err
	}
	e, err := j.asking(ctx)
	if err != nil {
		return j, nil, err
	}
	b := &pgx.Batch{}
	b.Queue(`INSERT INTO historia_clinica.verificacion (codigo, documento_id, pdf_id) VALUES ($1, $2, $3)`, code, j.DocumentoID, j.ID)
	f.outbox.Queue(b, e)
	return j, &e, tx.SendBatch(ctx, b).Close()
}

// underWay returns the export that stood in the way of another: the one with
// its id, or with its content. It may just have become ready.
func (f *Function) underWay(ctx context.Context, tx pgx.Tx, o order, by uuid.UUID) (job, error) {
	j, found, err := one(ctx, tx, `SELECT `+jobColumns+` FROM historia_clinica.documento_pdf
		WHERE documento_id = $1 AND (id = $2 OR
		  huella = $3 AND estado IN ('solicitado', 'generando', 'listo') AND motivo = $4 AND (motivo = '' OR solicitado_por = $5))
		ORDER BY id = $2 DESC, creado DESC, id DESC LIMIT 1`, o.record.ID, o.id, o.huella, o.motivo, by)
	if err == nil && !found {
		err = problem.Unavailable(errors.New("the export under way has just failed"))
	}
	return j, err
}

// claim takes the export for this instance, unless another has it. Each claim
// has its own number of attempts, which is how an instance that was too slow
// finds out that it lost the export to another.
func (f *Function) claim(ctx context.Context, j job) (job, bool, error) {
	now := f.Now().UTC()
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) (err error) {
		var found bool
		claimed := job{}
		claimed, found, err = one(ctx, tx, `
			UPDATE historia_clinica.documento_pdf SET estado = 'generando', progreso = 50, intentos = intentos + 1, tomado = $3
			WHERE documento_id = $1 AND id = $2 AND (estado = 'solicitado' OR estado = 'generando' AND tomado < $4)
			RETURNING `+jobColumns, j.DocumentoID, j.ID, now, now.Add(-staleAfter))
		if err == nil && !found {
			return errLost
		}
		j = claimed
		return err
	})
	if errors.Is(err, errLost) {
		return j, false, nil
	}
	if err != nil {
		return j, false, fmt.Errorf("claim export: %w", err)
	}
	return j, true, nil
}

// errLost says that another instance has the export now.
var errLost = errors.New("another instance has the export")

// release gives a claimed export back, to be built by whoever comes next.
func (f *Function) release(ctx context.Context, j job) error {
	_, err := f.pool.Exec(ctx, `UPDATE historia_clinica.documento_pdf SET estado = 'solicitado', progreso = 0
		WHERE documento_id = $1 AND id = $2 AND estado = 'generando' AND intentos = $3`, j.DocumentoID, j.ID, j.Intentos)
	if err != nil {
		return fmt.Errorf("release export: %w", err)
	}
	return nil
}

// page returns a record's exports, newest first, after a cursor: those that hold
// nothing but what is of the chart.
func (f *Function) page(b *pgx.Batch, documentoID string, rec record.Record, before time.Time, beforeID uuid.UUID, limit int, jobs *[]job) {
	b.Queue(`SELECT `+jobColumns+` FROM historia_clinica.documento_pdf WHERE documento_id = $1 AND (creado, id) < ($2, $3) AND partes <@ $5
		ORDER BY creado DESC, id DESC LIMIT $4`, documentoID, before, beforeID, limit, rec.Parts).Query(func(rows pgx.Rows) (err error) {
		*jobs, err = pgx.CollectRows(rows, pgx.RowToStructByName[job])
		return err
	})
}

// cancel revokes a document, ready or not.
func (f *Function) cancel(ctx context.Context, tx pgx.Tx, j job, reason string) (job, bool, error) {
	return one(ctx, tx, `
		UPDATE historia_clinica.documento_pdf SET estado = $3, progreso = 0, revocado_en = $4, revocado_motivo = $5
		WHERE documento_id = $1 AND id = $2 AND estado <> $3 RETURNING `+jobColumns,
		j.DocumentoID, j.ID, api.Revoked, f.Now().UTC(), reason)
}
