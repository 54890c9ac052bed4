package hasher

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hce.co/functions/login/password"
)

func TestMain(m *testing.M) {
	if Asked(os.Args) {
		Serve(os.Stdin, os.Stdout)
		return
	}
	os.Exit(m.Run())
}

func pool(t *testing.T, size int) *Pool {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(program, size)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

// running returns the process's id, 0 when it does not run.
func (p *process) running() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

func TestWhatIsHashedElsewhereIsTheSame(t *testing.T) {
	p := pool(t, 1)
	for _, secret := range []string{"un camino de ñandúes", "\xff\xfe no es UTF-8", strings.Repeat("🦆", 300), ""} {
		hash, err := p.Hash(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		if ok, outdated, err := password.Verify(hash, secret); err != nil || !ok || outdated {
			t.Errorf("%q is %v, %v, %v here", secret, ok, outdated, err)
		}
		if ok, outdated, err := p.Verify(t.Context(), hash, secret); err != nil || !ok || outdated {
			t.Errorf("%q is %v, %v, %v there", secret, ok, outdated, err)
		}
		if ok, _, err := p.Verify(t.Context(), hash, secret+"x"); err != nil || ok {
			t.Errorf("another than %q is %v, %v there", secret, ok, err)
		}
	}
	if _, _, err := p.Verify(t.Context(), "$argon2id$", "una clave"); !errors.Is(err, password.ErrHash) {
		t.Errorf("a spoilt hash: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	p := pool(t, 2)
	hash, err := p.Hash(t.Context(), "clave 0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			ok, _, err := p.Verify(t.Context(), hash, "clave "+string(rune('0'+i)))
			if err != nil || ok != (i == 0) {
				t.Errorf("clave %d: %v, %v", i, ok, err)
			}
		})
	}
	wg.Wait()
}

func TestOneThatIsKilledIsReplaced(t *testing.T) {
	p := pool(t, 1)
	hash, err := p.Hash(t.Context(), "una clave")
	if err != nil {
		t.Fatal(err)
	}
	first := p.all[0].running()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if ok, _, err := p.Verify(t.Context(), hash, "una clave"); err != nil || !ok {
		t.Errorf("after its death: %v, %v", ok, err)
	}
	if now := p.all[0].running(); now == 0 || now == first {
		t.Errorf("process %d answered", now)
	}
}

func TestSignalsAreNotForIt(t *testing.T) {
	p := pool(t, 1)
	if _, err := p.Hash(t.Context(), "una clave"); err != nil {
		t.Fatal(err)
	}
	pid := p.all[0].running()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} { // as a terminal sends them to all
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Hash(t.Context(), "una clave"); err != nil || p.all[0].running() != pid {
		t.Errorf("process %d, then %d: %v", pid, p.all[0].running(), err)
	}
}

func TestWithoutWorkItEnds(t *testing.T) {
	p := pool(t, 1)
	p.all[0].idle = 10 * time.Millisecond
	for range 2 {
		if _, err := p.Hash(t.Context(), "una clave"); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(10 * time.Second); p.all[0].running() != 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it runs on")
			}
		}
	}
}

func TestItIsKeptToItsCore(t *testing.T) {
	if len(cores()) == 0 {
		t.Skip("on " + runtime.GOOS + " nobody can say so")
	}
	p := pool(t, 1)
	before := cores()
	if _, err := p.Hash(t.Context(), "una clave"); err != nil {
		t.Fatal(err)
	}
	if got := coresOf(t, p.all[0].running()); got != 1 {
		t.Errorf("it may use %d cores", got)
	}
	if now := cores(); len(now) != len(before) {
		t.Errorf("of %v this process may use %v", before, now)
	}
}

func TestWhoGoesWhileWaiting(t *testing.T) {
	p := pool(t, 1)
	one := <-p.free // all are busy
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := p.Hash(ctx, "una clave"); !errors.Is(err, context.Canceled) {
		t.Errorf("answers %v", err)
	}
	p.free <- one
}

func TestProgramThatIsMissing(t *testing.T) {
	p := NewPool("/no/hay/tal/programa", 1)
	if _, err := p.Hash(t.Context(), "una clave"); err == nil {
		t.Error("it was hashed")
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestServeEnds(t *testing.T) {
	if err := serve(strings.NewReader(""), io.Discard); err != nil {
		t.Errorf("with nothing to do: %v", err)
	}
	if err := serve(strings.NewReader("GET / HTTP/1.1\r\n\r\n"), io.Discard); err == nil {
		t.Error("it took what is no question")
	}
}
