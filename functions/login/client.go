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
	p, err := f.prove(ctx, f.triesOf("cliente", clientID, auth.From(ctx).IP), secret, func(ctx context.Context) (credential, error) {
		var hash string
		err := f.pool.QueryRow(ctx, `SELECT `+producerColumns+`, hash FROM historia_clinica.productor WHERE client_id = $1`, clientID).
			Scan(&c.ID, &c.ClientID, &c.Nombre, &c.Tipos, &c.Activo, &c.Version, &c.CreadoEn, &hash)
		if err != nil && !db.NoRows(err) {
			return credential{}, fmt.Errorf("read producer: %w", err)
		}
		return credential{owner: c.ID, hash: hash, usable: c.Activo}, nil
	})
	if err != nil {
		return api.Token{}, err
	}
	now := f.Now().UTC()
	caller := auth.From(ctx)
	caller.ID, caller.Name, caller.Roles = c.ID, c.Nombre, []auth.Role{auth.Producer}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		if p.rehash != "" {
			b.Queue(`UPDATE historia_clinica.productor SET hash = $2 WHERE client_id = $1`, clientID, p.rehash)
		}
		p.settle(b, now)
		audit.Queue(auth.NewContext(ctx, caller), b, audit.Entry{
			DocumentoID: audit.User(c.ID), Action: audit.Execute, Type: "login", Resource: "productor/" + clientID, Permission: auth.SignedIn,
		})
		return tx.SendBatch(ctx, b).Close()
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
