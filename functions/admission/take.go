package admission

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/admission/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/service"
)

const (
	selectSigned = `SELECT EXISTS (SELECT 1 FROM historia_clinica.nota WHERE documento_id = $1 AND admision_id = $2 AND estado = 'firmada')`
	selectLast   = `SELECT max(fecha_atencion) FROM historia_clinica.nota WHERE documento_id = $1 AND admision_id = $2 AND estado = 'firmada'`
	update       = `UPDATE historia_clinica.admision SET (version, estado, inicio, fin, servicio, cama, profesional_id, profesional_nombre,
		triage_nivel, triage_hora, triage_por, triage_rol, triage_motivo, condicion_egreso, estado_egreso, prestador_destino,
		observaciones_egreso) = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		WHERE documento_id = $1 AND id = $2`
)

// take takes an admission one step further: its row, its history, its bed, the
// audit row and, when it ends, the event in one transaction; and the patient's
// death, when it ends with that.
func (f *Function) take(ctx context.Context, documentoID string, id uuid.UUID, c change, seen service.Versions, perm auth.Permission,
	key idempotency.Key, now time.Time,
) (resp service.Response, events []event.Event, err error) {
	by := auth.From(ctx)
	var a api.Admission
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		events = nil
		cur, err := lock(ctx, tx, documentoID, id, c)
		if err != nil {
			return err
		}
		if a, err = c.apply(cur, seen, by, now); err != nil {
			return err
		}
		b := &pgx.Batch{}
		entry := audit.Entry{DocumentoID: documentoID, Action: audit.Read, Type: "read", Resource: resource(a), Permission: perm}
		if a.Version != cur.Version {
			entry.Action, entry.Type, entry.Reason = audit.Update, "update", string(c.step)
			queueUpdate(b, a)
			queueEvent(b, a, by)
			queueBeds(b, bedOf(cur.Admission), bedOf(a), a, now)
			if c.death && !cur.Life.told() {
				queueDeath(ctx, b, a, cur.Life, now)
			}
			if over(a.Estado) {
				e, err := event.New(ctx, source, event.AdmissionClosed, documentoID, dataOf(a))
				if err != nil {
					return err
				}
				events = append(events, e)
				f.outbox.Queue(b, e)
			}
		}
		audit.Queue(ctx, b, entry)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if resp, err = service.JSON(http.StatusOK, a); err != nil {
			return err
		}
		resp.ETag = service.ETag(a.Version)
		return key.Save(ctx, tx, resp)
	})
	switch {
	case db.NoRows(err):
		return resp, nil, notFound()
	case db.Violates(err) == "cama_ocupada_pkey":
		return resp, nil, bedTaken(a)
	case err != nil:
		return resp, nil, fmt.Errorf("%s: %w", c.step, err)
	}
	return resp, events, nil
}

// lock reads an admission and keeps others from changing it until the
// transaction ends.
func lock(ctx context.Context, tx pgx.Tx, documentoID string, id uuid.UUID, c change) (cur current, err error) {
	b := &pgx.Batch{}
	queueOne(b, &cur.Admission, documentoID, id, " FOR UPDATE")
	if c.death {
		queueLife(b, documentoID, &cur.Life)
	}
	switch c.step {
	case cancellation:
		b.Queue(selectSigned, documentoID, id).QueryRow(func(row pgx.Row) error { return row.Scan(&cur.Signed) })
	case discharging:
		b.Queue(selectLast, documentoID, id).QueryRow(func(row pgx.Row) error { return row.Scan(&cur.Last) })
	}
	return cur, tx.SendBatch(ctx, b).Close()
}

// queueUpdate writes what steps change of an admission.
func queueUpdate(b *pgx.Batch, a api.Admission) {
	professional, name := responsible(a)
	var level *int
	var at *time.Time
	t := api.Triage{}
	if a.Triage != nil {
		t = *a.Triage
		level, at = &t.Nivel, &t.Hora
	}
	b.Queue(update, a.DocumentoID, a.ID, a.Version, a.Estado, a.Inicio, a.Fin, a.Servicio, a.Cama, professional, name, level, at,
		t.Profesional, t.Rol, t.Motivo, a.CondicionEgreso, a.EstadoEgreso, a.PrestadorDestino, a.ObservacionesEgreso)
}
