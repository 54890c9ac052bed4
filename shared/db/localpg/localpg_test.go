package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestStartTwice(t *testing.T) {
	dir := testDir(t)
	began := time.Now()
	s := start(t, Options{Dir: dir, Citus: CitusOff})
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the first start took %v, want under 5 s", took)
	} else {
		t.Logf("first start: %v", took)
	}
	for range 2 { // the second finds it there
		if err := s.Database(t.Context(), "hce"); err != nil {
			t.Fatal(err)
		}
	}
	conn := connect(t, s, superuser, "hce")
	exec1(t, conn, `CREATE ROLE hce_paciente LOGIN`)
	exec1(t, conn, `CREATE TABLE paciente (nombre text)`)
	exec1(t, conn, `GRANT ALL ON paciente TO hce_paciente`)
	exec1(t, connect(t, s, "hce_paciente", "hce"), `INSERT INTO paciente VALUES ('Ñuflo')`)
	stop(t, s)

	began = time.Now()
	s = start(t, Options{Dir: dir, Citus: CitusAuto})
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the second start took %v, want under 2 s", took)
	} else {
		t.Logf("second start: %v", took)
	}
	if s.Citus() {
		t.Error("a plain server's directory became a cluster")
	}
	conn = connect(t, s, "hce_paciente", "hce")
	if got := query1[string](t, conn, `SELECT lower(nombre) FROM paciente`); got != "ñuflo" {
		t.Errorf("nombre = %q", got)
	}
}

func TestSettings(t *testing.T) {
	s := start(t, Options{Dir: testDir(t), Citus: CitusOff})
	conn := connect(t, s, superuser, "postgres")
	got := map[string]string{}
	want := map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"server_encoding": "UTF8", "TimeZone": "UTC", "listen_addresses": "", "log_min_messages": "log",
		"log_statement": "none", "log_min_error_statement": "panic", "log_error_verbosity": "terse",
	}
	for name := range want {
		got[name] = query1[string](t, conn, `SELECT current_setting($1)`, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	info, err := os.Stat(s.sockets)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != fs.ModeDir|0o700 {
		t.Errorf("the sockets' directory has mode %v: others can enter", info.Mode())
	}
}

// The log is read by whoever debugs the machine: what a statement says about a patient has no place there.
func TestLogHasNoData(t *testing.T) {
	for _, mode := range []CitusMode{CitusOff, CitusRequire} {
		t.Run(string(mode), func(t *testing.T) {
			if mode == CitusRequire {
				needCitus(t)
			}
			s := start(t, Options{Citus: mode, Ephemeral: true})
			if err := s.Database(t.Context(), "hce"); err != nil {
				t.Fatal(err)
			}
			conn := connect(t, s, superuser, "hce")
			exec1(t, conn, `CREATE TABLE p (documento text PRIMARY KEY, nacido date)`)
			if s.Citus() {
				exec1(t, conn, `SELECT create_distributed_table('p', 'documento')`)
			}
			exec1(t, conn, `INSERT INTO p VALUES ('CC-SECRET', '1980-01-01')`)
			for _, sql := range []string{
				`INSERT INTO p VALUES ('CC-SECRET', '1981-01-01')`,                    // DETAIL quotes the key
				`SELECT 'SECRET'::date`,                                               // the message quotes the value
				`SELECT documento::date FROM p WHERE documento = 'CC-SECRET'`,         // on a worker
				`UPDATE p SET nacido = documento::date WHERE documento = 'CC-SECRET'`, // on a worker
				`DO $$ BEGIN RAISE WARNING 'SECRET'; RAISE EXCEPTION 'SECRET'; END $$`,
			} {
				if _, err := conn.Exec(t.Context(), sql); err == nil {
					t.Errorf("%s: no error", sql)
				}
			}
			if _, err := conn.Exec(t.Context(), `SELECT $1::text::date`, "SECRET"); err == nil {
				t.Error("no error")
			}
			// A killed backend is reported with the statement it was at.
			pid := int(conn.PgConn().PID())
			time.AfterFunc(200*time.Millisecond, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
			if _, err := conn.Exec(t.Context(), `SELECT pg_sleep(10), 'SECRET'`); err == nil {
				t.Error("the backend was not killed")
			}
			eventually(t, "the log tells of the crash", func() bool {
				text, _ := os.ReadFile(s.nodes[0].logPath)
				return strings.Contains(string(text), "was terminated by signal 9")
			})
			eventually(t, "the server has recovered", func() bool { // one that is stopped meanwhile takes its time
				again, err := pgx.Connect(t.Context(), s.URL(superuser, "hce"))
				return err == nil && again.Close(t.Context()) == nil
			})
			for _, n := range s.nodes {
				text, err := os.ReadFile(n.logPath)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), "SECRET") {
					t.Errorf("the log has patient data:\n%s", text)
				}
				if info, err := os.Stat(n.logPath); err != nil || info.Mode() != 0o600 {
					t.Errorf("the log: mode %v, %v", info.Mode(), err)
				}
			}
		})
	}
}

func TestTemporary(t *testing.T) {
	s := start(t, Options{Ephemeral: true, Citus: CitusOff})
	conn := connect(t, s, superuser, "postgres")
	if got := query1[string](t, conn, `SHOW fsync`); got != "off" {
		t.Errorf("fsync = %s", got)
	}
	stop(t, s)
	for _, path := range []string{s.dir, s.sockets} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	if left := postmasters(t, s.dir); left != nil {
		t.Errorf("still running: %v", left)
	}
}

func TestPortAsksForPassword(t *testing.T) {
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{Dir: testDir(t), Citus: CitusOff, Ephemeral: true, Port: int(port)})
	exec1(t, connect(t, s, superuser, "postgres"), `CREATE ROLE hce_paciente LOGIN`)
	path := filepath.Join(s.Dir(), "password")
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Fatalf("the password: mode %v, %v", info.Mode(), err)
	}
	password, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		user, password string
		ok             bool
	}{
		{superuser, string(password), true},
		{superuser, "", false},
		{superuser, "postgres", false},
		{"hce_paciente", "", false},
		{"hce_paciente", string(password), false},
	}
	for _, tt := range tests {
		url := fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/postgres?sslmode=disable", tt.user, tt.password, port)
		conn, err := pgx.Connect(t.Context(), url)
		if err == nil {
			_ = conn.Close(t.Context())
		}
		if (err == nil) != tt.ok {
			t.Errorf("%s with password %q: %v", tt.user, tt.password, err)
		}
	}
}

func TestRefusedOptions(t *testing.T) {
	for _, o := range []Options{{}, {Dir: "x", Port: 80}, {Dir: "x", Port: 70000}, {Dir: "x", Citus: "maybe"}} {
		if _, err := Start(t.Context(), o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func TestStartFailureSaysWhy(t *testing.T) {
	dir := testDir(t)
	stop(t, start(t, Options{Dir: dir, Citus: CitusOff, Ephemeral: true}))
	if err := os.Remove(filepath.Join(dir, "plain/server/global/pg_control")); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "pg_control") {
		t.Errorf("err = %v, want the server's own words", err)
	}
}

func TestStartGivesUpWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := testDir(t)
	if _, err := Start(ctx, Options{Dir: dir, Citus: CitusOff}); err == nil {
		t.Error("a cancelled start succeeded")
	}
	start(t, Options{Dir: dir, Citus: CitusOff, Ephemeral: true})
}

// As an ordinary user, which is what a developer is.
func TestUnprivileged(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("all tests run unprivileged here")
	}
	who, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	dir := testDir(t)
	program := filepath.Join(dir, "owner")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", self, program).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	theirs := filepath.Join(dir, "pg")
	if err := who.mkdir(theirs); err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(who.uid), Gid: uint32(who.gid)}}
	o := startOwner(t, program, theirs, attr)
	if got := o.answer(t); got != "ready "+theirs {
		t.Fatal(got)
	}
	_ = o.stdin.Close()
	if err := o.Wait(); err != nil {
		t.Fatal(err)
	}
	start(t, Options{Dir: theirs}) // root serves it as its owner
}
