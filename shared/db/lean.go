package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// rollbackWithin bounds what a connection is tried to be saved for: a database
// that stands still must not hold on to those who left.
const rollbackWithin = 2 * time.Second

// LeanTx is a transaction whose begin travels with its first batch and whose
// commit with its last: two round trips to read, decide and write.
type LeanTx struct {
	conn  *pgxpool.Conn
	begun bool
	done  bool
}

// Lean runs fn in a transaction that fn must end with [LeanTx.Commit]; whatever
// else fn returns rolls it back. It runs fn again as [Tx] does.
func Lean(ctx context.Context, pool *pgxpool.Pool, fn func(*LeanTx) error) error {
	return retry(ctx, func() error {
		c, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer c.Release()
		tx := &LeanTx{conn: c}
		err = fn(tx)
		if c.Conn().PgConn().TxStatus() != 'I' {
			// The pool would close a connection that comes back in a transaction.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackWithin)
			defer cancel()
			c.Exec(last, "rollback") //nolint:errcheck // then it does
		}
		if err == nil && tx.begun && !tx.done {
			return errors.New("a lean transaction ended without its commit")
		}
		return err
	})
}

// Do runs the queries of b in one round trip. A callback that fails leaves it
// to fn to stop.
func (tx *LeanTx) Do(ctx context.Context, b *pgx.Batch) error { return tx.send(ctx, b, false) }

// Commit runs the queries of b and commits, in one round trip.
func (tx *LeanTx) Commit(ctx context.Context, b *pgx.Batch) error { return tx.send(ctx, b, true) }

func (tx *LeanTx) send(ctx context.Context, b *pgx.Batch, last bool) error {
	if tx.done {
		return errors.New("the lean transaction is over")
	}
	all := &pgx.Batch{}
	if !tx.begun {
		all.Queue("begin")
	}
	all.QueuedQueries = append(all.QueuedQueries, b.QueuedQueries...)
	committed := false
	if last {
		all.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
			// COMMIT of a failed transaction is answered with ROLLBACK, not with an error.
			committed = tag.String() == "COMMIT"
			return nil
		})
	}
	tx.begun = true
	if err := tx.conn.SendBatch(ctx, all).Close(); err != nil {
		return err
	}
	if last {
		tx.done = true
		if !committed {
			return fmt.Errorf("commit: %w", pgx.ErrTxCommitRollback)
		}
	}
	return nil
}
