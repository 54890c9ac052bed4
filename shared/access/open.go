package access

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/record"
)

// Open finds the record that id leads to and lets the caller read its chart, as
// [record.ForCaller] and [Chart] one after the other do. For a médico who gives
// the record's own documento_id, as links do, it takes one round trip.
func Open(ctx context.Context, q db.Querier, id string) (record.Record, error) {
	p := auth.From(ctx)
	d, err := ident.ParseID(id)
	if err == nil && p.Is(auth.Physician) && !p.Is(auth.RecordsClerk) && p.DocumentoID == "" {
		var r record.Record
		ok := false
		b := &pgx.Batch{}
		record.Queue(b, d, &r)
		queueRelated(b, d.ID(), p, &ok)
		err := q.SendBatch(ctx, b).Close()
		switch {
		case db.NoRows(err):
			return record.Record{}, record.NotFound()
		case err != nil:
			return record.Record{}, fmt.Errorf("open chart: %w", err)
		case ok && r.Has(d.ID()):
			return r, nil
		}
		return Chart(ctx, q, r)
	}
	r, err := record.ForCaller(ctx, q, id)
	if err != nil {
		return record.Record{}, err
	}
	return Chart(ctx, q, r)
}
