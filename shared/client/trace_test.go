package client_test

import (
	"testing"

	"go.opentelemetry.io/otel/trace"

	"hce.co/shared/telemetry"
	"hce.co/shared/telemetry/telemetrytest"
)

// A call belongs to the trace that it is made in.
func TestSendTraceParent(t *testing.T) {
	var got request
	c := serve(t, record(&got))
	if _, _, err := c.Send(t.Context(), "GET", "/", nil); err != nil || got.Header.Get("Traceparent") != "" {
		t.Errorf("outside of a trace: %q, %v", got.Header.Get("Traceparent"), err)
	}
	telemetrytest.Start(t, "ui")
	ctx := telemetry.WithTraceParent(t.Context(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	ctx, span := telemetry.Child(ctx, "page", trace.SpanKindInternal)
	defer span.End()
	if _, _, err := c.Send(ctx, "GET", "/", nil); err != nil {
		t.Fatal(err)
	}
	if want := telemetry.TraceParent(ctx); got.Header.Get("Traceparent") != want || want == "" {
		t.Errorf("the function got %q, want %q", got.Header.Get("Traceparent"), want)
	}
}
