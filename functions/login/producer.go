package login

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

var (
	clientPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{2,59}$`)
	typePattern   = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9_-]+){1,8}$`)
)

const maxTypes = 20

const producerColumns = `id, client_id, nombre, tipos, activo, version, creado_en`

// checkProducer reports what is wrong with a producer's data.
func checkProducer(p api.Producer) error {
	f := fields{}
	if !clientPattern.MatchString(p.ClientID) {
		f.add("client_id", "Use de 3 a 60 minúsculas, números, puntos o guiones.")
	}
	f.text("nombre", p.Nombre, maxName)
	if p.Nombre == "" {
		f.add("nombre", "Escriba el nombre del sistema.")
	}
	if len(p.Tipos) == 0 || len(p.Tipos) > maxTypes || slices.ContainsFunc(p.Tipos, func(t string) bool { return len(t) > 100 || !typePattern.MatchString(t) }) {
		f.add("tipos", "Escriba de 1 a 20 tipos de evento, como co.hce.resultado.emitido.v1.")
	}
	return f.problem()
}

// createProducer registers a system that posts events, and shows its secret.
func (f *Function) createProducer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	body, err := service.Body(r)
	if err != nil {
		return err
	}
	var in api.NewProducer
	if err := service.DecodeBytes(body, &in); err != nil {
		return err
	}
	p := api.Producer{
		ID: ident.NewID(), ClientID: in.ClientID, Nombre: tidy(in.Nombre), Tipos: in.Tipos, Activo: true, Version: 1, CreadoEn: f.Now().UTC(),
	}
	if err := checkProducer(p); err != nil {
		return err
	}
	return f.once(w, r, body, func(answer answer) error {
		secret := newSecret()
		hash, err := f.hash(ctx, secret)
		if err != nil {
			return err
		}
		err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
			if err := insertProducer(ctx, tx, p, hash); err != nil {
				return err
			}
			if err := audit.Write(ctx, tx, producerEntry(p, audit.Create, "create")); err != nil {
				return err
			}
			return answer(tx, "/productores/"+p.ClientID, p.Version, api.CreatedProducer{Producer: p, ClientSecret: secret})
		})
		if db.Violates(err) == "productor_pkey" {
			return (&problem.Error{
				Status: http.StatusConflict, Detail: "Ya existe un productor con ese client_id.",
				Fields: map[string]string{"client_id": "Ya existe un productor con ese client_id."},
			})
		}
		if err != nil {
			return fmt.Errorf("create producer: %w", err)
		}
		return nil
	})
}

// newSecret makes the secret of a client: 256 random bits.
func newSecret() string {
	raw := make([]byte, 32)
	rand.Read(raw) //nolint:errcheck // crypto/rand never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

func insertProducer(ctx context.Context, tx pgx.Tx, p api.Producer, hash string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO historia_clinica.productor (client_id, id, nombre, hash, tipos, activo, version, creado_en)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, p.ClientID, p.ID, p.Nombre, hash, p.Tipos, p.Activo, p.Version, p.CreadoEn)
	return err
}

func producerEntry(p api.Producer, action audit.Action, typ string) audit.Entry {
	return audit.Entry{
		DocumentoID: audit.User(p.ID), Action: action, Type: typ, Resource: fmt.Sprintf("productor/%s/%d", p.ClientID, p.Version),
		Permission: auth.ManageProducers,
	}
}

// listProducers lists the producers by client_id.
func (f *Function) listProducers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	found := []api.Producer{}
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT `+producerColumns+` FROM historia_clinica.productor WHERE client_id > $1 ORDER BY client_id LIMIT $2`,
			page.After, page.Limit+1).Query(func(rows pgx.Rows) (err error) {
			found, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.Producer])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(auth.From(ctx).ID), Action: audit.Read, Type: "search", Resource: "productores", Permission: auth.ManageProducers,
		})
	})
	if err != nil {
		return fmt.Errorf("list producers: %w", err)
	}
	if len(found) > page.Limit {
		found = found[:page.Limit]
		page.Next(w, r, found[page.Limit-1].ClientID)
	}
	return service.WriteJSON(w, 0, found)
}

// updateProducer changes what a producer may post, or shuts it out.
func (f *Function) updateProducer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	version, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.ProducerChange
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	var p api.Producer
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+producerColumns+` FROM historia_clinica.productor WHERE client_id = $1 FOR UPDATE`, r.PathValue("client_id"))
		if err != nil {
			return err
		}
		if p, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.Producer]); err != nil {
			return err
		}
		if p.Version != version {
			return problem.Stale().With("version", p.Version)
		}
		if in.Nombre != nil {
			p.Nombre = tidy(*in.Nombre)
		}
		if in.Tipos != nil {
			p.Tipos = in.Tipos
		}
		if in.Activo != nil {
			p.Activo = *in.Activo
		}
		if err := checkProducer(p); err != nil {
			return err
		}
		p.Version++
		return f.saveProducer(ctx, tx, p)
	})
	if db.NoRows(err) {
		return problem.NotFound("No existe ese productor.")
	}
	if err != nil {
		return fmt.Errorf("update producer: %w", err)
	}
	return service.WriteJSON(w, p.Version, p)
}

// saveProducer writes a producer. Its tokens stop working with it; those made
// before name what it might post then, so they end with any change.
func (f *Function) saveProducer(ctx context.Context, tx pgx.Tx, p api.Producer) error {
	b := &pgx.Batch{}
	b.Queue(`UPDATE historia_clinica.productor SET nombre = $2, tipos = $3, activo = $4, version = $5 WHERE client_id = $1`,
		p.ClientID, p.Nombre, p.Tipos, p.Activo, p.Version)
	b.Queue(`INSERT INTO historia_clinica.revocacion (sesion_id, en) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		producerSession(p.ID, p.Version-1), f.Now().UTC())
	audit.Queue(ctx, b, producerEntry(p, audit.Update, "update"))
	return tx.SendBatch(ctx, b).Close()
}

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
	out.AccessToken, err = f.sign("at+jwt", auth.Claims{
		RegisteredClaims: f.registered(c.ID, f.cfg.Audience, now, now.Add(accessLife)), SessionID: producerSession(c.ID, c.Version),
		Name: c.Nombre, Roles: caller.Roles, EventTypes: c.Tipos,
	})
	return out, err
}
