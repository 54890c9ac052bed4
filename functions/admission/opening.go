package admission

import (
	"bytes"
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
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const (
	selectPerson = `SELECT fecha_nacimiento, fallecido, fecha_fallecimiento, activo, coalesce(fusionado_en, '') AS fusionado_en, entidad_codigo, entidad_nombre,
		tipo_usuario FROM historia_clinica.paciente WHERE documento_id = $1`
	selectProfessional = `SELECT usuario_id, nombre_profesional FROM historia_clinica.profesional WHERE usuario_id = $1`
	selectPrint        = `SELECT coalesce(huella, '') FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2`
	selectInpatient    = `SELECT id, numero FROM historia_clinica.admision
		WHERE documento_id = $1 AND clase = 'IMP' AND estado NOT IN ('finished', 'cancelled')`
	insert = `INSERT INTO historia_clinica.admision
		(documento_id, id, version, clase, estado, inicio, causa_motivo, via_ingreso, finalidad, modalidad, grupo_servicios, entorno,
		servicio, cama, cups, sede, profesional_id, profesional_nombre, acompanante, eapb_codigo, eapb_nombre, tipo_usuario,
		num_autorizacion, prestador_remite, admitido_por, admitido_por_nombre, creado_en, huella)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
		$27, $28) RETURNING numero`
)

// responsible splits the professional of an admission into columns.
func responsible(a api.Admission) (*uuid.UUID, string) {
	if a.Profesional == nil {
		return nil, ""
	}
	return &a.Profesional.ID, a.Profesional.Nombre
}

// enter opens the admission that in asks for. When its id shows that it was
// opened before, it answers with what became of it.
func (f *Function) enter(ctx context.Context, in api.Opening, key idempotency.Key, now time.Time) (service.Response, []event.Event, error) {
	var none service.Response
	id, err := record.ToWrite(ctx, f.pool, in.DocumentoID)
	if err != nil {
		return none, nil, err
	}
	in.DocumentoID = id
	print, err := fingerprint(in)
	if err != nil {
		return none, nil, err
	}
	who, professional, before, err := f.circumstances(ctx, in)
	if err != nil {
		return none, nil, err
	}
	if before != nil {
		resp, err := f.again(ctx, id, uuid.MustParse(in.ID), before, print)
		return resp, nil, err
	}
	a, err := admit(in, who, professional, auth.From(ctx), now)
	if err != nil {
		return none, nil, err
	}
	e, err := event.New(ctx, source, event.AdmissionOpened, id, dataOf(a))
	if err != nil {
		return none, nil, err
	}
	resp, err := f.insert(ctx, a, print, e, key)
	switch db.Violates(err) {
	case "":
	case "admision_pkey":
		resp, err = f.again(ctx, id, a.ID, nil, print)
		return resp, nil, err
	case "admision_hospitalaria_abierta":
		return none, nil, f.inpatient(ctx, id)
	case "cama_ocupada_pkey":
		return none, nil, bedTaken(a)
	}
	if err != nil {
		return none, nil, fmt.Errorf("open admission: %w", err)
	}
	return resp, []event.Event{e}, nil
}

func dataOf(a api.Admission) event.AdmissionData {
	return event.AdmissionData{DocumentoID: a.DocumentoID, AdmisionID: a.ID, Clase: a.Clase, Servicio: a.Servicio}
}

// circumstances reads what decides on an opening: the patient, the professional
// that it names, and what an admission under its id was opened with, nil when
// there is none.
func (f *Function) circumstances(ctx context.Context, in api.Opening) (who person, professional *api.Professional, before []byte, err error) {
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectPerson, in.DocumentoID).QueryRow(func(row pgx.Row) error {
			return row.Scan(&who.Birth, &who.Dead, &who.Died, &who.Active, &who.MergedInto, &who.Payer.Codigo, &who.Payer.Nombre, &who.UserType)
		})
		if in.ProfesionalID != "" {
			b.Queue(selectProfessional, in.ProfesionalID).Query(func(rows pgx.Rows) error {
				found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[api.Professional])
				if len(found) == 1 {
					professional = &found[0]
				}
				return err
			})
		}
		if in.ID != "" {
			b.Queue(selectPrint, in.DocumentoID, in.ID).Query(func(rows pgx.Rows) error {
				found, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
				if len(found) == 1 {
					before = found[0]
				}
				return err
			})
		}
	})
	switch {
	case db.NoRows(err):
		return who, nil, nil, record.NotFound()
	case err != nil:
		return who, nil, nil, fmt.Errorf("read patient: %w", err)
	case in.ProfesionalID != "" && professional == nil:
		return who, nil, nil, problem.Invalid(map[string]string{"profesional_id": "No existe ese profesional."})
	}
	return who, professional, before, nil
}

// insert writes the admission, its first step, its bed, the audit row and the
// event in one transaction, and returns the answer, which has the number that
// the database gave.
func (f *Function) insert(ctx context.Context, a api.Admission, print []byte, e event.Event, key idempotency.Key) (resp service.Response, err error) {
	by := auth.From(ctx)
	professional, name := responsible(a)
	payer := api.Payer{}
	if a.EAPB != nil {
		payer = *a.EAPB
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(insert, a.DocumentoID, a.ID, a.Version, a.Clase, a.Estado, a.Inicio, a.CausaMotivo, a.ViaIngreso, a.Finalidad, a.Modalidad,
			a.GrupoServicios, a.Entorno, a.Servicio, a.Cama, a.CUPS, a.Sede, professional, name, a.Acompanante, payer.Codigo, payer.Nombre,
			a.TipoUsuario, a.NumAutorizacion, a.PrestadorRemite, by.ID, a.AdmitidoPor, a.CreadoEn, print,
		).QueryRow(func(row pgx.Row) error { return row.Scan(&a.Numero) })
		queueStillOpen(b, a)
		queueEvent(b, a, by)
		queueBeds(b, "", bedOf(a), a, a.CreadoEn)
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: a.DocumentoID, Action: audit.Create, Type: "create", Resource: resource(a), Permission: auth.Admit,
		})
		f.outbox.Queue(b, e)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		var err error
		if resp, err = service.Created(location(a), a.Version, a); err != nil {
			return err
		}
		return key.Save(ctx, tx, resp)
	})
	return resp, err
}

// queueStillOpen fails the batch when the record was merged into another while
// the patient was admitted, or they were found to have died. It comes behind the admission, whose foreign key
// waits for whoever merges the record: a record that is merged has no open
// admission, whichever was first.
func queueStillOpen(b *pgx.Batch, a api.Admission) {
	b.Queue(`SELECT fusionado_en, fallecido, fecha_fallecimiento FROM historia_clinica.paciente WHERE documento_id = $1`, a.DocumentoID).
		QueryRow(func(row pgx.Row) error {
			var into *string
			var who person
			if err := row.Scan(&into, &who.Dead, &who.Died); err != nil {
				return err
			}
			if into != nil {
				return record.Closed(a.DocumentoID, *into)
			}
			return who.alive(a.Inicio)
		})
}

// again answers a retry of an opening under the same id with the admission as
// it is by now; 409 when that was opened with other content. before is what it
// was opened with, when that is known.
func (f *Function) again(ctx context.Context, documentoID string, id uuid.UUID, before, print []byte) (service.Response, error) {
	if before == nil {
		if err := f.pool.QueryRow(ctx, selectPrint, documentoID, id).Scan(&before); err != nil {
			return service.Response{}, fmt.Errorf("read admission: %w", err)
		}
	}
	if !bytes.Equal(before, print) {
		return service.Response{}, problem.Conflict("Ya existe una admisión con ese id y otro contenido.")
	}
	a, err := f.find(ctx, documentoID, id)
	if err != nil {
		return service.Response{}, err
	}
	resp, err := service.Created(location(a), a.Version, a)
	resp.Status = http.StatusOK
	return resp, err
}

// inpatient is the conflict that names the patient's open inpatient admission.
func (f *Function) inpatient(ctx context.Context, documentoID string) error {
	p := problem.Conflict("El paciente ya tiene una hospitalización abierta.").With("documento_id", documentoID)
	open := api.Admission{DocumentoID: documentoID}
	err := f.pool.QueryRow(ctx, selectInpatient, documentoID).Scan(&open.ID, &open.Numero)
	if db.NoRows(err) {
		return p // it ended meanwhile
	}
	if err != nil {
		return fmt.Errorf("read open admission: %w", err)
	}
	return p.With("admision_id", open.ID.String()).With("numero", open.Numero).With("ubicacion", location(open))
}
