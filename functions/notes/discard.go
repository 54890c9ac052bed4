package notes

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
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
	version, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	id, err := record.Resolve(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	if err := f.deleteDraft(ctx, id, note, version); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (f *Function) deleteDraft(ctx context.Context, documentoID string, note uuid.UUID, version int) error {
	by := auth.From(ctx)
	err := db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var found []*stored
		b := &pgx.Batch{}
		queueLocked(b, documentoID, note, by, &found)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		before, err := ownDraft(found, by)
		if err != nil {
			return err
		}
		if before.Version != version {
			return problem.Stale().With("version", before.Version)
		}
		b = &pgx.Batch{}
		b.Queue(`DELETE FROM historia_clinica.nota WHERE documento_id = $1 AND id = $2`, documentoID, note)
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Delete, Type: "delete", Resource: "nota/" + note.String(), Permission: auth.WriteNote,
		})
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("discard draft: %w", err)
	}
	return nil
}
