package admission

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hce.co/functions/admission/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

const columns = `documento_id, id, numero, version, clase, estado, inicio, fin, causa_motivo, via_ingreso, finalidad, modalidad,
	grupo_servicios, entorno, servicio, cama, cups, sede, profesional_id, profesional_nombre, triage_nivel, triage_hora, triage_por,
	triage_rol, triage_motivo, acompanante, eapb_codigo, eapb_nombre, tipo_usuario, num_autorizacion, condicion_egreso, estado_egreso,
	prestador_remite, prestador_destino, observaciones_egreso, admitido_por_nombre, creado_en`

// scan reads an admission from a row with columns.
func scan(row pgx.CollectableRow) (api.Admission, error) {
	var a api.Admission
	var professional *uuid.UUID
	var level *int
	var at *time.Time
	var p api.Professional
	var t api.Triage
	var payer api.Payer
	err := row.Scan(&a.DocumentoID, &a.ID, &a.Numero, &a.Version, &a.Clase, &a.Estado, &a.Inicio, &a.Fin, &a.CausaMotivo, &a.ViaIngreso,
		&a.Finalidad, &a.Modalidad, &a.GrupoServicios, &a.Entorno, &a.Servicio, &a.Cama, &a.CUPS, &a.Sede, &professional, &p.Nombre,
		&level, &at, &t.Profesional, &t.Rol, &t.Motivo, &a.Acompanante, &payer.Codigo, &payer.Nombre, &a.TipoUsuario,
		&a.NumAutorizacion, &a.CondicionEgreso, &a.EstadoEgreso, &a.PrestadorRemite, &a.PrestadorDestino, &a.ObservacionesEgreso,
		&a.AdmitidoPor, &a.CreadoEn)
	if professional != nil {
		p.ID = *professional
		a.Profesional = &p
	}
	if level != nil && at != nil {
		t.Nivel, t.Hora = *level, *at
		a.Triage = &t
	}
	if payer != (api.Payer{}) {
		a.EAPB = &payer
	}
	return a, err
}

const (
	selectOne = `SELECT ` + columns + ` FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2`
	selectAll = `SELECT ` + columns + ` FROM historia_clinica.admision WHERE documento_id = $1 AND (inicio, id) < ($2, $3)
		ORDER BY inicio DESC, id DESC LIMIT $4`
	selectHistory = `SELECT en, tipo, estado, servicio, cama, detalle, usuario_nombre FROM historia_clinica.admision_evento
		WHERE documento_id = $1 AND admision_id = $2 ORDER BY id LIMIT 1000`
	insertEvent = `INSERT INTO historia_clinica.admision_evento
		(documento_id, admision_id, id, en, tipo, estado, servicio, cama, detalle, usuario_id, usuario_nombre)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
)

// queueOne reads an admission with its history into a.
func queueOne(b *pgx.Batch, a *api.Admission, documentoID string, id uuid.UUID, lock string) {
	var one api.Admission
	b.Queue(selectOne+lock, documentoID, id).Query(func(rows pgx.Rows) (err error) {
		one, err = pgx.CollectExactlyOneRow(rows, scan)
		return err
	})
	b.Queue(selectHistory, documentoID, id).Query(func(rows pgx.Rows) (err error) {
		one.Historia, err = pgx.CollectRows(rows, pgx.RowToStructByPos[api.Event])
		*a = one
		return err
	})
}

// queueEvent writes the last step of an admission's history.
func queueEvent(b *pgx.Batch, a api.Admission, by auth.Principal) {
	e := a.Historia[len(a.Historia)-1]
	b.Queue(insertEvent, a.DocumentoID, a.ID, ident.NewID(), e.En, e.Tipo, e.Estado, e.Servicio, e.Cama, e.Detalle, by.ID, e.Usuario)
}

func resource(a api.Admission) string { return fmt.Sprintf("admision/%s/%d", a.ID, a.Version) }

func notFound() error { return problem.NotFound("No existe esa admisión en esta historia clínica.") }

// find reads an admission and leaves the audit row of its reading, in one round
// trip.
func (f *Function) find(ctx context.Context, documentoID string, id uuid.UUID) (api.Admission, error) {
	var a api.Admission
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		queueOne(b, &a, documentoID, id, "")
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Read, Type: "read", Resource: "admision/" + id.String(), Permission: auth.ReadAdmissions,
		})
	})
	if db.NoRows(err) {
		return a, notFound()
	}
	if err != nil {
		return a, fmt.Errorf("read admission: %w", err)
	}
	return a, nil
}

// findAll reads the admissions of a chart that began before another, or with it
// and have a lower id: a page of each record that makes it up, newest first.
func (f *Function) findAll(ctx context.Context, rec record.Record, before time.Time, id uuid.UUID, limit int) ([]api.Admission, error) {
	lists := make([][]api.Admission, len(rec.Parts))
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		for i, documentoID := range rec.Parts {
			b.Queue(selectAll, documentoID, before, id, limit).Query(func(rows pgx.Rows) (err error) {
				lists[i], err = pgx.CollectRows(rows, scan)
				return err
			})
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: documentoID, Action: audit.Read, Type: "read", Resource: "admisiones/" + documentoID, Permission: auth.ReadAdmissions,
			})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read admissions: %w", err)
	}
	list := lists[0]
	for _, other := range lists[1:] {
		list = append(list, other...)
	}
	slices.SortStableFunc(list, func(a, b api.Admission) int {
		return cmp.Or(b.Inicio.Compare(a.Inicio), bytes.Compare(b.ID[:], a.ID[:]))
	})
	return list, nil
}

// A bed is a row while somebody lies in it, and its key decides between two who
// want it at once. Whoever moves takes the new bed before leaving the old one:
// then nobody waits for a bed while holding one that another waits for, and no
// two transfers block each other.
const (
	takeBed = `INSERT INTO historia_clinica.cama_ocupada (cama, documento_id, admision_id, desde) VALUES ($1, $2, $3, $4)`
	freeBed = `DELETE FROM historia_clinica.cama_ocupada WHERE cama = $1 AND documento_id = $2 AND admision_id = $3`
)

// bedOf is the key of the bed that an admission holds, "" when it holds none.
func bedOf(a api.Admission) string {
	if a.Cama == "" || over(a.Estado) {
		return ""
	}
	return a.Servicio + "|" + a.Cama
}

// queueBeds takes the bed that an admission has now and frees the one it had.
func queueBeds(b *pgx.Batch, before, after string, a api.Admission, now time.Time) {
	if before == after {
		return
	}
	if after != "" {
		b.Queue(takeBed, after, a.DocumentoID, a.ID, now)
	}
	if before != "" {
		b.Queue(freeBed, before, a.DocumentoID, a.ID).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 { // beds and admissions are on different workers
				return db.ErrAgain
			}
			return nil
		})
	}
}

// bedTaken is the conflict over a bed. It tells nothing of who lies there.
func bedTaken(a api.Admission) error {
	return problem.Conflict("La cama %s del servicio %s está ocupada.", a.Cama, api.ServiceName(a.Servicio)).With("cama", a.Cama)
}
