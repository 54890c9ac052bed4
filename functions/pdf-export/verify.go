package pdfexport

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// verify tells anyone who holds a printed copy whether it is ours and still what
// the record says, and nothing about whom it is. The bearer knows only the code: it has
// 80 bits, so that nobody finds one by trying.
func (f *Function) verify(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code, ok := crockford.Read(r.PathValue("codigo"))
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
	j, found := job{}, false
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT `+jobColumns+` FROM historia_clinica.documento_pdf WHERE documento_id = $1 AND id = $2 AND listo IS NOT NULL`,
			documentoID, id).Query(collect(&j, &found))
		audit.Queue(ctx, b, audit.Entry{DocumentoID: documentoID, Action: audit.Read, Type: "verify", Resource: "pdf/" + id.String()})
	})
	if err != nil {
		return fmt.Errorf("verify document: %w", err)
	}
	if !found { // a document that was never handed out
		return unknown()
	}
	v := api.Verification{
		Estado: api.Valid, Fecha: *j.Listo, Emisor: f.cfg.Institution.Name,
		SHA256: hex.EncodeToString(j.SHA256), Firma: base64.StdEncoding.EncodeToString(j.Firma),
	}
	if j.Estado == api.Revoked {
		v.Estado = api.Revoked
		return service.WriteJSON(w, 0, v)
	}
	latest, err := f.latest(ctx, j)
	if err != nil {
		return err
	}
	if !latest {
		v.Estado = api.Superseded
	}
	return service.WriteJSON(w, 0, v)
}

// latest reports whether a document would be the same if it were built now: of
// the records that it was built of, whatever was merged into them since.
func (f *Function) latest(ctx context.Context, j job) (bool, error) {
	digests, err := f.digests(ctx, j.records(), j.content())
	if problem.Status(err) == http.StatusNotFound { // nothing of it is there any more
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, layout := range layouts {
		huella, err := f.fingerprint(layout, j.content(), j.records(), digests)
		if err != nil {
			return false, err
		}
		if bytes.Equal(huella, j.Huella) {
			gone, err := f.parted(ctx, j.DocumentoID, j.Partes)
			return !gone, err
		}
	}
	return false, nil
}

// parted reports whether one of the records whose entries a document holds is no
// longer merged into its own: what it says of them is of somebody else.
func (f *Function) parted(ctx context.Context, documentoID string, parts []string) (gone bool, err error) {
	if len(parts) == 0 {
		return false, nil
	}
	b := &pgx.Batch{}
	for _, part := range parts {
		b.Queue(`SELECT fusionado_en IS DISTINCT FROM $2 FROM historia_clinica.paciente WHERE documento_id = $1`, part, documentoID).
			QueryRow(func(row pgx.Row) error {
				var left bool
				err := row.Scan(&left)
				gone = gone || left
				return err
			})
	}
	if err := f.pool.SendBatch(ctx, b).Close(); err != nil {
		return false, fmt.Errorf("verify document: %w", err)
	}
	return gone, nil
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
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	reason, err := revocationReason(in.Motivo)
	if err != nil {
		return err
	}
	rec, err := record.ForCaller(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	j, err := f.findIn(ctx, rec, id)
	if err != nil {
		return err
	}
	if !j.mayRevoke(auth.From(ctx)) {
		return problem.Forbidden("Solo puede revocar un documento quien lo pidió, resultados o un administrador.")
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) { return f.void(ctx, j, reason, key) })
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// void revokes a document with its audit row, and keeps the answer for a retry,
// in one transaction. One that is revoked already stays as it is.
func (f *Function) void(ctx context.Context, j job, reason string, key idempotency.Key) (service.Response, error) {
	var resp service.Response
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		now, changed, err := f.cancel(ctx, tx, j, reason)
		if err != nil {
			return err
		}
		if !changed {
			now = j
			now.Estado, now.Progreso = api.Revoked, 0 // perhaps since j was read
		} else if err := audit.Write(ctx, tx, audit.Entry{
			DocumentoID: j.DocumentoID, Action: audit.Update, Type: "revoke", Resource: "pdf/" + j.ID.String(), Reason: reason, Permission: auth.RevokeExport,
		}); err != nil {
			return err
		}
		if resp, err = service.JSON(http.StatusOK, now.wire()); err != nil {
			return err
		}
		return key.Save(ctx, tx, resp)
	})
	if err != nil {
		return service.Response{}, fmt.Errorf("revoke document: %w", err)
	}
	return resp, nil
}
