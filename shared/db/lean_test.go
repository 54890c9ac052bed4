package db_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
)

// rows returns a batch that writes a row of the trail for each record.
func rows(ids ...string) *pgx.Batch {
	b := &pgx.Batch{}
	for _, id := range ids {
		auditRow(b, id, "R")
	}
	return b
}

func TestLean(t *testing.T) {
	pool := single(t, "hce_patient")
	pid := value[int](t, pool, `SELECT pg_backend_pid()`)
	decided := errors.New("not yours")
	for _, tt := range []struct {
		name string
		fn   func(tx *db.LeanTx, id string) error
		rows int
		ok   func(error) bool
	}{
		{"read, then write", func(tx *db.LeanTx, id string) error {
			if err := tx.Do(t.Context(), rows(id)); err != nil {
				return err
			}
			return tx.Commit(t.Context(), rows(id))
		}, 2, func(err error) bool { return err == nil }},
		{"all at once", func(tx *db.LeanTx, id string) error { return tx.Commit(t.Context(), rows(id)) }, 1, func(err error) bool { return err == nil }},
		{"a decision against it", func(tx *db.LeanTx, id string) error {
			if err := tx.Do(t.Context(), rows(id)); err != nil {
				return err
			}
			return decided
		}, 0, func(err error) bool { return errors.Is(err, decided) }},
		{"a constraint in the first batch", func(tx *db.LeanTx, id string) error {
			b := rows(id)
			auditRow(b, id, "X")
			return tx.Do(t.Context(), b)
		}, 0, func(err error) bool { return db.IsCode(err, "23514") }},
		{"a constraint in the last batch", func(tx *db.LeanTx, id string) error {
			if err := tx.Do(t.Context(), rows(id)); err != nil {
				return err
			}
			b := rows(id)
			auditRow(b, id, "X")
			return tx.Commit(t.Context(), b)
		}, 0, func(err error) bool { return db.IsCode(err, "23514") }},
		{"a failure that fn does not mind", func(tx *db.LeanTx, id string) error {
			b := rows(id)
			auditRow(b, id, "X")
			tx.Do(t.Context(), b) //nolint:errcheck // what the test is about
			return tx.Commit(t.Context(), &pgx.Batch{})
		}, 0, func(err error) bool { return errors.Is(err, pgx.ErrTxCommitRollback) }},
		{"no commit", func(tx *db.LeanTx, id string) error { return tx.Do(t.Context(), rows(id)) }, 0, func(err error) bool { return err != nil }},
		{"more after the commit", func(tx *db.LeanTx, id string) error {
			if err := tx.Commit(t.Context(), rows(id)); err != nil {
				return err
			}
			return tx.Do(t.Context(), rows(id))
		}, 1, func(err error) bool { return err != nil }},
		{"nothing at all", func(*db.LeanTx, string) error { return nil }, 0, func(err error) bool { return err == nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := "CC-" + dbtest.DocumentoID()
			err := db.Lean(short(t), pool, func(tx *db.LeanTx) error { return tt.fn(tx, id) })
			if !tt.ok(err) {
				t.Errorf("Lean = %v", err)
			}
			if n := audited(t, pool, id); n != tt.rows {
				t.Errorf("%d rows, want %d", n, tt.rows)
			}
			if got := value[int](t, pool, `SELECT pg_backend_pid()`); got != pid {
				t.Error("it cost the pool its connection")
			}
		})
	}
}

func TestLeanRunsAgain(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	id := "CC-" + dbtest.DocumentoID()
	sql := flaky(t, pool, 2, "40001")
	runs := 0
	err := db.Lean(short(t), pool, func(tx *db.LeanTx) error {
		runs++
		if err := tx.Do(t.Context(), rows(id)); err != nil {
			return err
		}
		b := rows(id)
		b.Queue(sql)
		return tx.Commit(t.Context(), b)
	})
	if err != nil || runs != 3 || audited(t, pool, id) != 2 {
		t.Errorf("%d runs, %d rows, %v; want 3 and 2", runs, audited(t, pool, id), err)
	}
}

// A server that freezes between the two batches does not hold on to who decides
// against the transaction: the rollback that would save the connection is given up.
func TestLeanOutlivesAFrozenServer(t *testing.T) {
	pool := single(t, "hce_patient")
	pid := value[int](t, pool, `SELECT pg_backend_pid()`)
	freeze := func(sig syscall.Signal) {
		if err := syscall.Kill(pid, sig); err != nil {
			t.Skip("the server's processes are not here")
		}
	}
	thaw := time.AfterFunc(10*time.Second, func() { syscall.Kill(pid, syscall.SIGCONT) }) //nolint:errcheck // not for ever, whatever comes
	defer thaw.Stop()
	decided := errors.New("not yours")
	began := time.Now()
	err := db.Lean(short(t), pool, func(tx *db.LeanTx) error {
		if err := tx.Do(t.Context(), rows("CC-"+dbtest.DocumentoID())); err != nil {
			return err
		}
		freeze(syscall.SIGSTOP)
		return decided
	})
	took := time.Since(began)
	freeze(syscall.SIGCONT)
	if !errors.Is(err, decided) || took > 5*time.Second {
		t.Errorf("while it is frozen: %v, after %v", err, took)
	}
	id := "CC-" + dbtest.DocumentoID()
	if err := db.Lean(short(t), pool, func(tx *db.LeanTx) error { return tx.Commit(t.Context(), rows(id)) }); err != nil || audited(t, pool, id) != 1 {
		t.Errorf("the transaction after it: %v", err)
	}
}
