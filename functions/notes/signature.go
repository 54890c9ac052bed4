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
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// sign signs a draft. Signed again, the note comes back as it was signed. All
// that is signed is in the record already: the request brings nothing.
func (f *Function) sign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
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
	id, err := record.ToWrite(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	var events []event.Event
	resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
		resp, events, err = f.signDraft(ctx, id, note, seen, key, f.now())
		return resp, err
	})
	if err != nil {
		return err
	}
	f.outbox.Committed(events...)
	return resp.Write(w)
}

func (f *Function) signDraft(
	ctx context.Context, documentoID string, note uuid.UUID, seen service.Versions, key idempotency.Key, now time.Time,
) (resp service.Response, events []event.Event, err error) {
	by := auth.From(ctx)
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		events = nil
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
			n, err := found[0].note() // a retry
			if err == nil {
				resp, err = noteAnswer(n)
			}
			if err != nil {
				return err
			}
			b = &pgx.Batch{}
			key.Queue(b, resp)
			return tx.Commit(ctx, b)
		}
		n, err := ownDraft(found, by)
		if err != nil {
			return err
		}
		if err := auth.RequireStepUp(by, now); err != nil {
			return err
		}
		switch {
		case p == nil:
			return noProfessional()
		case !seen.Has(n.Version):
			return problem.Stale().With("version", n.Version)
		}
		b = &pgx.Batch{}
		queueCodes(b, codesOf(n.Diagnosticos), &x)
		if b.Len() > 0 {
			if err := tx.Do(ctx, b); err != nil {
				return err
			}
		}
		missing := fields{problem.Fields{}}
		complete(&n.Content, missing)
		if err := missing.Err(); err != nil {
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
		e, err := queueSigned(ctx, b, n, s)
		if err != nil {
			return err
		}
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Update, Type: "sign", Resource: fmt.Sprintf("nota/%s/%d", note, n.Version), Permission: auth.WriteNote,
		})
		f.outbox.Queue(b, e)
		if x.admission.Pending {
			if events, err = f.queueAttested(ctx, b, documentoID, *x.admission, by); err != nil {
				return err
			}
		}
		if resp, err = noteAnswer(n); err != nil {
			return err
		}
		key.Queue(b, resp)
		events = append(events, e)
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return resp, nil, fmt.Errorf("sign note: %w", err)
	}
	return resp, events, nil
}

// annul says that a signed note no longer counts. It stays where it is, and says
// so.
func (f *Function) annul(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	seen, err := service.IfMatchIfAny(r)
	if err != nil {
		return err
	}
	var in api.AnnulRequest
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	bad := fields{problem.Fields{}}
	in.Motivo = reason(bad, "motivo", in.Motivo)
	if err := bad.Err(); err != nil {
		return err
	}
	id, err := record.ToWrite(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		return f.annulSigned(ctx, id, note, seen, in.Motivo, key, f.now())
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

func (f *Function) annulSigned(
	ctx context.Context, documentoID string, note uuid.UUID, seen service.Versions, why string, key idempotency.Key, now time.Time,
) (resp service.Response, err error) {
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
		case !seen.Has(s.Version):
			return problem.Stale().With("version", s.Version)
		default:
			if err := auth.RequireStepUp(by, now); err != nil {
				return err
			}
			s.Version, s.Estado, s.ActualizadoEn, s.AnuladaEn, s.AnuladaMotivo = s.Version+1, annulled, now, &now, why
			b.Queue(`UPDATE historia_clinica.nota SET estado = 'anulada', version = $3, actualizado_en = $4, anulada_en = $4, anulada_motivo = $5
				WHERE documento_id = $1 AND id = $2`, documentoID, note, s.Version, now, why)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: documentoID, Action: audit.Update, Type: "annul", Resource: fmt.Sprintf("nota/%s/%d", note, s.Version), Reason: why,
				Permission: auth.WriteNote,
			})
		}
		n, err := s.note()
		if err == nil {
			resp, err = noteAnswer(n)
		}
		if err != nil {
			return err
		}
		key.Queue(b, resp)
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return resp, fmt.Errorf("annul note: %w", err)
	}
	return resp, nil
}
