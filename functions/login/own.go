package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// me tells the caller who they are.
func (f *Function) me(w http.ResponseWriter, r *http.Request) error {
	if auth.From(r.Context()).Is(auth.Producer) {
		return f.meProducer(w, r)
	}
	a, err := f.self(r.Context())
	if err != nil {
		return err
	}
	return service.WriteJSON(w, 0, api.Me{
		ID: a.ID, Username: a.Username, Email: a.Email, Nombre: a.Nombre, Rol: mainRole(a.Roles), Roles: a.Roles, DocumentoID: a.DocumentoID,
		Servicios: a.Servicios, Profesional: a.professionalView(), MFA: a.MFAConfirmado, DebeCambiarClave: a.DebeCambiar,
		MFAPorActivar: a.lacksMFA(f.cfg.MFARoles), UltimoIngreso: a.UltimoIngreso,
	})
}

// logout ends this sign-in, and with it every token of it. A producer has one
// token of each.
func (f *Function) logout(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := auth.From(ctx)
	err := f.endingTx(ctx, func(tx *ending) error {
		resource := "sesion/" + p.SessionID.String()
		var ended bool
		var err error
		if p.Is(auth.Producer) {
			resource = "token/" + p.TokenID
			ended, err = endToken(ctx, tx, p, f.Now().UTC())
		} else {
			ended, err = endSession(ctx, tx, p.SessionID, "salida", f.Now().UTC())
		}
		if err != nil || !ended {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{
			DocumentoID: audit.User(p.ID), Action: audit.Execute, Type: "logout", Resource: resource, Permission: auth.SignedIn,
		})
	})
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// changePassword replaces the caller's password and ends their other sign-ins.
func (f *Function) changePassword(w http.ResponseWriter, r *http.Request) error {
	var in api.PasswordChange
	key, err := f.decode(r, &in)
	if err != nil {
		return err
	}
	err = f.once(w, r, key, func(keep keep) error { return f.replacePassword(r.Context(), in, keep) })
	return explain(w, err, "actual", "No es su clave actual.")
}

func (f *Function) replacePassword(ctx context.Context, in api.PasswordChange, keep keep) error {
	a, err := f.self(ctx)
	if err != nil {
		return err
	}
	bad := fields{problem.Fields{}}
	bad.password("nueva", in.Nueva, a.Username, a.Email, a.Nombre)
	if in.Nueva == in.Actual {
		bad.Add("nueva", "La clave nueva debe ser distinta de la actual.")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	p, err := f.reprove(ctx, a, in.Actual)
	if err != nil {
		return err
	}
	hash, err := f.hash(ctx, in.Nueva)
	if err != nil {
		return err
	}
	return f.inSession(ctx, keep, onlyToken, func(tx *ending, now time.Time) error {
		err := setPassword(ctx, tx, a, hash, nil)
		if err == nil {
			err = endSessions(ctx, tx, a.ID, auth.From(ctx).SessionID, "cambio de clave", now)
		}
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		p.settle(b, now)
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(a.ID), Action: audit.Update, Type: "update", Resource: "usuario/" + a.ID.String() + "/clave", Permission: auth.OwnAccount,
		})
		return tx.SendBatch(ctx, b).Close()
	})
}

// setPassword writes a hash over the one that was read. Every token that was
// made on the strength of the old one is void. With an end, it is a password that
// its owner must replace by then.
func setPassword(ctx context.Context, tx pgx.Tx, a account, hash string, until *time.Time) error {
	tag, err := tx.Exec(ctx, `
		UPDATE historia_clinica.usuario SET hash = $3, debe_cambiar = $4::timestamptz IS NOT NULL, clave_vence = $4, token_version = token_version + 1
		WHERE id = $1 AND token_version = $2`, a.ID, a.TokenVersion, hash, until)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return problem.Conflict("La cuenta cambió mientras tanto. Vuelva a intentar.")
	}
	return nil
}

// reinforce gives the second factor again, or the password where there is none:
// for what asks that the person themself be at the screen.
func (f *Function) reinforce(w http.ResponseWriter, r *http.Request) error {
	var in api.Reinforce
	key, err := f.decode(r, &in)
	if err != nil {
		return err
	}
	err = f.once(w, r, key, func(keep keep) error { return f.reproveOwner(r.Context(), in, keep) })
	if errors.Is(err, errCode) {
		return explain(w, err, "codigo", wrongCode)
	}
	return explain(w, err, "clave", "No es su clave.")
}

func (f *Function) reproveOwner(ctx context.Context, in api.Reinforce, keep keep) error {
	a, err := f.self(ctx)
	if err != nil {
		return err
	}
	var g factor
	var p proof
	if a.MFAConfirmado {
		if in.Codigo == "" {
			return problem.Invalid(map[string]string{"codigo": "Escriba el código de su aplicación de autenticación."})
		}
		g, err = f.checkCode(ctx, a, a.MFASecreto, in.Codigo)
	} else {
		if in.Clave == "" {
			return problem.Invalid(map[string]string{"clave": "Escriba su clave."})
		}
		p, err = f.reprove(ctx, a, in.Clave)
	}
	if err == nil {
		err = f.inSession(ctx, keep, onlyToken, func(tx *ending, now time.Time) error {
			if err := stepUp(ctx, tx, now); err != nil {
				return err
			}
			b := &pgx.Batch{}
			g.use(b, a.ID, now)
			p.settle(b, now)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: audit.User(a.ID), Action: audit.Execute, Type: "login", Resource: "sesion/" + auth.From(ctx).SessionID.String(),
				Permission: auth.OwnAccount, Reason: "refuerzo",
			})
			return tx.SendBatch(ctx, b).Close()
		})
	}
	return f.noteWrongCode(ctx, a, err)
}

// stepUp marks the caller's session as reinforced.
func stepUp(ctx context.Context, tx pgx.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE historia_clinica.sesion SET reforzada_en = $2 WHERE id = $1`, auth.From(ctx).SessionID, now)
	if err != nil {
		return fmt.Errorf("reinforce session: %w", err)
	}
	return nil
}

// reprove checks the caller's own password again. It is throttled as a sign-in
// is: whoever stole a token must not try passwords with it.
func (f *Function) reprove(ctx context.Context, a account, secret string) (p proof, err error) {
	t := f.triesOf("propia", a.ID.String(), auth.From(ctx).IP)
	err = f.prove(ctx, t, secret, func(_ *pgx.Batch, c *credential) {
		*c = credential{owner: a.ID, hash: a.Hash, usable: true}
	}, func(proven proof) error {
		p = proven
		return nil
	})
	return p, err
}

// explain makes of a wrong secret the message at its field, and of a try that
// came too soon the 429.
func explain(w http.ResponseWriter, err error, field, message string) error {
	var slow slowDown
	switch {
	case errors.As(err, &slow):
		return slow.problem(w.Header())
	case errors.Is(err, errWrong), errors.Is(err, errCode):
		return problem.Invalid(map[string]string{field: message})
	}
	return err
}

// inSession runs write in a transaction that holds the caller's session open,
// and answers with what show makes of the access token that the session has from
// then on.
func (f *Function) inSession(ctx context.Context, keep keep, show func(api.Token) any, write func(*ending, time.Time) error) error {
	p := auth.From(ctx)
	now := f.Now().UTC()
	err := f.endingTx(ctx, func(tx *ending) error {
		s := session{ID: p.SessionID}
		// The account before the session, as everybody locks them.
		if _, err := tx.Exec(ctx, `SELECT FROM historia_clinica.usuario WHERE id = $1 FOR UPDATE`, p.ID); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
			SELECT id FROM historia_clinica.sesion WHERE id = $1 AND usuario_id = $2 AND terminada_en IS NULL AND expira > $3 FOR UPDATE`,
			s.ID, p.ID, now).Scan(&s.ID)
		if db.NoRows(err) {
			return problem.Unauthorized("La sesión terminó. Inicie sesión de nuevo.")
		}
		if err != nil {
			return err
		}
		if err := write(tx, now); err != nil {
			return err
		}
		a, err := f.accountByID(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT expira, reforzada_en FROM historia_clinica.sesion WHERE id = $1`, s.ID).Scan(&s.Expires, &s.Reinforced)
		if err != nil {
			return err
		}
		t, err := f.issue(a, s, now)
		if err != nil {
			return err
		}
		return keep.shown(tx, 0, show(t))
	})
	if err != nil {
		return fmt.Errorf("change session: %w", err)
	}
	return nil
}

func onlyToken(t api.Token) any { return t }
