package notes

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/access"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// addendumPath is where an addendum stands.
func addendumPath(documentoID string, note, id uuid.UUID) string {
	return notePath(documentoID, note) + "/adenda/" + id.String()
}

// add adds to a signed note: what was signed stays, and what is added names the
// hash of what was there before it. Any médico may, in relation with the patient
// or not: who knows something that belongs to a note has seen the patient
// elsewhere. They get to see what they added, not the chart.
func (f *Function) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	var in api.AddendumRequest
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	if err := checkAddendum(&in); err != nil {
		return err
	}
	id, err := record.ToWrite(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		if err := auth.RequireStepUp(auth.From(ctx), f.now()); err != nil {
			return service.Response{}, err
		}
		return f.insertAddendum(ctx, id, note, in, key, f.now())
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

func checkAddendum(in *api.AddendumRequest) error {
	f := fields{problem.Fields{}}
	in.Motivo, in.Texto = line(in.Motivo), paragraph(in.Texto)
	if in.Motivo == "" {
		f.Add("motivo", "Diga si es una corrección, una aclaración o una ampliación.")
	}
	f.oneOf("motivo", in.Motivo, "correccion", "aclaracion", "ampliacion")
	if ident.Blank(in.Texto) {
		f.Add("texto", "Escriba la adenda.")
	}
	f.text("texto", in.Texto, maxSection)
	return f.Err()
}

// insertAddendum links an addendum to the end of the note's chain. The lock on
// the note makes the chain one line, whoever adds at the same time.
func (f *Function) insertAddendum(
	ctx context.Context, documentoID string, note uuid.UUID, in api.AddendumRequest, key idempotency.Key, now time.Time,
) (resp service.Response, err error) {
	by := auth.From(ctx)
	a := api.Addendum{ID: ident.NewID(), Motivo: in.Motivo, Texto: in.Texto}
	location := addendumPath(documentoID, note, a.ID)
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var p *professional
		var found []*stored
		b := &pgx.Batch{}
		queueLocked(b, documentoID, note, by, &found)
		f.keys.queue(b, by.ID, now, &p)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		switch {
		case len(found) == 0:
			return noNote()
		case found[0].Estado != signed:
			return problem.Conflict("Solo se agregan adendas a una nota firmada.").With("estado", found[0].Estado)
		case p == nil:
			return noProfessional()
		}
		a.En, a.HashPrevio = now, hex.EncodeToString(found[0].FirmaSHA256)
		chain := found[0].adendas
		if i := slices.IndexFunc(chain, func(other api.Addendum) bool { return other.ID == a.ID }); i >= 0 {
			// An error hid that the attempt before succeeded.
			if resp, err = service.Created(location, 1, chain[i]); err != nil {
				return err
			}
			return tx.Commit(ctx, &pgx.Batch{})
		}
		if len(chain) > 0 {
			last := chain[len(chain)-1]
			a.HashPrevio = last.Firma.SHA256
			if !a.En.After(last.En) { // the chain is in the order of its instants
				a.En = last.En.Add(time.Microsecond)
			}
		}
		s, err := p.signAddendum(documentoID, note, &a)
		if err != nil {
			return err
		}
		previous, err := hex.DecodeString(a.HashPrevio)
		if err != nil {
			return fmt.Errorf("hash of what was before: %w", err)
		}
		b = &pgx.Batch{}
		b.Queue(`INSERT INTO historia_clinica.adenda (documento_id, nota_id, id, en, autor_id, autor_nombre, autor_registro, motivo, texto,
			  hash_previo, firma_sha256, firma, firma_clave_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			documentoID, note, a.ID, a.En, a.Autor.ID, a.Autor.Nombre, a.Autor.Registro, a.Motivo, a.Texto, previous, s.sum[:], s.value, p.KeyID)
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Create, Type: "sign", Resource: "adenda/" + a.ID.String(), Reason: a.Motivo, Permission: auth.WriteNote,
		})
		if resp, err = service.Created(location, 1, a); err != nil {
			return err
		}
		key.Queue(b, resp)
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return resp, fmt.Errorf("add to note: %w", err)
	}
	return resp, nil
}

// readAddendum shows an addendum to whoever may read the chart, and to the
// médico who wrote it.
func (f *Function) readAddendum(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	id, err := service.PathID(r, "adenda")
	if err != nil {
		return err
	}
	rec, err := record.ForCaller(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	a, err := f.ownAddendum(ctx, rec, note, id)
	if err != nil {
		return err
	}
	if a == nil {
		if a, err = f.findAddendum(ctx, rec, note, id); err != nil {
			return err
		}
	}
	return service.WriteJSON(w, 1, a) // it never changes
}

// ownAddendum returns the addendum when the caller wrote it, nil otherwise.
func (f *Function) ownAddendum(ctx context.Context, rec record.Record, note, id uuid.UUID) (own *api.Addendum, err error) {
	by := auth.From(ctx)
	if !by.Is(auth.Physician) {
		return nil, nil
	}
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		found := []*stored{{ID: note}}
		b := &pgx.Batch{}
		b.Queue(addendumColumns+` AND a.nota_id = $2 AND a.id = $3 AND a.autor_id = $4`, rec.Of, note, id, by.ID).Query(attach(&found))
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		b = &pgx.Batch{}
		if own = nil; len(found[0].adendas) == 1 {
			own = &found[0].adendas[0]
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: rec.Of, Action: audit.Read, Type: "read", Resource: "adenda/" + id.String(), Permission: auth.ReadChart,
			})
		}
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return nil, fmt.Errorf("read addendum: %w", err)
	}
	return own, nil
}

// findAddendum returns an addendum of a chart that the caller may read.
func (f *Function) findAddendum(ctx context.Context, rec record.Record, note, id uuid.UUID) (*api.Addendum, error) {
	rec, err := access.Chart(ctx, f.pool, rec)
	if err != nil {
		return nil, err
	}
	n, err := f.findIn(ctx, rec, note)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(n.adendas, func(a api.Addendum) bool { return a.ID == id })
	if i < 0 {
		return nil, problem.NotFound("La nota no tiene esa adenda.")
	}
	return &n.adendas[i], nil
}
