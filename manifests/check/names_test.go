package check

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	serving "knative.dev/serving/pkg/apis/serving/v1"
)

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

// number prints what a pointer to a number points at, nothing when it is nil.
func number[T any](p *T) string {
	if p == nil {
		return ""
	}
	return fmt.Sprint(*p)
}

func parseQuantity(s string) (resource.Quantity, error) { return resource.ParseQuantity(s) }

// TestNamesLeadSomewhere follows every reference of a pod to an account, a
// ConfigMap or a Secret: those are made by make secrets.
func TestNamesLeadSomewhere(t *testing.T) {
	secrets := made(t)
	eachCombination(t, func(t *testing.T, objects []object) {
		maps, accounts := find[corev1.ConfigMap](objects), find[corev1.ServiceAccount](objects)
		for _, p := range pods(objects) {
			if accounts[p.spec.ServiceAccountName] == nil {
				t.Errorf("%s: there is no account %s", p.name, p.spec.ServiceAccountName)
			}
			volumes := map[string]string{}
			for _, v := range p.spec.Volumes {
				switch {
				case v.Secret != nil:
					volumes[v.Name] = v.Secret.SecretName
					if secrets[v.Secret.SecretName] == nil {
						t.Errorf("%s: nothing makes the Secret %s", p.name, v.Secret.SecretName)
					}
				case v.ConfigMap != nil:
					volumes[v.Name] = v.ConfigMap.Name
					if maps[v.ConfigMap.Name] == nil && secrets[v.ConfigMap.Name] == nil {
						t.Errorf("%s: there is no ConfigMap %s", p.name, v.ConfigMap.Name)
					}
				}
			}
			for _, c := range append(p.spec.InitContainers, p.spec.Containers...) {
				for _, e := range c.EnvFrom {
					if e.ConfigMapRef == nil || maps[e.ConfigMapRef.Name] == nil {
						t.Errorf("%s: envFrom leads nowhere", p.name)
					}
				}
				for _, e := range c.Env {
					if r := e.ValueFrom; r != nil && (r.SecretKeyRef == nil || !secrets[r.SecretKeyRef.Name][r.SecretKeyRef.Key]) {
						t.Errorf("%s: %s leads nowhere", p.name, e.Name)
					}
					if strings.HasSuffix(e.Name, "_FILE") && strings.HasPrefix(e.Value, "/") {
						file(t, p, c, e, volumes, secrets)
					}
				}
			}
		}
	})
}

// file checks that a variable which names a file names one that is mounted.
func file(t *testing.T, p pod, c corev1.Container, e corev1.EnvVar, volumes map[string]string, secrets map[string]map[string]bool) {
	t.Helper()
	for _, m := range c.VolumeMounts {
		if key, ok := strings.CutPrefix(e.Value, m.MountPath+"/"); ok && secrets[volumes[m.Name]][key] {
			return
		}
	}
	t.Errorf("%s: %s=%s is in nothing that is mounted", p.name, e.Name, e.Value)
}

// TestOnlyUIIsPublic: everything else has an address inside the cluster alone.
func TestOnlyUIIsPublic(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		for name, s := range find[serving.Service](objects) {
			if public := s.Labels["networking.knative.dev/visibility"] != "cluster-local"; public != (name == "ui") {
				t.Errorf("%s: public %v", name, public)
			}
			c := s.Spec.Template.Spec.Containers[0]
			for what, p := range map[string]*corev1.Probe{"readiness": c.ReadinessProbe, "liveness": c.LivenessProbe} {
				if p == nil || p.HTTPGet == nil || !strings.HasPrefix(p.HTTPGet.Path, "/health/") {
					t.Errorf("%s: no %s probe on /health/", name, what)
				}
			}
			if c.StartupProbe != nil {
				t.Errorf("%s: a startup probe makes each cold start a second longer", name)
			}
		}
		for _, o := range objects {
			if s, ok := o.value.(*corev1.Service); ok && s.Spec.Type != "" && s.Spec.Type != corev1.ServiceTypeClusterIP {
				t.Errorf("%s is of type %s", o, s.Spec.Type)
			}
		}
	})
}
