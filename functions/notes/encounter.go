package notes

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/event"
	"hce.co/shared/ident"
)

// What an encounter is that a note opens and closes by itself (RIPS, Res.
// 2275/2023): an outpatient consultation for a general illness, within the
// institution, on the patient's own demand.
const (
	ownClass    = "AMB"
	ownCause    = "38"
	ownEntrance = "01"
	ownModality = "01"
	ownGroup    = "01"
	ownService  = "328" // REPS: general medicine
)

// queueEncounter writes the encounter of a note that belongs to no admission: it
// lasts for the moment of the attention. It has no history yet, see
// [queueAttested].
func queueEncounter(b *pgx.Batch, n api.Note, p person, by auth.Principal) encounter {
	service := ownService
	if len(by.Services) > 0 {
		service = by.Services[0]
	}
	b.Queue(`INSERT INTO historia_clinica.admision (documento_id, id, clase, estado, inicio, fin, via_ingreso, causa_motivo, modalidad,
		  grupo_servicios, servicio, profesional_id, profesional_nombre, eapb_codigo, eapb_nombre, tipo_usuario, admitido_por,
		  admitido_por_nombre, creado_en)
		VALUES ($1, $2, $3, 'finished', $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $10, $11, $15)`,
		n.DocumentoID, n.AdmisionID, ownClass, n.FechaAtencion, ownEntrance, ownCause, ownModality, ownGroup, service, by.ID, by.Name,
		p.Payer, p.PayerName, p.UserType, n.FechaRegistro)
	return encounter{ID: n.AdmisionID, State: "finished", Class: ownClass, Start: n.FechaAtencion, Service: service, Pending: true, Only: true}
}

// queueAttested gives the encounter of a note its history, and tells others of
// it: with the first of its notes to be signed, since until then nobody vouches
// that the attention took place. It returns the events, which are in the batch.
func (f *Function) queueAttested(ctx context.Context, b *pgx.Batch, documentoID string, a encounter, by auth.Principal) ([]event.Event, error) {
	table := rows{shared: []any{documentoID, a.ID, a.Start, a.Service, "Encuentro propio de una nota", by.ID, by.Name}}
	table.add(ident.NewID(), "ingreso", "in-progress")
	table.add(ident.NewID(), "egreso", "finished")
	table.queue(b, `admision_evento (documento_id, admision_id, en, servicio, detalle, usuario_id, usuario_nombre, id, tipo, estado)`)

	var events []event.Event
	for _, typ := range []string{event.AdmissionOpened, event.AdmissionClosed} {
		e, err := event.New(ctx, source, typ, documentoID, event.AdmissionData{
			DocumentoID: documentoID, AdmisionID: a.ID, Clase: a.Class, Servicio: a.Service,
		})
		if err != nil {
			return nil, fmt.Errorf("open encounter: %w", err)
		}
		f.outbox.Queue(b, e)
		events = append(events, e)
	}
	return events, nil
}

// queueMoved gives the encounter of a draft, which has no other note, the time
// that its author now says.
func queueMoved(b *pgx.Batch, documentoID string, a encounter, at time.Time) {
	b.Queue(`UPDATE historia_clinica.admision SET inicio = $3, fin = $3, version = version + 1 WHERE documento_id = $1 AND id = $2`,
		documentoID, a.ID, at)
}

// queueUndone cancels the encounter of a draft that is discarded: without a note
// nothing says that the attention took place.
func queueUndone(b *pgx.Batch, documentoID string, a encounter, by auth.Principal, now time.Time) {
	b.Queue(`UPDATE historia_clinica.admision SET estado = 'cancelled', version = version + 1 WHERE documento_id = $1 AND id = $2`,
		documentoID, a.ID)
	b.Queue(`INSERT INTO historia_clinica.admision_evento (documento_id, admision_id, id, en, tipo, estado, servicio, detalle, usuario_id, usuario_nombre)
		VALUES ($1, $2, $3, $4, 'cancelacion', 'cancelled', $5, 'Se descartó el borrador de su nota', $6, $7)`,
		documentoID, a.ID, ident.NewID(), now, a.Service, by.ID, by.Name)
}

// place is where a patient is attended.
type place struct{ service, bed string }

// queueAttention begins the attention of a patient who waits: the first note
// does. Who writes it becomes responsible when nobody is. begun is nil after the
// batch when another note at the same time was first.
func queueAttention(b *pgx.Batch, documentoID string, admission uuid.UUID, by auth.Principal, at time.Time, begun **place) {
	*begun = nil
	b.Queue(`UPDATE historia_clinica.admision SET estado = 'in-progress', version = version + 1,
		  inicio = CASE WHEN estado = 'planned' THEN $3 ELSE inicio END,
		  profesional_nombre = CASE WHEN profesional_id IS NULL THEN $5 ELSE profesional_nombre END,
		  profesional_id = coalesce(profesional_id, $4)
		WHERE documento_id = $1 AND id = $2 AND estado IN ('planned', 'arrived', 'triaged') RETURNING servicio, cama`,
		documentoID, admission, at, by.ID, by.Name).Query(func(rows pgx.Rows) error {
		var p place
		_, err := pgx.ForEachRow(rows, []any{&p.service, &p.bed}, func() error {
			*begun = &p
			return nil
		})
		return err
	})
}

// queueAttended leaves the beginning of the attention in the admission's
// history.
func queueAttended(b *pgx.Batch, documentoID string, admission uuid.UUID, by auth.Principal, at time.Time, p place) {
	b.Queue(`INSERT INTO historia_clinica.admision_evento (documento_id, admision_id, id, en, tipo, estado, servicio, cama, usuario_id, usuario_nombre)
		VALUES ($1, $2, $3, $4, 'atencion', 'in-progress', $5, $6, $7, $8)`,
		documentoID, admission, ident.NewID(), at, p.service, p.bed, by.ID, by.Name)
}
