package patient

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
)

const summaryColumns = `documento_id, tipo_documento, numero_documento, primer_apellido, segundo_apellido, primer_nombre, segundo_nombre,
	fecha_nacimiento::text AS fecha_nacimiento, sexo_biologico`

// searched is the audit row of a search; what was typed stays out of it.
func searched(ctx context.Context, perm auth.Permission) audit.Entry {
	return audit.Entry{DocumentoID: audit.User(auth.From(ctx).ID), Action: audit.Execute, Type: "search", Resource: "paciente", Permission: perm}
}

// collect reads summaries into found.
func collect(found *[]api.Summary) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*found, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[api.Summary])
		return err
	}
}

// findByDocument returns the records that have had one of the documents.
// after is the last one seen.
func (f *Function) findByDocument(ctx context.Context, keys []string, after string) ([]api.Summary, error) {
	found := []api.Summary{}
	var ids []string
	rows, err := f.pool.Query(ctx, `SELECT DISTINCT documento_id FROM historia_clinica.identificador WHERE clave = ANY($1)`, keys)
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		return nil, fmt.Errorf("find documents: %w", err)
	}
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT `+summaryColumns+` FROM historia_clinica.paciente WHERE documento_id = ANY($1) AND documento_id > $2 ORDER BY documento_id`, ids, after).
			Query(collect(&found))
		audit.Queue(ctx, b, searched(ctx, auth.SearchPatients))
	})
	if err != nil {
		return nil, fmt.Errorf("find by document: %w", err)
	}
	return found, nil
}

// findByName returns the records whose name has words that begin with each of
// those typed, in any order: those that match with their ñ first, then by
// name. It is the one query of the registry that asks every shard.
func (f *Function) findByName(ctx context.Context, q string, limit int, after string) ([]api.Summary, error) {
	var found []api.Summary
	folded, exact := patterns(q, false), patterns(q, true)
	rank, name, err := f.position(ctx, after, exact)
	if err != nil {
		return nil, err
	}
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		const find = `SELECT ` + summaryColumns + ` FROM historia_clinica.paciente
			WHERE nombre_busqueda LIKE ALL ($1) AND fusionado_en IS NULL`
		const order = ` ORDER BY NOT (nombre_orden LIKE ALL ($2)), nombre_orden, documento_id LIMIT $3`
		if after == "" {
			b.Queue(find+order, folded, exact, limit).Query(collect(&found))
		} else {
			b.Queue(find+` AND (NOT (nombre_orden LIKE ALL ($2)), nombre_orden, documento_id) > ($4, $5, $6)`+order,
				folded, exact, limit, rank, name, after).Query(collect(&found))
		}
		audit.Queue(ctx, b, searched(ctx, auth.SearchPatients))
	})
	if err != nil {
		return nil, fmt.Errorf("find by name: %w", err)
	}
	return found, nil
}

// position says where in the order of a search a record stands.
func (f *Function) position(ctx context.Context, documentoID string, exact []string) (rank bool, name string, err error) {
	if documentoID == "" {
		return false, "", nil
	}
	err = f.pool.QueryRow(ctx, `
		SELECT NOT (nombre_orden LIKE ALL ($2)), nombre_orden FROM historia_clinica.paciente WHERE documento_id = $1`,
		documentoID, exact).Scan(&rank, &name)
	if db.NoRows(err) {
		err = badCursor()
	}
	return rank, name, err
}

// similar returns who might be the same person: born on the same day or on one
// that is easily mistaken for it, with a name that resembles.
func (f *Function) similar(ctx context.Context, d api.Demographics, birth time.Time) ([]api.Summary, error) {
	found := []api.Summary{}
	swapped := birth
	if birth.Day() <= 12 {
		swapped = time.Date(birth.Year(), time.Month(birth.Day()), int(birth.Month()), 0, 0, 0, 0, time.UTC)
	}
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`
			SELECT `+summaryColumns+`, round(100 * similarity(nombre_busqueda, $1))::int AS parecido
			FROM historia_clinica.paciente
			WHERE fusionado_en IS NULL
			  AND (similarity(nombre_busqueda, $1) >= 0.35 AND fecha_nacimiento IN ($2, $3)
			    OR nombre_busqueda % $1 AND similarity(nombre_busqueda, $1) >= 0.7)
			ORDER BY parecido DESC, documento_id LIMIT 5`, foldName(fullName(d), false), birth, swapped).Query(collect(&found))
		audit.Queue(ctx, b, searched(ctx, auth.RegisterPatient))
	})
	if err != nil {
		return nil, fmt.Errorf("find likely duplicates: %w", err)
	}
	return found, nil
}
