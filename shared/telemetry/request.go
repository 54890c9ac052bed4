package telemetry

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// requestBounds are those of the semantic conventions for
// http.server.request.duration, in seconds.
var requestBounds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// Origin is who sends a request, hence what its traceparent is worth.
type Origin int

// The origins. Whoever is outside could have every request sampled or put into
// one trace: theirs is linked, and the request begins a trace of its own. A
// broker may trace its deliveries for itself: then the event's own trace, of
// those who wrote it, is the one to go on with.
const (
	Ours Origin = iota
	Outside
	Broker
)

// Request is a request while it is answered; nil when nothing is measured.
type Request struct {
	is     *installed
	outer  *Request // the one that this one is a call of, in the same process
	ctx    context.Context
	span   trace.Span
	began  time.Time
	method string
	route  string

	mu    sync.Mutex
	notes []attribute.KeyValue
}

type requestKey struct{}

// Received begins a request's span. pattern is the route that answers it, as
// http.ServeMux reads it, empty when there is none: the path itself names a
// record and goes nowhere.
func Received(ctx context.Context, r *http.Request, pattern string, from Origin) (context.Context, *Request) {
	is := running.Load()
	if is == nil {
		return ctx, nil
	}
	q := &Request{is: is, began: time.Now(), method: methodOf(r), route: pattern}
	if _, route, ok := strings.Cut(pattern, " "); ok {
		q.route = route
	}
	name := strings.TrimSpace(q.method + " " + q.route)
	opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(q.began)}
	if q.outer, _ = ctx.Value(requestKey{}).(*Request); q.outer != nil {
		opts[0] = trace.WithSpanKind(trace.SpanKindInternal)
	} else if !trace.SpanContextFromContext(ctx).IsValid() {
		switch remote := traceOf(r.Header, from); {
		case !remote.IsValid():
		case from == Outside:
			opts = append(opts, trace.WithLinks(trace.Link{SpanContext: remote}))
		default:
			ctx = trace.ContextWithRemoteSpanContext(ctx, remote)
		}
	}
	ctx, q.span = is.tracer.Start(ctx, name, opts...)
	ctx = context.WithValue(ctx, requestKey{}, q)
	q.ctx = ctx
	return ctx, q
}

// traceOf reads the trace that a request belongs to.
func traceOf(h http.Header, from Origin) trace.SpanContext {
	remote := trace.SpanContextFromContext(w3c.Extract(context.Background(), carrier(h)))
	if from == Broker {
		if of := parse(h.Get("Ce-Traceparent")); of.IsValid() && of.TraceID() != remote.TraceID() {
			return of
		}
	}
	return remote
}

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
}

// methodOf is the request's method; what anybody invents is one and the same.
func methodOf(r *http.Request) string {
	if slices.Contains(methods, r.Method) {
		return r.Method
	}
	return "_OTHER"
}

// Note adds to the span and to the measured duration of the request that ctx
// belongs to. name and value must each be one of few.
func Note(ctx context.Context, name, value string) {
	q, _ := ctx.Value(requestKey{}).(*Request)
	for ; q != nil; q = q.outer {
		q.mu.Lock()
		q.notes = append(q.notes, attribute.String(name, value))
		q.mu.Unlock()
	}
}

// End tells how the request was answered: status is 0 when nothing was said, and
// broken that what was said is not the whole.
func (q *Request) End(status int, broken bool) {
	if q == nil {
		return
	}
	attrs := make([]attribute.KeyValue, 0, 6)
	attrs = append(attrs, semconv.HTTPRequestMethodKey.String(q.method))
	if q.route != "" {
		attrs = append(attrs, semconv.HTTPRoute(q.route))
	}
	errorType := ""
	switch {
	case status == 0 && q.ctx.Err() != nil:
		errorType = "client_left"
	case status == 0:
		status = http.StatusOK // what net/http says for a handler that says nothing
	case broken:
		errorType = "broken_off"
	case status >= 500:
		errorType = strconv.Itoa(status)
	}
	if status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(status))
	}
	if errorType != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(errorType))
		q.span.SetStatus(codes.Error, "")
	}
	q.mu.Lock()
	attrs = append(attrs, q.notes...)
	q.mu.Unlock()
	now := time.Now()
	if q.span.IsRecording() {
		q.span.SetAttributes(attrs...)
	}
	q.span.End(trace.WithTimestamp(now))
	if q.outer == nil { // what is a call within the process is part of a request that counts
		q.is.requests.Record(q.ctx, now.Sub(q.began).Seconds(), metric.WithAttributeSet(attribute.NewSet(attrs...)))
	}
}
