package login

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// producerSession is what stands for a session in a producer's tokens: all those
// of one version of it.
func producerSession(id uuid.UUID, version int) uuid.UUID {
	return uuid.NewSHA1(id, []byte(fmt.Sprintf("version %d", version)))
}

// signInClient is the client_credentials grant.
func (f *Function) signInClient(ctx context.Context, clientID, secret string) (api.Token, error) {
	var c api.Producer
	var t api.Token
	err := f.prove(ctx, f.triesOf("cliente", clientID, auth.From(ctx).IP), secret, func(b *pgx.Batch, cr *credential) {
		b.Queue(`SELECT `+producerColumns+`, hash FROM historia_clinica.productor WHERE client_id = $1`, clientID).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&c.ID, &c.ClientID, &c.Nombre, &c.Tipos, &c.Activo, &c.Version, &c.CreadoEn, &cr.hash)
			cr.owner, cr.usable = c.ID, c.Activo
			if db.NoRows(err) {
				return nil
			}
			return err
		})
	}, func(p proof) (err error) {
		t, err = f.openClient(ctx, c, p)
		return err
	})
	return t, err
}

// openClient makes the token of a producer who proved to be it.
func (f *Function) openClient(ctx context.Context, c api.Producer, p proof) (api.Token, error) {
	now := f.Now().UTC()
	caller := auth.From(ctx)
	caller.ID, caller.Name, caller.Roles = c.ID, c.Nombre, []auth.Role{auth.Producer}
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		if p.rehash != "" {
			b.Queue(`UPDATE historia_clinica.productor SET hash = $2 WHERE client_id = $1`, c.ClientID, p.rehash)
		}
		p.settle(b, now)
		audit.Queue(auth.NewContext(ctx, caller), b, audit.Entry{
			DocumentoID: audit.User(c.ID), Action: audit.Execute, Type: "login", Resource: "productor/" + c.ClientID, Permission: auth.SignedIn,
		})
	})
	if err != nil {
		return api.Token{}, fmt.Errorf("sign producer in: %w", err)
	}
	out := api.Token{TokenType: "Bearer", ExpiresIn: int(accessLife.Seconds()), Rol: auth.Producer, Roles: caller.Roles, Nombre: c.Nombre}
	out.AccessToken, err = f.sign(auth.TokenType, auth.Claims{
		RegisteredClaims: f.registered(c.ID, f.cfg.Audience, now, now.Add(accessLife)), SessionID: producerSession(c.ID, c.Version),
		Name: c.Nombre, Roles: caller.Roles, EventTypes: c.Tipos,
	})
	return out, err
}

// meProducer tells a producer who it is.
func (f *Function) meProducer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := producerWhere(ctx, f.pool, `id = $1 AND activo`, auth.From(ctx).ID)
	if problem.Status(err) == http.StatusNotFound {
		return problem.Unauthorized("La sesión terminó. Inicie sesión de nuevo.")
	}
	if err != nil {
		return fmt.Errorf("read producer: %w", err)
	}
	return service.WriteJSON(w, 0, api.Me{
		ID: p.ID, Username: p.ClientID, Nombre: p.Nombre, Rol: auth.Producer, Roles: []auth.Role{auth.Producer}, Tipos: p.Tipos,
	})
}

// endToken ends a producer's token. What stands for its session goes on: the
// other tokens of the same version have it too.
func endToken(ctx context.Context, tx *ending, p auth.Principal, now time.Time) (bool, error) {
	id, err := uuid.Parse(p.TokenID)
	if err != nil {
		return false, fmt.Errorf("end token: %w", err)
	}
	return revoke(ctx, tx, id, now)
}
