package patient

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const (
	selectMerged = `SELECT duplicado FROM historia_clinica.fusion WHERE documento_id = $1 AND deshecha_en IS NULL ORDER BY en, id`
	selectOpen   = `SELECT numero FROM historia_clinica.admision WHERE documento_id = $1 AND estado NOT IN ('finished', 'cancelled')
		ORDER BY inicio DESC, id DESC LIMIT 1`
	selectSize = `SELECT (SELECT count(*) FROM historia_clinica.nota WHERE documento_id = $1 AND estado <> 'borrador'),
		(SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1),
		(SELECT count(*) > 0 FROM historia_clinica.admision WHERE documento_id = $1 AND estado NOT IN ('finished', 'cancelled'))`
	mergeColumns = `id, documento_id, duplicado, motivo, en, usuario_nombre, deshecha_en, deshecha_por_nombre, deshecha_motivo`
)

// mergedInto lists the records merged into one that is locked, the first merged
// first.
func mergedInto(ctx context.Context, tx pgx.Tx, id string) ([]string, error) {
	rows, err := tx.Query(ctx, selectMerged, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func collectMerged(into *[]string) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}
}

// lockPair reads two records with what decides on merging them, locked in the
// order of their ids: two who merge the same two, whichever way, wait for each
// other and then see what the first did. So does whoever opens an admission.
func lockPair(ctx context.Context, tx pgx.Tx, survivor, duplicate string) (p pair, err error) {
	b := &pgx.Batch{}
	for _, id := range slices.Sorted(slices.Values([]string{survivor, duplicate})) {
		into := &p.survivor
		if id == duplicate {
			into = &p.duplicate
		}
		b.Queue(selectLocked, id).Query(func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.Patient])
			return err
		})
	}
	b.Queue(selectMerged, survivor).Query(collectMerged(&p.into))
	b.Queue(selectMerged, duplicate).Query(collectMerged(&p.under))
	b.Queue(selectOpen, duplicate).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&p.admission}, func() error { return nil })
		return err
	})
	return p, tx.SendBatch(ctx, b).Close()
}

// join merges the duplicate into the survivor, in one transaction, and returns
// the survivor as it is then. On a cluster the two are on different shards, and
// the transaction is a two-phase commit.
func (f *Function) join(
	ctx context.Context, survivor, duplicate string, seen service.Versions, in api.MergeRequest, now time.Time, save func(pgx.Tx, api.Patient) error,
) error {
	id, by := ident.NewID(), auth.From(ctx)
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		p, err := lockPair(ctx, tx, survivor, duplicate)
		if err != nil {
			return err
		}
		if err := p.check(seen, in.VersionDuplicado); err != nil {
			return err
		}
		b := &pgx.Batch{}
		after, err := queueLink(b, p, &survivor, now, by.ID)
		if err != nil {
			return err
		}
		after.Incluye = append(p.into, duplicate)
		b.Queue(`INSERT INTO historia_clinica.fusion (documento_id, id, duplicado, motivo, en, usuario_id, usuario_nombre)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, survivor, id, duplicate, in.Motivo, now, by.ID, by.Name)
		b.Queue(`UPDATE historia_clinica.identificador SET documento_id = $1, origen = $2 WHERE documento_id = $2`, survivor, duplicate)
		b.Queue(`UPDATE historia_clinica.identificador SET partes = $2 WHERE documento_id = $1`, survivor, after.Incluye)
		queueMergeTrail(ctx, b, "merge", id, in.Motivo, survivor, duplicate)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return save(tx, after)
	})
	if err != nil {
		return fmt.Errorf("merge records: %w", err)
	}
	return nil
}

// part undoes a merge, likewise: what the documents and the records said of each
// other before, they say again.
func (f *Function) part(
	ctx context.Context, survivor, duplicate string, seen service.Versions, reason string, now time.Time, save func(pgx.Tx, api.Patient) error,
) error {
	by := auth.From(ctx)
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		p, err := lockPair(ctx, tx, survivor, duplicate)
		if err != nil {
			return err
		}
		if err := p.checkApart(seen); err != nil {
			return err
		}
		var id uuid.UUID
		err = tx.QueryRow(ctx, `SELECT id FROM historia_clinica.fusion WHERE documento_id = $1 AND duplicado = $2 AND deshecha_en IS NULL`,
			survivor, duplicate).Scan(&id)
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		after, err := queueLink(b, p, nil, now, by.ID)
		if err != nil {
			return err
		}
		after.Incluye = slices.DeleteFunc(p.into, func(other string) bool { return other == duplicate })
		b.Queue(`UPDATE historia_clinica.fusion SET deshecha_en = $3, deshecha_por = $4, deshecha_por_nombre = $5, deshecha_motivo = $6
			WHERE documento_id = $1 AND id = $2`, survivor, id, now, by.ID, by.Name, reason)
		b.Queue(`UPDATE historia_clinica.identificador SET documento_id = $2, origen = NULL, partes = '{}' WHERE documento_id = $1 AND origen = $2`,
			survivor, duplicate)
		b.Queue(`UPDATE historia_clinica.identificador SET partes = $2 WHERE documento_id = $1`, survivor, after.Incluye)
		queueMergeTrail(ctx, b, "unmerge", id, reason, survivor, duplicate)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return save(tx, after)
	})
	if err != nil {
		return fmt.Errorf("undo merge: %w", err)
	}
	return nil
}

// queueLink writes the next version of both records, the duplicate pointing to
// into or to none, and keeps the ones before. It returns the survivor's.
func queueLink(b *pgx.Batch, p pair, into *string, now time.Time, by uuid.UUID) (survivor api.Patient, err error) {
	for _, before := range []api.Patient{p.duplicate, p.survivor} {
		old, err := json.Marshal(before)
		if err != nil {
			return survivor, fmt.Errorf("encode version: %w", err)
		}
		b.Queue(`INSERT INTO historia_clinica.paciente_version (documento_id, version, contenido, hasta) VALUES ($1, $2, $3, $4)`,
			before.DocumentoID, before.Version, old, now)
		link := before.FusionadoEn
		if before.DocumentoID == p.duplicate.DocumentoID {
			link = into
		}
		b.Queue(`UPDATE historia_clinica.paciente SET fusionado_en = $2, version = $3, actualizado_en = $4, actualizado_por = $5 WHERE documento_id = $1`,
			before.DocumentoID, link, before.Version+1, now, by)
		survivor = before
		survivor.Version, survivor.ActualizadoEn = before.Version+1, now
	}
	return survivor, nil
}

// queueMergeTrail tells of a merge in the trail of both records.
func queueMergeTrail(ctx context.Context, b *pgx.Batch, typ string, id uuid.UUID, reason string, records ...string) {
	for _, documentoID := range records {
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Update, Type: typ, Resource: "fusion/" + id.String(), Reason: reason, Permission: auth.MergeRecords,
		})
	}
}

// findPair reads two records for somebody who may merge them, and leaves the
// audit row of its reading with each.
func (f *Function) findPair(ctx context.Context, survivor, duplicate string) (sides [2]api.MergeSide, err error) {
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		for i, id := range []string{survivor, duplicate} {
			s := &sides[i]
			b.Queue(`SELECT `+columns+` FROM historia_clinica.paciente WHERE documento_id = $1`, id).Query(func(rows pgx.Rows) (err error) {
				s.Patient, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.Patient])
				return err
			})
			b.Queue(selectSize, id).QueryRow(func(row pgx.Row) error { return row.Scan(&s.Notas, &s.Admisiones, &s.AdmisionAbierta) })
			audit.Queue(ctx, b, audit.Entry{DocumentoID: id, Action: audit.Read, Type: "read", Resource: "paciente/" + id, Permission: auth.MergeRecords})
		}
	})
	if db.NoRows(err) {
		return sides, record.NotFound()
	}
	if err != nil {
		return sides, fmt.Errorf("read records: %w", err)
	}
	return sides, nil
}

// findMerges reads the merges into a record, newest first.
func (f *Function) findMerges(ctx context.Context, documentoID string) (out []api.Merge, err error) {
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT `+mergeColumns+` FROM historia_clinica.fusion WHERE documento_id = $1 ORDER BY en DESC, id DESC LIMIT 100`, documentoID).
			Query(func(rows pgx.Rows) (err error) {
				out, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.Merge])
				return err
			})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Read, Type: "read", Resource: "fusiones/" + documentoID, Permission: auth.MergeRecords,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	return out, nil
}
