// Package config reads a function's settings from its environment.
package config

import (
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Secret is a setting that must never be printed.
type Secret string

// String hides the value from logs and error messages.
func (Secret) String() string { return "***" }

// GoString hides the value from %#v.
func (Secret) GoString() string { return "***" }

// MarshalText hides the value from JSON, which is what the log is written in.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Parse fills into, a pointer to a struct with env tags, from environ. For a
// variable NAME that is not set, NAME_FILE may name a file that holds it, as
// mounted secrets do.
func Parse(environ map[string]string, into any) error {
	fields, err := env.GetFieldParams(into)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	vars := maps.Clone(environ)
	for _, f := range fields {
		path := environ[f.Key+"_FILE"]
		if path == "" || vars[f.Key] != "" {
			continue
		}
		b, err := os.ReadFile(path) // #nosec G304 -- whoever starts the program names its secrets
		if err != nil {
			return fmt.Errorf("configuration: read %s_FILE: %w", f.Key, err)
		}
		vars[f.Key] = strings.TrimRight(string(b), "\r\n")
	}
	if err := env.ParseWithOptions(into, env.Options{Environment: vars}); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}

// Environ returns the process's environment as Start expects it.
func Environ() map[string]string {
	vars := map[string]string{}
	for _, kv := range os.Environ() {
		if k, v, ok := strings.Cut(kv, "="); ok {
			vars[k] = v
		}
	}
	return vars
}
