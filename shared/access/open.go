package access

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/record"
)

// Open finds the record that id leads to and lets the caller read its chart, as
// [record.ForCaller] and [Chart] one after the other do. For a médico who gives
// the record's own documento_id, as links do, it takes one round trip.
func Open(ctx context.Context, q db.Querier, id string) (documentoID string, err error) {
	p := auth.From(ctx)
	d, err := ident.ParseID(id)
	if err == nil && p.Is(auth.Physician) && !p.Is(auth.RecordsClerk) && p.DocumentoID == "" {
		var ok bool
		services := p.Services
		if services == nil {
			services = []string{}
		}
		b := &pgx.Batch{}
		b.Queue(`SELECT documento_id FROM historia_clinica.identificador WHERE clave = $1`, d.ID()).QueryRow(func(row pgx.Row) error {
			return row.Scan(&documentoID)
		})
		b.Queue(related, d.ID(), p.ID, services, time.Now().UTC()).QueryRow(func(row pgx.Row) error { return row.Scan(&ok) })
		err := q.SendBatch(ctx, b).Close()
		switch {
		case db.NoRows(err):
			return "", record.NotFound()
		case err != nil:
			return "", fmt.Errorf("open chart: %w", err)
		case ok && documentoID == d.ID():
			return documentoID, nil
		}
		return documentoID, Chart(ctx, q, documentoID)
	}
	if documentoID, err = record.ForCaller(ctx, q, id); err != nil {
		return "", err
	}
	return documentoID, Chart(ctx, q, documentoID)
}
