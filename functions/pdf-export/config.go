package pdfexport

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"time"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/service"
)

// Config is everything that pdf-export reads from its environment.
type Config struct {
	Service     service.Config
	Auth        auth.Config
	DB          db.Config
	Event       event.Config
	Audit       audit.Config
	Institution Institution

	Wait          time.Duration `env:"EXPORT_WAIT" envDefault:"20s"`         // how long a request waits for its document
	Keep          time.Duration `env:"EXPORT_KEEP" envDefault:"720h"`        // how long a file is kept
	MaxConcurrent int           `env:"EXPORT_MAX_CONCURRENT" envDefault:"2"` // documents built at once, per instance
	PublicURL     string        `env:"PUBLIC_URL"`                           // where /verificar is reached; empty: no QR code
	SigningKey    config.Secret `env:"PDF_SIGNING_KEY"`                      // Ed25519 seed, base64; empty: documents are not signed
}

// Institution is the letterhead: in whose name the record is kept.
type Institution struct {
	Name    string `env:"INSTITUTION_NAME" envDefault:"Clínica HCE (demostración)"`
	NIT     string `env:"INSTITUTION_NIT"`
	REPS    string `env:"INSTITUTION_REPS"` // habilitation code
	Address string `env:"INSTITUTION_ADDRESS"`
	City    string `env:"INSTITUTION_CITY"`
	Phone   string `env:"INSTITUTION_PHONE"`
	Email   string `env:"INSTITUTION_EMAIL"`
}

// maxWait leaves a waiting request time to answer before its time is over.
const maxWait = service.AnswerWithin - 5*time.Second

// validate reports a setting that cannot be meant.
func (c Config) validate() error {
	switch {
	case c.Wait <= 0 || c.Wait > maxWait:
		return errors.New("EXPORT_WAIT: must be more than 0 and at most " + maxWait.String())
	case c.Keep < time.Hour:
		return errors.New("EXPORT_KEEP: must be at least 1h")
	case c.MaxConcurrent < 1:
		return errors.New("EXPORT_MAX_CONCURRENT: must be at least 1")
	}
	return c.Service.Validate()
}

// signingKey returns the institution's key, nil when there is none.
func (c Config) signingKey() (ed25519.PrivateKey, error) {
	if c.SigningKey == "" {
		return nil, nil
	}
	seed, err := base64.StdEncoding.DecodeString(string(c.SigningKey))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("PDF_SIGNING_KEY: must be the base64 of a 32-byte Ed25519 seed")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
