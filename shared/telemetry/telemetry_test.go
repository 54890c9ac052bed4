package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"

	"hce.co/shared/telemetry"
	"hce.co/shared/telemetry/telemetrytest"
)

var quiet = slog.New(slog.DiscardHandler)

// answer does what a router does with a request.
func answer(r *http.Request, pattern string, from telemetry.Origin, status int, within func(context.Context)) {
	ctx, q := telemetry.Received(r.Context(), r, pattern, from)
	if within != nil {
		within(ctx)
	}
	q.End(status, false)
}

// Without a collector there is nothing: no goroutine, no allocation.
func TestOff(t *testing.T) {
	before := runtime.NumGoroutine()
	stop, err := telemetry.Start(telemetry.Program{Name: "x"}, map[string]string{"OTEL_SERVICE_NAME": "x", "OTEL_EXPORTER_OTLP_TIMEOUT": "never"}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/paciente/CC-1", nil)
	next := &http.Transport{}
	if telemetry.Transport(next) != http.RoundTripper(next) {
		t.Error("a transport is wrapped")
	}
	took := telemetry.Duration{Name: "hce.x"}
	telemetry.Observe("hce.y", "1", "", func(func(int64, ...string)) { t.Error("observed") })
	if n := testing.AllocsPerRun(100, func() {
		answer(r, "GET /paciente/{id}", telemetry.Ours, 200, func(ctx context.Context) {
			telemetry.Note(ctx, "hce.outcome", "ok")
			took.Record(ctx, time.Second, "hce.outcome", "ok")
			_, span := telemetry.Child(ctx, "step", trace.SpanKindClient)
			span.End()
			telemetry.Inject(ctx, r.Header)
			if telemetry.TraceParent(ctx) != "" || telemetry.TraceID(ctx) != "" || telemetry.WithTraceParent(ctx, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") != ctx {
				t.Error("something is traced")
			}
		})
	}); n > 0 {
		t.Errorf("%v allocations for each request", n)
	}
	if telemetry.On() || runtime.NumGoroutine() > before {
		t.Errorf("on %v, %d goroutines more", telemetry.On(), runtime.NumGoroutine()-before)
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("on", func(t *testing.T) { // its server ends with it
		c := telemetrytest.Start(t, "x")
		answer(httptest.NewRequest("GET", "/", nil), "GET /", telemetry.Ours, 200, nil)
		c.Stop()
		if len(c.Spans()) != 1 || telemetry.On() {
			t.Errorf("%d spans, on %v", len(c.Spans()), telemetry.On())
		}
	})
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b := make([]byte, 1<<16)
			t.Fatalf("%d goroutines more:\n%s", runtime.NumGoroutine()-before, b[:runtime.Stack(b, true)])
		}
	}
}

func TestRequest(t *testing.T) {
	c := telemetrytest.Start(t, "patient", "K_SERVICE", "patient", "K_REVISION", "patient-00002", "HOSTNAME", "patient-00002-deployment-x")
	r := httptest.NewRequest("GET", "/paciente/CC-1032456789?q=Pe%C3%B1a", nil)
	r.Header.Set("Authorization", "Bearer secreto")
	answer(r, "GET /paciente/{id}", telemetry.Ours, 200, func(ctx context.Context) { telemetry.Note(ctx, "hce.outcome", "ok") })
	answer(httptest.NewRequest("BREW", "/nada/CC-1032456789", nil), "", telemetry.Ours, 404, nil)
	answer(httptest.NewRequest("GET", "/censo/", nil), "/censo/", telemetry.Ours, 503, nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	answer(httptest.NewRequestWithContext(gone, "PUT", "/x", nil), "PUT /x", telemetry.Ours, 0, nil)
	answer(httptest.NewRequest("POST", "/x", nil), "POST /x", telemetry.Ours, 0, nil)
	c.Stop()

	got := map[string]map[string]string{}
	for _, s := range c.Spans() {
		got[s.Name] = s.Attributes
		if s.Kind != "SERVER" || s.Parent != "" || s.Message != "" || s.Failed != (s.Name == "GET /censo/" || s.Name == "PUT /x") {
			t.Errorf("%+v", s)
		}
		if diff := cmp.Diff(map[string]string{
			"service.name": "patient", "service.version": "abc123", "service.instance.id": "patient-00002-deployment-x",
			"kn.service.name": "patient", "kn.revision.name": "patient-00002", "k8s.pod.name": "patient-00002-deployment-x",
		}, s.Resource); diff != "" {
			t.Errorf("resource (-want +got):\n%s", diff)
		}
	}
	want := map[string]map[string]string{
		"GET /paciente/{id}": {"http.request.method": "GET", "http.route": "/paciente/{id}", "http.response.status_code": "200", "hce.outcome": "ok"},
		"_OTHER":             {"http.request.method": "_OTHER", "http.response.status_code": "404"},
		"GET /censo/":        {"http.request.method": "GET", "http.route": "/censo/", "http.response.status_code": "503", "error.type": "503"},
		"PUT /x":             {"http.request.method": "PUT", "http.route": "/x", "error.type": "client_left"},
		"POST /x":            {"http.request.method": "POST", "http.route": "/x", "http.response.status_code": "200"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	points := c.Points("http.server.request.duration")
	if len(points) != len(want) {
		t.Errorf("%d measurements, want %d", len(points), len(want))
	}
	for _, p := range points {
		name := strings.TrimSpace(p.Attributes["http.request.method"] + " " + p.Attributes["http.route"])
		if diff := cmp.Diff(want[name], p.Attributes); diff != "" {
			t.Errorf("metric (-want +got):\n%s", diff)
		}
		var sum uint64
		for _, n := range p.Buckets {
			sum += n
		}
		if p.Unit != "s" || p.Kind != "histogram" || p.Count != 1 || sum != 1 || p.Value <= 0 || p.Value > 1 || len(p.Bounds) != 14 || len(p.Buckets) != 15 {
			t.Errorf("%+v", p)
		}
	}
}

const (
	theirs = "0af7651916cd43dd8448eb211c80319c"
	others = "4bf92f3577b34da6a3ce929d0e0e4736"
	parent = "b7ad6b7169203331"
)

func traceparent(of string) string { return "00-" + of + "-" + parent + "-01" }

// Whose trace a request is part of.
func TestOrigin(t *testing.T) {
	for _, tt := range []struct {
		name          string
		from          telemetry.Origin
		header, event string // traceparent
		trace, link   string // of the span; an empty trace is one of its own
	}{
		{"nobody's", telemetry.Ours, "", "", "", ""},
		{"of a function", telemetry.Ours, traceparent(theirs), "", theirs, ""},
		{"no traceparent at all", telemetry.Ours, "00-x", "", "", ""},
		{"of somebody outside", telemetry.Outside, traceparent(theirs), "", "", theirs},
		{"an event's, from outside", telemetry.Outside, "", traceparent(theirs), "", ""},
		{"an event's, but not from a broker", telemetry.Ours, "", traceparent(theirs), "", ""},
		{"an event's", telemetry.Broker, "", traceparent(theirs), theirs, ""},
		{"an event's, delivered in a trace of the broker's own", telemetry.Broker, traceparent(others), traceparent(theirs), theirs, ""},
		{"of a ping", telemetry.Broker, traceparent(others), "", others, ""},
		{"an event's that is none", telemetry.Broker, traceparent(others), "x", others, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := telemetrytest.Start(t, "x")
			r := httptest.NewRequest("POST", "/", nil)
			r.Header.Set("Traceparent", tt.header)
			r.Header.Set("Ce-Traceparent", tt.event)
			answer(r, "POST /", tt.from, 200, nil)
			c.Stop()
			s := c.Named("SERVER", "POST /")
			links := strings.Join(s.Links, " ")
			switch {
			case tt.trace != "" && (s.Trace != tt.trace || s.Parent != parent), tt.trace == "" && (s.Trace == theirs || s.Trace == others || s.Parent != ""), links != tt.link:
				t.Errorf("trace %s, parent %s, links %s; want %q, %q", s.Trace, s.Parent, links, tt.trace, tt.link)
			}
		})
	}
}

// An event that comes by a hop of its own trace goes on from that hop.
func TestEventsOwnHop(t *testing.T) {
	c := telemetrytest.Start(t, "x")
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Traceparent", "00-"+theirs+"-00f067aa0ba902b7-01")
	r.Header.Set("Ce-Traceparent", traceparent(theirs))
	answer(r, "POST /", telemetry.Broker, 200, nil)
	c.Stop()
	if s := c.Named("SERVER", "POST /"); s.Parent != "00f067aa0ba902b7" {
		t.Errorf("%+v", s)
	}
}

// In one process the ui's request holds that to the function: it is a step, and
// is counted once.
func TestWithin(t *testing.T) {
	c := telemetrytest.Start(t, "hce")
	answer(httptest.NewRequest("POST", "/login", nil), "POST /login", telemetry.Outside, 200, func(ctx context.Context) {
		in := httptest.NewRequestWithContext(ctx, "POST", "/login", nil)
		in.Header.Set("Traceparent", traceparent(theirs))
		answer(in, "POST /login", telemetry.Ours, 200, func(ctx context.Context) { telemetry.Note(ctx, "hce.outcome", "ok") })
	})
	c.Stop()
	outer, inner := c.Named("SERVER", "POST /login"), c.Named("INTERNAL", "POST /login")
	if inner.Trace != outer.Trace || inner.Parent != outer.ID || outer.Trace == theirs {
		t.Errorf("outer %+v, inner %+v", outer, inner)
	}
	if p := c.Points("http.server.request.duration"); len(p) != 1 || p[0].Count != 1 || p[0].Attributes["hce.outcome"] != "ok" {
		t.Errorf("%+v", p)
	}
}

func TestTransport(t *testing.T) {
	c := telemetrytest.Start(t, "ui")
	var got http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer srv.Close()
	hc := &http.Client{Transport: telemetry.Transport(http.DefaultTransport)}
	answer(httptest.NewRequest("GET", "/", nil), "GET /", telemetry.Ours, 200, func(ctx context.Context) {
		r, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/paciente/CC-1032456789", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Traceparent", traceparent(theirs))
		r.Header.Set("Tracestate", "a=b")
		r.Header.Set("Baggage", "paciente=Luz")
		resp, err := hc.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if r.Header.Get("Tracestate") == "" {
			t.Error("the caller's request was changed")
		}
		srv.Close()
		if _, err := hc.Do(r); err == nil {
			t.Error("a server that is gone answers")
		}
	})
	alone := httptest.NewServer(http.NotFoundHandler())
	defer alone.Close()
	resp, err := hc.Get(alone.URL) // of no request of ours: no step
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	c.Stop()
	server := c.Named("SERVER", "GET /")
	var steps []telemetrytest.Span
	for _, s := range c.Spans() {
		if s.Kind == "CLIENT" {
			steps = append(steps, s)
		}
	}
	if len(steps) != 2 {
		t.Fatalf("steps %v", c.Names())
	}
	want := []map[string]string{
		{"http.request.method": "GET", "server.address": "127.0.0.1", "http.response.status_code": "502", "error.type": "502"},
		{"http.request.method": "GET", "server.address": "127.0.0.1", "error.type": "dial"},
	}
	for i, s := range steps {
		if diff := cmp.Diff(want[i], s.Attributes); diff != "" || s.Parent != server.ID || s.Name != "GET" || !s.Failed || s.Message != "" || s.Events != 0 {
			t.Errorf("%+v\n%s", s, diff)
		}
	}
	if want := "00-" + server.Trace + "-" + steps[0].ID + "-01"; got.Get("Traceparent") != want || got.Get("Tracestate") != "" || got.Get("Baggage") != "" {
		t.Errorf("the function got %v, want traceparent %s", got, want)
	}
}

func TestMeasure(t *testing.T) {
	c := telemetrytest.Start(t, "x", "OTEL_TRACES_EXPORTER", "none")
	took := telemetry.Duration{Name: "hce.pdf.build.duration", Bounds: []float64{1, 2}}
	for _, s := range []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond, 5 * time.Second} {
		took.Record(t.Context(), s, "hce.outcome", "ready")
	}
	for _, pool := range []string{"a", "b"} {
		telemetry.Observe("db.client.connection.count", "{connection}", "", func(report func(int64, ...string)) { report(3, "pool", pool) })
	}
	answer(httptest.NewRequest("GET", "/", nil), "GET /", telemetry.Ours, 200, func(ctx context.Context) {
		if id := telemetry.TraceID(ctx); id != "" {
			t.Errorf("trace %s, though nobody takes traces", id)
		}
	})
	c.Stop()
	if len(c.Spans()) > 0 {
		t.Errorf("spans came: %v", c.Names())
	}
	p := c.Points("hce.pdf.build.duration")
	if len(p) != 1 || p[0].Count != 3 || p[0].Value != 7 || !cmp.Equal(p[0].Buckets, []uint64{1, 1, 1}) || !cmp.Equal(p[0].Attributes, map[string]string{"hce.outcome": "ready"}) {
		t.Errorf("%+v", p)
	}
	for _, p := range c.Points("db.client.connection.count") {
		if p.Kind != "updown" || p.Value != 3 {
			t.Errorf("%+v", p)
		}
	}
	if n := len(c.Points("db.client.connection.count")); n != 2 {
		t.Errorf("%d pools, want 2", n)
	}
	again := telemetrytest.Start(t, "x") // an instrument outlives what it was made of
	took.Record(t.Context(), time.Second)
	again.Stop()
	if p := again.Points("hce.pdf.build.duration"); len(p) != 1 || p[0].Count != 1 {
		t.Errorf("%+v", p)
	}
}

func TestConfiguration(t *testing.T) {
	for name, env := range map[string][]string{
		"no URL":               {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"},
		"another scheme":       {"OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector:4317"},
		"gRPC":                 {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
		"no time":              {"OTEL_EXPORTER_OTLP_TIMEOUT", "0"},
		"a time in words":      {"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"},
		"another exporter":     {"OTEL_TRACES_EXPORTER", "zipkin"},
		"metrics elsewhere":    {"OTEL_METRICS_EXPORTER", "prometheus"},
		"a header with no =":   {"OTEL_EXPORTER_OTLP_HEADERS", "a=1,clave-secreta"},
		"a header badly coded": {"OTEL_EXPORTER_OTLP_HEADERS", "clave-secreta=%zz"},
	} {
		environ := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", env[0]: env[1]}
		stop, err := telemetry.Start(telemetry.Program{}, environ, quiet)
		if err == nil || telemetry.On() || strings.Contains(fmt.Sprint(err), "clave-secreta") {
			t.Errorf("%s: %v, on %v", name, err, telemetry.On())
		}
		if err := stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	stop, err := telemetry.Start(telemetry.Program{}, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, quiet)
	if err != nil || telemetry.On() {
		t.Errorf("disabled: %v, on %v", err, telemetry.On())
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
	c := telemetrytest.Start(t, "patient", "OTEL_SERVICE_NAME", "registro", "OTEL_EXPORTER_OTLP_HEADERS", " x-api-key = a%20b , x-otro=2,")
	answer(httptest.NewRequest("GET", "/", nil), "GET /", telemetry.Ours, 200, nil)
	c.Stop()
	if s := c.Named("SERVER", "GET /"); s.Resource["service.name"] != "registro" {
		t.Errorf("%v", s.Resource)
	}
	if c.Header.Get("X-Api-Key") != "a b" || c.Header.Get("X-Otro") != "2" {
		t.Errorf("headers %v", c.Header)
	}
}

func TestCollectorThatIsBusy(t *testing.T) {
	for status, want := range map[int]int{http.StatusServiceUnavailable: 1, http.StatusTooManyRequests: 1, http.StatusBadRequest: 0} {
		c := telemetrytest.New(t)
		var asked atomic.Int32
		c.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
			if asked.Add(1) > 1 {
				return false
			}
			w.WriteHeader(status)
			return true
		}
		stop, err := telemetry.Start(telemetry.Program{}, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_METRICS_EXPORTER": "none"}, quiet)
		if err != nil {
			t.Fatal(err)
		}
		answer(httptest.NewRequest("GET", "/", nil), "GET /", telemetry.Ours, 200, nil)
		stop(t.Context()) //nolint:errcheck // for some it is an error
		if got := len(c.Spans()); got != want || int(asked.Load()) != 1+want {
			t.Errorf("after %d: %d spans in %d requests, want %d", status, got, asked.Load(), want)
		}
	}
}

// text is written by whoever is still at it, and read.
type text struct {
	mu sync.Mutex
	strings.Builder
}

func (x *text) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.Builder.Write(p)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.Builder.String()
}

// A collector that is away delays nobody: neither a start, nor a request, nor,
// longer than is said, a stop. What is in its way does not grow.
func TestCollectorThatIsAway(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	for name, address := range map[string]string{"mute": mute.Addr().String(), "closed": "127.0.0.1:1", "no such name": "collector.invalid:4318"} {
		t.Run(name, func(t *testing.T) {
			var log text
			began := time.Now()
			stop, err := telemetry.Start(telemetry.Program{}, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + address},
				slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 200*time.Millisecond {
				t.Errorf("the start took %v", took)
			}
			began = time.Now()
			r := httptest.NewRequest("GET", "/", nil)
			const requests = 20_000 // ten times what may wait
			for range requests {
				answer(r, "GET /", telemetry.Ours, 200, nil)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%d requests took %v", requests, took)
			}
			began = time.Now()
			if err := stop(context.Background()); err == nil {
				t.Error("the stop says that all was delivered")
			}
			if took := time.Since(began); took > telemetry.FlushTimeout+time.Second {
				t.Errorf("the stop took %v", took)
			}
			if n := strings.Count(log.String(), "telemetry is not delivered"); n > 1 {
				t.Errorf("%d complaints", n)
			}
		})
	}
}
