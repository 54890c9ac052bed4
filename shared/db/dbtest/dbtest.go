// Package dbtest gives tests a real database with the schema in it: one for each
// test process, on the server of HCE_TEST_DATABASE_URL (plain PostgreSQL or a
// Citus coordinator) or on an embedded one.
//
// Tests share the database, so each makes records of its own with [DocumentoID].
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/localpg"
	"hce.co/shared/db/migrate"
)

// URLVariable names the server to test on: the address of a superuser.
const URLVariable = "HCE_TEST_DATABASE_URL"

type database struct {
	url   func(user string) string
	close func()
}

var (
	once   sync.Once
	shared database
	owner  *pgxpool.Pool // makes rows that no role of a function may
	failed error
)

// Main runs a package's tests and removes what they left:
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
func Main(m interface{ Run() int }) int {
	defer func() {
		if owner != nil {
			owner.Close()
		}
		if shared.close != nil {
			shared.close()
		}
	}()
	return m.Run()
}

func get(t testing.TB) database {
	t.Helper()
	once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		defer cancel()
		if admin := os.Getenv(URLVariable); admin != "" {
			shared, failed = onServer(ctx, admin)
		} else {
			shared, failed = embedded(ctx)
		}
		if failed == nil {
			_, failed = migrate.Up(ctx, shared.url("postgres"))
		}
		if failed == nil {
			owner, failed = db.Open(ctx, db.Config{URL: config.Secret(shared.url("postgres")), MaxConns: 4})
		}
	})
	if failed != nil {
		t.Fatalf("no database to test on: %v", failed)
	}
	return shared
}

// URL returns the address of the test database for a role such as hce_patient,
// or for its superuser, postgres.
func URL(t testing.TB, role string) string { return get(t).url(role) }

// Pool returns a pool that acts as a function's role.
func Pool(t testing.TB, role string) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(context.Background(), db.Config{URL: config.Secret(URL(t, role)), MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// DocumentoID returns the number of a document that no other test has: ten
// digits.
func DocumentoID() (number string) {
	return strconv.FormatInt(1_000_000_000+rand.Int64N(8_999_999_999), 10) // #nosec G404 -- a test's document
}

// Record opens a record with no more in it than it must have, whose document
// leads to it, and returns its documento_id.
func Record(t testing.TB) (documentoID string) {
	t.Helper()
	get(t)
	documentoID = "CC-" + DocumentoID()
	for _, sql := range []string{
		`INSERT INTO historia_clinica.paciente (documento_id, creado_en, actualizado_en, actualizado_por, tipo_documento, numero_documento,
			primer_apellido, primer_nombre, fecha_nacimiento, sexo_biologico, nombre_busqueda, nombre_orden)
		VALUES ($1::text, '2026-01-02', '2026-01-02', '00000000-0000-7000-8000-000000000000', 'CC', substr($1::text, 4),
			'Peña', 'Luz', '1984-02-29', '02', 'luz pena', 'pena luz')`,
		`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $1, '2026-01-02')`,
	} {
		if _, err := owner.Exec(context.Background(), sql, documentoID); err != nil {
			t.Fatal(err)
		}
	}
	return documentoID
}

// embedded starts a server of this process's own.
func embedded(ctx context.Context) (database, error) {
	srv, err := localpg.Start(ctx, localpg.Options{Ephemeral: true, Citus: localpg.CitusOff})
	if err != nil {
		return database{}, err
	}
	if err := srv.Database(ctx, "hce"); err != nil {
		return database{}, errors.Join(err, srv.Stop(ctx))
	}
	return database{
		url: func(user string) string { return srv.URL(user, "hce") },
		close: func() {
			srv.Stop(context.Background()) //nolint:errcheck // the process ends now
		},
	}, nil
}

// onServer makes a database on a running server; on a Citus coordinator, on
// each of its nodes.
func onServer(ctx context.Context, admin string) (database, error) {
	u, err := url.Parse(admin)
	if err != nil {
		return database{}, fmt.Errorf("%s: %w", URLVariable, err)
	}
	name := fmt.Sprintf("hce_test_%d_%d", os.Getpid(), rand.IntN(1e6)) // #nosec G404 -- a name, no secret
	workers, err := citusNodes(ctx, admin)
	if err != nil {
		return database{}, err
	}
	first, err := coordinatorOf(*u)
	if err != nil {
		return database{}, err
	}
	servers := append([]node{first}, workers...)
	maintenance := *u
	maintenance.Path = "/postgres"
	if err := each(ctx, maintenance, servers, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+name)
		return err
	}); err != nil {
		return database{}, err
	}
	in := *u
	in.Path = "/" + name
	if len(workers) > 0 {
		if err := joinNodes(ctx, in, servers); err != nil {
			return database{}, err
		}
	}
	return database{
		url: func(user string) string {
			as := in
			if user != "postgres" {
				as.User = url.User(user)
			}
			return as.String()
		},
		close: func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			each(ctx, maintenance, servers, func(c *pgx.Conn) error { //nolint:errcheck // what stays is only a test's
				_, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
				return err
			})
		},
	}, nil
}
