package login

import (
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/seal"
	"hce.co/shared/service"
)

// freshly lets through who gave their second factor a moment ago: a token left
// at an open screen must not replace it.
func (f *Function) freshly(a account, p auth.Principal) error {
	if !a.MFAConfirmado || f.Now().Sub(p.SteppedUp) < steppedUp {
		return nil
	}
	return problem.Forbidden("Confirme primero que es usted con un código de su segundo factor.").With("reforzar", true)
}

// beginMFA makes the secret of a second factor, which takes the place of the one
// in force when it is confirmed.
func (f *Function) beginMFA(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := f.self(ctx)
	if err == nil {
		err = f.freshly(a, auth.From(ctx))
	}
	if err != nil {
		return err
	}
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: f.cfg.MFAName, AccountName: a.Username, Period: period, SecretSize: 20, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		return fmt.Errorf("make second factor: %w", err)
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`UPDATE historia_clinica.usuario SET mfa_pendiente = $2 WHERE id = $1`, a.ID, f.box.Seal([]byte(key.Secret()), seal.SecondFactor(a.ID)))
		audit.Queue(ctx, b, mfaEntry(a, audit.Create, "inicio"))
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return fmt.Errorf("begin second factor: %w", err)
	}
	return service.WriteJSON(w, 0, api.Enrolment{Secreto: key.Secret(), URI: key.URL()})
}

func mfaEntry(a account, action audit.Action, reason string) audit.Entry {
	typ := map[audit.Action]string{audit.Create: "create", audit.Update: "update", audit.Delete: "delete"}[action]
	return audit.Entry{
		DocumentoID: audit.User(a.ID), Action: action, Type: typ, Resource: "usuario/" + a.ID.String() + "/mfa", Permission: auth.OwnAccount, Reason: reason,
	}
}

// confirmMFA puts the second factor in force with a first code of it, and gives
// the recovery codes.
func (f *Function) confirmMFA(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in api.Code
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	a, err := f.self(ctx)
	if err == nil {
		err = f.freshly(a, auth.From(ctx))
	}
	if err != nil {
		return err
	}
	if a.MFAPendiente == nil {
		return problem.Conflict("Primero pida la clave del segundo factor.")
	}
	a.MFAUltimoPaso = 0 // of the secret before
	g, err := f.checkCode(ctx, a, a.MFAPendiente, in.Codigo)
	if err == nil && g.step == 0 {
		err = errCode // a recovery code confirms nothing
	}
	if err != nil {
		return explain(w, f.noteWrongCode(ctx, a, err), "codigo", "El código no es correcto. Revise la hora de su teléfono.")
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = newCode()
	}
	t, err := f.inSession(ctx, func(tx pgx.Tx, now time.Time) error {
		tag, err := tx.Exec(ctx, `
			UPDATE historia_clinica.usuario SET mfa_secreto = mfa_pendiente, mfa_pendiente = NULL, mfa_confirmado = true, mfa_ultimo_paso = $3
			WHERE id = $1 AND mfa_pendiente = $2`, a.ID, a.MFAPendiente, g.step)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return problem.Conflict("Se pidió otra clave mientras tanto. Use la última.")
		}
		if err := stepUp(ctx, tx, now); err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(absolve, g.key)
		b.Queue(`DELETE FROM historia_clinica.codigo_recuperacion WHERE usuario_id = $1`, a.ID)
		for _, c := range codes {
			b.Queue(`INSERT INTO historia_clinica.codigo_recuperacion (usuario_id, huella) VALUES ($1, $2)`, a.ID, hashRecovery(c))
		}
		audit.Queue(ctx, b, mfaEntry(a, audit.Update, "activación"))
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return err
	}
	return service.WriteJSON(w, 0, api.Enrolled{CodigosRecuperacion: codes, Token: t})
}

// removeMFA takes the caller's second factor away, unless their role asks for
// one.
func (f *Function) removeMFA(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := f.self(ctx)
	if err == nil {
		err = f.freshly(a, auth.From(ctx))
	}
	if err != nil {
		return err
	}
	without := a
	without.MFAConfirmado = false
	if without.lacksMFA(f.cfg.MFARoles) {
		return problem.Forbidden("Su rol exige el segundo factor. Si cambió de teléfono, actívelo de nuevo y reemplazará al anterior.")
	}
	return f.clearMFA(w, r, a, func(pgx.Tx) error { return nil })
}

// clearMFA forgets an account's second factor and its recovery codes, and
// whatever also writes in the same transaction.
func (f *Function) clearMFA(w http.ResponseWriter, r *http.Request, a account, also func(pgx.Tx) error) error {
	ctx := r.Context()
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`UPDATE historia_clinica.usuario SET mfa_secreto = NULL, mfa_pendiente = NULL, mfa_confirmado = false, mfa_ultimo_paso = 0
			WHERE id = $1`, a.ID)
		b.Queue(`DELETE FROM historia_clinica.codigo_recuperacion WHERE usuario_id = $1`, a.ID)
		audit.Queue(ctx, b, mfaEntry(a, audit.Delete, ""))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return also(tx)
	})
	if err != nil {
		return fmt.Errorf("clear second factor: %w", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
