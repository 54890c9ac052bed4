package login

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/idempotency"
	"hce.co/shared/service"
)

// keep keeps the answer of a write in the write's own transaction.
type keep func(tx pgx.Tx, resp service.Response) error

// once runs a write, or gives a retry with the same key the first answer again.
// Until then the database holds it sealed: most answers of login show a password
// or a token.
func (f *Function) once(w http.ResponseWriter, r *http.Request, key idempotency.Key, write func(keep) error) error {
	ctx := r.Context()
	purpose := []byte("respuesta:" + r.URL.Path)
	resp, err := key.Do(ctx, f.pool, func() (sealed service.Response, err error) {
		err = write(func(tx pgx.Tx, resp service.Response) error {
			if sealed = resp; resp.Body != nil {
				sealed.Body = f.box.Seal(resp.Body, purpose)
			}
			return key.Save(ctx, tx, sealed)
		})
		return sealed, err
	})
	if err != nil {
		return err
	}
	if resp.Body != nil {
		if resp.Body, err = f.box.Open(resp.Body, purpose); err != nil {
			return fmt.Errorf("open kept answer: %w", err)
		}
	}
	return resp.Write(w)
}

// created keeps the answer that shows a new resource.
func (k keep) created(tx pgx.Tx, location string, version int, v any) error {
	resp, err := service.Created(location, version, v)
	if err != nil {
		return err
	}
	return k(tx, resp)
}

// shown keeps the answer that shows v and, when version is not 0, its ETag.
func (k keep) shown(tx pgx.Tx, version int, v any) error {
	resp, err := service.JSON(http.StatusOK, v)
	if err != nil {
		return err
	}
	if version > 0 {
		resp.ETag = service.ETag(version)
	}
	return k(tx, resp)
}

// done keeps the answer that shows nothing.
func (k keep) done(tx pgx.Tx) error { return k(tx, service.Response{Status: http.StatusNoContent}) }

// decode is idempotency.Decode for bodies that may hold a password.
func (f *Function) decode(r *http.Request, v any) (idempotency.Key, error) {
	body, err := service.Read(r, v)
	if err != nil {
		return idempotency.Key{}, err
	}
	return idempotency.Of(r, f.blind(body))
}

// blind is a body as idempotency may keep its hash: a plain hash of one that
// holds a password would be a cheap way to try passwords.
func (f *Function) blind(body []byte) []byte {
	h := hmac.New(sha256.New, f.mac)
	h.Write(body)
	return h.Sum(nil)
}
