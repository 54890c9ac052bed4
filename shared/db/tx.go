package db

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const attempts = 4

// Tx runs fn in a transaction and commits it. When the failure is temporary the
// whole of fn runs again, a few times: fn must not keep what an earlier run
// left, and its writes carry ids made by the client, since an error can hide a
// commit that succeeded.
func Tx(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error) error {
	return retry(ctx, func() error {
		return pgx.BeginFunc(ctx, pool, fn)
	})
}

// Batch runs the queries that queue puts in a batch as one transaction in one
// round trip. Each query reads its own result in the callback given to it. When
// PostgreSQL refuses one query, none of them took effect; when a callback
// returns an error all of them did, since they were sent before it ran.
func Batch(ctx context.Context, pool *pgxpool.Pool, queue func(*pgx.Batch)) error {
	return retry(ctx, func() error {
		c, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer c.Release()
		b := &pgx.Batch{}
		b.Queue("begin")
		queue(b)
		b.Queue("commit")
		err = c.SendBatch(ctx, b).Close()
		if c.Conn().PgConn().TxStatus() == 'E' {
			// The pool would close a connection that comes back in a transaction.
			c.Exec(ctx, "rollback") //nolint:errcheck // then it does
		}
		return err
	})
}

func retry(ctx context.Context, fn func() error) error {
	var err error
	for n := range attempts {
		if err = fn(); err == nil || !Temporary(err) || n == attempts-1 {
			break
		}
		pause := time.Duration(10<<n)*time.Millisecond + rand.N(10*time.Millisecond) // #nosec G404 -- only spreads retries
		select {
		case <-ctx.Done():
			return Problem(err)
		case <-time.After(pause):
		}
	}
	return err
}
