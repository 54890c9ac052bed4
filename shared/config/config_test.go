package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/config"
)

type inner struct {
	URL   config.Secret `env:"DATABASE_URL,required"`
	Conns int32         `env:"DATABASE_MAX_CONNS" envDefault:"8"`
}

type settings struct {
	DB      inner
	Proxies []string `env:"TRUSTED_PROXIES"`
}

const password = "postgres://u:contraseña@h/db"

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want settings
	}{
		{"from variables", map[string]string{"DATABASE_URL": password, "DATABASE_MAX_CONNS": "3", "TRUSTED_PROXIES": "10.0.0.0/8,::1"},
			settings{DB: inner{URL: password, Conns: 3}, Proxies: []string{"10.0.0.0/8", "::1"}}},
		{"defaults", map[string]string{"DATABASE_URL": password}, settings{DB: inner{URL: password, Conns: 8}}},
		{"from a file, less its last newline", map[string]string{"DATABASE_URL_FILE": file(t, password+"\r\n")}, settings{DB: inner{URL: password, Conns: 8}}},
		{"a file for a variable that has a default", map[string]string{"DATABASE_URL": password, "DATABASE_MAX_CONNS_FILE": file(t, "5\n")},
			settings{DB: inner{URL: password, Conns: 5}}},
		{"the variable before the file", map[string]string{"DATABASE_URL": password, "DATABASE_URL_FILE": "/nowhere"}, settings{DB: inner{URL: password, Conns: 8}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got settings
			if err := config.Parse(tt.env, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		says string
	}{
		{"a required one is missing", nil, "DATABASE_URL"},
		{"no number", map[string]string{"DATABASE_URL": password, "DATABASE_MAX_CONNS": "many"}, "Conns"},
		{"no such file", map[string]string{"DATABASE_URL_FILE": "/nowhere/secret"}, "DATABASE_URL_FILE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got settings
			err := config.Parse(tt.env, &got)
			if err == nil {
				t.Fatalf("Parse = %+v, want an error", got)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error does not say %s: %v", tt.says, err)
			}
			if strings.Contains(err.Error(), "contraseña") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
	var got settings
	if err := config.Parse(map[string]string{"DATABASE_URL_FILE": "/nowhere"}, &got); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file is %v, want fs.ErrNotExist in the chain", err)
	}
}

func TestParseLeavesTheEnvironmentAlone(t *testing.T) {
	env := map[string]string{"DATABASE_URL_FILE": file(t, password)}
	var got settings
	if err := config.Parse(env, &got); err != nil {
		t.Fatal(err)
	}
	if _, ok := env["DATABASE_URL"]; ok {
		t.Error("the secret of the file is now in the caller's environment")
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	cfg := settings{DB: inner{URL: password}}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "cfg", cfg, "url", cfg.DB.URL)
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "cfg", cfg, "url", cfg.DB.URL)
	j, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{"slog": log.String(), "json": string(j), "Error": fmt.Errorf("open %v", cfg.DB.URL).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		outputs[verb] = fmt.Sprintf(verb, cfg)
		outputs[verb+" alone"] = fmt.Sprintf(verb, cfg.DB.URL)
	}
	for name, out := range outputs {
		if strings.Contains(out, "contraseña") {
			t.Errorf("%s prints the secret: %s", name, out)
		}
		if !strings.Contains(out, "***") {
			t.Errorf("%s does not show that there is one: %s", name, out)
		}
	}
	if string(cfg.DB.URL) != password {
		t.Error("the value itself is lost")
	}
}

func TestEnviron(t *testing.T) {
	t.Setenv("HCE_CONFIG_TEST", "a=b=c")
	if got := config.Environ()["HCE_CONFIG_TEST"]; got != "a=b=c" {
		t.Errorf("got %q, want a=b=c", got)
	}
}
