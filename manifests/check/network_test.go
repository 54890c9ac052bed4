package check

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	network "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// end is one side of a connection.
type end struct {
	namespace string
	labels    map[string]string
}

func ours(p pod) end               { return end{"hce", p.labels} }
func foreign(namespace string) end { return end{namespace, nil} }

// TestWhoReachesWhom plays the connections that the system makes, and some that
// nobody may make, against the NetworkPolicies: few clusters for development
// enforce them.
func TestWhoReachesWhom(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		policies := find[network.NetworkPolicy](objects)
		named := map[string]pod{}
		for _, p := range pods(objects) {
			named[p.name] = p
		}
		check := func(want bool, from, to end, port int32) {
			t.Helper()
			if got := passes(t, policies, from, to, port); got != want {
				t.Errorf("%v -> %v port %d: %v, want %v", from, to, port, got, want)
			}
		}
		for _, fn := range all {
			function := ours(named[fn.name])
			for _, gateway := range []string{"knative-serving", "kourier-system"} {
				check(true, foreign(gateway), function, 8012)
				check(true, function, foreign(gateway), 8012)
			}
			check(false, foreign("default"), function, 8012)
			check(true, function, foreign("kube-system"), 53)
			check(true, function, foreign("knative-eventing"), 8080)
			check(false, function, foreign("default"), 443)
			for _, database := range behind(objects, "database") {
				check(fn.name != "ui", function, ours(database), port(database))
			}
			check(false, ours(named["patient"]), function, 8012) // only by way of the gateway
		}
		coordinator, ok := named["coordinator"]
		if !ok {
			return
		}
		for _, name := range []string{"migrate", "worker", "coordinator", "pgbouncer"} {
			if p, ok := named[name]; ok {
				check(true, ours(p), ours(coordinator), 5432)
			}
		}
		check(true, ours(named["migrate"]), ours(named["worker"]), 5432)
		check(true, ours(coordinator), ours(named["worker"]), 5432)
		check(false, foreign("default"), ours(coordinator), 5432)
		if _, ok := named["pgbouncer"]; ok {
			check(false, ours(named["notes"]), ours(coordinator), 5432)
		}
	})
}

// behind are the pods that a Service leads to.
func behind(objects []object, service string) []pod {
	s := find[corev1.Service](objects)[service]
	if s == nil {
		return nil
	}
	var found []pod
	for _, p := range pods(objects) {
		if labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.labels)) {
			found = append(found, p)
		}
	}
	return found
}

func port(p pod) int32 { return p.spec.Containers[0].Ports[0].ContainerPort }

func passes(t *testing.T, policies map[string]*network.NetworkPolicy, from, to end, port int32) bool {
	t.Helper()
	out, in, outBound, inBound := false, false, false, false
	for _, p := range policies {
		for _, typ := range p.Spec.PolicyTypes {
			switch {
			case typ == network.PolicyTypeEgress && from.namespace == "hce" && matches(t, &p.Spec.PodSelector, from.labels):
				outBound = true
				for _, rule := range p.Spec.Egress {
					out = out || peers(t, rule.To, to) && ports(rule.Ports, port)
				}
			case typ == network.PolicyTypeIngress && to.namespace == "hce" && matches(t, &p.Spec.PodSelector, to.labels):
				inBound = true
				for _, rule := range p.Spec.Ingress {
					in = in || peers(t, rule.From, from) && ports(rule.Ports, port)
				}
			}
		}
	}
	return (out || !outBound) && (in || !inBound)
}

func matches(t *testing.T, s *metav1.LabelSelector, set map[string]string) bool {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		t.Fatal(err)
	}
	return selector.Matches(labels.Set(set))
}

// peers reports whether a rule names the other side; a rule without peers names everybody.
func peers(t *testing.T, of []network.NetworkPolicyPeer, other end) bool {
	for _, p := range of {
		if p.NamespaceSelector == nil && other.namespace != "hce" ||
			p.NamespaceSelector != nil && !matches(t, p.NamespaceSelector, map[string]string{"kubernetes.io/metadata.name": other.namespace}) {
			continue
		}
		if p.PodSelector == nil || matches(t, p.PodSelector, other.labels) {
			return true
		}
	}
	return len(of) == 0
}

func ports(of []network.NetworkPolicyPort, port int32) bool {
	for _, p := range of {
		if p.Port != nil && p.Port.IntVal == port {
			return true
		}
	}
	return len(of) == 0
}
