package login

import (
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

func noAccount() error { return problem.NotFound("No existe esa cuenta.") }

// listUsers finds accounts by a part of their name, in the order of their user
// names.
func (f *Function) listUsers(w http.ResponseWriter, r *http.Request) error {
	page, after, err := position(r, usernamePattern)
	if err != nil {
		return err
	}
	q, role := r.URL.Query().Get("q"), auth.Role(r.URL.Query().Get("rol"))
	if utf8.RuneCountInString(q) > maxText {
		return problem.Invalid(map[string]string{"q": "Escriba como máximo 200 caracteres."})
	}
	if role != "" && !slices.Contains(auth.Roles(), role) {
		return problem.Invalid(map[string]string{"rol": "Elija un rol de la lista."})
	}
	found, err := f.searchAccounts(r.Context(), q, role, page.Limit+1, after)
	if err != nil {
		return err
	}
	if len(found) > page.Limit {
		found = found[:page.Limit]
		page.Next(w, r, cursor(foldName(found[page.Limit-1].Username)))
	}
	out := make([]api.User, len(found))
	for i, a := range found {
		out[i] = a.view()
	}
	return service.WriteJSON(w, 0, out)
}

// readUser shows an account.
func (f *Function) readUser(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := service.PathID(r, "id")
	if err != nil {
		return err
	}
	var a account
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) (err error) {
		if a, err = f.accountByID(ctx, tx, id); err != nil {
			return err
		}
		if a.ID == uuid.Nil {
			return noAccount()
		}
		return audit.Write(ctx, tx, userEntry(id, audit.Read, "read", a.Version, ""))
	})
	if err != nil {
		return fmt.Errorf("read account: %w", err)
	}
	return service.WriteJSON(w, a.Version, a.view())
}

// updateUser changes what an administrador may change. Whoever loses a role, a
// service or the account itself is signed out everywhere.
func (f *Function) updateUser(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := service.PathID(r, "id")
	if err != nil {
		return err
	}
	seen, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.UserChange
	key, err := f.decode(r, &in)
	if err != nil {
		return err
	}
	err = f.once(w, r, key, func(keep keep) error {
		return f.endingTx(ctx, func(tx *ending) error {
			before, others, err := f.lockAccount(ctx, tx, id)
			if err != nil {
				return err
			}
			if !seen.Has(before.Version) {
				return problem.Stale().With("version", before.Version)
			}
			after, err := before.change(in)
			if err != nil {
				return err
			}
			if before.rules() && !after.rules() && others == 0 {
				return problem.Conflict("Es el único administrador activo. Nombre otro antes de quitar este.")
			}
			if after, err = f.saveAccount(ctx, tx, before, after); err != nil {
				return err
			}
			return keep.shown(tx, after.Version, after.view())
		})
	})
	if err != nil {
		return fmt.Errorf("update account: %w", err)
	}
	return nil
}

// resetPassword gives an account a password for its next sign-in, where it must
// be replaced, and ends its sessions.
func (f *Function) resetPassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	key, err := f.decode(r, &service.Nothing{})
	if err != nil {
		return err
	}
	err = f.once(w, r, key, func(keep keep) error {
		a, err := f.resettable(r)
		if err != nil {
			return err
		}
		secret, until := crockford.Show(crockford.New()), f.Now().UTC().Add(firstPasswordLife)
		hash, err := f.hash(ctx, secret)
		if err != nil {
			return err
		}
		return f.endingTx(ctx, func(tx *ending) error {
			if err := setPassword(ctx, tx, a, hash, &until); err != nil {
				return err
			}
			if err := endSessions(ctx, tx, a.ID, uuid.Nil, "clave restablecida", f.Now().UTC()); err != nil {
				return err
			}
			if err := audit.Write(ctx, tx, userEntry(a.ID, audit.Update, "update", a.Version, "clave restablecida")); err != nil {
				return err
			}
			return keep.shown(tx, 0, api.OneTimePassword{ClaveInicial: secret})
		})
	})
	if err != nil {
		return fmt.Errorf("reset password: %w", err)
	}
	return nil
}

// resetMFA takes away the second factor of somebody who lost it, and ends their
// sessions.
func (f *Function) resetMFA(w http.ResponseWriter, r *http.Request) error {
	key, err := f.decode(r, &service.Nothing{})
	if err != nil {
		return err
	}
	return f.once(w, r, key, func(keep keep) error {
		a, err := f.resettable(r)
		if err != nil {
			return err
		}
		return f.clearMFA(r.Context(), a, auth.ManageUsers, keep, uuid.Nil)
	})
}

// resettable returns the account that the path names, to take from it what its
// owner proves who they are by. One's own is changed where that is asked for.
func (f *Function) resettable(r *http.Request) (account, error) {
	id, err := service.PathID(r, "id")
	if err != nil {
		return account{}, err
	}
	caller := auth.From(r.Context())
	if id == caller.ID {
		return account{}, problem.Conflict("Es su propia cuenta: cambie su clave o su segundo factor en ella.")
	}
	if err := auth.RequireStepUp(caller, f.Now()); err != nil {
		return account{}, err
	}
	a, err := f.accountByID(r.Context(), f.pool, id)
	if err == nil && a.ID == uuid.Nil {
		err = noAccount()
	}
	return a, err
}
