package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hce.co/functions/login/keys"
)

// A key that may be in other hands is replaced at once and withdrawn, from both
// files.
func TestWithdrawAKey(t *testing.T) {
	dir := t.TempDir()
	private, public := filepath.Join(dir, "privadas.json"), filepath.Join(dir, "jwks.json")
	files := []string{"-privadas", private, "-publicas", public}
	llaves := func(command string, rest ...string) error {
		return run(append(append([]string{command}, files...), rest...))
	}
	read := func() keys.Set {
		t.Helper()
		set, err := keys.Read(private)
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	if err := llaves("generar"); err != nil {
		t.Fatal(err)
	}
	stolen := read()[0].ID
	if err := llaves("retirar", stolen); err == nil {
		t.Error("the only key is withdrawn")
	}
	if err := llaves("rotar"); err != nil {
		t.Fatal(err)
	}
	pending := read()[0].ID
	if err := llaves("retirar", stolen); err == nil {
		t.Error("the key that signs is withdrawn with none in its place")
	}
	if err := llaves("rotar", "-espera", "0s"); err != nil {
		t.Fatal(err)
	}
	set := read()
	if signs, err := set.Active(time.Now()); err != nil || signs.ID == stolen || signs.ID == pending || len(set) != 2 {
		t.Fatalf("%d keys, %s signs, %v", len(set), signs.ID, err)
	}
	for name, args := range map[string][]string{
		"no key": {"retirar"}, "another key": {"retirar", "otra"}, "flags after it": {"retirar", stolen, "-privadas", private},
	} {
		if err := run(args); err == nil {
			t.Errorf("%s: done", name)
		}
	}
	if err := llaves("retirar", stolen); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{private, public} {
		b, err := os.ReadFile(path)
		if err != nil || strings.Contains(string(b), stolen) || !strings.Contains(string(b), set[0].ID) {
			t.Errorf("%s: %v\n%s", filepath.Base(path), err, b)
		}
	}
}
