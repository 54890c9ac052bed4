package trail

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The rows that others name, and those that there are, in one order.
const (
	selectNamed = `SELECT previa, documento_id, id FROM historia_clinica.auditoria WHERE previa IS NOT NULL ORDER BY previa`
	selectThere = `SELECT substring(uuid_send(id) FROM 9) AS referencia FROM historia_clinica.auditoria ORDER BY referencia`
)

// previous checks that the rows which others name are there: so a row is missed
// before a seal covers it. Both are walked over at once, and who is named is
// asked first: a row is named only after it was committed.
func (v *verification) previous(ctx context.Context) error {
	var there *march
	defer func() { there.end(ctx) }()
	return v.stream(ctx, selectNamed, func(named pgx.Rows) error {
		var ref []byte
		var documentoID string
		var by uuid.UUID
		err := named.Scan(&ref, &documentoID, &by)
		if err == nil && there == nil {
			there, err = v.march(ctx, selectThere)
		}
		if err != nil {
			return err
		}
		ok, err := there.reaches(ref)
		if err == nil && !ok && !v.gone[string(ref)] && !v.told[by] {
			v.found(Finding{DocumentoID: documentoID, Row: by, Wrong: fmt.Sprintf("%s la que nombra, cuyo id termina en %x", Missing, ref)})
		}
		return err
	})
}

// march is a walk over references in their order.
type march struct {
	tx   pgx.Tx
	rows pgx.Rows
	at   []byte // nil at the end
}

func (v *verification) march(ctx context.Context, sql string) (*march, error) {
	tx, err := v.pool.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	m := &march{tx: tx}
	if m.rows, err = unlimited(ctx, tx, sql); err == nil {
		err = m.step()
	}
	if err != nil {
		m.end(ctx)
		return nil, err
	}
	return m, nil
}

func (m *march) step() error {
	m.at = nil
	if !m.rows.Next() {
		return m.rows.Err()
	}
	return m.rows.Scan(&m.at)
}

// reaches goes on to ref, and reports whether it is there.
func (m *march) reaches(ref []byte) (bool, error) {
	for m.at != nil && bytes.Compare(m.at, ref) < 0 {
		if err := m.step(); err != nil {
			return false, err
		}
	}
	return bytes.Equal(m.at, ref), nil
}

func (m *march) end(ctx context.Context) {
	if m == nil {
		return
	}
	if m.rows != nil {
		m.rows.Close()
	}
	m.tx.Rollback(ctx) //nolint:errcheck // it has read, and nothing else
}
