package notes

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// discard removes a draft in the version that its author saw. What was signed
// stays for ever: the database refuses to delete it.
func (f *Function) discard(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	seen, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	key, err := idempotency.Decode(r, &service.Nothing{})
	if err != nil {
		return err
	}
	rec, err := record.Find(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		// Of a merged record too: there it can be neither saved nor signed.
		return f.deleteDraft(ctx, rec.Of, note, seen, key, f.now())
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

func (f *Function) deleteDraft(
	ctx context.Context, documentoID string, note uuid.UUID, seen service.Versions, key idempotency.Key, now time.Time,
) (service.Response, error) {
	by, resp := auth.From(ctx), service.Response{Status: http.StatusNoContent}
	err := db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var x facts
		var found []*stored
		b := &pgx.Batch{}
		queueLocked(b, documentoID, note, by, &found)
		queueAdmissionOf(b, documentoID, note, &x)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		before, err := ownDraft(found, by)
		if err != nil {
			return err
		}
		if !seen.Has(before.Version) {
			return problem.Stale().With("version", before.Version)
		}
		b = &pgx.Batch{}
		b.Queue(`DELETE FROM historia_clinica.nota WHERE documento_id = $1 AND id = $2`, documentoID, note)
		if x.admission.Only {
			queueUndone(b, documentoID, *x.admission, by, now)
		}
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Delete, Type: "delete", Resource: "nota/" + note.String(), Permission: auth.WriteNote,
		})
		key.Queue(b, resp)
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return resp, fmt.Errorf("discard draft: %w", err)
	}
	return resp, nil
}
