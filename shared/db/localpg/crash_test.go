package localpg

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// count is what a table has, read over a new connection, -1 while there is no server.
func count(t *testing.T, s *Server, database, table string) int {
	conn, err := pgx.Connect(t.Context(), s.URL(superuser, database))
	if err != nil {
		return -1
	}
	defer conn.Close(t.Context())
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		return -1
	}
	return n
}

func TestServerKilled(t *testing.T) {
	s := start(t, Options{Dir: testDir(t), Citus: CitusOff})
	conn := connect(t, s, superuser, "postgres")
	exec1(t, conn, `CREATE TABLE nota AS SELECT generate_series(1, 1000)`)
	busy := connect(t, s, superuser, "postgres") // survives its server as long as it computes
	go busy.Exec(t.Context(), `DO $$ BEGIN LOOP END LOOP; END $$`)
	before := postmasters(t, s.dir)
	if len(before) != 1 {
		t.Fatalf("servers: %v", before)
	}
	if err := syscall.Kill(before[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server is back with its rows", func() bool { return count(t, s, "postgres", "nota") == 1000 })
	if after := postmasters(t, s.dir); len(after) != 1 || after[0] == before[0] {
		t.Errorf("servers: %v, then %v", before, after)
	}
}

// The server goes when its owner is killed, and what was acknowledged is there at the next start.
func TestOwnerKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a child with its parent")
	}
	dir := testDir(t)
	o := startOwner(t, self(t), dir, nil)
	if got := o.answer(t); got != "ready "+dir {
		t.Fatal(got)
	}
	shadow := &Server{nodes: []*node{{sockets: filepath.Join(dir, "sockets"), port: 5432}}}
	conn := connect(t, shadow, superuser, "postgres")
	exec1(t, conn, `CREATE TABLE nota AS SELECT generate_series(1, 1000)`)
	if err := o.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = o.Wait()
	eventually(t, "the orphan ends", func() bool { return postmasters(t, dir) == nil })
	s := start(t, Options{Dir: dir})
	if got := count(t, s, "postgres", "nota"); got != 1000 {
		t.Errorf("%d rows", got)
	}
}

// Everything at once, as the OOM killer or a crash of the machine would have it.
func TestOwnerAndServerKilled(t *testing.T) {
	dir := testDir(t)
	o := startOwner(t, self(t), dir, nil)
	if got := o.answer(t); got != "ready "+dir {
		t.Fatal(got)
	}
	shadow := &Server{nodes: []*node{{sockets: filepath.Join(dir, "sockets"), port: 5432}}}
	conn := connect(t, shadow, superuser, "postgres")
	exec1(t, conn, `CREATE TABLE nota AS SELECT generate_series(1, 1000)`)
	for _, pid := range postmasters(t, dir) {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // so that it cannot say goodbye
			t.Fatal(err)
		}
	}
	_ = o.Process.Kill()
	_ = o.Wait()
	for _, pid := range postmasters(t, dir) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, Options{Dir: dir}) // at once: its children may not even have gone
	if got := count(t, s, "postgres", "nota"); got != 1000 {
		t.Errorf("%d rows", got)
	}
}

// A server that an earlier process left behind is ended and started anew, not doubled.
func TestServerLeftBehind(t *testing.T) {
	dir := testDir(t)
	s := start(t, Options{Dir: dir, Citus: CitusOff})
	exec1(t, connect(t, s, superuser, "postgres"), `CREATE TABLE nota AS SELECT generate_series(1, 10)`)
	stop(t, s)
	n := s.nodes[0]
	cmd := n.home.who.command(t.Context(), "/", n.postgres,
		"-D", n.data, "-c", "config_file="+n.conf, "-c", "cluster_name="+n.marker)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { _ = cmd.Wait(); close(gone) }()
	eventually(t, "it answers", func() bool { return count(t, s, "postgres", "nota") == 10 })
	again := start(t, Options{Dir: dir})
	<-gone
	if got := count(t, again, "postgres", "nota"); got != 10 {
		t.Errorf("%d rows", got)
	}
}

func TestTwoStarters(t *testing.T) {
	dir := testDir(t)
	a, b := startOwner(t, self(t), dir, nil), startOwner(t, self(t), dir, nil)
	answers := []string{a.answer(t), b.answer(t)}
	if answers[0] != "ready "+dir {
		answers[0], answers[1] = answers[1], answers[0]
	}
	if answers[0] != "ready "+dir || !strings.Contains(answers[1], ErrInUse.Error()) {
		t.Errorf("answers: %q", answers)
	}
}

func TestInitCutShort(t *testing.T) {
	dir := testDir(t)
	half := filepath.Join(dir, "plain.partial/server")
	if err := os.MkdirAll(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, Options{Dir: dir, Citus: CitusOff})
	if _, err := os.Stat(filepath.Dir(half)); err == nil {
		t.Error("the half is still there")
	}
}

// In a container the number of a dead server soon belongs to another process.
func TestStalePID(t *testing.T) {
	dir := testDir(t)
	s := start(t, Options{Dir: dir, Citus: CitusOff})
	n := s.nodes[0]
	locks := map[string][]byte{filepath.Join(n.data, "postmaster.pid"): nil, filepath.Join(n.sockets, ".s.PGSQL.5432.lock"): nil}
	for path := range locks {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		locks[path] = text
	}
	stop(t, s)
	other := exec.Command("sleep", "60")
	other.SysProcAttr = n.home.who.command(t.Context(), "/", "sleep").SysProcAttr
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	for path, text := range locks {
		_, rest, _ := strings.Cut(string(text), "\n")
		stale := strconv.Itoa(other.Process.Pid) + "\n" + rest
		if err := os.WriteFile(path, []byte(stale), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, n.home.who.uid, n.home.who.gid); err != nil {
			t.Fatal(err)
		}
	}
	start(t, Options{Dir: dir})
}
