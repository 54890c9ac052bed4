package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// made runs make secrets against a cluster that has nothing, and returns the
// keys of each Secret and ConfigMap that it makes there.
func made(t *testing.T) map[string]map[string]bool {
	t.Helper()
	dir := t.TempDir()
	script(t, dir, "kubectl", `
while [ $# -gt 0 ]; do
	case $1 in
	get) exit 1 ;;
	secret|configmap) [ "$2" = generic ] && shift; name=$2 ;;
	--from-file=*) pair=${1#--from-file=}; test -s "${pair#*=}" || exit 9; echo "$name ${pair%%=*}" >>"$RECORD" ;;
	esac
	shift
done`)
	script(t, dir, "llaves", `echo '{}' >"$3"; echo '{}' >"$5"`)
	path, err := filepath.Abs(root + "/manifests/secrets")
	if err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(dir, "record")
	cmd := exec.Command("sh", path)
	cmd.Env = append(os.Environ(), "KUBECTL="+dir+"/kubectl", "LLAVES="+dir+"/llaves", "RECORD="+record)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("secrets: %v\n%s", err, out)
	}
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		name, key, _ := strings.Cut(line, " ")
		if keys[name] == nil {
			keys[name] = map[string]bool{}
		}
		keys[name][key] = true
	}
	return keys
}

func script(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
}
