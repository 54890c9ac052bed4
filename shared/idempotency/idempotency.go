// Package idempotency gives a retried write the answer that the first try got
// (Idempotency-Key, draft-ietf-httpapi-idempotency-key-header).
package idempotency

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// Key is one client's name for one write. The zero Key is a write without one.
type Key struct {
	id   string
	body [sha256.Size]byte
}

const maxKey = 128

// Decode reads the request's JSON body into v, as [service.Decode] does, and its
// Idempotency-Key, which stands for that body.
func Decode(r *http.Request, v any) (Key, error) {
	body, err := service.Read(r, v)
	if err != nil {
		return Key{}, err
	}
	return Of(r, body)
}

// Of reads the request's Idempotency-Key; body is what the key stands for.
func Of(r *http.Request, body []byte) (Key, error) {
	s := r.Header.Get("Idempotency-Key")
	if s == "" {
		return Key{}, nil
	}
	if len(s) > maxKey {
		return Key{}, problem.BadRequest("El encabezado Idempotency-Key es demasiado largo: use un UUID.")
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", r.Method, r.URL.Path)
	h.Write(body)
	return Key{id: auth.From(r.Context()).ID.String() + "|" + s, body: [sha256.Size]byte(h.Sum(nil))}, nil
}

// Save keeps the answer of the write in its own transaction.
func (k Key) Save(ctx context.Context, tx pgx.Tx, resp service.Response) error {
	if k.id == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, insert, k.args(resp)...); err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}

// Queue is Save in a batch that belongs to the write's transaction.
func (k Key) Queue(b *pgx.Batch, resp service.Response) {
	if k.id != "" {
		b.Queue(insert, k.args(resp)...)
	}
}

const insert = `
	INSERT INTO historia_clinica.idempotencia (clave, huella, estado, ubicacion, etag, cuerpo, creado_en)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

func (k Key) args(resp service.Response) []any {
	body := resp.Body
	if body == nil {
		body = []byte{} // the column has no NULL
	}
	return []any{k.id, k.body[:], resp.Status, resp.Location, resp.ETag, body, time.Now().UTC()}
}

// Do runs write, which must call Save in its transaction, unless the key was
// used before: then it returns the first answer, or 422 when the key came with
// another body.
func (k Key) Do(ctx context.Context, pool *pgxpool.Pool, write func() (service.Response, error)) (service.Response, error) {
	if k.id == "" {
		return write()
	}
	resp, err := k.first(ctx, pool)
	if !errors.Is(err, pgx.ErrNoRows) {
		return resp, err
	}
	resp, werr := write()
	if werr == nil {
		return resp, nil
	}
	// The write may have lost a race against itself: then the winner's answer
	// is there now.
	if first, err := k.first(ctx, pool); !errors.Is(err, pgx.ErrNoRows) {
		return first, err
	}
	return resp, werr
}

func (k Key) first(ctx context.Context, q db.Querier) (service.Response, error) {
	var resp service.Response
	var body []byte
	err := q.QueryRow(ctx, `
		SELECT huella, estado, ubicacion, etag, cuerpo FROM historia_clinica.idempotencia WHERE clave = $1`, k.id).
		Scan(&body, &resp.Status, &resp.Location, &resp.ETag, &resp.Body)
	if err != nil {
		return service.Response{}, err
	}
	if string(body) != string(k.body[:]) {
		return service.Response{}, problem.Unprocessable("Esa Idempotency-Key ya se usó con otro contenido.")
	}
	if len(resp.Body) == 0 {
		resp.Body = nil
	}
	return resp, nil
}
