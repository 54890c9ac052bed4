package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// compile builds a package of the repository as a static program in dir. It
// leaves out whatever differs between two machines, and go.work: a function is
// made of what its own go.mod says.
func (o options) compile(pkg, dir string) (string, error) {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, filepath.Base(pkg))
	cmd := exec.Command(o.goCommand, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", program, ".")
	cmd.Dir = filepath.Join(root, filepath.FromSlash(pkg))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+o.arch, "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return program, nil
}
