package hce_test

import (
	"os"
	"testing"

	"hce.co/functions/hce/demo"
	"hce.co/functions/login"
	loginapi "hce.co/functions/login/api"
	"hce.co/shared/problem"
)

// A directory that a demonstration ran on is opened for real: nobody gets in with
// the demonstration's password, until it is a demonstration again.
func TestDemonstrationThatIsOver(t *testing.T) {
	dir, err := os.MkdirTemp("", "hce-demo-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL's account passes through it
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) }) //nolint:errcheck // temporary
	for _, tt := range []struct {
		name     string
		settings []string
		status   int
	}{
		{"a demonstration", nil, 0},
		{"for real", []string{"HCE_DEMO=0", "HCE_ENV=produccion"}, 401},
		{"a demonstration again", nil, 0},
	} {
		c := startChild(t, dir, append(tt.settings, "HCE_CITUS=off")...)
		door := loginapi.Client{Client: c.to}
		for _, u := range login.DemoUsers(demo.OwnerID) {
			if _, err := door.Login(t.Context(), u.Username, password); status(err) != tt.status {
				t.Errorf("%s: %s signs in with %v, want %d", tt.name, u.Username, err, tt.status)
			}
		}
		if _, err := door.LoginClient(t.Context(), login.DemoProducer, password); status(err) != tt.status {
			t.Errorf("%s: the laboratory signs in with %v, want %d", tt.name, err, tt.status)
		}
		if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := c.cmd.Wait(); err != nil {
			t.Errorf("%s ended with %v", tt.name, err)
		}
	}
}

// status is that of a refusal, 0 where there is none.
func status(err error) int {
	if err == nil {
		return 0
	}
	return problem.Status(err)
}
