package service

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/problem"
	"hce.co/shared/telemetry/telemetrytest"
)

const (
	trace       = "0af7651916cd43dd8448eb211c80319c"
	traceParent = "00-" + trace + "-b7ad6b7169203331-01"
)

func TestTrace(t *testing.T) {
	c := telemetrytest.Start(t, "patient")
	b := newBench(t, Config{}, nil)
	b.On("GET /paciente/{id}", auth.SignedIn, noContent)
	b.On("GET /paciente/{id}/", auth.SignedIn, noContent)
	b.On("POST /error", auth.Public, func(http.ResponseWriter, *http.Request) error {
		return problem.Unavailable(errors.New("Luz Peña"))
	})
	b.On("POST /panico", auth.Public, func(http.ResponseWriter, *http.Request) error { panic("Luz Peña") })
	b.On("GET /mitad", auth.Public, func(w http.ResponseWriter, _ *http.Request) error {
		io.WriteString(w, "mitad") //nolint:errcheck // a test's
		return errors.New("Luz Peña")
	})
	b.On("POST /eventos/recibir", auth.Internal, noContent)
	b.On("POST /eventos", auth.Public, noContent)

	token := b.issuer.Token(t, authtest.Principal("Luz Peña", auth.Physician))
	id := uuid.NewString()
	b.send("GET", "/paciente/CC-1032456789?q=Luz", "", bearing(token), header("Traceparent", traceParent), header("X-Request-Id", id))
	b.send("GET", "/paciente/CC-1032456789", "")
	b.send("GET", "/nada/CC-1032456789", "")
	b.send("GET", "/paciente//CC-1032456789", "") // which the mux would send elsewhere
	b.send("POST", "/error", "")
	b.send("POST", "/panico", "")
	func() {
		defer func() { recover() }() //nolint:errcheck // how net/http closes a connection
		b.send("GET", "/mitad", "")
	}()
	b.send("POST", "/eventos/recibir", "", header("Ce-Traceparent", traceParent))
	b.send("POST", "/eventos", "", header("Ce-Traceparent", traceParent))
	c.Stop()

	got := map[string]string{}
	for _, s := range c.Spans() {
		key := s.Name + " " + s.Attributes["http.response.status_code"] + " " + s.Attributes["error.type"]
		got[key] = s.Trace
		if s.Trace != trace {
			got[key] = "own"
		}
	}
	if diff := cmp.Diff(map[string]string{
		"GET /paciente/{id} 204 ": trace, "GET /paciente/{id} 401 ": "own", "GET 404 ": "own", "GET /paciente/{id} 307 ": "own",
		"POST /error 503 503": "own", "POST /panico 500 500": "own", "GET /mitad 200 broken_off": "own",
		"POST /eventos/recibir 204 ": trace, "POST /eventos 204 ": "own",
	}, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	for _, word := range c.Words() {
		for _, secret := range []string{"CC-", "1032456789", "Luz", "Peña", token, "192.0.2.1"} {
			if strings.Contains(word, secret) {
				t.Errorf("%q was sent out", word)
			}
		}
	}
	var count uint64
	for _, p := range c.Points("http.server.request.duration") {
		count += p.Count
	}
	if count != 9 {
		t.Errorf("%d requests were measured, want 9", count)
	}
	lines := b.log.lines(t, "request")
	if i := slices.IndexFunc(lines, func(l map[string]any) bool { return l["request_id"] == id }); i < 0 || lines[i]["trace_id"] != trace {
		t.Errorf("the log says %v", lines)
	}
}

// A trace that somebody outside names is no trace of ours.
func TestDoor(t *testing.T) {
	c := telemetrytest.Start(t, "ui")
	rt := NewRouter(Config{}, Guard{Door: true}, nil)
	rt.On("GET /", auth.Public, noContent)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Traceparent", traceParent)
	rt.ServeHTTP(httptest.NewRecorder(), r)
	c.Stop()
	if s := c.Named("SERVER", "GET /"); s.Trace == trace || s.Parent != "" || !slices.Equal(s.Links, []string{trace}) {
		t.Errorf("%+v", s)
	}
}

func TestProbesAreNotTraced(t *testing.T) {
	c := telemetrytest.Start(t, "patient")
	f := &fake{handle: func(http.ResponseWriter, *http.Request) {}, ready: func(context.Context) (bool, error) { return true, nil }}
	for _, path := range []string{LivenessPath, ReadinessPath} {
		WithHealth(f).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	c.Stop()
	if len(c.Spans())+len(c.Points("http.server.request.duration")) > 0 {
		t.Errorf("%v", c.Names())
	}
}

func TestNoTraceInTheLogWhenOff(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /", auth.Public, noContent)
	b.send("GET", "/", "", header("Traceparent", traceParent))
	if l := b.log.lines(t, "request"); len(l) != 1 || l[0]["trace_id"] != nil {
		t.Errorf("the log says %v", l)
	}
}

// A function that waits for ever, because its database does, is told to stop;
// the door is not, which hands on downloads.
func TestAnswerWithin(t *testing.T) {
	for door, want := range map[bool]bool{false: true, true: false} {
		var left time.Duration
		var has bool
		rt := NewRouter(Config{}, Guard{Door: door}, nil)
		rt.On("GET /", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
			var end time.Time
			if end, has = r.Context().Deadline(); has {
				left = time.Until(end)
			}
			return noContent(w, r)
		})
		rt.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if has != want || has && (left > AnswerWithin || left < AnswerWithin-5*time.Second) {
			t.Errorf("door %t: a deadline %t, in %v", door, has, left)
		}
	}
}
