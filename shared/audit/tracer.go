package audit

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Tracer learns, on the connections of a pool, which rows were committed, so
// that later ones can name them. It is for [db.Open].
func (k *Key) Tracer() pgx.QueryTracer { return tracer{k.witness} }

type tracer struct{ *witness }

// written is a row that a transaction under way has inserted.
type written struct {
	id    uuid.UUID
	names []byte
}

// underWay is where a connection keeps those of its transaction.
const underWay = "hce/auditoria"

type statementKey struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	if !matters(d.SQL) {
		return ctx
	}
	return context.WithValue(ctx, statementKey{}, d)
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t tracer) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, d pgx.TraceQueryEndData) {
	if s, ok := ctx.Value(statementKey{}).(pgx.TraceQueryStartData); ok {
		t.ran(conn, s.SQL, s.Args, d.CommandTag, d.Err)
		t.settle(conn, d.Err)
	}
}

// TraceBatchStart implements pgx.BatchTracer.
func (tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (t tracer) TraceBatchQuery(_ context.Context, conn *pgx.Conn, d pgx.TraceBatchQueryData) {
	if matters(d.SQL) {
		t.ran(conn, d.SQL, d.Args, d.CommandTag, d.Err)
	}
}

// TraceBatchEnd implements pgx.BatchTracer.
func (t tracer) TraceBatchEnd(_ context.Context, conn *pgx.Conn, d pgx.TraceBatchEndData) {
	t.settle(conn, d.Err)
}

// matters reports whether a statement writes a row of the trail or ends a
// transaction. A rollback to a savepoint counts as one: what it leaves of the
// rows is not worth knowing.
func matters(sql string) bool {
	return sql == insert || sql == "commit" || strings.HasPrefix(sql, "rollback")
}

// ran takes note of a statement that matters.
func (t tracer) ran(conn *pgx.Conn, sql string, args []any, tag pgconn.CommandTag, err error) {
	kept := conn.PgConn().CustomData()
	rows, _ := kept[underWay].([]written)
	switch {
	case sql == insert:
		r := written{id: args[argID].(uuid.UUID), names: args[argPrevious].([]byte)} //nolint:forcetypeassert // as args has them
		if err == nil && tag.RowsAffected() == 1 {
			kept[underWay] = append(rows, r)
			return
		}
		t.giveBack(r.names) // it failed, or was there already
	case tag.String() == "COMMIT": // that of a failed transaction is answered with ROLLBACK
		delete(kept, underWay)
		for _, r := range rows {
			t.committed(r.id, r.names)
		}
	default:
		t.drop(conn)
	}
}

// settle ends what had no transaction around it, or lost it: a connection that
// is in none has committed what succeeded.
func (t tracer) settle(conn *pgx.Conn, err error) {
	switch conn.PgConn().TxStatus() {
	case 'I':
		if err == nil {
			t.ran(conn, "commit", nil, pgconn.NewCommandTag("COMMIT"), nil)
			return
		}
		t.drop(conn)
	case 'E':
		t.drop(conn)
	}
}

// drop forgets the rows of a transaction that may not have come to be.
func (t tracer) drop(conn *pgx.Conn) {
	kept := conn.PgConn().CustomData()
	rows, _ := kept[underWay].([]written)
	delete(kept, underWay)
	for _, r := range rows {
		t.giveBack(r.names)
	}
}
