package hasher

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

// frozen returns a pool whose one process runs and was stopped.
func frozen(t *testing.T) *Pool {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(program, 1)
	t.Cleanup(func() { p.Close() }) //nolint:errcheck // it had to be killed
	if _, err := p.Hash(t.Context(), "una clave"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.all[0].running(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return p
}

// within fails when fn takes longer.
func within(t *testing.T, most time.Duration, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(most):
		t.Fatalf("it took more than %v", most)
	}
}

func TestOneThatStandsStillIsReplaced(t *testing.T) {
	p := frozen(t)
	p.all[0].patience = time.Second
	first := p.all[0].running()
	within(t, 10*time.Second, func() {
		if _, err := p.Hash(t.Context(), "una clave"); err != nil {
			t.Error(err)
		}
	})
	if now := p.all[0].running(); now == 0 || now == first {
		t.Errorf("process %d answered", now)
	}
}

func TestCloseWaitsForNobodyWhoStandsStill(t *testing.T) {
	for name, asked := range map[string]bool{"idle": false, "asked": true} {
		t.Run(name, func(t *testing.T) {
			p := frozen(t)
			answered := make(chan error, 1)
			if asked {
				p.all[0].patience = time.Minute
				go func() {
					_, err := p.Hash(t.Context(), "una clave")
					answered <- err
				}()
				for p.all[0].mu.TryLock() { // until it is asked
					p.all[0].mu.Unlock()
					time.Sleep(time.Millisecond)
				}
			}
			within(t, grace+5*time.Second, func() { p.Close() }) //nolint:errcheck // it had to be killed
			if !asked {
				return
			}
			within(t, 5*time.Second, func() {
				if err := <-answered; err == nil {
					t.Error("it answered")
				}
			})
		})
	}
}

// What the clinic has in its environment are secrets, and a process that hashes
// needs none.
func TestItKnowsNoSecrets(t *testing.T) {
	t.Setenv("KEY_ENCRYPTION_KEY", "un secreto")
	p := pool(t, 1)
	if _, err := p.Hash(t.Context(), "una clave"); err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.all[0].running()))
	if err != nil || len(env) > 0 {
		t.Errorf("its environment is %q, %v", env, err)
	}
}

func TestAfterCloseNothingStarts(t *testing.T) {
	p := pool(t, 1)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Hash(t.Context(), "una clave"); err == nil || p.all[0].running() != 0 {
		t.Errorf("process %d, %v", p.all[0].running(), err)
	}
}
