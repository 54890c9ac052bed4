package db_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

const (
	readVersion = `SELECT version FROM historia_clinica.paciente WHERE documento_id = $1`
	bump        = `UPDATE historia_clinica.paciente SET version = version + 1 WHERE documento_id = $1`
)

func TestTxRunsAgainAfterASerializationFailure(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	id := dbtest.Record(t)
	runs := 0
	var seen error
	err := db.Tx(short(t), pool, func(tx pgx.Tx) error {
		runs++
		exec(t, tx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`)
		value[int](t, tx, readVersion, id) // takes the snapshot
		if runs == 1 {
			exec(t, pool, bump, id) // somebody else, in the meantime
		}
		_, err := tx.Exec(t.Context(), bump, id)
		seen = errors.Join(seen, err)
		return err
	})
	if err != nil || runs != 2 || !db.IsCode(seen, "40001") {
		t.Errorf("%d runs, %v; on the way: %v", runs, err, seen)
	}
	if got := value[int](t, pool, readVersion, id); got != 3 {
		t.Errorf("version is %d, want 3: each of the two changes once", got)
	}
}

func TestTxRunsAgainAfterADeadlock(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	a, b := ident.NewID().String(), ident.NewID().String()
	for _, k := range []string{a, b} {
		exec(t, pool, `INSERT INTO historia_clinica.intento_ingreso (clave, fallos, ultimo, hasta) VALUES ($1, 0, now(), now())`, k)
	}
	const fail = `UPDATE historia_clinica.intento_ingreso SET fallos = fallos + 1 WHERE clave = $1`
	var both, done sync.WaitGroup
	both.Add(2)
	var mu sync.Mutex
	runs, deadlocks := 0, 0
	cross := func(first, second string) {
		mine := 0
		err := db.Tx(short(t), pool, func(tx pgx.Tx) error {
			mine++
			exec(t, tx, `SET LOCAL deadlock_timeout = '20ms'`)
			exec(t, tx, fail, first)
			if mine == 1 {
				both.Done()
				both.Wait()
			}
			_, err := tx.Exec(t.Context(), fail, second)
			mu.Lock()
			defer mu.Unlock()
			runs++
			if db.IsCode(err, "40P01") {
				deadlocks++
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	done.Go(func() { cross(a, b) })
	done.Go(func() { cross(b, a) })
	done.Wait()
	if deadlocks == 0 || runs != 2+deadlocks {
		t.Errorf("%d runs, %d deadlocks", runs, deadlocks)
	}
	for _, k := range []string{a, b} {
		if got := value[int](t, pool, `SELECT fallos FROM historia_clinica.intento_ingreso WHERE clave = $1`, k); got != 2 {
			t.Errorf("counted %d, want 2", got)
		}
	}
}

func TestTxRunsAsOftenAsItHelps(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"always temporary", &pgconn.PgError{Code: "40001"}, 4},
		{"permanent", &pgconn.PgError{Code: "23505"}, 1},
		{"no rows", pgx.ErrNoRows, 1},
		{"a decision of the domain", errors.New("not yours"), 1},
	} {
		runs := 0
		err := db.Tx(short(t), pool, func(pgx.Tx) error { runs++; return tt.err })
		if !errors.Is(err, tt.err) || runs != tt.want {
			t.Errorf("%s: %d runs and %v, want %d", tt.name, runs, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(short(t))
	runs := 0
	err := db.Tx(ctx, pool, func(pgx.Tx) error { runs++; cancel(); return &pgconn.PgError{Code: "40001"} })
	if err == nil || runs != 1 {
		t.Errorf("after the caller left: %d runs, %v", runs, err)
	}
	canceled := time.Now()
	if err := db.Tx(ctx, pool, func(pgx.Tx) error { return nil }); !errors.Is(err, context.Canceled) || time.Since(canceled) > time.Second {
		t.Errorf("for a caller who is gone: %v after %v", err, time.Since(canceled))
	}
}

// auditRow queues a row that is wrong when action is.
func auditRow(b *pgx.Batch, documentoID, action string) *pgx.QueuedQuery {
	return b.Queue(`INSERT INTO historia_clinica.auditoria (documento_id, id, en, rol, nombre, accion, tipo) VALUES ($1, $2, now(), '', '', $3, 'read')`,
		documentoID, ident.NewID(), action)
}

func audited(t *testing.T, pool *pgxpool.Pool, documentoID string) int {
	t.Helper()
	return value[int](t, pool, `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1`, documentoID)
}

func TestBatchIsOneTransaction(t *testing.T) {
	pool := single(t, "hce_patient")
	pid := value[int](t, pool, `SELECT pg_backend_pid()`)
	for _, tt := range []struct {
		name  string
		wrong func(*pgx.Batch, string)
		code  string
	}{
		{"a constraint", func(b *pgx.Batch, id string) { auditRow(b, id, "X") }, "23514"},
		{"no right to it", func(b *pgx.Batch, _ string) { b.Queue(`DELETE FROM historia_clinica.auditoria`) }, "42501"},
		{"no such table", func(b *pgx.Batch, _ string) { b.Queue(`SELECT 1 FROM historia_clinica.nada`) }, "42P01"},
		{"bad input", func(b *pgx.Batch, _ string) { b.Queue(`SELECT $1::text::date`, "mañana") }, "22007"},
		{"division by zero in the end", func(b *pgx.Batch, _ string) { b.Queue(`SELECT 1 / $1::int`, 0) }, "22012"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// Several records, so that on Citus several shards take part.
			var ids []string
			for range 4 {
				ids = append(ids, "CC-"+dbtest.DocumentoID())
			}
			err := db.Batch(short(t), pool, func(b *pgx.Batch) {
				auditRow(b, ids[0], "R")
				auditRow(b, ids[1], "R")
				tt.wrong(b, ids[2])
				auditRow(b, ids[3], "R")
			})
			if !db.IsCode(err, tt.code) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			for i, id := range ids {
				if n := audited(t, pool, id); n != 0 {
					t.Errorf("the row of query %d is there", i)
				}
			}
			if got := value[int](t, pool, `SELECT pg_backend_pid()`); got != pid {
				t.Error("the failure cost the pool its connection")
			}
			if err := db.Batch(short(t), pool, func(b *pgx.Batch) { auditRow(b, ids[0], "R") }); err != nil || audited(t, pool, ids[0]) != 1 {
				t.Errorf("the next batch: %v", err)
			}
		})
	}
}

func TestBatchReadsResults(t *testing.T) {
	pool := single(t, "hce_patient")
	id := dbtest.Record(t)
	var version int
	err := db.Batch(short(t), pool, func(b *pgx.Batch) {
		b.Queue(readVersion, id).QueryRow(func(row pgx.Row) error { return row.Scan(&version) })
		auditRow(b, id, "R")
	})
	if err != nil || version != 1 || audited(t, pool, id) != 1 {
		t.Errorf("version %d, %v", version, err)
	}
}

// A callback runs after all was sent: a read that finds nothing leaves its row
// in the trail.
func TestBatchCallbackComesTooLateToUndo(t *testing.T) {
	pool := single(t, "hce_patient")
	id := "CC-" + dbtest.DocumentoID()
	err := db.Batch(short(t), pool, func(b *pgx.Batch) {
		b.Queue(readVersion, id).QueryRow(func(row pgx.Row) error {
			var v int
			return row.Scan(&v)
		})
		auditRow(b, id, "R")
	})
	if !db.NoRows(err) {
		t.Errorf("got %v, want no rows", err)
	}
	if n := audited(t, pool, id); n != 1 {
		t.Errorf("%d rows in the trail, want 1", n)
	}
}

// flaky is a statement that fails so many times with a code: a sequence is not
// rolled back.
func flaky(t *testing.T, pool *pgxpool.Pool, times int, code string) string {
	name := fmt.Sprintf("flaky_%d", time.Now().UnixNano())
	exec(t, pool, `CREATE SEQUENCE public.`+name)
	return fmt.Sprintf(`DO $$ BEGIN IF nextval('public.%s') <= %d THEN RAISE EXCEPTION 'lost race' USING ERRCODE = '%s'; END IF; END $$`, name, times, code)
}

func TestBatchRunsAgain(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	for _, tt := range []struct {
		failures, runs, rows int
		code                 string
	}{{2, 3, 1, "40001"}, {1, 2, 1, "40P01"}, {9, 4, 0, "40001"}, {1, 1, 0, "23505"}} {
		id := "CC-" + dbtest.DocumentoID()
		sql := flaky(t, pool, tt.failures, tt.code)
		runs := 0
		err := db.Batch(short(t), pool, func(b *pgx.Batch) {
			runs++
			auditRow(b, id, "R")
			b.Queue(sql)
		})
		if (err == nil) != (tt.rows == 1) || runs != tt.runs || audited(t, pool, id) != tt.rows {
			t.Errorf("%d failures with %s: %d runs, %d rows, %v; want %d and %d", tt.failures, tt.code, runs, audited(t, pool, id), err, tt.runs, tt.rows)
		}
	}
}

func TestBatchOutlivesARestart(t *testing.T) {
	pool := single(t, "hce_patient")
	pid := value[int](t, pool, `SELECT pg_backend_pid()`)
	exec(t, dbtest.Pool(t, "postgres"), `SELECT pg_terminate_backend($1::int)`, pid)
	id := "CC-" + dbtest.DocumentoID()
	if err := db.Batch(short(t), pool, func(b *pgx.Batch) { auditRow(b, id, "R") }); err != nil || audited(t, pool, id) != 1 {
		t.Errorf("the batch after the connection was cut: %v", err)
	}
}

// A server that says nothing any more, as one that is frozen does, costs no more
// than the time that the caller has; the pool is good again after it.
func TestBatchOutlivesAFrozenServer(t *testing.T) {
	pool := single(t, "hce_patient")
	pid := value[int](t, pool, `SELECT pg_backend_pid()`)
	freeze := func(sig syscall.Signal) {
		if err := syscall.Kill(pid, sig); err != nil {
			t.Skip("the server's processes are not here")
		}
	}
	freeze(syscall.SIGSTOP)
	id := "CC-" + dbtest.DocumentoID()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := db.Problem(db.Batch(ctx, pool, func(b *pgx.Batch) { auditRow(b, id, "R") }))
	took := time.Since(began)
	freeze(syscall.SIGCONT)
	if problem.Status(err) != http.StatusServiceUnavailable || took > 3*time.Second {
		t.Errorf("while it is frozen: %v, after %v", err, took)
	}
	id = "CC-" + dbtest.DocumentoID()
	if err := db.Batch(short(t), pool, func(b *pgx.Batch) { auditRow(b, id, "R") }); err != nil || audited(t, pool, id) != 1 {
		t.Errorf("the batch after it: %v", err)
	}
}
