package login

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

// createUser opens an account of any role. One that is opened without a password
// is given one for the first sign-in.
func (f *Function) createUser(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	in, key, err := f.readNewUser(r)
	if err != nil {
		return err
	}
	a, err := newAccount(in, f.Now().UTC())
	if err != nil {
		return err
	}
	return f.once(w, r, key, func(keep keep) error {
		return f.addAccount(ctx, a, in.Password, func(tx pgx.Tx, u api.CreatedUser) error {
			return keep.created(tx, "/usuarios/"+u.ID.String(), u.Version, u)
		})
	})
}

// readNewUser reads a body of POST /usuarios, or of an administrador's POST
// /register, which may name a patient's document in two parts.
func (f *Function) readNewUser(r *http.Request) (api.NewUser, idempotency.Key, error) {
	if r.URL.Path != "/register" {
		var in api.NewUser
		key, err := f.decode(r, &in)
		return in, key, err
	}
	var in api.Registration
	key, err := f.decode(r, &in)
	if err != nil {
		return in.NewUser, key, err
	}
	bad := fields{problem.Fields{}}
	bad.sameDocument(in)
	if in.DocumentoID == "" && in.NumeroDocumento != "" {
		in.DocumentoID = in.TipoDocumento + "-" + in.NumeroDocumento
	}
	return in.NewUser, key, bad.Err()
}

// addAccount writes a checked account, and whatever also writes in the same
// transaction.
func (f *Function) addAccount(ctx context.Context, a account, secret string, also func(pgx.Tx, api.CreatedUser) error) error {
	var out api.CreatedUser
	var err error
	if secret == "" {
		secret = crockford.Show(crockford.New())
		out.ClaveInicial = secret
	}
	if a.DocumentoID != "" {
		if a.DocumentoID, err = record.Resolve(ctx, f.pool, a.DocumentoID); err != nil {
			if problem.Status(err) == http.StatusNotFound {
				err = problem.Invalid(map[string]string{"documento_id": "No existe una historia clínica con ese documento."})
			}
			return err
		}
	}
	if a.Hash, err = f.hash(ctx, secret); err != nil {
		return err
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		if err := f.insertAccount(ctx, tx, a); err != nil {
			return err
		}
		written, err := f.accountByID(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, userEntry(a.ID, audit.Create, "create", a.Version, "")); err != nil {
			return err
		}
		out.User = written.view()
		return also(tx, out)
	})
	if err != nil {
		return fmt.Errorf("create account: %w", err)
	}
	return nil
}

func userEntry(id uuid.UUID, action audit.Action, typ string, version int, reason string) audit.Entry {
	return audit.Entry{
		DocumentoID: audit.User(id), Action: action, Type: typ, Resource: fmt.Sprintf("usuario/%s/%d", id, version),
		Permission: auth.ManageUsers, Reason: reason,
	}
}

// CreateAdministrator opens an administrador's account outside of any request:
// the first one of a new clinic.
func (f *Function) CreateAdministrator(ctx context.Context, in api.NewUser) (out api.CreatedUser, err error) {
	in.Roles, in.Rol = []auth.Role{auth.Admin}, ""
	a, err := newAccount(in, f.Now().UTC())
	if err != nil {
		return out, err
	}
	ctx = auth.NewContext(f.trail.Context(ctx), auth.Principal{Name: "crear-administrador", RequestID: ident.NewID().String()})
	return out, f.addAccount(ctx, a, in.Password, func(_ pgx.Tx, u api.CreatedUser) error {
		out = u
		return nil
	})
}
