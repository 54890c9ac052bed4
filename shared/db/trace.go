package db

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"hce.co/shared/telemetry"
)

// tracer makes a step of its trace of each round trip to the database. It tells
// what is done to which table; the statement's arguments, and the words of an
// error, are a record's content.
type tracer struct{}

// step begins one where something is traced.
func (tracer) step(ctx context.Context, conn *pgx.Conn, name string, attrs ...attribute.KeyValue) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	attrs = append(attrs, semconv.DBSystemNamePostgreSQL)
	if conn != nil {
		attrs = append(attrs, semconv.DBNamespace(conn.Config().Database))
	}
	ctx, span := telemetry.Child(ctx, name, trace.SpanKindClient, attrs...)
	return context.WithValue(ctx, stepKey{}, span)
}

type stepKey struct{}

// end ends the step that ctx holds.
func (tracer) end(ctx context.Context, err error) {
	span, ok := ctx.Value(stepKey{}).(trace.Span)
	if !ok {
		return
	}
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg):
		span.SetAttributes(semconv.DBResponseStatusCode(pg.Code))
		telemetry.Fail(span, pg.Code)
	case err != nil:
		telemetry.Fail(span, telemetry.ErrorType(err))
	}
	span.End()
}

// TraceQueryStart implements pgx.QueryTracer.
func (t tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return t.step(ctx, conn, summary(d.SQL))
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryEndData) {
	t.end(ctx, d.Err)
}

// TraceBatchStart implements pgx.BatchTracer.
func (t tracer) TraceBatchStart(ctx context.Context, conn *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	return t.step(ctx, conn, "BATCH", semconv.DBOperationBatchSize(d.Batch.Len()), semconv.DBQuerySummary(summaries(d.Batch.QueuedQueries)))
}

// TraceBatchQuery implements pgx.BatchTracer: a batch is one step.
func (tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (t tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchEndData) {
	t.end(ctx, d.Err)
}

// TraceConnectStart implements pgx.ConnectTracer.
func (t tracer) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return t.step(ctx, nil, "CONNECT")
}

// TraceConnectEnd implements pgx.ConnectTracer.
func (t tracer) TraceConnectEnd(ctx context.Context, d pgx.TraceConnectEndData) { t.end(ctx, d.Err) }

const maxSummary = 255 // bytes, as the semantic conventions have it

// summaries is what a batch does, without repeating what it does in a row.
func summaries(queries []*pgx.QueuedQuery) string {
	var b strings.Builder
	last := ""
	for _, q := range queries {
		s := summary(q.SQL)
		if s == last || b.Len()+len(s)+2 > maxSummary {
			continue
		}
		if last = s; b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(s)
	}
	return b.String()
}

const schema = "historia_clinica."

// summary is a statement's first word, and the first table of ours that it
// names.
func summary(sql string) string {
	sql = strings.TrimSpace(sql)
	s := strings.ToUpper(sql[:wordEnd(sql)])
	if _, rest, ok := strings.Cut(sql, schema); ok {
		s += " " + rest[:wordEnd(rest)]
	}
	return s
}

func wordEnd(s string) int {
	if i := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}); i >= 0 {
		return i
	}
	return len(s)
}

// observe has a pool's connections counted.
func observe(pool *pgxpool.Pool, name string) {
	if !telemetry.On() {
		return
	}
	const of, state = string(semconv.DBClientConnectionPoolNameKey), string(semconv.DBClientConnectionStateKey)
	telemetry.Observe("db.client.connection.count", "{connection}", "Connections of the pool, by what they do.",
		func(report func(int64, ...string)) {
			s := pool.Stat()
			report(int64(s.IdleConns()), of, name, state, "idle")
			report(int64(s.AcquiredConns()), of, name, state, "used")
		})
	telemetry.Observe("db.client.connection.max", "{connection}", "Connections that the pool may have.",
		func(report func(int64, ...string)) { report(int64(pool.Stat().MaxConns()), of, name) })
}
