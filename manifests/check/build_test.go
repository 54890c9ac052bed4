package check

import (
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const root = "../.."

// combination is what somebody may apply: an overlay, or the base with some of
// the components.
type combination struct {
	name       string
	resource   string   // folder under manifests
	components []string // folders under manifests/components
}

func combinations(t testing.TB) []combination {
	all := []combination{
		{"base", "base", nil},
		{"base, pgbouncer", "base", []string{"pgbouncer"}},
		{"base, pgbouncer, rabbitmq", "base", []string{"pgbouncer", "rabbitmq-broker"}},
		{"base, external, kafka", "base", []string{"external-database", "kafka-broker"}},
		{"base, tls, observability", "base", []string{"tls", "observability"}},
		{"minikube, observability, kafka", "overlays/minikube", []string{"observability", "kafka-broker"}},
		{"production, observability", "overlays/production", []string{"observability"}},
	}
	for _, c := range folders(t, "manifests/components") {
		all = append(all, combination{"base, only " + c, "base", []string{c}})
	}
	for _, o := range folders(t, "manifests/overlays") {
		all = append(all, combination{"overlay " + o, "overlays/" + o, nil})
	}
	return all
}

// eachCombination runs a test on everything that somebody may apply.
func eachCombination(t *testing.T, test func(t *testing.T, objects []object)) {
	for _, c := range combinations(t) {
		t.Run(c.name, func(t *testing.T) { test(t, decode(t, build(t, c))) })
	}
}

// base is what func.yaml describes.
func base(t *testing.T) []object {
	return decode(t, build(t, combination{name: "base", resource: "base"}))
}

var built sync.Map // of resmap.ResMap by combination name

func build(t *testing.T, c combination) resmap.ResMap {
	t.Helper()
	if m, ok := built.Load(c.name); ok {
		return m.(resmap.ResMap)
	}
	log.SetOutput(io.Discard) // kustomize prints its opinions
	manifests, err := filepath.Abs(root + "/manifests")
	if err != nil {
		t.Fatal(err)
	}
	dir, fs := filepath.Join(manifests, c.resource), filesys.MakeFsOnDisk()
	if len(c.components) > 0 {
		// kustomize takes no absolute paths: the combination lives in a folder of its own.
		if dir, err = os.MkdirTemp("", "check"); err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		if dir, err = filepath.EvalSymlinks(dir); err != nil {
			t.Fatal(err)
		}
		to, err := filepath.Rel(dir, manifests)
		if err != nil {
			t.Fatal(err)
		}
		text := "resources: [" + to + "/" + c.resource + "]\ncomponents:\n"
		for _, name := range c.components {
			text += "- " + to + "/components/" + name + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	opts := krusty.MakeDefaultOptions()
	opts.PluginConfig = types.DisabledPluginConfig()
	m, err := krusty.MakeKustomizer(opts).Run(fs, dir)
	if err != nil {
		t.Fatalf("kustomize build: %v", err)
	}
	built.Store(c.name, m)
	return m
}

// folders lists the folders in a folder of the repository.
func folders(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s holds no folder", dir)
	}
	return names
}
