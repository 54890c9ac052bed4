package telemetry

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hce.co/shared/config"
)

// Config is what telemetry reads from the environment, as OpenTelemetry's
// specification names it, and what Knative tells a function about itself. The
// SDK reads more by itself: OTEL_TRACES_SAMPLER, OTEL_METRIC_EXPORT_INTERVAL,
// OTEL_RESOURCE_ATTRIBUTES, OTEL_BSP_….
type Config struct {
	Endpoint string        `env:"OTEL_EXPORTER_OTLP_ENDPOINT"` // of a collector; empty: nothing is measured
	Protocol string        `env:"OTEL_EXPORTER_OTLP_PROTOCOL" envDefault:"http/protobuf"`
	Headers  config.Secret `env:"OTEL_EXPORTER_OTLP_HEADERS"` // name=value, separated by commas; values percent-encoded
	Timeout  int           `env:"OTEL_EXPORTER_OTLP_TIMEOUT" envDefault:"10000"`
	Traces   string        `env:"OTEL_TRACES_EXPORTER" envDefault:"otlp"`  // or none
	Metrics  string        `env:"OTEL_METRICS_EXPORTER" envDefault:"otlp"` // or none
	Disabled bool          `env:"OTEL_SDK_DISABLED"`

	Name     string `env:"OTEL_SERVICE_NAME"`
	Service  string `env:"K_SERVICE"`
	Revision string `env:"K_REVISION"`
	Host     string `env:"HOSTNAME"` // in a cluster, the pod
}

// target is where everything goes.
type target struct {
	base    *url.URL
	headers map[string]string
	timeout time.Duration
}

// target reads what the configuration means, or says why it means nothing.
func (c Config) target() (target, error) {
	t := target{timeout: time.Duration(c.Timeout) * time.Millisecond, headers: map[string]string{}}
	var err error
	if t.base, err = url.Parse(c.Endpoint); err != nil || t.base.Host == "" || t.base.Scheme != "http" && t.base.Scheme != "https" {
		return t, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL of http or https")
	}
	if c.Protocol != "http/protobuf" {
		return t, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf is spoken")
	}
	if c.Timeout < 1 {
		return t, fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT: must be milliseconds, more than 0")
	}
	for name, exporter := range map[string]string{"OTEL_TRACES_EXPORTER": c.Traces, "OTEL_METRICS_EXPORTER": c.Metrics} {
		if exporter != "otlp" && exporter != "none" {
			return t, fmt.Errorf("%s: must be otlp or none", name)
		}
	}
	for pair := range strings.SplitSeq(string(c.Headers), ",") {
		name, value, ok := strings.Cut(pair, "=")
		if value, err = url.PathUnescape(strings.TrimSpace(value)); strings.TrimSpace(pair) == "" {
			continue
		} else if !ok || err != nil {
			return t, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS: must be name=value, separated by commas")
		}
		t.headers[strings.TrimSpace(name)] = value
	}
	return t, nil
}

func (c Config) name(program string) string { return cmp.Or(c.Name, c.Service, program) }
