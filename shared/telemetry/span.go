package telemetry

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"
)

// w3c is how a trace goes from one process to another (W3C Trace Context).
// Baggage goes nowhere: it could hold anything.
var w3c propagation.TraceContext

func carrier(h http.Header) propagation.HeaderCarrier { return propagation.HeaderCarrier(h) }

// parse reads a traceparent, which may be anything that somebody wrote.
func parse(traceparent string) trace.SpanContext {
	if traceparent == "" {
		return trace.SpanContext{}
	}
	return trace.SpanContextFromContext(w3c.Extract(context.Background(), propagation.MapCarrier{"traceparent": traceparent}))
}

// Traceable reports whether a traceparent is one.
func Traceable(traceparent string) bool { return parse(traceparent).IsValid() }

// TraceParent is the traceparent that leads to what ctx is doing, empty when
// nothing is traced.
func TraceParent(ctx context.Context) string {
	if !On() {
		return ""
	}
	c := propagation.MapCarrier{}
	w3c.Inject(ctx, c)
	return c["traceparent"]
}

// WithTraceParent returns ctx for work that goes on where a traceparent leads.
func WithTraceParent(ctx context.Context, traceparent string) context.Context {
	if !On() {
		return ctx
	}
	if sc := parse(traceparent); sc.IsValid() {
		return trace.ContextWithRemoteSpanContext(ctx, sc)
	}
	return ctx
}

// TraceID is the id of the trace that ctx belongs to, empty when there is none.
func TraceID(ctx context.Context) string {
	if !On() {
		return ""
	}
	if id := trace.SpanContextFromContext(ctx).TraceID(); id.IsValid() {
		return id.String()
	}
	return ""
}

// Child begins a step of the trace that ctx belongs to. Outside of a trace there
// is no step: its span does nothing.
func Child(ctx context.Context, name string, kind trace.SpanKind, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	is := running.Load()
	if is == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, notrace.Span{}
	}
	return is.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
}

// Fail notes on a step that it failed, and how. The words of an error may hold
// what is in a record: they stay out.
func Fail(span trace.Span, errorType string) {
	span.SetAttributes(semconv.ErrorTypeKey.String(errorType))
	span.SetStatus(codes.Error, "")
}

// Inject writes into the headers of a request which trace it belongs to, in
// place of whatever stands there.
func Inject(ctx context.Context, h http.Header) {
	if !On() {
		return
	}
	for _, name := range []string{"Traceparent", "Tracestate", "Baggage"} {
		h.Del(name)
	}
	w3c.Inject(ctx, carrier(h))
}
