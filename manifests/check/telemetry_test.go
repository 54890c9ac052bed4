package check

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	corev1 "k8s.io/api/core/v1"
	network "k8s.io/api/networking/v1"
)

// TestTelemetryArrives follows what a function measures: to the collector that
// it is told of, from there to whoever keeps it, and to whoever shows it.
func TestTelemetryArrives(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		named := map[string]pod{}
		for _, p := range pods(objects) {
			named[p.name] = p
		}
		endpoint := configMaps(objects)["settings"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
		if _, there := named["collector"]; there != (endpoint != "") {
			t.Fatalf("a collector is there: %v; functions send to %q", there, endpoint)
		}
		if endpoint == "" {
			return
		}
		policies := find[network.NetworkPolicy](objects)
		reaches := func(want bool, from, to string, port int32) {
			t.Helper()
			if got := passes(t, policies, ours(named[from]), ours(named[to]), port); got != want {
				t.Errorf("%s -> %s port %d: %v, want %v", from, to, port, got, want)
			}
		}
		collector := listening(t, objects, endpoint, ".hce.svc.cluster.local")
		for _, fn := range all {
			reaches(true, fn.name, "collector", collector)
			reaches(false, fn.name, "collector", 8889)
			reaches(false, fn.name, "jaeger", 4318)
			reaches(false, "collector", fn.name, 8012)
		}
		for _, knative := range []string{"knative-serving", "knative-eventing"} {
			if !passes(t, policies, foreign(knative), ours(named["collector"]), collector) {
				t.Errorf("%s does not reach the collector", knative)
			}
		}
		var config struct {
			Exporters map[string]struct{ Endpoint string }
			Service   struct {
				Pipelines map[string]struct{ Exporters []string }
			}
		}
		if err := yaml.Unmarshal([]byte(configMaps(objects)["collector"]["config.yaml"]), &config); err != nil {
			t.Fatal(err)
		}
		for _, signal := range []string{"traces", "metrics"} {
			if len(config.Service.Pipelines[signal].Exporters) == 0 {
				t.Errorf("the collector does nothing with %s", signal)
			}
		}
		reaches(true, "collector", "jaeger", listening(t, objects, config.Exporters["otlphttp/jaeger"].Endpoint, ""))
		var sources struct {
			Datasources []struct{ Name, URL string }
		}
		if err := yaml.Unmarshal([]byte(configMaps(objects)["grafana"]["datasource.yaml"]), &sources); err != nil {
			t.Fatal(err)
		}
		for _, s := range sources.Datasources {
			reaches(true, "grafana", strings.ToLower(s.Name), listening(t, objects, s.URL, ""))
		}
		reaches(true, "prometheus", "collector", 8889)
	})
}

// listening returns the port of a URL, whose host must be a Service that has it
// and leads to a pod.
func listening(t *testing.T, objects []object, address, domain string) int32 {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(u.Hostname(), domain)
	port, err := strconv.ParseInt(u.Port(), 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	s := find[corev1.Service](objects)[name]
	if s == nil || len(behind(objects, name)) != 1 {
		t.Fatalf("%s leads to no Service of ours", address)
	}
	for _, p := range s.Spec.Ports {
		if p.Port == int32(port) {
			return p.Port
		}
	}
	t.Errorf("%s: the Service has no such port", address)
	return 0
}
