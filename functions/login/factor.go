package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/seal"
)

const (
	period        = 30 // seconds that a code of the app lives (RFC 6238)
	skew          = 1  // steps that two clocks may be apart
	recoveryCodes = 10
)

// errCode says that a code of the second factor is wrong, or was used.
var errCode = errors.New("wrong second factor")

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

// factor is a second factor that was given: a step of the app's clock or the
// hash of a recovery code. The zero factor is none.
type factor struct {
	step     int64
	recovery []byte
	key      string // under which the try was counted
}

func (g factor) given() bool { return g.step != 0 || g.recovery != nil }

// use queues what takes the factor out of use: a step, and any before it, is good
// once, and so is a recovery code. errCode when somebody was faster.
func (g factor) use(b *pgx.Batch, user uuid.UUID, now time.Time) {
	if !g.given() {
		return
	}
	sql, args := `UPDATE historia_clinica.usuario SET mfa_ultimo_paso = $2
		WHERE id = $1 AND mfa_confirmado AND mfa_ultimo_paso < $2`, []any{user, g.step}
	if g.recovery != nil {
		sql, args = `UPDATE historia_clinica.codigo_recuperacion SET usado_en = $3
			WHERE usuario_id = $1 AND huella = $2 AND usado_en IS NULL`, []any{user, g.recovery, now}
	}
	b.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() == 0 {
			return errCode
		}
		return nil
	})
	b.Queue(absolve, g.key)
}

// matchStep returns the step of the clock whose code this is, 0 when it is of
// none near now. All of them are compared, in a time that tells nothing.
func matchStep(secret, code string, now time.Time) (int64, error) {
	current := now.Unix() / period
	var found int64
	for step := current - skew; step <= current+skew; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("second factor: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found, nil
}

// checkCode judges a code against the account's sealed secret, or takes it for a
// recovery code. Each try counts before it is judged. The factor that it returns
// has still to be used.
func (f *Function) checkCode(ctx context.Context, a account, sealed []byte, code string) (factor, error) {
	g := factor{key: "m:" + a.ID.String()}
	if err := f.charge(ctx, g.key, f.limits.secondFactor); err != nil {
		return g, err
	}
	secret, err := f.box.Open(sealed, seal.SecondFactor(a.ID))
	if err != nil {
		return g, fmt.Errorf("second factor of account %s: %w", a.ID, err)
	}
	code = strings.NewReplacer(" ", "", "-", "").Replace(code)
	if !sixDigits.MatchString(code) {
		g.recovery = hashCode(code)
		return g, nil
	}
	if g.step, err = matchStep(string(secret), code, f.Now()); err != nil {
		return g, err
	}
	if g.step == 0 || g.step <= a.MFAUltimoPaso {
		return g, errCode
	}
	return g, nil
}

// noteWrongCode leaves the audit row of a second factor that was wrong, when err
// says so, and returns err.
func (f *Function) noteWrongCode(ctx context.Context, a account, err error) error {
	if !errors.Is(err, errCode) {
		return err
	}
	werr := audit.Write(context.WithoutCancel(ctx), f.pool, audit.Entry{
		DocumentoID: audit.User(a.ID), Action: audit.Execute, Type: "login", Permission: auth.SignedIn, Reason: "segundo factor", Outcome: audit.Refused,
	})
	if werr != nil {
		return werr
	}
	return err
}
