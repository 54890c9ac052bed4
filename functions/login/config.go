package login

import (
	"fmt"
	"slices"
	"time"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/seal"
	"hce.co/shared/service"
)

// Config is everything that login reads from its environment.
type Config struct {
	Service service.Config
	DB      db.Config
	Seal    seal.Config
	Audit   audit.Config

	SigningKeysFile string `env:"AUTH_SIGNING_KEYS_FILE,required,notEmpty"` // private keys, as cmd/llaves writes them
	Issuer          string `env:"AUTH_ISSUER" envDefault:"hce"`
	Audience        string `env:"AUTH_AUDIENCE" envDefault:"hce"`

	SessionLife time.Duration `env:"SESSION_LIFE" envDefault:"12h"` // of a sign-in, whatever happens in it
	SessionIdle time.Duration `env:"SESSION_IDLE" envDefault:"2h"`  // between two uses of its refresh token

	PasswordConcurrent int `env:"PASSWORD_MAX_CONCURRENT" envDefault:"2"` // hashes made at once, of 64 MiB and a core each
	PasswordQueue      int `env:"PASSWORD_MAX_QUEUE" envDefault:"64"`     // that wait for one; more get 503

	MFARoles []auth.Role `env:"MFA_REQUIRED_ROLES" envDefault:"administrador"` // "ninguno" asks it of nobody
	MFAName  string      `env:"MFA_ISSUER" envDefault:"HCE"`                   // what the authenticator app calls us

	Throttle Throttle
}

// Throttle says how many wrong passwords are free, and how long the delays after
// them grow.
type Throttle struct {
	Tries         int           `env:"SIGNIN_FREE_TRIES" envDefault:"5"` // of one account from one address
	MaxDelay      time.Duration `env:"SIGNIN_MAX_DELAY" envDefault:"15m"`
	AddressTries  int           `env:"SIGNIN_ADDRESS_FREE_TRIES" envDefault:"100"` // of any account from one address, each window
	AddressWindow time.Duration `env:"SIGNIN_ADDRESS_WINDOW" envDefault:"10m"`
	AccountTries  int           `env:"SIGNIN_ACCOUNT_FREE_TRIES" envDefault:"50"` // of one account from anywhere
}

// noRole stands for an empty MFA_REQUIRED_ROLES, which would mean the default.
const noRole auth.Role = "ninguno"

func (c *Config) validate() error {
	if err := c.Service.Validate(); err != nil {
		return err
	}
	if len(c.MFARoles) == 1 && c.MFARoles[0] == noRole {
		c.MFARoles = nil
	}
	for _, r := range c.MFARoles {
		if !slices.Contains(auth.Roles(), r) {
			return fmt.Errorf("MFA_REQUIRED_ROLES: there is no role %q", r)
		}
	}
	for name, ok := range map[string]bool{
		"SESSION_LIFE":              c.SessionLife >= accessLife,
		"SESSION_IDLE":              c.SessionIdle >= accessLife,
		"PASSWORD_MAX_CONCURRENT":   c.PasswordConcurrent >= 1,
		"PASSWORD_MAX_QUEUE":        c.PasswordQueue >= 0,
		"SIGNIN_FREE_TRIES":         c.Throttle.Tries >= 1,
		"SIGNIN_MAX_DELAY":          c.Throttle.MaxDelay > 0,
		"SIGNIN_ADDRESS_FREE_TRIES": c.Throttle.AddressTries >= 1,
		"SIGNIN_ADDRESS_WINDOW":     c.Throttle.AddressWindow >= time.Duration(max(c.Throttle.AddressTries, 1)), // in which each try is forgiven
		"SIGNIN_ACCOUNT_FREE_TRIES": c.Throttle.AccountTries >= 1,
	} {
		if !ok {
			return fmt.Errorf("%s is too small", name)
		}
	}
	return nil
}
