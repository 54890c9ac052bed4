// Package telemetry measures what a function does and tells it to an
// OpenTelemetry collector, where there is one.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"

	"hce.co/shared/config"
)

// FlushTimeout bounds how long a stop waits for a collector.
const FlushTimeout = 3 * time.Second

// firstPause is how long to wait before a batch is sent again.
const firstPause = 250 * time.Millisecond

// retry is the exporters' RetryConfig, which each has of its own.
type retry struct {
	Enabled                                      bool
	InitialInterval, MaxInterval, MaxElapsedTime time.Duration
}

// Program is what is measured.
type Program struct{ Name, Version string }

// installed is what Start put in place.
type installed struct {
	tracer   trace.Tracer
	meter    metric.Meter
	requests metric.Float64Histogram
}

var running atomic.Pointer[installed]

// On reports whether anything is measured. Without it every call of this
// package comes back at once.
func On() bool { return running.Load() != nil }

// Start begins to measure the program, unless the environment names no
// collector. It asks nothing of the collector, which may be away: what cannot
// be sent is dropped. The function that it returns sends what is left and ends
// it, in [FlushTimeout] at most.
func Start(p Program, environ map[string]string, log *slog.Logger) (stop func(context.Context) error, err error) {
	none := func(context.Context) error { return nil }
	if environ["OTEL_EXPORTER_OTLP_ENDPOINT"] == "" {
		return none, nil
	}
	var cfg Config
	if err := config.Parse(environ, &cfg); err != nil {
		return none, err
	}
	to, err := cfg.target()
	if err != nil {
		return none, fmt.Errorf("configuration: %w", err)
	}
	if cfg.Disabled {
		return none, nil
	}
	otel.SetErrorHandler(&complaints{log: log})
	ctx := context.Background() // nothing is asked of the collector yet
	// The exporters' own first pause, 5 s, is more than an instance that ends has.
	again := retry{Enabled: true, InitialInterval: firstPause, MaxInterval: 5 * time.Second, MaxElapsedTime: to.timeout}
	about := describe(cfg, p)
	is := &installed{tracer: notrace.NewTracerProvider().Tracer(scope), meter: nometric.NewMeterProvider().Meter(scope)}
	var ends []func(context.Context) error
	if cfg.Traces != "none" {
		spans, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(to.base.JoinPath("v1/traces").String()),
			otlptracehttp.WithHeaders(to.headers), otlptracehttp.WithTimeout(to.timeout), otlptracehttp.WithRetry(otlptracehttp.RetryConfig(again)))
		if err != nil {
			return none, fmt.Errorf("export traces: %w", err)
		}
		tp := sdktrace.NewTracerProvider(sdktrace.WithResource(about), sdktrace.WithBatcher(spans))
		is.tracer = tp.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
		ends = append(ends, tp.Shutdown)
	}
	if cfg.Metrics != "none" {
		measures, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(to.base.JoinPath("v1/metrics").String()),
			otlpmetrichttp.WithHeaders(to.headers), otlpmetrichttp.WithTimeout(to.timeout), otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig(again)))
		if err != nil {
			return none, fmt.Errorf("export metrics: %w", err)
		}
		mp := sdkmetric.NewMeterProvider(sdkmetric.WithResource(about), sdkmetric.WithExemplarFilter(exemplar.AlwaysOffFilter),
			sdkmetric.WithReader(sdkmetric.NewPeriodicReader(measures)))
		is.meter = mp.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
		ends = append(ends, mp.Shutdown)
	}
	is.requests = is.histogram("http.server.request.duration", "s", "Duration of HTTP server requests.", requestBounds)
	running.Store(is)
	return func(ctx context.Context) error {
		running.CompareAndSwap(is, nil)
		return flush(ctx, ends)
	}, nil
}

// scope names who measures.
const scope = "hce.co/shared/telemetry"

// flush ends the providers side by side: one may not use up the other's time.
func flush(ctx context.Context, ends []func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, FlushTimeout)
	defer cancel()
	errs := make([]error, len(ends))
	var wg sync.WaitGroup
	for i, end := range ends {
		wg.Go(func() { errs[i] = end(ctx) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("flush telemetry: %w", err)
	}
	return nil
}

// describe says which instance of which program it is, in the words of
// OpenTelemetry and, for the revision, of Knative's own metrics.
func describe(cfg Config, p Program) *resource.Resource {
	attrs := []attribute.KeyValue{semconv.ServiceName(cfg.name(p.Name))}
	add := func(key attribute.Key, value string) {
		if value != "" {
			attrs = append(attrs, key.String(value))
		}
	}
	add(semconv.ServiceVersionKey, p.Version)
	add(semconv.ServiceInstanceIDKey, cfg.Host)
	if cfg.Service != "" {
		add("kn.service.name", cfg.Service)
		add("kn.revision.name", cfg.Revision)
		add(semconv.K8SPodNameKey, cfg.Host)
	}
	base := resource.NewWithAttributes(semconv.SchemaURL, attrs...)
	if all, err := resource.Merge(base, resource.Environment()); err == nil { // OTEL_RESOURCE_ATTRIBUTES goes before
		return all
	}
	return base
}

// complaints are the SDK's: what a collector that is away leads to must not fill
// the log.
type complaints struct {
	log  *slog.Logger
	mu   sync.Mutex
	last time.Time
}

const complainEvery = time.Minute

// Handle implements otel.ErrorHandler.
func (c *complaints) Handle(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.last) >= complainEvery {
		c.last = now
		c.log.Warn("telemetry is not delivered", "error", err)
	}
}
