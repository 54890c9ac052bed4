package notes

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// sign signs a draft. Signed again, the note comes back as it was signed.
func (f *Function) sign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	version, err := seen(r)
	if err != nil {
		return err
	}
	id, err := record.Resolve(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	n, events, err := f.signDraft(ctx, id, note, version, f.now())
	if err != nil {
		return err
	}
	f.outbox.Committed(events...)
	return service.WriteJSON(w, n.Version, n)
}

// seen reads an If-Match that may be missing: then it is 0.
func seen(r *http.Request) (int, error) {
	if r.Header.Get("If-Match") == "" {
		return 0, nil
	}
	return service.IfMatch(r)
}

func (f *Function) signDraft(ctx context.Context, documentoID string, note uuid.UUID, version int, now time.Time) (n api.Note, events []event.Event, err error) {
	by := auth.From(ctx)
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var x facts
		var p *professional
		var found []*stored
		b := &pgx.Batch{}
		queueLocked(b, documentoID, note, by, &found)
		queueFacts(b, documentoID, uuid.Nil, nil, &x)
		queueAdmissionOf(b, documentoID, note, &x)
		f.keys.queue(b, by.ID, now, &p)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		if len(found) == 1 && found[0].AutorID == by.ID && found[0].Estado == signed {
			n, err = found[0].note() // a retry
			if err != nil {
				return err
			}
			return tx.Commit(ctx, &pgx.Batch{})
		}
		if n, err = ownDraft(found, by); err != nil {
			return err
		}
		switch {
		case p == nil:
			return noProfessional()
		case version != 0 && n.Version != version:
			return problem.Stale().With("version", n.Version)
		}
		b = &pgx.Batch{}
		queueCodes(b, codesOf(n.Diagnosticos), &x)
		if b.Len() > 0 {
			if err := tx.Do(ctx, b); err != nil {
				return err
			}
		}
		missing := fields{}
		complete(&n.Content, missing)
		if err := missing.problem(); err != nil {
			return err
		}
		if n.Advertencias, err = judge(&n.Content, n.FechaAtencion, n.Autor.Nombre, x, now); err != nil {
			return err
		}
		n.Version++
		s, err := p.signNote(&n, now)
		if err != nil {
			return err
		}
		b = &pgx.Batch{}
		queueReplace(b, n, &s)
		e, err := queueSigned(b, n, s)
		if err != nil {
			return err
		}
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Update, Type: "sign", Resource: fmt.Sprintf("nota/%s/%d", note, n.Version), Permission: auth.WriteNote,
		})
		f.outbox.Queue(b, e)
		events = []event.Event{e}
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return n, nil, fmt.Errorf("sign note: %w", err)
	}
	return n, events, nil
}

// annul says that a signed note no longer counts. It stays where it is, and says
// so.
func (f *Function) annul(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	version, err := seen(r)
	if err != nil {
		return err
	}
	var in api.AnnulRequest
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	bad := fields{}
	in.Motivo = reason(bad, "motivo", in.Motivo)
	if err := bad.problem(); err != nil {
		return err
	}
	id, err := record.Resolve(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	n, err := f.annulSigned(ctx, id, note, version, in.Motivo, f.now())
	if err != nil {
		return err
	}
	return service.WriteJSON(w, n.Version, n)
}

func (f *Function) annulSigned(ctx context.Context, documentoID string, note uuid.UUID, version int, why string, now time.Time) (n api.Note, err error) {
	by := auth.From(ctx)
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var found []*stored
		b := &pgx.Batch{}
		queueLocked(b, documentoID, note, by, &found)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		if len(found) == 0 {
			return noNote()
		}
		s := found[0]
		b = &pgx.Batch{}
		switch {
		case s.AutorID != by.ID:
			return problem.Forbidden("Solo quien firmó una nota puede anularla. Agregue una adenda.")
		case s.Estado == annulled && s.AnuladaMotivo == why: // a retry
		case s.Estado != signed:
			return problem.Conflict("Solo se anula una nota firmada.").With("estado", s.Estado)
		case version != 0 && s.Version != version:
			return problem.Stale().With("version", s.Version)
		default:
			s.Version, s.Estado, s.ActualizadoEn, s.AnuladaEn, s.AnuladaMotivo = s.Version+1, annulled, now, &now, why
			b.Queue(`UPDATE historia_clinica.nota SET estado = 'anulada', version = $3, actualizado_en = $4, anulada_en = $4, anulada_motivo = $5
				WHERE documento_id = $1 AND id = $2`, documentoID, note, s.Version, now, why)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: documentoID, Action: audit.Update, Type: "annul", Resource: fmt.Sprintf("nota/%s/%d", note, s.Version), Reason: why,
				Permission: auth.WriteNote,
			})
		}
		if n, err = s.note(); err != nil {
			return err
		}
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return n, fmt.Errorf("annul note: %w", err)
	}
	return n, nil
}
