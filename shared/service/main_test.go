package service

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

// logBuffer keeps what is logged, as JSON lines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lines returns the lines with the message.
func (l *logBuffer) lines(t *testing.T, msg string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(l.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("a log line is no JSON: %s", line)
		}
		if m["msg"] == msg {
			found = append(found, m)
		}
	}
	return found
}

// bench is a router under test.
type bench struct {
	*Router
	t       *testing.T
	issuer  *authtest.Issuer
	log     *logBuffer
	revoked map[uuid.UUID]bool
}

func newBench(t *testing.T, cfg Config, mapError func(error) error) *bench {
	t.Helper()
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 1 << 20
	}
	b := &bench{t: t, issuer: authtest.New(t), log: &logBuffer{}, revoked: map[uuid.UUID]bool{}}
	b.Router = NewRouter(cfg, Guard{
		Verifier: auth.NewVerifier(&auth.FileKeys{Path: b.issuer.KeysFile}, auth.Config{Issuer: "hce", Audience: "hce"}, nil),
		Revoked: func(_ context.Context, ids ...uuid.UUID) (bool, error) {
			return slices.ContainsFunc(ids, func(id uuid.UUID) bool { return b.revoked[id] }), nil
		},
		MapError: mapError,
	}, slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	return b
}

// change alters a request before it is sent.
type change func(*http.Request)

func (b *bench) as(p auth.Principal) change { return bearing(b.issuer.Token(b.t, p)) }

func bearing(token string) change { return header("Authorization", "Bearer "+token) }

func header(name, value string) change {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

func (b *bench) send(method, target, body string, changes ...change) *http.Response {
	b.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, c := range changes {
		c(r)
	}
	rec := httptest.NewRecorder()
	b.ServeHTTP(rec, r)
	return rec.Result()
}

// problemOf reads the problem that an answer is.
func problemOf(t *testing.T, resp *http.Response) map[string]any {
	t.Helper()
	if ct := resp.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Fatalf("%d comes as %q, want a problem", resp.StatusCode, ct)
	}
	var p map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	if p["status"] != float64(resp.StatusCode) {
		t.Errorf("the problem says %v, the status line %d", p["status"], resp.StatusCode)
	}
	return p
}

func noContent(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
