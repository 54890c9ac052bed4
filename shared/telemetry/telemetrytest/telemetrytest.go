// Package telemetrytest is a collector for tests: it takes OTLP over HTTP, as
// any other does, and tells what came.
package telemetrytest

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricpb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"hce.co/shared/telemetry"
)

// Collector keeps what it is sent.
type Collector struct {
	URL    string
	Header http.Header // of the last request
	// Answer, when it is set, answers in place of the collector and says whether
	// it did.
	Answer func(w http.ResponseWriter, r *http.Request) bool

	t       testing.TB
	mu      sync.Mutex
	spans   []Span
	points  []Point
	stopped bool
	stop    func(context.Context) error
}

// Span is a step of a trace.
type Span struct {
	Name, Kind        string // Kind is SERVER, CLIENT, PRODUCER or INTERNAL
	Trace, ID, Parent string // in hexadecimal; Parent is empty for the first of a trace
	Links             []string
	Attributes        map[string]string
	Resource          map[string]string
	Failed            bool
	Message           string // of its status
	Events            int    // how many there are
	Start             string // sorts by time
}

// Point is a measurement: a number, or a histogram's count and sum.
type Point struct {
	Name, Unit, Kind string // Kind is counter, updown, gauge or histogram
	Attributes       map[string]string
	Resource         map[string]string
	Value            float64 // a histogram's sum
	Count            uint64
	Buckets          []uint64
	Bounds           []float64
}

// New returns a collector that listens until the test ends.
func New(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{t: t}
	srv := httptest.NewServer(http.HandlerFunc(c.take))
	c.URL = srv.URL
	t.Cleanup(srv.Close)
	return c
}

// Start measures the process as a program of that name, until the test ends or
// [Collector.Stop] is called. No other test may run beside it.
func Start(t testing.TB, name string, environ ...string) *Collector {
	t.Helper()
	c := New(t)
	env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}
	for i := 0; i+1 < len(environ); i += 2 {
		env[environ[i]] = environ[i+1]
	}
	var err error
	if c.stop, err = telemetry.Start(telemetry.Program{Name: name, Version: "abc123"}, env, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// Stop ends the measuring; what was measured has come.
func (c *Collector) Stop() {
	c.t.Helper()
	if c.stopped || c.stop == nil {
		return
	}
	c.stopped = true
	if err := c.stop(context.Background()); err != nil {
		c.t.Errorf("stop telemetry: %v", err)
	}
}

// Spans returns the steps that came.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans
}

// Named returns the step of that name and kind; there must be one.
func (c *Collector) Named(kind, name string) Span {
	c.t.Helper()
	var found []Span
	for _, s := range c.Spans() {
		if s.Kind == kind && s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		c.t.Fatalf("%d spans %s %q, want one, of %v", len(found), kind, name, c.Names())
	}
	return found[0]
}

// Names lists what came.
func (c *Collector) Names() []string {
	var names []string
	for _, s := range c.Spans() {
		names = append(names, s.Kind+" "+s.Name)
	}
	return names
}

// Points returns the last measurements of that name.
func (c *Collector) Points(name string) []Point {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := map[string]Point{}
	for _, p := range c.points {
		if p.Name == name {
			last[fmt.Sprint(p.Attributes)] = p
		}
	}
	var points []Point
	for p := range maps.Values(last) {
		points = append(points, p)
	}
	return points
}

// Words returns every text that came but the names of attributes: what must
// not be there is in none of them.
func (c *Collector) Words() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var words []string
	for _, s := range c.spans {
		words = append(words, s.Name, s.Message)
		for _, m := range []map[string]string{s.Attributes, s.Resource} {
			for _, v := range m {
				words = append(words, v)
			}
		}
	}
	for _, p := range c.points {
		words = append(words, p.Name)
		for _, v := range p.Attributes {
			words = append(words, v)
		}
	}
	return words
}

func (c *Collector) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever sent it gave up
	}
	c.mu.Lock()
	c.Header = r.Header
	answer := c.Answer
	c.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	if got := r.Header.Get("Content-Type"); got != "application/x-protobuf" {
		c.t.Errorf("%s comes as %s", r.URL.Path, got)
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /v1/traces":
		var m tracepb.TracesData
		if err := proto.Unmarshal(body, &m); err != nil {
			c.t.Errorf("traces: %v", err)
		}
		c.takeTraces(&m)
	case "POST /v1/metrics":
		var m metricpb.MetricsData
		if err := proto.Unmarshal(body, &m); err != nil {
			c.t.Errorf("metrics: %v", err)
		}
		c.takeMetrics(&m)
	default:
		c.t.Errorf("a collector is asked %s %s", r.Method, r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	}
}

var kinds = map[tracepb.Span_SpanKind]string{
	tracepb.Span_SPAN_KIND_INTERNAL: "INTERNAL", tracepb.Span_SPAN_KIND_SERVER: "SERVER", tracepb.Span_SPAN_KIND_CLIENT: "CLIENT",
	tracepb.Span_SPAN_KIND_PRODUCER: "PRODUCER", tracepb.Span_SPAN_KIND_CONSUMER: "CONSUMER",
}

func (c *Collector) takeTraces(m *tracepb.TracesData) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range m.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				span := Span{
					Name: s.Name, Kind: kinds[s.Kind], Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId),
					Parent: hex.EncodeToString(s.ParentSpanId), Attributes: textOf(s.Attributes), Resource: textOf(rs.Resource.GetAttributes()),
					Failed: s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR, Message: s.Status.GetMessage(), Events: len(s.Events),
					Start: fmt.Sprintf("%020d", s.StartTimeUnixNano),
				}
				for _, l := range s.Links {
					span.Links = append(span.Links, hex.EncodeToString(l.TraceId))
				}
				c.spans = append(c.spans, span)
			}
		}
	}
}

func (c *Collector) takeMetrics(m *metricpb.MetricsData) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rm := range m.ResourceMetrics {
		about := textOf(rm.Resource.GetAttributes())
		for _, sm := range rm.ScopeMetrics {
			for _, one := range sm.Metrics {
				p := Point{Name: one.Name, Unit: one.Unit, Resource: about}
				switch d := one.Data.(type) {
				case *metricpb.Metric_Sum:
					p.Kind = "updown"
					if d.Sum.IsMonotonic {
						p.Kind = "counter"
					}
					c.numbers(p, d.Sum.DataPoints)
				case *metricpb.Metric_Gauge:
					p.Kind = "gauge"
					c.numbers(p, d.Gauge.DataPoints)
				case *metricpb.Metric_Histogram:
					for _, dp := range d.Histogram.DataPoints {
						p.Kind, p.Attributes, p.Value, p.Count = "histogram", textOf(dp.Attributes), dp.GetSum(), dp.Count
						p.Buckets, p.Bounds = dp.BucketCounts, dp.ExplicitBounds
						c.points = append(c.points, p)
					}
				}
			}
		}
	}
}

func (c *Collector) numbers(p Point, points []*metricpb.NumberDataPoint) {
	for _, dp := range points {
		p.Attributes, p.Value = textOf(dp.Attributes), dp.GetAsDouble()
		if v, ok := dp.Value.(*metricpb.NumberDataPoint_AsInt); ok {
			p.Value = float64(v.AsInt)
		}
		c.points = append(c.points, p)
	}
}

func textOf(kvs []*commonpb.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range kvs {
		switch v := kv.Value.GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			m[kv.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			m[kv.Key] = fmt.Sprint(v.IntValue)
		case *commonpb.AnyValue_BoolValue:
			m[kv.Key] = fmt.Sprint(v.BoolValue)
		case *commonpb.AnyValue_DoubleValue:
			m[kv.Key] = fmt.Sprint(v.DoubleValue)
		default:
			m[kv.Key] = kv.Value.String()
		}
	}
	return m
}
