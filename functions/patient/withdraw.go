package patient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// withdrawDocument takes back a document that was given to the wrong record, in
// the version that the caller saw, and shows the record: whose document it is
// can be registered then.
//
// The record keeps the one that it was opened under, which is its own name, and
// the one that its person has now. An account is of the record, by its
// documento_id, whichever document opened it: none hangs on what is taken back.
func (f *Function) withdrawDocument(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	seen, err := service.IfMatch(r)
	if err != nil {
		return err
	}
	var in api.Withdrawal
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	if in.Motivo, err = tidyReason(in.Motivo); err != nil {
		return err
	}
	doc, err := ident.ParseID(r.PathValue("documento"))
	if err != nil {
		return notItsDocument()
	}
	resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
		id, err := record.ToWrite(ctx, f.pool, r.PathValue("id"))
		if err != nil {
			return resp, err
		}
		return resp, f.deleteDocument(ctx, id, doc, seen, in.Motivo, f.now(), f.answer(ctx, http.StatusOK, key, &resp))
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

func notItsDocument() error { return problem.NotFound("La historia no tiene ese documento.") }

// checkWithdrawal reports why a record keeps a document that was given to it.
func checkWithdrawal(p api.Patient, doc ident.Document, g given, seen service.Versions) error {
	switch {
	case g.DocumentoID != p.DocumentoID:
		return notItsDocument()
	case !seen.Has(p.Version):
		return problem.Stale().With("version", p.Version)
	case g.Origen != nil:
		return problem.Conflict("Ese documento llegó con la historia %s: deshaga primero esa unión.", *g.Origen).With("documento_id", *g.Origen)
	case doc.ID() == p.DocumentoID:
		return problem.Conflict("Con ese documento se abrió la historia: no se retira.")
	case current(p, doc):
		return problem.Conflict("Ese es el documento vigente: ponga primero el que la persona tiene.")
	}
	return nil
}

func (f *Function) deleteDocument(ctx context.Context, id string, doc ident.Document, seen service.Versions, reason string, now time.Time,
	save func(pgx.Tx, api.Patient) error,
) error {
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		p, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		g, err := givenTo(ctx, tx, doc)
		if err == nil {
			err = checkWithdrawal(p, doc, g, seen)
		}
		if err != nil {
			return err
		}
		old, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encode version: %w", err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM historia_clinica.identificador WHERE clave = $1 AND documento_id = $2`, doc.ID(), id); err != nil {
			return err
		}
		p.Version, p.ActualizadoEn = p.Version+1, now
		if err := f.save(ctx, tx, p, old, audit.Entry{
			DocumentoID: id, Action: audit.Delete, Type: "delete", Resource: "documento/" + doc.ID(), Reason: reason, Permission: auth.UpdatePatient,
		}); err != nil {
			return err
		}
		if p.Incluye, err = mergedInto(ctx, tx, id); err != nil {
			return err
		}
		return save(tx, p)
	})
	if db.NoRows(err) {
		return notItsDocument()
	}
	if err != nil {
		return fmt.Errorf("withdraw document: %w", err)
	}
	return nil
}
