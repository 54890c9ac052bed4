// Package migrations holds the schema as an ordered list of SQL files, the same
// for plain PostgreSQL and for Citus.
package migrations

import "embed"

// Files are the migrations, applied by package migrate.
//
//go:embed *.sql
var Files embed.FS
