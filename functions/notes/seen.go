package notes

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/access"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// markSeen notes which médico was the first to see a result.
func (f *Function) markSeen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	result, err := service.PathID(r, "resultado")
	if err != nil {
		return err
	}
	seen, err := service.IfMatchIfAny(r)
	if err != nil {
		return err
	}
	key, err := idempotency.Decode(r, &service.Nothing{})
	if err != nil {
		return err
	}
	rec, err := access.Open(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		// Of a merged record too: a result may come for it after it was merged, and
		// has to be seen.
		return f.seeResult(ctx, rec.Nearest(), result, seen, key, f.now())
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// seeResult marks a result, in whichever of the records it stands.
func (f *Function) seeResult(
	ctx context.Context, records []string, id uuid.UUID, seen service.Versions, key idempotency.Key, now time.Time,
) (resp service.Response, err error) {
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		found := make([]*api.Result, len(records))
		b := &pgx.Batch{}
		for i, documentoID := range records {
			queueThere(b, documentoID, id, &found[i])
		}
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		var out *api.Result
		for _, there := range found {
			if there != nil {
				out = there
				break
			}
		}
		b = &pgx.Batch{}
		switch {
		case out == nil:
			return noResult()
		case out.VistoEn != nil && seen.Has(out.Version-1): // a retry: that version was seen, which made this one
		case !seen.Has(out.Version):
			return problem.Stale().With("version", out.Version)
		case out.VistoEn == nil:
			out.Version++
			out.VistoPor, out.VistoEn = auth.From(ctx).Name, &now
			b.Queue(`UPDATE historia_clinica.resultado SET version = $5, visto_por = $3, visto_en = $4 WHERE documento_id = $1 AND id = $2`,
				out.DocumentoID, id, out.VistoPor, now, out.Version)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: out.DocumentoID, Action: audit.Update, Type: "update", Resource: fmt.Sprintf("resultado/%s/%d", id, out.Version),
				Permission: auth.WriteNote,
			})
		}
		if resp, err = service.JSON(http.StatusOK, out); err != nil {
			return err
		}
		resp.ETag = service.ETag(out.Version)
		key.Queue(b, resp)
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return resp, fmt.Errorf("mark result as seen: %w", err)
	}
	return resp, nil
}
