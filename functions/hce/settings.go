package hce

import (
	"fmt"
	"path/filepath"
	"runtime"

	"hce.co/shared/config"
)

// Settings are what make run honours.
type Settings struct {
	Port          string        `env:"PORT" envDefault:"8080"`
	ListenAddress string        `env:"LISTEN_ADDRESS"`
	DataDir       string        `env:"HCE_DATA_DIR" envDefault:".hce"`
	DatabaseURL   config.Secret `env:"DATABASE_URL"`                // replaces the embedded PostgreSQL
	Citus         string        `env:"HCE_CITUS" envDefault:"auto"` // auto, off or require: whether the embedded database is a cluster
	Demo          bool          `env:"HCE_DEMO"`
	DemoPassword  config.Secret `env:"HCE_DEMO_PASSWORD"` // of all demo accounts; made at the first start when missing
	Environment   string        `env:"HCE_ENV" envDefault:"desarrollo"`
	PublicURL     string        `env:"PUBLIC_URL"`
	MaxConns      string        `env:"DATABASE_MAX_CONNS" envDefault:"8"` // of each function
	Hashes        int           `env:"PASSWORD_MAX_CONCURRENT"`           // made at once; 2, but one core stays for those who are not signing in
	LogLevel      string        `env:"LOG_LEVEL" envDefault:"info"`
}

// ReadSettings reads the settings from an environment.
func ReadSettings(environ map[string]string) (Settings, error) {
	var s Settings
	if err := config.Parse(environ, &s); err != nil {
		return s, err
	}
	if s.Demo && s.Environment == "produccion" {
		return s, fmt.Errorf("HCE_DEMO=1 opens accounts whose password is printed: it is refused with HCE_ENV=produccion")
	}
	dir, err := filepath.Abs(s.DataDir)
	if err != nil {
		return s, fmt.Errorf("HCE_DATA_DIR: %w", err)
	}
	s.DataDir = dir
	if environ["PASSWORD_MAX_CONCURRENT"] == "" {
		s.Hashes = max(1, min(2, runtime.GOMAXPROCS(0)-1))
	}
	if s.Hashes < 1 {
		return s, fmt.Errorf("PASSWORD_MAX_CONCURRENT: must be at least 1")
	}
	if s.PublicURL == "" {
		s.PublicURL = "http://localhost:" + s.Port
	}
	return s, nil
}
