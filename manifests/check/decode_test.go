package check

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubernetes "k8s.io/client-go/kubernetes/scheme"
	eventing "knative.dev/eventing/pkg/apis/eventing/v1"
	sources "knative.dev/eventing/pkg/apis/sources/v1"
	"knative.dev/pkg/apis"
	serving "knative.dev/serving/pkg/apis/serving/v1"
	domains "knative.dev/serving/pkg/apis/serving/v1beta1"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/yaml"
)

// object is a manifest as the API server would hold it.
type object struct {
	kind, namespace, name string
	value                 any // a pointer to the Go type of its kind
}

func (o object) String() string { return o.kind + " " + o.name }

var kinds = func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kubernetes.AddToScheme, serving.AddToScheme, domains.AddToScheme, eventing.AddToScheme, sources.AddToScheme,
	} {
		if err := add(s); err != nil {
			panic(err)
		}
	}
	s.AddKnownTypeWithName(schema.GroupVersionKind{Group: "eventing.knative.dev", Version: "v1alpha1", Kind: "RabbitmqBrokerConfig"}, &rabbitmqBrokerConfig{})
	return s
}()

// decode turns manifests into what they mean. A field that the type does not
// have fails the test, and so does a Knative object that its webhook would
// refuse.
func decode(t *testing.T, m resmap.ResMap) []object {
	t.Helper()
	var objects []object
	for _, r := range m.Resources() {
		gvk := schema.GroupVersionKind{Group: r.GetGvk().Group, Version: r.GetGvk().Version, Kind: r.GetGvk().Kind}
		value, err := kinds.New(gvk)
		if err != nil {
			t.Errorf("%s %s: %v", gvk, r.GetName(), err)
			continue
		}
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, value); err != nil {
			t.Errorf("%s %s: %v", gvk, r.GetName(), err)
			continue
		}
		o := object{gvk.Kind, r.GetNamespace(), r.GetName(), value}
		accept(t, o)
		objects = append(objects, o)
	}
	if len(objects) == 0 {
		t.Fatal("nothing was built")
	}
	return objects
}

// accept does what Knative's webhooks do with a new object.
func accept(t *testing.T, o object) {
	t.Helper()
	ctx := apis.WithinCreate(context.Background())
	if d, ok := o.value.(apis.Defaultable); ok {
		d.SetDefaults(ctx)
	}
	if v, ok := o.value.(apis.Validatable); ok {
		if err := v.Validate(ctx); err != nil {
			t.Errorf("%s: %v", o, err)
		}
	}
}

// find returns the objects of a Go type by their name.
func find[T any](objects []object) map[string]*T {
	found := map[string]*T{}
	for _, o := range objects {
		if v, ok := o.value.(*T); ok {
			found[o.name] = v
		}
	}
	return found
}

func TestEverythingDecodesAndIsAccepted(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		seen := map[string]bool{}
		for _, o := range objects {
			key := o.String() + " " + o.namespace
			if seen[key] {
				t.Errorf("%s stands twice", key)
			}
			seen[key] = true
			if o.kind != "Namespace" && o.namespace != "hce" {
				t.Errorf("%s is in the namespace %q", o, o.namespace)
			}
		}
	})
}

// TestMistakesAreFound keeps the checks honest: what they are for must fail.
func TestMistakesAreFound(t *testing.T) {
	for name, text := range map[string]string{
		"misspelt field":      `{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: x}, spec: {template: {spec: {containerConcurency: 1, containers: [{image: x}]}}}}`,
		"scale in words":      `{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: x}, spec: {template: {metadata: {annotations: {autoscaling.knative.dev/max-scale: ten}}, spec: {containers: [{image: x}]}}}}`,
		"too much at once":    `{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: x}, spec: {template: {spec: {containerConcurrency: 5000, containers: [{image: x}]}}}}`,
		"no subscriber":       `{apiVersion: eventing.knative.dev/v1, kind: Trigger, metadata: {name: x}, spec: {broker: default}}`,
		"schedule that never": `{apiVersion: sources.knative.dev/v1, kind: PingSource, metadata: {name: x}, spec: {schedule: "61 * * * *", sink: {uri: "http://x"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var kind struct{ APIVersion, Kind string }
			if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
				t.Fatal(err)
			}
			value, err := kinds.New(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
			if err != nil {
				t.Fatal(err)
			}
			err = yaml.UnmarshalStrict([]byte(text), value)
			ctx := apis.WithinCreate(context.Background())
			if err == nil {
				value.(apis.Defaultable).SetDefaults(ctx)
				if fault := value.(apis.Validatable).Validate(ctx); fault != nil {
					err = fault
				}
			}
			if err == nil {
				t.Error("was accepted")
			}
		})
	}
}
