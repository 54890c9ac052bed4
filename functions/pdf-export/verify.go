package pdfexport

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// superseded is true of a document after which another with the same scope was
// built of a chart that had changed.
const superseded = `EXISTS (
	SELECT 1 FROM historia_clinica.documento_pdf o
	WHERE o.documento_id = $1 AND o.estado = 'listo' AND o.tipo = d.tipo AND o.filtros = d.filtros AND o.huella <> d.huella AND o.listo > d.listo)`

// verify tells anyone who holds a printed copy whether it is ours and still the
// latest, and nothing about whom it is. The bearer knows only the code: it has
// 80 bits, so that nobody finds one by trying.
func (f *Function) verify(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code, ok := readCode(r.PathValue("codigo"))
	if !ok {
		return unknown()
	}
	var documentoID string
	var id uuid.UUID
	err := f.pool.QueryRow(ctx, `SELECT documento_id, pdf_id FROM historia_clinica.verificacion WHERE codigo = $1`, code).Scan(&documentoID, &id)
	if db.NoRows(err) {
		return unknown()
	}
	if err != nil {
		return fmt.Errorf("verify document: %w", err)
	}
	caller := auth.From(ctx)
	ctx = auth.NewContext(ctx, auth.Principal{Name: "Verificación pública", IP: caller.IP, RequestID: caller.RequestID})
	j, replaced := job{}, false
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT estado, listo, sha256, firma, `+superseded+`
			FROM historia_clinica.documento_pdf d WHERE documento_id = $1 AND id = $2 AND listo IS NOT NULL`, documentoID, id).
			QueryRow(func(row pgx.Row) error { return row.Scan(&j.Estado, &j.Listo, &j.SHA256, &j.Firma, &replaced) })
		audit.Queue(ctx, b, audit.Entry{DocumentoID: documentoID, Action: audit.Read, Type: "verify", Resource: "pdf/" + id.String()})
	})
	if db.NoRows(err) { // a document that was never handed out
		return unknown()
	}
	if err != nil {
		return fmt.Errorf("verify document: %w", err)
	}
	v := api.Verification{
		Estado: api.Valid, Fecha: *j.Listo, Emisor: f.cfg.Institution.Name,
		SHA256: hex.EncodeToString(j.SHA256), Firma: base64.StdEncoding.EncodeToString(j.Firma),
	}
	switch {
	case j.Estado == api.Revoked:
		v.Estado = api.Revoked
	case replaced:
		v.Estado = api.Superseded
	}
	return service.WriteJSON(w, 0, v)
}

// unknown is the answer for a code that was never printed.
func unknown() error {
	return problem.NotFound("Ese código no corresponde a ningún documento emitido. Compruebe que lo escribió bien.").With("estado", api.Unknown)
}

// revoke declares a document void: whoever asked for it may, resultados, and
// the administrador.
func (f *Function) revoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := service.PathID(r, "trabajo")
	if err != nil {
		return err
	}
	var in api.Revocation
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	reason, err := revocationReason(in.Motivo)
	if err != nil {
		return err
	}
	documentoID, err := record.ForCaller(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	j, err := f.find(ctx, documentoID, id)
	if err != nil {
		return err
	}
	if !j.mayRevoke(auth.From(ctx)) {
		return problem.Forbidden("Solo puede revocar un documento quien lo pidió, resultados o un administrador.")
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		revoked, changed, err := f.cancel(ctx, tx, j, reason)
		if err != nil || !changed {
			return err
		}
		j = revoked
		return audit.Write(ctx, tx, audit.Entry{
			DocumentoID: documentoID, Action: audit.Update, Type: "revoke", Resource: "pdf/" + id.String(), Reason: reason, Permission: auth.RevokeExport,
		})
	})
	if err != nil {
		return fmt.Errorf("revoke document: %w", err)
	}
	return service.WriteJSON(w, 0, j.wire())
}
