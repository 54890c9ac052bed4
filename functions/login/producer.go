package login

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

var clientPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,59}$`)

const producerColumns = `id, client_id, nombre, tipos, activo, version, creado_en`

// newProducer is the producer that in describes, or what is wrong with it.
func newProducer(in api.NewProducer, now time.Time) (api.Producer, error) {
	p := api.Producer{
		ID: ident.NewID(), ClientID: in.ClientID, Nombre: tidy(in.Nombre), Tipos: in.Tipos, Activo: true, Version: 1, CreadoEn: now,
	}
	f := fields{problem.Fields{}}
	switch {
	case p.ClientID == "" && p.Nombre == "":
		f.Add("nombre", "Escriba el nombre del sistema.")
	case p.ClientID == "":
		p.ClientID = newClientID(p.Nombre)
	case p.Nombre == "":
		p.Nombre = p.ClientID
	}
	if in.Tipos == nil {
		p.Tipos = auth.EventTypes()
	}
	if p.ClientID != "" && !clientPattern.MatchString(p.ClientID) {
		f.Add("client_id", "Use de 1 a 60 minúsculas, números, puntos o guiones.")
	}
	f.text("nombre", p.Nombre, maxName)
	f.eventTypes(p.Tipos)
	return p, f.Err()
}

// newClientID makes a client_id that says whose it is: the name as far as ASCII
// has it, and enough at random that no two are the same.
func newClientID(nombre string) string {
	slug := strings.Trim(notSlug.ReplaceAllString(plain(nombre), "-"), "-")
	slug = strings.Trim(slug[:min(len(slug), 50)], "-")
	if slug == "" {
		slug = "productor"
	}
	return slug + "-" + strings.ToLower(crockford.New()[:6])
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// eventTypes checks what a producer is to post: nothing else is ever taken.
func (f fields) eventTypes(types []string) {
	if len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return !slices.Contains(auth.EventTypes(), t) }) {
		f.Add("tipos", "Elija entre "+strings.Join(auth.EventTypes(), " y ")+".")
	}
}

// changeProducer is the producer as in wants it, or what is wrong with that. Types that
// stay as they are may be those of an earlier time.
func changeProducer(p api.Producer, in api.ProducerChange) (api.Producer, error) {
	f := fields{problem.Fields{}}
	if in.Nombre != nil {
		p.Nombre = tidy(*in.Nombre)
		f.text("nombre", p.Nombre, maxName)
		if p.Nombre == "" {
			f.Add("nombre", "Escriba el nombre del sistema.")
		}
	}
	if in.Tipos != nil {
		p.Tipos = in.Tipos
		f.eventTypes(p.Tipos)
	}
	if in.Activo != nil {
		p.Activo = *in.Activo
	}
	p.Version++
	return p, f.Err()
}

// createProducer registers a system that posts events, and shows its secret.
func (f *Function) createProducer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in api.NewProducer
	key, err := f.decode(r, &in)
	if err != nil {
		return err
	}
	p, err := newProducer(in, f.Now().UTC())
	if err != nil {
		return err
	}
	return f.once(w, r, key, func(keep keep) error {
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
			return keep.created(tx, "/productores/"+p.ClientID, p.Version, api.CreatedProducer{Producer: p, ClientSecret: secret})
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
	page, after, err := position(r, clientPattern)
	if err != nil {
		return err
	}
	found := []api.Producer{}
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT `+producerColumns+` FROM historia_clinica.productor WHERE client_id > $1 ORDER BY client_id LIMIT $2`,
			after, page.Limit+1).Query(func(rows pgx.Rows) (err error) {
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
		page.Next(w, r, cursor(found[page.Limit-1].ClientID))
	}
	return service.WriteJSON(w, 0, found)
}

// readProducer shows a producer.
func (f *Function) readProducer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p api.Producer
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) (err error) {
		if p, err = producerWhere(ctx, tx, `client_id = $1`, r.PathValue("client_id")); err != nil {
			return err
		}
		return audit.Write(ctx, tx, producerEntry(p, audit.Read, "read"))
	})
	if err != nil {
		return fmt.Errorf("read producer: %w", err)
	}
	return service.WriteJSON(w, p.Version, p)
}

// producerWhere returns the one producer of a condition, 404 when there is none.
func producerWhere(ctx context.Context, q db.Querier, where string, args ...any) (api.Producer, error) {
	rows, err := q.Query(ctx, `SELECT `+producerColumns+` FROM historia_clinica.productor WHERE `+where, args...)
	if err != nil {
		return api.Producer{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.Producer])
	if db.NoRows(err) {
		err = problem.NotFound("No existe ese productor.")
	}
	return p, err
}

// updateProducer changes what a producer may post, or shuts it out.
func (f *Function) updateProducer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.ProducerChange
	key, err := f.decode(r, &in)
	if err != nil {
		return err
	}
	err = f.once(w, r, key, func(keep keep) error {
		return f.endingTx(ctx, func(tx *ending) error {
			p, err := producerWhere(ctx, tx, `client_id = $1 FOR UPDATE`, r.PathValue("client_id"))
			if err != nil {
				return err
			}
			if !seen.Has(p.Version) {
				return problem.Stale().With("version", p.Version)
			}
			if p, err = changeProducer(p, in); err != nil {
				return err
			}
			if err := f.saveProducer(ctx, tx, p); err != nil {
				return err
			}
			return keep.shown(tx, p.Version, p)
		})
	})
	if err != nil {
		return fmt.Errorf("update producer: %w", err)
	}
	return nil
}

// saveProducer writes a producer. Its tokens stop working with it; those made
// before name what it might post then, so they end with any change.
func (f *Function) saveProducer(ctx context.Context, tx *ending, p api.Producer) error {
	if _, err := revoke(ctx, tx, producerSession(p.ID, p.Version-1), f.Now().UTC()); err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE historia_clinica.productor SET nombre = $2, tipos = $3, activo = $4, version = $5 WHERE client_id = $1`,
		p.ClientID, p.Nombre, p.Tipos, p.Activo, p.Version)
	audit.Queue(ctx, b, producerEntry(p, audit.Update, "update"))
	return tx.SendBatch(ctx, b).Close()
}
