package db_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/db/migrate"
	"hce.co/shared/db/migrations"
)

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)

// migrationFiles returns the text of each migration by its number.
func migrationFiles(t *testing.T) map[int]string {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := map[int]string{}
	for _, name := range names {
		m := migrationName.FindStringSubmatch(name)
		if m == nil {
			t.Fatalf("%s is not named NNNN_what.sql", name)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := files[n]; ok {
			t.Errorf("two migrations have the number %d", n)
		}
		b, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[n] = string(b)
	}
	return files
}

func TestSchemaVersionIsTheNewestMigration(t *testing.T) {
	newest := 0
	for n := range migrationFiles(t) {
		newest = max(newest, n)
	}
	if db.SchemaVersion != newest {
		t.Errorf("db.SchemaVersion is %d, the newest migration %d", db.SchemaVersion, newest)
	}
}

func TestMigrationsOnlyGoUp(t *testing.T) {
	for n, sql := range migrationFiles(t) {
		if !strings.HasPrefix(sql, "-- +goose Up\n-- ") {
			t.Errorf("migration %d does not begin with its direction and what it is for", n)
		}
		for _, word := range []string{"-- +goose Down", "DROP TABLE", "DROP COLUMN", "RENAME"} {
			if strings.Contains(sql, word) {
				t.Errorf("migration %d holds %q: the code of before it must still run after it", n, word)
			}
		}
	}
}

// bare makes a database without the schema next to the test's, and returns its
// address. On a Citus coordinator it is a database without the extension.
func bare(t *testing.T) string {
	t.Helper()
	admin := dbtest.Pool(t, "postgres")
	name := fmt.Sprintf("hce_bare_%d", time.Now().UnixNano())
	exec(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(dbtest.URL(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func TestMigrateFromZero(t *testing.T) {
	address := bare(t)
	pool, err := db.Open(t.Context(), db.Config{URL: config.Secret(address), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if ok, err := db.Ready(short(t), pool); ok || err == nil {
		t.Errorf("ready without a schema: %v, %v", ok, err)
	}

	// Two at once share the work.
	var wg sync.WaitGroup
	var applied [2]int
	var errs [2]error
	for i := range applied {
		wg.Go(func() { applied[i], errs[i] = migrate.Up(short(t), address) })
	}
	wg.Wait()
	all := len(migrationFiles(t))
	if errs[0] != nil || errs[1] != nil || applied[0]+applied[1] != all {
		t.Fatalf("two at once applied %v of %d migrations: %v", applied, all, errs)
	}
	if ok, err := db.Ready(short(t), pool); !ok || err != nil {
		t.Errorf("not ready with the schema: %v", err)
	}

	if n, err := migrate.Up(short(t), address); n != 0 || err != nil {
		t.Errorf("again, it applied %d migrations, %v", n, err)
	}

	exec(t, pool, `DELETE FROM `+migrate.VersionTable+` WHERE version_id = $1`, db.SchemaVersion)
	if ok, err := db.Ready(short(t), pool); ok || err == nil || !strings.Contains(err.Error(), strconv.Itoa(db.SchemaVersion)) {
		t.Errorf("ready for a schema that lacks the last migration: %v, %v", ok, err)
	}
	exec(t, pool, `INSERT INTO `+migrate.VersionTable+` (version_id, is_applied) VALUES ($1, true)`, db.SchemaVersion+1)
	if ok, err := db.Ready(short(t), pool); !ok || err != nil {
		t.Errorf("not ready with a schema newer than the code: %v", err)
	}
}

func TestMigrateAgainChangesNothing(t *testing.T) {
	if n, err := migrate.Up(short(t), dbtest.URL(t, "postgres")); n != 0 || err != nil {
		t.Errorf("%d migrations, %v", n, err)
	}
	for _, role := range functionRoles {
		if ok, err := db.Ready(short(t), single(t, role)); !ok || err != nil {
			t.Errorf("%s cannot tell that the schema is there: %v", role, err)
		}
	}
}

func TestMigrateKeepsTheAddressToItself(t *testing.T) {
	_, err := migrate.Up(t.Context(), "postgres://u:contraseña@[::1:x/db")
	if err == nil || strings.Contains(err.Error(), "contraseña") {
		t.Errorf("an address that cannot be read: %v", err)
	}
}

// On Citus every table of a record is distributed by documento_id, next to
// paciente: a chart is read on one shard.
func TestChartTablesStandTogether(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	if !value[bool](t, pool, `SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')`) {
		t.Skip("not a Citus cluster")
	}
	rows, err := pool.Query(t.Context(), `
		SELECT c.relname::text, t.distribution_column, t.colocation_id = (SELECT colocation_id FROM citus_tables WHERE table_name = 'historia_clinica.paciente'::regclass)
		FROM citus_tables t JOIN pg_class c ON c.oid = t.table_name WHERE t.citus_table_type = 'distributed'`)
	if err != nil {
		t.Fatal(err)
	}
	type placement struct {
		table, column string
		together      bool
	}
	placed := map[string]placement{}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (p placement, err error) {
		return p, r.Scan(&p.table, &p.column, &p.together)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		placed[p.table] = p
		if p.column == "documento_id" && !p.together {
			t.Errorf("%s is not placed with paciente", p.table)
		}
	}
	for _, table := range []string{
		"paciente", "admision", "nota", "nota_version", "adenda", "diagnostico", "signo_vital", "alergia", "medicamento", "resultado",
		"documento_pdf", "auditoria", "auditoria_sello", "evento_salida", "evento_entrada", "codigo_registro", "acceso_emergencia",
	} {
		if placed[table].column != "documento_id" {
			t.Errorf("%s is distributed by %q", table, placed[table].column)
		}
	}
	for table, column := range map[string]string{"identificador": "clave", "idempotencia": "clave"} {
		if placed[table].column != column {
			t.Errorf("%s is distributed by %q, want %s", table, placed[table].column, column)
		}
	}
}
