// Package migrate applies the migrations that a database does not have yet.
package migrate

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"hce.co/shared/db/migrations"
)

// VersionTable says which migrations a database has.
const VersionTable = "historia_clinica.version_esquema"

// Up brings the database at url to the newest schema and returns how many
// migrations that took. Two at once wait for each other.
func Up(ctx context.Context, url string) (int, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return 0, fmt.Errorf("migrate: the address cannot be read as a PostgreSQL connection string")
	}
	cfg.RuntimeParams["statement_timeout"] = "0"
	pool := stdlib.OpenDB(*cfg)
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS historia_clinica`); err != nil && !schemaExists(ctx, pool) {
		return 0, fmt.Errorf("migrate: create schema: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // look each second, for five minutes
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.Files,
		goose.WithTableName(VersionTable), goose.WithSessionLocker(locker))
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// schemaExists tells a lost race of CREATE SCHEMA from a failure.
func schemaExists(ctx context.Context, pool *sql.DB) bool {
	var ok bool
	err := pool.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'historia_clinica')`).Scan(&ok)
	return err == nil && ok
}
