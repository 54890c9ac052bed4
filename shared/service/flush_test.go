package service

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"hce.co/shared/auth"
	"hce.co/shared/telemetry"
	"hce.co/shared/telemetry/telemetrytest"
)

// live runs a function by Main until SIGTERM, with one request in between, and
// returns how long the end took.
func live(t *testing.T, endpoint string) time.Duration {
	t.Helper()
	old := slog.Default()
	t.Cleanup(func() { slog.SetDefault(old) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	ln.Close() // Main listens there next
	for name, value := range map[string]string{
		"PORT": port, "LISTEN_ADDRESS": "127.0.0.1", "LOG_LEVEL": "error", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "K_SERVICE": "patient",
	} {
		t.Setenv(name, value)
	}
	rt := NewRouter(Config{MaxBody: 1}, Guard{}, nil)
	rt.On("GET /paciente/{id}", auth.Public, noContent)
	ended := make(chan struct{})
	go func() {
		Main(&fake{handle: rt.ServeHTTP, ready: func(context.Context) (bool, error) { return true, nil }})
		close(ended)
	}()
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		resp, err := http.Get("http://127.0.0.1:" + port + "/paciente/CC-1")
		if err == nil {
			resp.Body.Close()
			break
		}
		if time.Now().After(until) {
			t.Fatal(err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	began := time.Now()
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wait(t, "the end", ended)
	return time.Since(began)
}

// An instance that lived for a single request tells of it before it ends.
func TestLastWords(t *testing.T) {
	c := telemetrytest.New(t)
	live(t, c.URL)
	if s := c.Named("SERVER", "GET /paciente/{id}"); s.Resource["service.name"] != "patient" {
		t.Errorf("%+v", s)
	}
	if p := c.Points("http.server.request.duration"); len(p) != 1 || p[0].Count != 1 {
		t.Errorf("requests: %+v", p)
	}
	if p := c.Points("faas.init_duration"); len(p) != 1 || p[0].Count != 1 || p[0].Value > 1 {
		t.Errorf("starts: %+v", p)
	}
}

// With nobody to tell, the end comes not much later.
func TestLastWordsToNobody(t *testing.T) {
	if took := live(t, "http://127.0.0.1:1"); took > telemetry.FlushTimeout+time.Second {
		t.Errorf("the end took %v", took)
	}
}
