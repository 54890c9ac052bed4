package deployed

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pquerna/otp/totp"

	loginapi "hce.co/functions/login/api"
)

// period is how long a code of a second factor is in force (RFC 6238 §5.2).
const period = 30 * time.Second

// Account is who signs in: a person, or an event producer with its client_id and
// secret.
type Account struct {
	Username string
	Password string
	Secret   string // of the second factor, base32; "" when there is none
	Changed  bool   // whether signing in gave it another password or a second factor
}

// SignIn returns an access token for a, having settled what the clinic asks of a
// new account: a password of its own, and a second factor where its role wants
// one. a then has them.
func (c *Clinic) SignIn(ctx context.Context, a *Account) (token string, err error) {
	t, err := c.Login.Login(ctx, a.Username, a.Password)
	if step := loginapi.SecondFactorToken(err); step != "" && a.Secret != "" {
		t, err = c.secondStep(ctx, a, step)
	}
	if err != nil {
		return "", fmt.Errorf("sign in as %s: %w", a.Username, err)
	}
	if t.DebeCambiarClave {
		next := rand.Text()
		if t, err = c.Login.ChangePassword(As(ctx, t.AccessToken), a.Password, next); err != nil {
			return "", fmt.Errorf("change the password of %s: %w", a.Username, err)
		}
		a.Password, a.Changed = next, true
	}
	if t.MFAPorActivar {
		e, err := c.Login.BeginMFA(As(ctx, t.AccessToken))
		if err != nil {
			return "", fmt.Errorf("enrol %s: %w", a.Username, err)
		}
		code, err := totp.GenerateCode(e.Secreto, time.Now())
		if err != nil {
			return "", fmt.Errorf("enrol %s: %w", a.Username, err)
		}
		done, err := c.Login.ConfirmMFA(As(ctx, t.AccessToken), code)
		if err != nil {
			return "", fmt.Errorf("enrol %s: %w", a.Username, err)
		}
		a.Secret, a.Changed, t = e.Secreto, true, done.Token
	}
	return t.AccessToken, nil
}

// Keep writes the account to a new file of its owner's alone, as what a shell
// reads, and returns the file's name: a password that changed must not be lost.
func (a *Account) Keep() (file string, err error) {
	f, err := os.CreateTemp("", "hce-administrador-*.env")
	if err != nil {
		return "", fmt.Errorf("keep the account: %w", err)
	}
	_, err = fmt.Fprintf(f, "USUARIO=%s\nCLAVE=%s\nSEGUNDO_FACTOR=%s\n", a.Username, a.Password, a.Secret)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("keep the account: %w", err)
	}
	return f.Name(), nil
}

// secondStep gives a code, and the next one when this one was used already.
func (c *Clinic) secondStep(ctx context.Context, a *Account, step string) (t loginapi.Token, err error) {
	for try := range 2 {
		if try > 0 {
			select {
			case <-time.After(time.Until(time.Now().Truncate(period).Add(period))):
			case <-ctx.Done():
				return t, ctx.Err()
			}
		}
		code, err := totp.GenerateCode(a.Secret, time.Now())
		if err != nil {
			return t, err
		}
		if t, err = c.Login.LoginSecondFactor(ctx, step, code); err == nil {
			return t, nil
		}
	}
	return t, fmt.Errorf("neither of two codes was taken: is the second factor's secret right?")
}
