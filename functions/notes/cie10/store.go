package cie10

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes"
	"hce.co/shared/db"
)

// batchSize is how many codes are written in one statement.
const batchSize = 500

// Counts is what an import came to.
type Counts struct {
	Written int
	Skipped []error // lines that hold no code, each with its number; the first few
}

const maxSkipped = 20

// Import writes the codes of a table over those that are there. Codes that the
// table does not have stay as they are.
func Import(ctx context.Context, q db.Querier, r io.Reader) (Counts, error) {
	var n Counts
	table, err := NewReader(r)
	if err != nil {
		return n, err
	}
	batch := map[string]Row{}
	for {
		row, err := table.Read()
		end := errors.Is(err, io.EOF)
		switch {
		case err == nil:
			batch[row.Code] = row
		case end:
		case !errors.Is(err, ErrLine):
			return n, fmt.Errorf("read table: %w", err)
		case len(n.Skipped) < maxSkipped:
			n.Skipped = append(n.Skipped, err)
		}
		if len(batch) == batchSize || end && len(batch) > 0 {
			if err := write(ctx, q, batch); err != nil {
				return n, err
			}
			n.Written += len(batch)
			clear(batch)
		}
		if end {
			return n, nil
		}
	}
}

// upsert writes one code; an array of them would not be a plain INSERT, which is
// all that a reference table of Citus takes with ON CONFLICT.
const upsert = `
	INSERT INTO historia_clinica.cie10 (codigo, descripcion, busqueda, sexo, edad_min, edad_max, vigente)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (codigo) DO UPDATE SET descripcion = excluded.descripcion, busqueda = excluded.busqueda, sexo = excluded.sexo,
	  edad_min = excluded.edad_min, edad_max = excluded.edad_max, vigente = excluded.vigente`

func write(ctx context.Context, q db.Querier, rows map[string]Row) error {
	b := &pgx.Batch{}
	b.Queue("begin")
	for _, r := range rows {
		b.Queue(upsert, r.Code, r.Description, notes.Fold(r.Description), r.Sex, r.MinAge, r.MaxAge, r.InForce)
	}
	b.Queue("commit")
	if err := q.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("write codes: %w", err)
	}
	return nil
}
