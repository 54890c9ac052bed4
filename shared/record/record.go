// Package record finds the record that an identity document leads to.
package record

import (
	"context"
	"fmt"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// NotFound is the answer for a record that does not exist.
func NotFound() error { return problem.NotFound("No existe una historia clínica con ese documento.") }

// Resolve returns the documento_id of the record that id (a documento_id, or any
// document the person has had) leads to: its own, or that of the record it was
// merged into. 404 when there is none.
func Resolve(ctx context.Context, q db.Querier, id string) (string, error) {
	d, err := ident.ParseID(id)
	if err != nil {
		return "", NotFound()
	}
	var documentoID string
	err = q.QueryRow(ctx, `SELECT documento_id FROM historia_clinica.identificador WHERE clave = $1`, d.ID()).Scan(&documentoID)
	if db.NoRows(err) {
		return "", NotFound()
	}
	if err != nil {
		return "", fmt.Errorf("resolve record: %w", err)
	}
	return documentoID, nil
}

// ForCaller resolves id for the caller: a patient gets their own record or 403,
// whether the other exists or not.
func ForCaller(ctx context.Context, q db.Querier, id string) (string, error) {
	p := auth.From(ctx)
	documentoID, err := Resolve(ctx, q, id)
	if p.OnlyPatient() && (err == nil || problem.Status(err) == 404) && (documentoID == "" || documentoID != p.DocumentoID) {
		return "", Foreign()
	}
	return documentoID, err
}

// Foreign is the answer for a record that is not the caller's to see.
func Foreign() error { return problem.Forbidden("Solo puede consultar su propia historia clínica.") }
