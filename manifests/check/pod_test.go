package check

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	serving "knative.dev/serving/pkg/apis/serving/v1"
)

// pod is what a workload runs.
type pod struct {
	kind, name string
	labels     map[string]string
	spec       corev1.PodSpec
}

func pods(objects []object) []pod {
	var ps []pod
	for _, o := range objects {
		switch v := o.value.(type) {
		case *appsv1.Deployment:
			ps = append(ps, pod{o.kind, o.name, v.Spec.Template.Labels, v.Spec.Template.Spec})
		case *appsv1.StatefulSet:
			ps = append(ps, pod{o.kind, o.name, v.Spec.Template.Labels, v.Spec.Template.Spec})
		case *batchv1.Job:
			ps = append(ps, pod{o.kind, o.name, v.Spec.Template.Labels, v.Spec.Template.Spec})
		case *serving.Service:
			labels := map[string]string{"serving.knative.dev/service": o.name}
			ps = append(ps, pod{"function", o.name, labels, v.Spec.Template.Spec.PodSpec})
		}
	}
	return ps
}

func eachPod(t *testing.T, test func(t *testing.T, p pod)) {
	eachCombination(t, func(t *testing.T, objects []object) {
		ps := pods(objects)
		if len(ps) < len(all)+1 {
			t.Fatalf("only %d workloads", len(ps))
		}
		for _, p := range ps {
			t.Run(p.kind+" "+p.name, func(t *testing.T) { test(t, p) })
		}
	})
}

// TestPodsAreConfined asks of every pod what the restricted profile of
// Kubernetes' Pod Security Standards does, and a root file system that nobody
// can write to.
func TestPodsAreConfined(t *testing.T) {
	eachPod(t, func(t *testing.T, p pod) {
		if p.spec.AutomountServiceAccountToken == nil || *p.spec.AutomountServiceAccountToken {
			t.Error("has the token of its account")
		}
		if p.spec.EnableServiceLinks == nil || *p.spec.EnableServiceLinks {
			t.Error("has every Service in its environment")
		}
		if p.spec.ServiceAccountName == "" || p.spec.HostNetwork || p.spec.HostPID {
			t.Error("has no account of its own, or the machine's network or processes")
		}
		for _, c := range append(p.spec.InitContainers, p.spec.Containers...) {
			confined(t, p.spec.SecurityContext, c)
			bounded(t, c)
			if _, tag, ok := strings.Cut(c.Image[strings.LastIndexByte(c.Image, '/')+1:], ":"); !ok || tag == "latest" {
				t.Errorf("%s: the image %s names no version", c.Name, c.Image)
			}
		}
	})
}

func confined(t *testing.T, of *corev1.PodSecurityContext, c corev1.Container) {
	t.Helper()
	s := c.SecurityContext
	if s == nil {
		t.Fatalf("%s: no securityContext", c.Name)
	}
	if of == nil {
		of = &corev1.PodSecurityContext{}
	}
	yes := func(b *bool) bool { return b != nil && *b }
	user := s.RunAsUser
	if user == nil {
		user = of.RunAsUser
	}
	seccomp := s.SeccompProfile
	if seccomp == nil {
		seccomp = of.SeccompProfile
	}
	for fault, ok := range map[string]bool{
		"may run as root":            (yes(s.RunAsNonRoot) || yes(of.RunAsNonRoot)) && user != nil && *user != 0,
		"may gain privileges":        s.AllowPrivilegeEscalation != nil && !*s.AllowPrivilegeEscalation,
		"may write to its root":      yes(s.ReadOnlyRootFilesystem),
		"keeps capabilities":         s.Capabilities != nil && len(s.Capabilities.Drop) == 1 && s.Capabilities.Drop[0] == "ALL" && len(s.Capabilities.Add) == 0,
		"may make every system call": seccomp != nil && seccomp.Type == corev1.SeccompProfileTypeRuntimeDefault,
		"is privileged":              !yes(s.Privileged),
	} {
		if !ok {
			t.Errorf("%s: %s", c.Name, fault)
		}
	}
}

// bounded: memory that a pod may take is known, and what Go tries to stay under
// is less.
func bounded(t *testing.T, c corev1.Container) {
	t.Helper()
	request, limit := c.Resources.Requests.Memory(), c.Resources.Limits.Memory()
	if request.IsZero() || limit.IsZero() || limit.Cmp(*request) < 0 || c.Resources.Requests.Cpu().IsZero() {
		t.Errorf("%s: resources %v", c.Name, c.Resources)
	}
	for _, e := range c.Env {
		if e.Name != "GOMEMLIMIT" {
			continue
		}
		soft, err := parseQuantity(strings.TrimSuffix(e.Value, "B"))
		if err != nil || soft.Cmp(*limit) >= 0 {
			t.Errorf("%s: GOMEMLIMIT %s, limit %s", c.Name, e.Value, limit)
		}
	}
}
