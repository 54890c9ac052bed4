package trail

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/audit"
)

// What can be wrong, in the words of the report.
const (
	Changed    = "cambiada"
	Missing    = "falta"
	Extra      = "sobra"
	Disordered = "fuera de orden"
	Unkeyed    = "sin sello" // a row without MAC
	Unanchored = "sin ancla" // of a run that broke off, or its anchor was removed; the next run tells
)

// Finding is something that is not as the functions wrote it. The zero fields
// do not apply.
type Finding struct {
	DocumentoID string
	Row         uuid.UUID
	Seal        int
	Anchor      int
	Wrong       string
}

// String is the finding in Spanish, for whoever runs the verification.
func (f Finding) String() string {
	var parts []string
	if f.DocumentoID != "" {
		parts = append(parts, "historia "+f.DocumentoID)
	}
	if f.Row != uuid.Nil {
		parts = append(parts, "fila "+f.Row.String())
	}
	if f.Seal != 0 {
		parts = append(parts, fmt.Sprintf("sello %d", f.Seal))
	}
	if f.Anchor != 0 {
		parts = append(parts, fmt.Sprintf("ancla %d", f.Anchor))
	}
	if len(parts) == 0 {
		parts = append(parts, "filas anteriores a los sellos")
	}
	wrong := f.Wrong
	if f.Seal != 0 && wrong == Changed {
		wrong = "cambiado"
	}
	return strings.Join(parts, ", ") + ": " + wrong
}

// Summary says how much was verified.
type Summary struct {
	Rows, Seals, Anchors int
	Pending              int // rows that are right and not sealed yet
	Before               int // rows from before there were MACs
	Findings             int
	LastAnchor           int    // its number
	LastHash             string // its hash, in hexadecimal, as it went to the log
}

// verification is one walk over the trail. It keeps one anchor, or a few seals,
// and the findings in memory.
type verification struct {
	pool   *pgxpool.Pool
	key    *audit.Key
	report func(Finding)
	known  map[Finding]bool   // reported already, the first of them
	told   map[uuid.UUID]bool // rows that something was found about, the first of them
	gone   map[string]bool    // references to those that seals miss
	last   int                // newest anchor
	sealed int                // rows that are right and in a seal
	Summary
}

const maxKnown = 100_000

func (v *verification) found(f Finding) {
	if v.known[f] {
		return
	}
	if len(v.known) < maxKnown {
		v.known[f] = true
		v.told[f.Row] = true
		if f.Wrong == Missing {
			v.gone[string(audit.Reference(f.Row))] = true
		}
	}
	v.Findings++
	v.report(f)
}

// Verify walks over the whole trail and reports what is wrong.
//
// What it cannot see without a hash from the log: that the newest runs are
// missing as a whole, with their anchors, seals and rows, as after going back to
// an older copy of the database. And what went before its first seal, when all
// that its process wrote after it went too and the process ended before it wrote
// again; or what never was written.
func Verify(ctx context.Context, pool *pgxpool.Pool, key *audit.Key, report func(Finding)) (Summary, error) {
	v := &verification{pool: pool, key: key, report: report, known: map[Finding]bool{}, told: map[uuid.UUID]bool{}, gone: map[string]bool{}}
	var err error
	if v.last, err = v.settled(ctx); err != nil {
		return v.Summary, err
	}
	for _, walk := range []func(context.Context) error{v.anchors, v.seals, v.rows, v.previous} {
		if err := walk(ctx); err != nil {
			return v.Summary, fmt.Errorf("verify the trail: %w", err)
		}
	}
	return v.Summary, nil
}

// Holds reports whether the anchor has this hash, from the log, in hexadecimal.
func Holds(ctx context.Context, pool *pgxpool.Pool, anchor int, hash string) (bool, error) {
	rows, err := pool.Query(ctx, `SELECT `+anchorColumns+` FROM historia_clinica.auditoria_ancla WHERE n = $1`, anchor)
	if err != nil {
		return false, fmt.Errorf("read anchor: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanAnchor)
	if err != nil || len(found) == 0 {
		return false, err
	}
	sum := found[0].hash()
	return strings.EqualFold(hash, hex.EncodeToString(sum[:])), nil
}

// settled waits for a run under way and returns the number of the newest anchor.
func (v *verification) settled(ctx context.Context) (n int, err error) {
	err = pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, unhurried); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lockKey)); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT coalesce(max(n), 0) FROM historia_clinica.auditoria_ancla`).Scan(&n)
	})
	return n, err
}

// stream calls each with row after row of a query that may take long.
func (v *verification) stream(ctx context.Context, sql string, each func(pgx.Rows) error) error {
	return pgx.BeginTxFunc(ctx, v.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, err := unlimited(ctx, tx, sql)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// unlimited asks what may take long.
func unlimited(ctx context.Context, tx pgx.Tx, sql string) (pgx.Rows, error) {
	for _, set := range []string{"SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"} {
		if _, err := tx.Exec(ctx, set); err != nil {
			return nil, err
		}
	}
	return tx.Query(ctx, sql)
}

// rows checks every row by itself.
func (v *verification) rows(ctx context.Context) error {
	var keyed *time.Time
	var allowed int64
	err := v.stream(ctx, `SELECT min(en) FROM historia_clinica.auditoria WHERE mac <> ''`, func(r pgx.Rows) error { return r.Scan(&keyed) })
	if err != nil {
		return err
	}
	err = v.stream(ctx, `SELECT anteriores FROM historia_clinica.auditoria_ancla ORDER BY n LIMIT 1`, func(r pgx.Rows) error { return r.Scan(&allowed) })
	if err != nil {
		return err
	}
	right := 0
	err = v.stream(ctx, `SELECT `+audit.Columns+` FROM historia_clinica.auditoria`, func(found pgx.Rows) error {
		var r audit.Row
		if err := found.Scan(r.Targets()...); err != nil {
			return err
		}
		v.Rows++
		if v.key.Check(r) {
			right++
			return nil
		}
		wrong := Extra
		if len(r.MAC) == 0 {
			if keyed == nil || r.At.Before(*keyed) {
				v.Before++
				return nil
			}
			wrong = Unkeyed
		}
		var sealed bool
		err := v.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM historia_clinica.auditoria_sello WHERE documento_id = $1 AND $2 = ANY(filas))`,
			r.DocumentoID, r.ID).Scan(&sealed)
		if err != nil {
			return err
		}
		if sealed {
			wrong = Changed
		}
		v.found(Finding{DocumentoID: r.DocumentoID, Row: r.ID, Wrong: wrong})
		return nil
	})
	v.Pending = right - v.sealed
	if v.Anchors > 0 && int64(v.Before) != allowed {
		v.found(Finding{Wrong: fmt.Sprintf("son %d, eran %d", v.Before, allowed)})
	}
	return err
}
