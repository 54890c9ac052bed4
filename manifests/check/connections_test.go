package check

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	serving "knative.dev/serving/pkg/apis/serving/v1"
)

// spare are connections to the coordinator that are not the functions': those
// that PostgreSQL reserves, Citus' own, the migration's, an operator's, and what
// two revisions may have together for the moment of a change.
const spare = 40

// TestConnections: however far the functions scale out, the coordinator has a
// connection for each.
func TestConnections(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		coordinator := find[appsv1.StatefulSet](objects)["coordinator"]
		if coordinator == nil {
			t.Skip("the database is outside: its README tells the rule")
		}
		wanted := 0
		for _, s := range find[serving.Service](objects) {
			wanted += integer(t, s.Spec.Template.Annotations["autoscaling.knative.dev/max-scale"]) * connections(t, s)
		}
		if wanted == 0 {
			t.Fatal("no function has a connection")
		}
		if pooler := find[appsv1.Deployment](objects)["pgbouncer"]; pooler != nil {
			ini := configMaps(objects)["pgbouncer"]["pgbouncer.ini"]
			replicas := int(*pooler.Spec.Replicas)
			if most := replicas * setting(t, ini, "max_client_conn"); wanted > most {
				t.Errorf("the functions may open %d connections, the poolers take %d", wanted, most)
			}
			wanted = replicas * (len(all) - 1) * setting(t, ini, "default_pool_size")
		}
		most := limit(t, coordinator)
		if wanted+spare > most {
			t.Errorf("%d connections and %d to spare, the coordinator takes %d", wanted, spare, most)
		}
		if workers := limit(t, find[appsv1.StatefulSet](objects)["worker"]); workers <= most {
			t.Errorf("a worker takes %d connections, the coordinator %d", workers, most)
		}
	})
}

// connections of one instance.
func connections(t *testing.T, s *serving.Service) int {
	for _, e := range s.Spec.Template.Spec.Containers[0].Env {
		if e.Name == "DATABASE_MAX_CONNS" {
			return integer(t, e.Value)
		}
	}
	if s.Name != "ui" {
		t.Errorf("%s: DATABASE_MAX_CONNS is not set", s.Name)
	}
	return 0
}

// limit is a node's max_connections.
func limit(t *testing.T, s *appsv1.StatefulSet) int {
	t.Helper()
	for _, arg := range s.Spec.Template.Spec.Containers[0].Args {
		if value, ok := strings.CutPrefix(arg, "max_connections="); ok {
			return integer(t, value)
		}
	}
	t.Fatalf("%s: no max_connections", s.Name)
	return 0
}

func integer(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// setting reads a number from a file of lines like name = 1.
func setting(t *testing.T, text, name string) int {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `\s*=\s*(\d+)`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s", name)
	}
	return integer(t, m[1])
}

// TestEveryWorkerIsRegistered: as many nodes are told of as there are.
func TestEveryWorkerIsRegistered(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		worker := find[appsv1.StatefulSet](objects)["worker"]
		if worker == nil {
			t.Skip("the database is outside")
		}
		var told []corev1.EnvVar
		for _, c := range find[batchv1.Job](objects)["migrate"].Spec.Template.Spec.InitContainers {
			told = append(told, c.Env...)
		}
		want := fmt.Sprint(*worker.Spec.Replicas)
		for _, e := range told {
			if e.Name == "WORKERS" {
				if e.Value != want {
					t.Errorf("WORKERS=%s, and there are %s", e.Value, want)
				}
				return
			}
		}
		t.Error("WORKERS is not set")
	})
}
