// Package db reaches PostgreSQL, plain or Citus, through a bounded pool.
package db

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/config"
	"hce.co/shared/telemetry"
)

// SchemaVersion is the last migration that this code knows; Ready asks for it
// or a later one.
const SchemaVersion = 32

// Config says how a function reaches the database.
type Config struct {
	URL      config.Secret `env:"DATABASE_URL,required"`
	Role     string        `env:"DATABASE_ROLE"`                     // role to act as; empty: the one that signs in
	MaxConns int32         `env:"DATABASE_MAX_CONNS" envDefault:"8"` // connections at most, per instance
}

// Querier is what a pool, a connection and a transaction have in common.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Open returns a pool that makes its first connection when it is first used,
// and lets idle ones go, so that a sleeping function holds none. The tracers
// learn of what happens on its connections.
func Open(ctx context.Context, cfg Config, tracers ...pgx.QueryTracer) (*pgxpool.Pool, error) {
	pc, err := pgxpool.ParseConfig(string(cfg.URL))
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL cannot be read as a PostgreSQL connection string")
	}
	pc.MaxConns = cfg.MaxConns
	pc.MinConns = 0
	pc.MaxConnIdleTime = 30 * time.Second
	pc.HealthCheckPeriod = 15 * time.Second
	pc.MaxConnLifetime = 30 * time.Minute
	pc.MaxConnLifetimeJitter = 5 * time.Minute
	cc := pc.ConnConfig
	cc.ConnectTimeout, cc.DialFunc = connectTimeout, dial()
	set := func(name, value string) {
		if _, ok := cc.RuntimeParams[name]; !ok {
			cc.RuntimeParams[name] = value
		}
	}
	set("application_name", "hce")
	set("timezone", "UTC")
	set("statement_timeout", "10s")
	set("idle_in_transaction_session_timeout", "30s")
	set("search_path", "historia_clinica,public")
	if cfg.Role != "" {
		set("role", cfg.Role)
	}
	pc.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		// Instants come back in UTC, as the wire has them, wherever this runs.
		c.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		registerUUID(c.TypeMap())
		return nil
	}
	if telemetry.On() {
		tracers = append(tracers, tracer{})
	}
	if len(tracers) > 0 {
		cc.Tracer = multitracer.New(tracers...)
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("open pool: %w", err)
	}
	observe(pool, cmp.Or(cfg.Role, cc.User))
	return pool, nil
}

// Ready reports whether the database answers and its schema is new enough.
func Ready(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	var version int64
	err := pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM historia_clinica.version_esquema WHERE is_applied`).Scan(&version)
	if err != nil {
		return false, fmt.Errorf("read schema version: %w", err)
	}
	if version < SchemaVersion {
		return false, fmt.Errorf("schema version is %d, want %d", version, SchemaVersion)
	}
	return true, nil
}
