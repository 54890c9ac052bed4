package localpg

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Below a directory like /root the server's account can go nowhere.
func TestLocateOutOfReach(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root hands over to another account")
	}
	closed := t.TempDir() // mode 0700
	open := testDir(t)
	wanted := filepath.Join(closed, "hce/postgres")
	var said strings.Builder
	log := slog.New(slog.NewTextHandler(&said, nil))
	h, err := locate(wanted, []string{filepath.Join(closed, "no"), open}, log)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(open, "pg-"+digest(wanted)); h.dir != want {
		t.Errorf("dir = %s, want %s", h.dir, want)
	}
	if !strings.Contains(said.String(), wanted) || !strings.Contains(said.String(), h.dir) {
		t.Errorf("the log says %q", said.String())
	}
	if !h.elsewhere {
		t.Error("it does not know that it lives elsewhere")
	}
	// Once data is there, it is found again, even though the wanted place has opened.
	if err := h.who.mkdir(filepath.Join(h.dir, string(plain))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(closed), 0o755); err != nil {
		t.Fatal(err)
	}
	again, err := locate(wanted, []string{open}, log)
	if err != nil || again != h {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := locate(wanted, nil, log); err != nil {
		t.Errorf("reachable by now: %v", err)
	}
}

// Stop removes what a test had to keep elsewhere, and never what was there before.
func TestEphemeralElsewhere(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root hands over to another account")
	}
	usual := systemDir
	systemDir = testDir(t)
	t.Cleanup(func() { systemDir = usual })
	wanted := t.TempDir() // mode 0755, below one of mode 0700
	o := Options{Dir: wanted, Citus: CitusOff, Ephemeral: true}
	s := start(t, o)
	if s.Dir() == wanted {
		t.Fatalf("it lives in %s", s.Dir())
	}
	if _, err := Start(t.Context(), o); !errors.Is(err, ErrInUse) {
		t.Errorf("a second start: %v", err)
	}
	if _, err := os.Stat(s.nodes[0].data); err != nil {
		t.Errorf("a refused start took the data: %v", err)
	}
	stop(t, s)
	if _, err := os.Stat(s.Dir()); err == nil {
		t.Error("ephemeral data is still there")
	}
	lasting := o
	lasting.Ephemeral = false
	stop(t, start(t, lasting))
	s = start(t, o)
	stop(t, s)
	if _, err := os.Stat(s.nodes[0].data); err != nil {
		t.Errorf("lasting data is gone: %v", err)
	}
}

func TestLocateNowhere(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root hands over to another account")
	}
	_, err := locate(filepath.Join(t.TempDir(), "pg"), nil, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "cannot enter") {
		t.Errorf("err = %v", err)
	}
}

func TestSocketPath(t *testing.T) {
	tests := []struct {
		dir  string
		home bool
	}{
		{"/srv/hce/.hce/postgres", true},
		{"/home/" + strings.Repeat("x", 90), false},
		{"/home/ana/mis proyectos/hce", false},
		{"/home/ana/a,b", false},
		{"/home/año", false},
	}
	for _, tt := range tests {
		got := home{dir: tt.dir}.socketPath("/tmp")
		if (got == tt.dir+"/sockets") != tt.home {
			t.Errorf("%s: %s", tt.dir, got)
		}
		if n := len(got) + len("/.s.PGSQL.65535"); n > 103 {
			t.Errorf("%s: %d bytes", got, n)
		}
	}
}

func TestSocketDirOfAStranger(t *testing.T) {
	t.Setenv("TMPDIR", testDir(t))
	who, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	h := home{dir: "/" + strings.Repeat("x", 100), who: who}
	path := h.socketPath(os.TempDir())
	if err := os.Mkdir(path, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, who.uid, who.gid); err != nil {
		t.Fatal(err)
	}
	if _, err := h.socketDir(); err == nil {
		t.Error("a directory open to all was taken")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), path); err != nil {
		t.Fatal(err)
	}
	if _, err := h.socketDir(); err == nil {
		t.Error("a symlink was taken")
	}
}

// A long or odd path works all the same.
func TestOddPath(t *testing.T) {
	dir := filepath.Join(testDir(t), "mi historia, 'clínica' \\ "+strings.Repeat("larga", 15))
	s := start(t, Options{Dir: dir, Citus: CitusOff, Ephemeral: true})
	t.Cleanup(func() { _ = os.RemoveAll(s.sockets) })
	if got := query1[int](t, connect(t, s, superuser, "postgres"), `SELECT 1`); got != 1 {
		t.Error(got)
	}
}
