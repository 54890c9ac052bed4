package db_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func pgError(code, constraint, message string) error {
	return fmt.Errorf("register: %w", &pgconn.PgError{Code: code, ConstraintName: constraint, Message: message, Detail: "Key (numero)=(1032456789) exists."})
}

func TestViolates(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"plain unique", pgError("23505", "identificador_pkey", `duplicate key value violates unique constraint "identificador_pkey"`), "identificador_pkey"},
		{"Citus unique", pgError("23505", "", `duplicate key value violates unique constraint "identificador_pkey_102249"`), "identificador_pkey"},
		{"Citus unique, named", pgError("23505", "identificador_pkey_102249", `duplicate key value violates unique constraint "identificador_pkey_102249"`), "identificador_pkey"},
		{"Citus unique, shard of six more digits", pgError("23505", "", `duplicate key value violates unique constraint "usuario_email_1000102249"`), "usuario_email"},
		{"plain foreign key", pgError("23503", "admision_paciente_fk", `insert or update on table "admision" violates foreign key constraint "admision_paciente_fk"`), "admision_paciente_fk"},
		{"Citus foreign key", pgError("23503", "", `insert or update on table "admision_102281" violates foreign key constraint "admision_paciente_fk_102281"`), "admision_paciente_fk"},
		{"Citus foreign key, from the other side", pgError("23503", "", `update or delete on table "paciente_102249" violates foreign key constraint "admision_paciente_fk_102281" on table "admision_102281"`), "admision_paciente_fk"},
		{"Citus check", pgError("23514", "", `new row for relation "auditoria_102300" violates check constraint "auditoria_accion_check_102300"`), "auditoria_accion_check"},
		{"a second check keeps its number", pgError("23514", "nota_check1", ""), "nota_check1"},
		{"a column is named and no constraint", pgError("23502", "", `null value in column "nombre" of relation "paciente_102249" violates not-null constraint`), "23502"},
		{"no name at all", pgError("23505", "", "duplicada"), "23505"},
		{"another class of error", pgError("40001", "", `could not serialize access in "x"`), ""},
		{"no error of PostgreSQL", errors.New(`violates unique constraint "x"`), ""},
		{"no error", nil, ""},
	} {
		if got := db.Violates(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What PostgreSQL and Citus really say.
func TestViolatesOnTheServer(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	id := dbtest.Record(t)
	admit := func(documentoID string) error {
		_, err := pool.Exec(t.Context(), `INSERT INTO historia_clinica.admision (documento_id, id, clase, estado, inicio, admitido_por, admitido_por_nombre, creado_en)
			VALUES ($1, $2, 'IMP', 'in-progress', now(), $2, 'Ana', now())`, documentoID, ident.NewID())
		return err
	}
	if err := admit(id); err != nil {
		t.Fatal(err)
	}
	run := func(sql string, args ...any) error {
		_, err := pool.Exec(t.Context(), sql, args...)
		return err
	}
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"primary key", run(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $1, '2026-01-02')`, id), "identificador_pkey"},
		{"partial unique index", admit(id), "admision_hospitalaria_abierta"},
		{"foreign key", admit("CC-0"), "admision_paciente_fk"},
		{"foreign key, from the other side", run(`DELETE FROM historia_clinica.paciente WHERE documento_id = $1`, id), "admision_paciente_fk"},
		{"check", run(`UPDATE historia_clinica.admision SET estado = 'dormida' WHERE documento_id = $1`, id), "admision_estado_check"},
		{"not null", run(`UPDATE historia_clinica.admision SET estado = NULL WHERE documento_id = $1`, id), "23502"},
		{"a table that is not distributed", run(`INSERT INTO historia_clinica.productor (client_id, id, nombre, hash, tipos, creado_en)
			SELECT x, '00000000-0000-7000-8000-000000000000', '', '', '{}', now() FROM unnest(ARRAY['a', 'b']) x`), "productor_id_key"},
	} {
		if got := db.Violates(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q (%v)", tt.name, got, tt.want, tt.err)
		}
	}
}

func TestTemporary(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want bool
	}{
		{"serialization", pgError("40001", "", ""), true},
		{"deadlock", pgError("40P01", "", ""), true},
		{"lock not available", pgError("55P03", "", ""), true},
		{"starting up", pgError("57P03", "", ""), true},
		{"too many connections", pgError("53300", "", ""), true},
		{"shutting down", pgError("57P01", "", ""), true},
		{"crashed", pgError("57P02", "", ""), true},
		{"connection exception", pgError("08006", "", ""), true},
		{"connection failure of Citus", pgError("08001", "", ""), true},
		{"worker gone", pgError("XX000", "", "server closed the connection unexpectedly"), true},
		{"shard not committed", pgError("XX000", "", "could not commit transaction for shard 102249 on any active node"), true},
		{"another internal error", pgError("XX000", "", "cache lookup failed"), false},
		{"canceled by statement_timeout", pgError("57014", "", ""), false},
		{"unique", pgError("23505", "x", ""), false},
		{"syntax", pgError("42601", "", ""), false},
		{"disk full", pgError("53100", "", ""), false},
		{"not connected", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		{"broken off", fmt.Errorf("receive: %w", io.ErrUnexpectedEOF), true},
		{"closed", errors.New("conn closed"), true},
		{"deadline", context.DeadlineExceeded, false},
		{"no rows", pgx.ErrNoRows, false},
		{"any other", errors.New("x"), false},
		{"none", nil, false},
	} {
		if got := db.Temporary(tt.err); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if _, err := single(t, "hce_nobody").Exec(short(t), "SELECT 1"); err == nil || db.Temporary(err) {
		t.Errorf("a role that does not exist may come into being by itself: %v", err)
	}
}

func TestProblem(t *testing.T) {
	const secret = "1032456789"
	leak := `invalid input syntax for type uuid: "` + secret + `"`
	other := problem.Conflict("Ya existe.")
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"temporary", pgError("40001", "", leak), 503},
		{"statement timeout", pgError("57014", "", leak), 503},
		{"deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), 503},
		{"broken connection", io.ErrUnexpectedEOF, 503},
		{"text that cannot be stored", pgError("22021", "", leak), 400},
		{"JSON that cannot be stored", pgError("22P05", "", leak), 400},
		{"a constraint", pgError("23505", "identificador_pkey", leak), 500},
		{"bad input", pgError("22P02", "", leak), 500},
		{"a problem", other, 409},
		{"a problem that an error of PostgreSQL caused", problem.Unavailable(pgError("23505", "", leak)), 503},
		{"a problem next to one", errors.Join(pgError("23505", "", leak), problem.Conflict("Ya existe.")), 409},
		{"any other", errors.New("x"), 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := db.Problem(tt.err)
			if got := problem.Status(err); got != tt.want {
				t.Errorf("%v is %d, want %d", err, got, tt.want)
			}
			if s := fmt.Sprintf("%v %+v", err, err); strings.Contains(s, secret) {
				t.Errorf("the message of PostgreSQL is still there: %s", s)
			}
			var pg *pgconn.PgError
			if errors.As(err, &pg) {
				t.Errorf("the error of PostgreSQL is still in the chain: %+v", pg)
			}
		})
	}
	if db.Problem(nil) != nil {
		t.Error("no error is a problem")
	}
	if db.Problem(other) != error(other) {
		t.Error("a problem does not stay as it is")
	}
	if s := db.Problem(pgError("23505", "identificador_pkey", leak)).Error(); !strings.Contains(s, "23505") || !strings.Contains(s, "identificador_pkey") {
		t.Errorf("the log learns too little: %s", s)
	}
}

func TestProblemOnTheServer(t *testing.T) {
	pool := dbtest.Pool(t, "postgres")
	id := dbtest.Record(t)
	run := func(sql string, args ...any) error {
		_, err := pool.Exec(t.Context(), sql, args...)
		return err
	}
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"NUL", run(`UPDATE historia_clinica.paciente SET barrio = $2 WHERE documento_id = $1`, id, "a\x00b"), 400},
		{"invalid UTF-8", run(`UPDATE historia_clinica.paciente SET barrio = $2 WHERE documento_id = $1`, id, "\xff"), 400},
		{"NUL in JSON", run(`UPDATE historia_clinica.paciente SET responsable = $2::text::jsonb WHERE documento_id = $1`, id, `{"nombre":"\u0000"}`), 400},
		{"a duplicate", run(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $1, '2026-01-02')`, id), 500},
		{"no such day", run(`SELECT $1::text::date`, id), 500},
		{"timeout", pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			exec(t, tx, `SET LOCAL statement_timeout = '20ms'`)
			_, err := tx.Exec(t.Context(), `SELECT pg_sleep(5)`)
			return err
		}), 503},
	} {
		if tt.err == nil {
			t.Errorf("%s: the server did not mind", tt.name)
			continue
		}
		err := db.Problem(tt.err)
		if got := problem.Status(err); got != tt.want || strings.Contains(err.Error(), id[3:]) {
			t.Errorf("%s: %d %v, want %d", tt.name, got, err, tt.want)
		}
	}
}

func TestOpen(t *testing.T) {
	_, err := db.Open(t.Context(), db.Config{URL: "postgres://u:contraseña@[::1:x/db", MaxConns: 1})
	if err == nil || strings.Contains(err.Error(), "contraseña") {
		t.Errorf("an address that cannot be read: %v", err)
	}

	pool, err := db.Open(t.Context(), db.Config{URL: "postgres://u@127.0.0.1:1/db", MaxConns: 1})
	if err != nil {
		t.Fatalf("Open asks a server that nobody needs yet: %v", err)
	}
	defer pool.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := pool.Ping(ctx); problem.Status(db.Problem(err)) != 503 {
		t.Errorf("a database that is down: %v", err)
	}

	real := single(t, "hce_patient")
	if n := real.Stat().TotalConns(); n != 0 {
		t.Errorf("%d connections before the first query", n)
	}
	for name, want := range map[string]string{
		"timezone": "UTC", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s", "application_name": "hce",
		"search_path": "historia_clinica,public",
	} {
		if got := strings.ReplaceAll(value[string](t, real, "SELECT current_setting($1)", name), ", ", ","); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestOpenAsAnotherRole(t *testing.T) {
	u, err := url.Parse(dbtest.URL(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("statement_timeout", "3s")
	u.RawQuery = q.Encode()
	pool, err := db.Open(t.Context(), db.Config{URL: config.Secret(u.String()), Role: "hce_notes", MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if got := value[string](t, pool, "SELECT current_user::text"); got != "hce_notes" {
		t.Errorf("acts as %s", got)
	}
	if got := value[string](t, pool, "SHOW statement_timeout"); got != "3s" {
		t.Errorf("the address's own statement_timeout became %s", got)
	}
}
