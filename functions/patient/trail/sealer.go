package trail

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"hce.co/shared/audit"
	"hce.co/shared/db"
)

const (
	age     = 15 * time.Second // a row must have to be sealed: most have committed then
	overlap = 10 * time.Minute // by which a run looks back for what committed later
	once    = time.Hour        // by which the id of a row may be older than the row; see audit.Entry.Once

	sealRows  = 512  // of one seal, at most
	pageSize  = 256  // records looked up at once
	runSeals  = 4096 // of one run, and so of one anchor, about
	runTime   = 20 * time.Second
	atOnce    = 4                  // records sealed at once
	lockKey   = 0x6863652d73656c6c // "hce-sell": one run at a time
	idleWhile = "SET LOCAL idle_in_transaction_session_timeout = '2min'"
	unhurried = "SET LOCAL statement_timeout = '2min'"
)

// Sealer seals the rows that no seal covers.
type Sealer struct {
	Pool *pgxpool.Pool
	Key  *audit.Key
	Now  func() time.Time
	Log  *slog.Logger
}

// Run seals what is there to seal, up to a bound of time and number; the next
// run goes on. It returns how many seals it made: none while another run is
// under way. The lock and the newest anchor are on the coordinator, the lock in
// a transaction that does nothing else meanwhile.
//
// What a run that broke off has sealed belongs to the anchor of the next one.
// The hash of each anchor goes to the log, which whoever has the database does
// not have: with it, not even all that is newest can go.
func (s *Sealer) Run(ctx context.Context) (int, error) {
	var made Anchor
	err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(lockKey)).Scan(&mine); err != nil || !mine {
			return err
		}
		for _, set := range []string{idleWhile, unhurried} {
			if _, err := tx.Exec(ctx, set); err != nil {
				return err
			}
		}
		last, err := lastAnchor(ctx, tx)
		if err != nil {
			return err
		}
		now := s.Now().UTC().Truncate(time.Microsecond)
		r := run{Sealer: s, anchor: last.N + 1, now: now, until: now.Add(-age), stop: time.Now().Add(runTime)}
		if !last.Until.IsZero() {
			r.since = last.Until.Add(-overlap)
			r.lowest = before(r.since.Add(-once))
		}
		done, err := r.records(ctx)
		if err != nil {
			return err
		}
		next := Anchor{N: r.anchor, At: now, Until: last.Until, Before: last.Before}
		if done {
			next.Until = r.until
		}
		made, err = s.close(ctx, tx, last, next)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("seal the trail: %w", err)
	}
	if len(made.Seals) > 0 {
		sum := made.hash()
		s.Log.InfoContext(ctx, "trail anchored", "anchor", made.N, "seals", len(made.Seals), "hash", hex.EncodeToString(sum[:]))
	}
	return len(made.Seals), nil
}

// close writes the anchor of a run that made a seal.
func (s *Sealer) close(ctx context.Context, tx pgx.Tx, last, next Anchor) (Anchor, error) {
	seals, err := sealsOf(ctx, tx, next.N)
	if err != nil {
		return Anchor{}, err
	}
	all := len(seals)
	seals = slices.DeleteFunc(seals, func(seal Seal) bool { return !s.Key.Verify(seal.encode(), seal.Signature) })
	if len(seals) < all {
		s.Log.ErrorContext(ctx, "seals that are not ours: verificar-auditoria tells which", "count", all-len(seals))
	}
	if len(seals) == 0 {
		return Anchor{}, nil
	}
	next.name(seals)
	next.Previous = make([]byte, 32)
	if last.N > 0 {
		sum := last.hash()
		next.Previous = sum[:]
	} else if next.Before, err = unkeyed(ctx, tx); err != nil {
		return Anchor{}, err
	}
	next.Signature = s.Key.Sign(next.encode())
	_, err = tx.Exec(ctx, `INSERT INTO historia_clinica.auditoria_ancla (`+anchorColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		next.N, next.At, next.Until, next.Before, next.Seals, next.Root, next.Previous, next.Signature)
	if err != nil {
		return Anchor{}, fmt.Errorf("write anchor: %w", err)
	}
	return next, nil
}

// unkeyed counts the rows from before the first one that has a MAC. It reads
// every row.
func unkeyed(ctx context.Context, q db.Querier) (n int64, err error) {
	var first time.Time
	err = q.QueryRow(ctx, `SELECT min(en) FROM historia_clinica.auditoria WHERE mac <> ''`).Scan(&first)
	if err == nil {
		err = q.QueryRow(ctx, `SELECT count(*) FROM historia_clinica.auditoria WHERE mac = '' AND en < $1`, first).Scan(&n)
	}
	if err != nil {
		return 0, fmt.Errorf("count rows without MAC: %w", err)
	}
	return n, nil
}

// run is one run of a sealer over the rows written after since, until until.
type run struct {
	*Sealer
	anchor            int
	now, since, until time.Time
	lowest            uuid.UUID // no row of since has a lower id
	stop              time.Time
	sealed            atomic.Int64
}

// records seals record after record, and reports whether it came to the end. It
// asks every shard.
//
// A row is unsealed that no seal names; a seal is younger than its rows. The names
// are set against the rows all at once, here and in record: a record that was read
// thousands of times of late has as many, and a look through its seals for each
// row would take the square of that.
func (r *run) records(ctx context.Context) (done bool, err error) {
	for after := ""; ; {
		rows, err := r.Pool.Query(ctx, `
			SELECT DISTINCT documento_id FROM (
			  SELECT documento_id, id FROM historia_clinica.auditoria WHERE en > $1 AND en <= $2 AND documento_id > $3 AND mac <> ''
			  EXCEPT
			  SELECT documento_id, unnest(filas) FROM historia_clinica.auditoria_sello WHERE en > $1 AND documento_id > $3) unsealed
			ORDER BY documento_id LIMIT $4`, r.since, r.until, after, pageSize)
		if err != nil {
			return false, fmt.Errorf("find records to seal: %w", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return false, fmt.Errorf("find records to seal: %w", err)
		}
		var g errgroup.Group
		g.SetLimit(atOnce)
		for _, id := range ids {
			g.Go(func() error { return r.record(ctx, id) })
		}
		if err := g.Wait(); err != nil {
			return false, err
		}
		if len(ids) < pageSize {
			return true, nil
		}
		if r.sealed.Load() >= runSeals || time.Now().After(r.stop) {
			return false, nil
		}
		after = ids[len(ids)-1]
	}
}

// record seals the rows of one record. A row whose MAC is wrong is not sealed:
// no function wrote it.
func (r *run) record(ctx context.Context, id string) error {
	for after := r.lowest; ; {
		var rows []audit.Row
		last := Seal{}
		previous := make([]byte, 32)
		b := &pgx.Batch{}
		b.Queue(`
			SELECT `+audit.Columns+` FROM historia_clinica.auditoria
			WHERE documento_id = $1 AND id > $2 AND en > $3 AND en <= $4 AND mac <> '' AND id NOT IN (
			  SELECT unnest(filas) FROM historia_clinica.auditoria_sello WHERE documento_id = $1 AND en > $3)
			ORDER BY id LIMIT $5`, id, after, r.since, r.until, sealRows).Query(func(found pgx.Rows) (err error) {
			rows, err = pgx.CollectRows(found, scanRow)
			return err
		})
		b.Queue(`SELECT `+sealColumns+` FROM historia_clinica.auditoria_sello WHERE documento_id = $1 ORDER BY n DESC LIMIT 1`, id).
			Query(func(found pgx.Rows) error {
				seals, err := pgx.CollectRows(found, scanSeal)
				if len(seals) == 1 {
					last = seals[0]
					sum := last.hash()
					previous = sum[:]
				}
				return err
			})
		if err := r.Pool.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("read rows to seal: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		var right []audit.Row
		next := Seal{DocumentoID: id, N: last.N + 1, Anchor: r.anchor, At: r.now, Previous: previous}
		for _, row := range rows {
			if r.Key.Check(row) {
				right = append(right, row)
				next.Rows = append(next.Rows, row.ID)
			}
		}
		if len(right) > 0 {
			next.Root = rootOf(right)
			next.Signature = r.Key.Sign(next.encode())
			_, err := r.Pool.Exec(ctx, `INSERT INTO historia_clinica.auditoria_sello (`+sealColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				next.DocumentoID, next.N, next.Anchor, next.At, next.Rows, next.Root, next.Previous, next.Signature)
			if err != nil {
				return fmt.Errorf("write seal: %w", err)
			}
			r.sealed.Add(1)
		}
		if len(rows) < sealRows {
			return nil
		}
		after = rows[len(rows)-1].ID
	}
}

func scanRow(row pgx.CollectableRow) (r audit.Row, err error) { return r, row.Scan(r.Targets()...) }

// before is an id that is lower than every UUIDv7 made at t or later.
func before(t time.Time) (id uuid.UUID) {
	ms := uint64(max(t.UnixMilli(), 0)) //nolint:gosec // not negative
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id
}
