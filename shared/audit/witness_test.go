package audit

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
)

// witnessedPool is a pool whose commits the key learns of.
func witnessedPool(t *testing.T, key *Key, role string) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), db.Config{URL: config.Secret(dbtest.URL(t, role)), MaxConns: 16}, key.Tracer())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// desk writes rows in all the ways that there are, about a record of its own.
type desk struct {
	t    *testing.T
	key  *Key
	pool *pgxpool.Pool
	id   string
}

func newDesk(t *testing.T) *desk {
	key := testKey(t, 1)
	return &desk{t, key, witnessedPool(t, key, "hce_patient"), record()}
}

func (d *desk) entry(n int) Entry {
	return Entry{DocumentoID: d.id, Action: Read, Type: "read", Resource: fmt.Sprintf("fila/%d", n)}
}

// rows returns what is there by its number.
func (d *desk) rows() map[string]Row {
	d.t.Helper()
	found, err := d.pool.Query(d.t.Context(), `SELECT `+Columns+` FROM historia_clinica.auditoria WHERE documento_id = $1`, d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	all, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (r Row, err error) { return r, row.Scan(r.Targets()...) })
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[string]Row{}
	for _, r := range all {
		if !d.key.Check(r) {
			d.t.Errorf("%s is not as it was written", r.Resource)
		}
		out[r.Resource] = r
	}
	return out
}

// names fails the test unless row n names row m, and none when m is 0.
func names(t *testing.T, rows map[string]Row, n, m int) {
	t.Helper()
	r, ok := rows[fmt.Sprintf("fila/%d", n)]
	if !ok {
		t.Fatalf("row %d is not there", n)
	}
	if m == 0 {
		if r.Previous != nil {
			t.Errorf("row %d names %x, want none", n, r.Previous)
		}
		return
	}
	if want := rows[fmt.Sprintf("fila/%d", m)].ID; string(r.Previous) != string(Reference(want)) {
		t.Errorf("row %d names %x, want row %d, %s", n, r.Previous, m, want)
	}
}

var errUndo = errors.New("undo")

// Each row names the one before, however either was written; none names one that
// did not come to be.
func TestRowsNameThoseBefore(t *testing.T) {
	d := newDesk(t)
	ctx := d.key.Context(t.Context())
	commits := map[string]func(n int) error{
		"a statement": func(n int) error { return Write(ctx, d.pool, d.entry(n)) },
		"a transaction": func(n int) error {
			return db.Tx(ctx, d.pool, func(tx pgx.Tx) error { return Write(ctx, tx, d.entry(n)) })
		},
		"a batch in a transaction": func(n int) error {
			return db.Tx(ctx, d.pool, func(tx pgx.Tx) error {
				b := &pgx.Batch{}
				b.Queue(`SELECT 1`)
				Queue(ctx, b, d.entry(n))
				return tx.SendBatch(ctx, b).Close()
			})
		},
		"one round trip": func(n int) error {
			return db.Batch(ctx, d.pool, func(b *pgx.Batch) { Queue(ctx, b, d.entry(n)) })
		},
		"a lean transaction": func(n int) error {
			return db.Lean(ctx, d.pool, func(tx *db.LeanTx) error {
				b := &pgx.Batch{}
				Queue(ctx, b, d.entry(n))
				if err := tx.Do(ctx, b); err != nil {
					return err
				}
				return tx.Commit(ctx, &pgx.Batch{})
			})
		},
	}
	fails := map[string]func(n int) error{
		"a transaction undone": func(n int) error {
			return db.Tx(ctx, d.pool, func(tx pgx.Tx) error {
				if err := Write(ctx, tx, d.entry(n)); err != nil {
					return err
				}
				return errUndo
			})
		},
		"a statement after it fails": func(n int) error {
			return db.Batch(ctx, d.pool, func(b *pgx.Batch) {
				Queue(ctx, b, d.entry(n))
				b.Queue(`SELECT 1 / 0`)
			})
		},
		"a lean transaction undone": func(n int) error {
			return db.Lean(ctx, d.pool, func(tx *db.LeanTx) error {
				b := &pgx.Batch{}
				Queue(ctx, b, d.entry(n))
				if err := tx.Do(ctx, b); err != nil {
					return err
				}
				return errUndo
			})
		},
		"a failure that is passed over": func(n int) error {
			return db.Tx(ctx, d.pool, func(tx pgx.Tx) error {
				if err := Write(ctx, tx, d.entry(n)); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `SELECT 1 / 0`)
				if err == nil {
					return errors.New("divided by zero")
				}
				return nil // and the commit is a rollback
			})
		},
		"a savepoint undone": func(n int) error {
			return errors.Join(errUndo, db.Tx(ctx, d.pool, func(tx pgx.Tx) error {
				inner, err := tx.Begin(ctx)
				if err != nil {
					return err
				}
				if err := Write(ctx, inner, d.entry(n)); err != nil {
					return err
				}
				return inner.Rollback(ctx)
			}))
		},
		"the row itself is refused": func(n int) error {
			e := d.entry(n)
			e.Action = "X"
			return Write(ctx, d.pool, e)
		},
	}
	n, last := 0, 0
	for what, write := range commits {
		for failure, fail := range fails {
			n++
			if err := fail(n); err == nil {
				t.Fatalf("%s is no failure", failure)
			}
			n++
			if err := write(n); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			rows := d.rows()
			if names(t, rows, n, last); t.Failed() {
				t.Fatalf("as %s, after %s", what, failure)
			}
			last = n
		}
	}
	if got := len(d.rows()); got != len(commits)*len(fails) {
		t.Errorf("%d rows, want %d", got, len(commits)*len(fails))
	}
}

// A row that was there already came to be once.
func TestOneRowOfManyIsNamedOnce(t *testing.T) {
	d := newDesk(t)
	ctx := d.key.Context(t.Context())
	write := func(e Entry) {
		t.Helper()
		if err := Write(ctx, d.pool, e); err != nil {
			t.Fatal(err)
		}
	}
	once := d.entry(2)
	once.Once = time.Hour
	write(d.entry(1))
	for range 3 {
		write(once)
	}
	write(d.entry(3))
	rows := d.rows()
	names(t, rows, 2, 1)
	names(t, rows, 3, 2)
	if len(d.key.witness.rows) != 1 {
		t.Errorf("%d rows are still to be named, want the last", len(d.key.witness.rows))
	}
}

// Many at once wait for nothing, and yet all but as many as were under way at
// once are named, each by a row that came later.
func TestRowsAtOnceAreNamed(t *testing.T) {
	d := newDesk(t)
	ctx := d.key.Context(t.Context())
	const writers, each = 12, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				err := db.Batch(ctx, d.pool, func(b *pgx.Batch) {
					Queue(ctx, b, d.entry(w*each+i))
					if i%5 == 4 {
						b.Queue(`SELECT 1 / 0`)
					}
				})
				if (err != nil) != (i%5 == 4) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rows := d.rows()
	if want := writers * each * 4 / 5; len(rows) != want {
		t.Fatalf("%d rows, want %d", len(rows), want)
	}
	named := map[string]int{}
	for _, r := range rows {
		if r.Previous != nil {
			named[string(r.Previous)]++
		}
	}
	left := 0
	for _, r := range rows {
		switch ref := string(Reference(r.ID)); named[ref] {
		case 0:
			left++
		case 1:
			delete(named, ref)
		default:
			t.Errorf("%s is named %d times", r.Resource, named[ref])
		}
	}
	if len(named) != 0 {
		t.Errorf("%d rows are named that are not there", len(named))
	}
	if left > writers || left != len(d.key.witness.rows) {
		t.Errorf("%d rows are named by no other, and %d wait to be: want those of the %d writers at most", left, len(d.key.witness.rows), writers)
	}
}

func TestWitness(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	w := &witness{}
	ids := make([]uuid.UUID, 3)
	for i := range ids {
		ids[i] = ident.NewID()
		w.committed(ids[i], nil)
	}
	first, second := w.lend(now), w.lend(now)
	if string(first) != string(Reference(ids[0])) || string(second) != string(Reference(ids[1])) {
		t.Error("the oldest does not go first, or goes to two")
	}
	w.giveBack(first)
	if again := w.lend(now); string(again) != string(first) {
		t.Error("what a row gave back is not lent to the next")
	}
	w.lend(now)
	if ref := w.lend(now.Add(lentFor)); ref != nil {
		t.Errorf("%x is lent twice", ref)
	}
	if ref := w.lend(now.Add(lentFor + time.Second)); string(ref) != string(first) {
		t.Error("what came of the row that borrowed it is not known, and it is never lent again")
	}
	for range 3 * maxWitnessed {
		w.committed(ident.NewID(), nil)
	}
	if len(w.rows) != maxWitnessed || slices.ContainsFunc(w.rows, func(r witnessed) bool { return string(r.ref[:]) == string(first) }) {
		t.Errorf("%d rows are kept", len(w.rows))
	}
}
