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
	"hce.co/shared/service"
)

// add adds to a signed note: what was signed stays, and what is added names the
// hash of what was there before it.
func (f *Function) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	note, err := service.PathID(r, "nota")
	if err != nil {
		return err
	}
	body, err := service.Body(r)
	if err != nil {
		return err
	}
	key, err := idempotency.Of(r, body)
	if err != nil {
		return err
	}
	var in api.AddendumRequest
	if err := service.DecodeBytes(body, &in); err != nil {
		return err
	}
	if err := checkAddendum(&in); err != nil {
		return err
	}
	id, err := access.Open(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		return f.insertAddendum(ctx, id, note, in, key, f.now())
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

func checkAddendum(in *api.AddendumRequest) error {
	f := fields{}
	in.Motivo, in.Texto = line(in.Motivo), paragraph(in.Texto)
	if in.Motivo == "" {
		f.add("motivo", "Diga si es una corrección, una aclaración o una ampliación.")
	}
	f.oneOf("motivo", in.Motivo, "correccion", "aclaracion", "ampliacion")
	if in.Texto == "" {
		f.add("texto", "Escriba la adenda.")
	}
	f.text("texto", in.Texto, maxSection)
	return f.problem()
}

// insertAddendum links an addendum to the end of the note's chain. The lock on
// the note makes the chain one line, whoever adds at the same time.
func (f *Function) insertAddendum(
	ctx context.Context, documentoID string, note uuid.UUID, in api.AddendumRequest, key idempotency.Key, now time.Time,
) (resp service.Response, err error) {
	by := auth.From(ctx)
	location := notePath(documentoID, note)
	a := api.Addendum{ID: ident.NewID(), Motivo: in.Motivo, Texto: in.Texto}
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
