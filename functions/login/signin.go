package login

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// signIn is the password grant. Whoever has a second factor gives it along, or
// gets a token to give it with.
func (f *Function) signIn(ctx context.Context, in api.TokenRequest) (api.Token, error) {
	name := foldName(in.Username)
	if len(name) > maxEmail {
		name = ""
	}
	name, err := f.usernameOf(ctx, name)
	if err != nil {
		return api.Token{}, err
	}
	var a account
	var t api.Token
	err = f.prove(ctx, f.triesOf("usuario", name, auth.From(ctx).IP), in.Password, func(b *pgx.Batch, c *credential) {
		queueAccountByName(b, name, func(found account) {
			a = found
			*c = credential{owner: a.ID, hash: a.Hash, usable: a.usable(f.Now())}
		})
	}, func(p proof) (err error) {
		switch {
		case !a.MFAConfirmado:
			t, err = f.open(ctx, a, p, factor{})
		case in.CodigoMFA == "":
			err = f.askSecondFactor(a, p, "")
		default:
			t, err = f.openWithCode(ctx, a, p, in.CodigoMFA)
		}
		return err
	})
	return t, err
}

// secondStep finishes a sign-in whose password was given before.
func (f *Function) secondStep(ctx context.Context, in api.TokenRequest) (api.Token, error) {
	a, p, err := f.stepAccount(ctx, in.MFAToken)
	if errors.Is(err, errWrong) {
		return api.Token{}, oauth(problem.Unauthorized("Pasó demasiado tiempo. Escriba de nuevo su usuario y su clave."), api.ErrorGrant, "mfa_token vencido")
	}
	if err != nil {
		return api.Token{}, err
	}
	return f.openWithCode(ctx, a, p, in.CodigoMFA)
}

func (f *Function) openWithCode(ctx context.Context, a account, p proof, code string) (api.Token, error) {
	g, err := f.checkCode(ctx, a, a.MFASecreto, code)
	if err == nil {
		var t api.Token
		if t, err = f.open(ctx, a, p, g); err == nil {
			return t, nil
		}
	}
	if err = f.noteWrongCode(ctx, a, err); errors.Is(err, errCode) {
		err = f.askSecondFactor(a, p, wrongCode)
	}
	return api.Token{}, err
}

const wrongCode = "El código no es correcto o ya se usó."

// askSecondFactor is the 401 of a right password that is not enough.
func (f *Function) askSecondFactor(a account, pr proof, wrong string) error {
	step, err := f.stepToken(a, pr)
	if err != nil {
		return err
	}
	p := problem.Unauthorized("Escriba el código de su aplicación de autenticación, o uno de recuperación.")
	if wrong != "" {
		p.Fields = map[string]string{"codigo_mfa": wrong}
	}
	return oauth(p, api.ErrorSecondFactor, "falta el segundo factor").With("mfa_requerido", true).With("mfa_token", step)
}

// open begins a session: the account as it was checked must still be so.
func (f *Function) open(ctx context.Context, a account, p proof, g factor) (api.Token, error) {
	now := f.Now().UTC()
	s := session{ID: ident.NewID(), Expires: now.Add(f.cfg.SessionLife)}
	if g.given() {
		s.Reinforced = &now
	}
	refresh := f.newRefresh(s.ID)
	ctx = auth.NewContext(ctx, a.principal(auth.From(ctx)))
	err := db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		b := &pgx.Batch{}
		b.Queue(`
			UPDATE historia_clinica.usuario SET ultimo_ingreso = $3, hash = coalesce(nullif($4, ''), hash)
			WHERE id = $1 AND activo AND token_version = $2`, a.ID, a.TokenVersion, now, p.rehash).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 {
				return errWrong // disabled or changed since
			}
			return nil
		})
		g.use(b, a.ID, now)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		b = &pgx.Batch{}
		b.Queue(`
			INSERT INTO historia_clinica.sesion (id, usuario_id, refresco, creada_en, usada_en, expira, reforzada_en)
			VALUES ($1, $2, $3, $4, $4, $5, $6) ON CONFLICT DO NOTHING`, s.ID, a.ID, hashRefresh(refresh), now, s.Expires, s.Reinforced)
		p.settle(b, now)
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(a.ID), Action: audit.Execute, Type: "login", Resource: "sesion/" + s.ID.String(), Permission: auth.SignedIn,
		})
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return api.Token{}, fmt.Errorf("open session: %w", err)
	}
	f.sweep(ctx, now)
	t, err := f.issue(a, s, now)
	t.RefreshToken = refresh
	return t, err
}
