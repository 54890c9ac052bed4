package telemetry

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Transport makes of each request that goes through next a step of its trace.
func Transport(next http.RoundTripper) http.RoundTripper {
	if !On() {
		return next
	}
	return transport{next}
}

type transport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper. The step ends with the answer's
// headers.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	method := methodOf(r)
	ctx, span := Child(r.Context(), method, trace.SpanKindClient,
		semconv.HTTPRequestMethodKey.String(method), semconv.ServerAddress(r.URL.Hostname()))
	defer span.End()
	r = r.Clone(ctx)
	Inject(ctx, r.Header)
	resp, err := t.next.RoundTrip(r)
	switch {
	case err != nil:
		Fail(span, ErrorType(err))
	default:
		span.SetAttributes(semconv.HTTPResponseStatusCode(resp.StatusCode))
		if resp.StatusCode >= 500 {
			Fail(span, strconv.Itoa(resp.StatusCode))
		}
	}
	return resp, err
}

// ErrorType names a failure in a word that tells nothing of anybody.
func ErrorType(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &op):
		return op.Op // dial, read or write
	}
	return "_OTHER"
}
