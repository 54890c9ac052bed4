package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/seal"
	"hce.co/shared/service"
)

// freshly lets through who gave their second factor a moment ago or, as long as
// there is none, their password: a token left at an open screen must neither
// replace the factor nor set up one that its owner has not (OWASP ASVS 5.0,
// 7.5.1).
func (f *Function) freshly(ctx context.Context, a account) error {
	p := auth.From(ctx)
	p.SecondFactor = true
	if !a.MFAConfirmado {
		err := f.pool.QueryRow(ctx, `SELECT greatest(creada_en, reforzada_en) FROM historia_clinica.sesion WHERE id = $1`, p.SessionID).Scan(&p.SteppedUp)
		if err != nil && !db.NoRows(err) {
			return fmt.Errorf("read session: %w", err)
		}
	}
	err := auth.RequireStepUp(p, f.Now())
	if pr := (*problem.Error)(nil); !a.MFAConfirmado && errors.As(err, &pr) {
		pr.Detail = "Confirme primero que es usted con su clave."
	}
	return err
}

// beginMFA makes the secret of a second factor, which takes the place of the one
// in force when it is confirmed.
func (f *Function) beginMFA(w http.ResponseWriter, r *http.Request) error {
	key, err := f.decode(r, &service.Nothing{})
	if err != nil {
		return err
	}
	return f.once(w, r, key, func(keep keep) error { return f.newSecondFactor(r.Context(), keep) })
}

func (f *Function) newSecondFactor(ctx context.Context, keep keep) error {
	a, err := f.self(ctx)
	if err == nil {
		err = f.freshly(ctx, a)
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
		audit.Queue(ctx, b, mfaEntry(a, audit.Create, auth.OwnAccount, "inicio"))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return keep.shown(tx, 0, api.Enrolment{Secreto: key.Secret(), URI: key.URL()})
	})
	if err != nil {
		return fmt.Errorf("begin second factor: %w", err)
	}
	return nil
}

func mfaEntry(a account, action audit.Action, perm auth.Permission, reason string) audit.Entry {
	typ := map[audit.Action]string{audit.Create: "create", audit.Update: "update", audit.Delete: "delete"}[action]
	return audit.Entry{
		DocumentoID: audit.User(a.ID), Action: action, Type: typ, Resource: "usuario/" + a.ID.String() + "/mfa", Permission: perm, Reason: reason,
	}
}

// confirmMFA puts the second factor in force with a first code of it, ends the
// caller's other sign-ins (OWASP ASVS 5.0, 7.4.3), and gives the recovery codes.
func (f *Function) confirmMFA(w http.ResponseWriter, r *http.Request) error {
	var in api.Code
	key, err := f.decode(r, &in)
	if err != nil {
		return err
	}
	err = f.once(w, r, key, func(keep keep) error { return f.enforceSecondFactor(r.Context(), in.Codigo, keep) })
	return explain(w, err, "codigo", "El código no es correcto. Revise la hora de su teléfono.")
}

func (f *Function) enforceSecondFactor(ctx context.Context, code string, keep keep) error {
	a, err := f.self(ctx)
	if err == nil {
		err = f.freshly(ctx, a)
	}
	if err != nil {
		return err
	}
	if a.MFAPendiente == nil {
		return problem.Conflict("Primero pida la clave del segundo factor.")
	}
	a.MFAUltimoPaso = 0 // of the secret before
	g, err := f.checkCode(ctx, a, a.MFAPendiente, code)
	if err == nil && g.step == 0 {
		err = errCode // a recovery code confirms nothing
	}
	if err != nil {
		return f.noteWrongCode(ctx, a, err)
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = crockford.Show(crockford.New())
	}
	show := func(t api.Token) any { return api.Enrolled{CodigosRecuperacion: codes, Token: t} }
	return f.inSession(ctx, keep, show, func(tx *ending, now time.Time) error {
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
		// What the other sign-ins gave was a password, or the factor before.
		if err := endSessions(ctx, tx, a.ID, auth.From(ctx).SessionID, "segundo factor", now); err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(absolve, g.key)
		b.Queue(`DELETE FROM historia_clinica.codigo_recuperacion WHERE usuario_id = $1`, a.ID)
		for _, c := range codes {
			b.Queue(`INSERT INTO historia_clinica.codigo_recuperacion (usuario_id, huella) VALUES ($1, $2)`, a.ID, hashCode(c))
		}
		audit.Queue(ctx, b, mfaEntry(a, audit.Update, auth.OwnAccount, "activación"))
		return tx.SendBatch(ctx, b).Close()
	})
}

// removeMFA takes the caller's second factor away, unless their role asks for
// one, and ends their other sign-ins.
func (f *Function) removeMFA(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	key, err := f.decode(r, &service.Nothing{})
	if err != nil {
		return err
	}
	return f.once(w, r, key, func(keep keep) error {
		a, err := f.self(ctx)
		if err == nil {
			err = f.freshly(ctx, a)
		}
		if err != nil {
			return err
		}
		without := a
		without.MFAConfirmado = false
		if without.lacksMFA(f.cfg.MFARoles) {
			return problem.Forbidden("Su rol exige el segundo factor. Si cambió de teléfono, actívelo de nuevo y reemplazará al anterior.")
		}
		return f.clearMFA(ctx, a, auth.OwnAccount, keep, auth.From(ctx).SessionID)
	})
}

// clearMFA forgets an account's second factor and its recovery codes, and ends
// every sign-in of it but one (uuid.Nil spares none; where one is spared and
// there was no factor, all are). by is what the caller may do it by.
func (f *Function) clearMFA(ctx context.Context, a account, by auth.Permission, keep keep, spare uuid.UUID) error {
	err := f.endingTx(ctx, func(tx *ending) error {
		b := &pgx.Batch{}
		b.Queue(`UPDATE historia_clinica.usuario SET mfa_secreto = NULL, mfa_pendiente = NULL, mfa_confirmado = false, mfa_ultimo_paso = 0
			WHERE id = $1`, a.ID)
		b.Queue(`DELETE FROM historia_clinica.codigo_recuperacion WHERE usuario_id = $1`, a.ID)
		audit.Queue(ctx, b, mfaEntry(a, audit.Delete, by, ""))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if a.MFAConfirmado || spare == uuid.Nil {
			if err := endSessions(ctx, tx, a.ID, spare, "segundo factor retirado", f.Now().UTC()); err != nil {
				return err
			}
		}
		return keep.done(tx)
	})
	if err != nil {
		return fmt.Errorf("clear second factor: %w", err)
	}
	return nil
}
