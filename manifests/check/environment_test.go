package check

import (
	"strings"
	"testing"

	eventing "knative.dev/eventing/pkg/apis/eventing/v1"
	serving "knative.dev/serving/pkg/apis/serving/v1"
)

// TestEnvironment holds what the manifests set against what the code reads, in
// both directions.
func TestEnvironment(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		services, settings := find[serving.Service](objects), configMaps(objects)["settings"]
		somebody := map[string]bool{}
		for _, fn := range all {
			read := reads(t, fn)
			set := map[string]bool{}
			for name := range settings {
				set[name] = true
				if _, ok := read[name]; ok {
					somebody[name] = true
				}
			}
			for _, e := range services[fn.name].Spec.Template.Spec.Containers[0].Env {
				name := strings.TrimSuffix(e.Name, "_FILE")
				_, exact := read[e.Name]
				if exact {
					name = e.Name
				}
				if _, ok := read[name]; !ok && !goRuntime(e.Name) {
					t.Errorf("%s: nothing reads %s", fn.name, e.Name)
				}
				if set[name] {
					t.Errorf("%s: %s is set twice", fn.name, name)
				}
				set[name] = true
			}
			for name, v := range read {
				if !set[name] && !v.defaulted && unset[name] == "" {
					t.Errorf("%s reads %s, which has no default and is not set", fn.name, name)
				}
				if v.required && !set[name] {
					t.Errorf("%s does not start without %s", fn.name, name)
				}
			}
		}
		for name := range settings {
			if !somebody[name] {
				t.Errorf("settings: nothing reads %s", name)
			}
		}
	})
}

// goRuntime reports whether the Go runtime reads the variable.
func goRuntime(name string) bool { return name == "GOMEMLIMIT" || name == "GOMAXPROCS" }

// sinks is where each class of broker takes events for hce/default.
var sinks = map[string]string{
	"MTChannelBasedBroker": "http://broker-ingress.knative-eventing.svc.cluster.local/hce/default",
	"Kafka":                "http://kafka-broker-ingress.knative-eventing.svc.cluster.local/hce/default",
	"RabbitMQBroker":       "http://default-broker-ingress.hce.svc.cluster.local",
}

func TestEventsGoToTheBroker(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		broker := find[eventing.Broker](objects)["default"]
		class := broker.Annotations["eventing.knative.dev/broker.class"]
		if got := configMaps(objects)["settings"]["K_SINK"]; sinks[class] == "" || got != sinks[class] {
			t.Errorf("K_SINK is %q, but a broker of class %q listens at %q", got, class, sinks[class])
		}
	})
}

// TestFunctionsFindEachOther compares the addresses that ui has with the
// Services there are.
func TestFunctionsFindEachOther(t *testing.T) {
	services := find[serving.Service](base(t))
	found := 0
	for _, e := range services["ui"].Spec.Template.Spec.Containers[0].Env {
		host, ok := strings.CutPrefix(e.Value, "http://")
		if !ok {
			continue
		}
		name := strings.TrimSuffix(host, ".hce.svc.cluster.local")
		if services[name] == nil || strings.ReplaceAll(strings.ToUpper(name), "-", "_")+"_URL" != e.Name {
			t.Errorf("%s=%s leads to no Service of ours", e.Name, e.Value)
		}
		found++
	}
	if want := len(all) - 1; found != want {
		t.Errorf("ui has %d addresses, want %d", found, want)
	}
}

// TestMigrationEnvironment is TestEnvironment for the Job.
func TestMigrationEnvironment(t *testing.T) {
	eachPod(t, func(t *testing.T, p pod) {
		if p.name != "migrate" {
			return
		}
		for _, c := range p.spec.Containers {
			for _, e := range c.Env {
				if e.Name != "DATABASE_URL_FILE" && e.Name != "LOG_LEVEL" {
					t.Errorf("nothing reads %s", e.Name)
				}
			}
			if len(c.Env) == 0 {
				t.Error("DATABASE_URL is not set")
			}
		}
	})
}
