package admission

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/admission/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
)

const deceased = "muerto" // estado_egreso

// life is what the registry knows of a patient's death.
type life struct {
	Version int // of the record
	Dead    bool
	Died    *time.Time // nil when nobody wrote when
}

// told reports whether there is nothing to add.
func (l life) told() bool { return l.Dead && l.Died != nil }

const (
	// Whoever writes to the chart meanwhile holds the record by a foreign key, and
	// may wait for the admission that is locked here: this lock lets them be.
	lockLife = `SELECT version, fallecido, fecha_fallecimiento FROM historia_clinica.paciente WHERE documento_id = $1 FOR NO KEY UPDATE`

	// The version from before, as patient keeps it: the members of its wire.
	keepLiving = `INSERT INTO historia_clinica.paciente_version (documento_id, version, contenido, hasta)
		SELECT p.documento_id, p.version, (to_jsonb(p) || jsonb_build_object('entidad_pertenece', p.entidad_nombre, 'edad', 0))
		  - '{entidad_nombre,nombre_busqueda,nombre_orden,actualizado_por}'::text[], $2
		FROM historia_clinica.paciente p WHERE p.documento_id = $1`
	writeDeath = `UPDATE historia_clinica.paciente
		SET fallecido = true, fecha_fallecimiento = $2, version = version + 1, actualizado_en = $3, actualizado_por = $4 WHERE documento_id = $1`
)

// queueLife locks the record and reads what it says of the patient's death.
func queueLife(b *pgx.Batch, documentoID string, l *life) {
	b.Queue(lockLife, documentoID).QueryRow(func(row pgx.Row) error { return row.Scan(&l.Version, &l.Dead, &l.Died) })
}

// queueDeath tells the record, which is locked, that the patient died when they
// were discharged. Whoever may change the record takes it back there.
func queueDeath(ctx context.Context, b *pgx.Batch, a api.Admission, l life, now time.Time) {
	b.Queue(keepLiving, a.DocumentoID, now)
	b.Queue(writeDeath, a.DocumentoID, a.Fin, now, auth.From(ctx).ID)
	audit.Queue(ctx, b, audit.Entry{
		DocumentoID: a.DocumentoID, Action: audit.Update, Type: "update", Resource: fmt.Sprintf("paciente/%s/%d", a.DocumentoID, l.Version+1),
		Reason: string(discharging), Permission: auth.Discharge,
	})
}
