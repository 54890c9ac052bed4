package check

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"knative.dev/func/pkg/functions"
	serving "knative.dev/serving/pkg/apis/serving/v1"
)

// function is one of the six: where its code and its func.yaml are.
type function struct{ name, code, descriptor string }

var all = []function{
	{"login", "functions/login", "functions/login"},
	{"patient", "functions/patient", "functions/patient"},
	{"admission", "functions/admission", "functions/admission"},
	{"notes", "functions/notes", "functions/notes"},
	{"pdf-export", "functions/pdf-export", "functions/pdf-export"},
	{"ui", "ui", "."},
}

// description is what a func.yaml and a Knative Service both say.
type description struct {
	Name, Image, Account string
	Liveness, Readiness  string
	Public               bool
	Env                  map[string]string
	Volumes              map[string]string // what is mounted, by path
	Min, Max             string
	Target, Concurrency  string
	Requests, Limits     map[string]string
}

// TestFuncYAML reads each func.yaml as func does, but strictly, and compares it
// with the Service that is deployed: the two cannot drift apart.
func TestFuncYAML(t *testing.T) {
	objects := base(t)
	services, settings := find[serving.Service](objects), configMaps(objects)["settings"]
	for _, fn := range all {
		t.Run(fn.name, func(t *testing.T) {
			dir := filepath.Join(root, fn.descriptor)
			text, err := os.ReadFile(filepath.Join(dir, functions.FunctionFile))
			if err != nil {
				t.Fatal(err)
			}
			d := yaml.NewDecoder(bytes.NewReader(text))
			d.KnownFields(true)
			var strict functions.Function
			if err := d.Decode(&strict); err != nil {
				t.Fatalf("func.yaml: %v", err)
			}
			f, err := functions.NewFunction(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Validate(); err != nil {
				t.Fatal(err)
			}
			if f.SpecVersion != functions.LastSpecVersion() || f.Runtime != "go" || f.Invoke != "http" || f.Created.IsZero() {
				t.Errorf("func.yaml: specVersion %q, runtime %q, invoke %q, created %v", f.SpecVersion, f.Runtime, f.Invoke, f.Created)
			}
			if len(f.Deploy.Subscriptions) > 0 {
				t.Error("func.yaml: a subscription would make a Trigger without path, retry or dead letter sink; ours stand in manifests/base/eventing")
			}
			service := services[fn.name]
			if service == nil {
				t.Fatal("there is no such Service")
			}
			if diff := cmp.Diff(ofService(service, settings, reads(t, fn)), ofFunc(f)); diff != "" {
				t.Errorf("func.yaml differs from the Service (-manifests +func.yaml):\n%s", diff)
			}
		})
	}
	if len(services) != len(all) {
		t.Errorf("%d Services, want %d", len(services), len(all))
	}
}

func ofService(s *serving.Service, settings map[string]string, read map[string]variable) description {
	spec, c := s.Spec.Template.Spec, s.Spec.Template.Spec.Containers[0]
	env := map[string]string{}
	for name, value := range settings {
		if _, ok := read[name]; ok {
			env[name] = value
		}
	}
	for _, e := range c.Env {
		env[e.Name] = e.Value
	}
	volumes := map[string]string{}
	for _, m := range c.VolumeMounts {
		for _, v := range spec.Volumes {
			switch {
			case v.Name != m.Name:
			case v.Secret != nil:
				volumes[m.MountPath] = "secret " + v.Secret.SecretName
			case v.ConfigMap != nil:
				volumes[m.MountPath] = "configMap " + v.ConfigMap.Name
			}
		}
	}
	scale := func(name string) string { return s.Spec.Template.Annotations["autoscaling.knative.dev/"+name] }
	return description{
		Name: s.Name, Image: c.Image, Account: spec.ServiceAccountName,
		Liveness: c.LivenessProbe.HTTPGet.Path, Readiness: c.ReadinessProbe.HTTPGet.Path,
		Public: s.Labels["networking.knative.dev/visibility"] != "cluster-local",
		Env:    env, Volumes: volumes,
		Min: scale("min-scale"), Max: scale("max-scale"), Target: scale("target"), Concurrency: number(spec.ContainerConcurrency),
		Requests: quantities(c.Resources.Requests), Limits: quantities(c.Resources.Limits),
	}
}

func ofFunc(f functions.Function) description {
	env := map[string]string{}
	for _, e := range f.Run.Envs {
		env[deref(e.Name)] = deref(e.Value)
	}
	volumes := map[string]string{}
	for _, v := range f.Run.Volumes {
		if v.Secret != nil {
			volumes[deref(v.Path)] = "secret " + *v.Secret
		} else {
			volumes[deref(v.Path)] = "configMap " + deref(v.ConfigMap)
		}
	}
	d := description{
		Name: f.Name, Image: f.Image, Account: f.Deploy.ServiceAccountName,
		Liveness: f.Deploy.HealthEndpoints.Liveness, Readiness: f.Deploy.HealthEndpoints.Readiness,
		Public: true, Env: env, Volumes: volumes,
	}
	for _, l := range f.Deploy.Labels {
		if deref(l.Key) == "networking.knative.dev/visibility" && deref(l.Value) == "cluster-local" {
			d.Public = false
		}
	}
	if s := f.Deploy.Options.Scale; s != nil {
		d.Min, d.Max, d.Target = number(s.Min), number(s.Max), number(s.Target)
	}
	if r := f.Deploy.Options.Resources; r != nil && r.Requests != nil && r.Limits != nil {
		d.Concurrency = number(r.Limits.Concurrency)
		d.Requests = quantities(list(r.Requests.CPU, r.Requests.Memory))
		d.Limits = quantities(list(r.Limits.CPU, r.Limits.Memory))
	}
	return d
}

func list(cpu, memory *string) corev1.ResourceList {
	l := corev1.ResourceList{}
	for name, value := range map[corev1.ResourceName]*string{corev1.ResourceCPU: cpu, corev1.ResourceMemory: memory} {
		if q, err := resource.ParseQuantity(deref(value)); err == nil {
			l[name] = q
		}
	}
	return l
}

func quantities(l corev1.ResourceList) map[string]string {
	m := map[string]string{}
	for name, q := range l {
		m[string(name)] = q.String()
	}
	return m
}

// configMaps returns the data of each ConfigMap by the name it has in the
// sources, without the suffix of its content.
func configMaps(objects []object) map[string]map[string]string {
	m := map[string]map[string]string{}
	for name, c := range find[corev1.ConfigMap](objects) {
		m[name] = c.Data
		if i := strings.LastIndexByte(name, '-'); i > 0 && len(name)-i == 11 {
			m[name[:i]] = c.Data
		}
	}
	return m
}
