package telemetry

import (
	"context"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
)

// Duration measures how long something takes, in seconds, and so how often it
// happens.
type Duration struct {
	Name, About string
	Bounds      []float64 // of the buckets

	made atomic.Pointer[made]
}

// made is an instrument of what was running when it was first needed.
type made struct {
	by *installed
	metric.Float64Histogram
}

// Record adds one measurement. labels are names and values in turn, each one of
// few.
func (d *Duration) Record(ctx context.Context, took time.Duration, labels ...string) {
	is := running.Load()
	if is == nil {
		return
	}
	m := d.made.Load()
	if m == nil || m.by != is {
		m = &made{is, is.histogram(d.Name, "s", d.About, d.Bounds)}
		d.made.Store(m)
	}
	m.Record(ctx, took.Seconds(), metric.WithAttributeSet(set(labels)))
}

func set(labels []string) attribute.Set {
	attrs := make([]attribute.KeyValue, 0, len(labels)/2)
	for i := 0; i+1 < len(labels); i += 2 {
		attrs = append(attrs, attribute.String(labels[i], labels[i+1]))
	}
	return attribute.NewSet(attrs...)
}

// histogram makes an instrument; the SDK refuses none but those that are
// misspelt.
func (is *installed) histogram(name, unit, about string, bounds []float64) metric.Float64Histogram {
	h, err := is.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithDescription(about), metric.WithExplicitBucketBoundaries(bounds...))
	if err != nil {
		otel.Handle(err)
		return nometric.Float64Histogram{}
	}
	return h
}

// Observe has read called whenever metrics are sent, to report how many there
// are of something at that moment.
func Observe(name, unit, about string, read func(report func(n int64, labels ...string))) {
	is := running.Load()
	if is == nil {
		return
	}
	of, err := is.meter.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(about))
	if err == nil {
		_, err = is.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
			read(func(n int64, labels ...string) { o.ObserveInt64(of, n, metric.WithAttributeSet(set(labels))) })
			return nil
		}, of)
	}
	if err != nil {
		otel.Handle(err)
	}
}
