package service

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// fake is a function under test.
type fake struct {
	handle   http.HandlerFunc
	ready    func(context.Context) (bool, error)
	started  atomic.Bool
	startErr error
	stopped  atomic.Bool
	stopErr  error
}

func (f *fake) Start(context.Context, map[string]string) error {
	f.started.Store(true)
	return f.startErr
}
func (f *fake) Handle(w http.ResponseWriter, r *http.Request) { f.handle(w, r) }
func (f *fake) Ready(ctx context.Context) (bool, error)       { return f.ready(ctx) }
func (f *fake) Stop(context.Context) error                    { f.stopped.Store(true); return f.stopErr }

// serving serves f until stop is called; done gets what Serve returns.
func serving(t *testing.T, f *fake) (addr string, log *logBuffer, stop func(), done <-chan error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	log = &logBuffer{}
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, ln, f, slog.New(slog.NewJSONHandler(log, nil))) }()
	return ln.Addr().String(), log, cancel, ended
}

func wait[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(5 * time.Second):
		t.Fatalf("%s: nothing in 5 s", what)
	}
	return v
}

// refused waits until nobody listens on addr.
func refused(t *testing.T, addr string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return
		}
		c.Close()
	}
	t.Fatal("new connections are still taken")
}

func TestDrain(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	f := &fake{handle: func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if err := r.Context().Err(); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		io.WriteString(w, "whole") //nolint:errcheck // a test's
	}}
	addr, log, stop, done := serving(t, f)

	type answer struct {
		status int
		body   string
		err    error
	}
	slow := make(chan answer, 1)
	go func() {
		resp, err := http.Get("http://" + addr + "/slow")
		if err != nil {
			slow <- answer{err: err}
			return
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		slow <- answer{resp.StatusCode, string(b), err}
	}()
	wait(t, "the slow request", entered)
	stop()
	refused(t, addr)
	if f.stopped.Load() {
		t.Error("the function was stopped with a request under way")
	}
	select {
	case err := <-done:
		t.Fatalf("Serve returned with a request under way: %v", err)
	default:
	}
	close(release)
	if a := wait(t, "the slow answer", slow); a.err != nil || a.status != 200 || a.body != "whole" {
		t.Errorf("the slow request got %+v", a)
	}
	if err := wait(t, "Serve", done); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if !f.stopped.Load() {
		t.Error("the function was not stopped")
	}
	if len(log.lines(t, "draining")) != 1 {
		t.Errorf("the log says %s", log)
	}
}

func TestDrainTellsWhatStopSaid(t *testing.T) {
	f := &fake{stopErr: errors.New("outbox")}
	_, _, stop, done := serving(t, f)
	stop()
	if err := wait(t, "Serve", done); !errors.Is(err, f.stopErr) {
		t.Errorf("Serve returned %v", err)
	}
}

func TestServeOnABrokenListener(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	f := &fake{}
	if err := Serve(context.Background(), ln, f, slog.New(slog.DiscardHandler)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v", err)
	}
	if !f.stopped.Load() {
		t.Error("the function was not stopped")
	}
}

// Where the port is taken nothing is started that would have to be stopped.
func TestPortThatIsTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"LISTEN_ADDRESS": "127.0.0.1", "PORT": port}
	f := &fake{}
	if err := run(t.Context(), time.Now(), env, f, slog.New(slog.DiscardHandler)); !errors.Is(err, syscall.EADDRINUSE) || f.started.Load() {
		t.Errorf("run returned %v; started: %v", err, f.started.Load())
	}
	ln.Close()
	f.startErr = errors.New("no database")
	if err := run(t.Context(), time.Now(), env, f, slog.New(slog.DiscardHandler)); !errors.Is(err, f.startErr) || f.stopped.Load() {
		t.Errorf("run returned %v; stopped: %v", err, f.stopped.Load())
	}
	refused(t, ln.Addr().String())
}

func TestHealth(t *testing.T) {
	var ready bool
	var readyErr error
	handled := 0
	f := &fake{
		handle: func(w http.ResponseWriter, _ *http.Request) { handled++; w.WriteHeader(http.StatusTeapot) },
		ready: func(ctx context.Context) (bool, error) {
			if d, ok := ctx.Deadline(); !ok || time.Until(d) > 5*time.Second {
				t.Error("the probe may wait for ever")
			}
			return ready, readyErr
		},
	}
	addr, _, _, _ := serving(t, f)
	get := func(path string) int {
		t.Helper()
		resp, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if b, err := io.ReadAll(resp.Body); err != nil || strings.HasPrefix(path, "/health/") && len(b) > 0 {
			t.Errorf("%s is answered with %q, %v", path, b, err)
		}
		return resp.StatusCode
	}
	for _, tt := range []struct {
		ready           bool
		err             error
		live, readiness int
	}{
		{true, nil, 200, 200}, {false, nil, 200, 503}, {false, errors.New("schema version is 3, want 8"), 200, 503}, {true, errors.New("odd"), 200, 503},
	} {
		ready, readyErr = tt.ready, tt.err
		if live, readiness := get("/health/liveness"), get("/health/readiness"); live != tt.live || readiness != tt.readiness {
			t.Errorf("ready %v, %v: liveness %d, readiness %d; want %d, %d", tt.ready, tt.err, live, readiness, tt.live, tt.readiness)
		}
	}
	for _, path := range []string{LivenessPath, ReadinessPath} {
		for method, want := range map[string]int{"HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "OPTIONS": 405} {
			ready, readyErr = true, nil
			req, err := http.NewRequest(method, "http://"+addr+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want || (want == 405) != (resp.Header.Get("Allow") == "GET, HEAD") {
				t.Errorf("%s %s: %d, Allow %q; want %d", method, path, resp.StatusCode, resp.Header.Get("Allow"), want)
			}
		}
	}
	if handled != 0 {
		t.Error("the function itself was asked about its health")
	}
	if get("/health") != http.StatusTeapot || handled != 1 {
		t.Error("another path did not reach the function")
	}
}

func TestNewLogger(t *testing.T) {
	for level, want := range map[string]slog.Level{
		"": slog.LevelInfo, "debug": slog.LevelDebug, "WARN": slog.LevelWarn, "error": slog.LevelError, "loud": slog.LevelInfo,
	} {
		l := NewLogger(os.Stderr, level)
		if !l.Enabled(context.Background(), want) || l.Enabled(context.Background(), want-1) {
			t.Errorf("LOG_LEVEL=%s does not log from %v on", level, want)
		}
	}
}
