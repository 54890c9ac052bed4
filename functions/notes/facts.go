package notes

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
)

// queueFacts reads what judging a note takes: of the admission that it names,
// too, unless that is uuid.Nil. found is false after the batch when the record
// is not there, or was merged into another.
func queueFacts(b *pgx.Batch, documentoID string, admission uuid.UUID, codes []string, x *facts) (found *bool) {
	found = new(bool)
	b.Queue(`SELECT sexo_biologico, fecha_nacimiento, fallecido, entidad_codigo, entidad_nombre, tipo_usuario
		FROM historia_clinica.paciente WHERE documento_id = $1 AND fusionado_en IS NULL`, documentoID).Query(func(rows pgx.Rows) error {
		p := &x.person
		_, err := pgx.ForEachRow(rows, []any{&p.Sex, &p.Birth, &p.Dead, &p.Payer, &p.PayerName, &p.UserType}, func() error {
			*found = true
			return nil
		})
		return err
	})
	if admission != uuid.Nil {
		b.Queue(`SELECT 1 FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2 FOR NO KEY UPDATE`, documentoID, admission)
		queueEncounterFacts(b, `$2`, x, documentoID, admission)
	}
	queueCodes(b, codes, x)
	return found
}

// queueCodes reads codes of CIE-10 that are in force.
func queueCodes(b *pgx.Batch, codes []string, x *facts) {
	if len(codes) == 0 {
		return
	}
	b.Queue(`SELECT codigo, descripcion, sexo, edad_min, edad_max FROM historia_clinica.cie10 WHERE codigo = ANY($1) AND vigente`, codes).
		Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowToStructByName[api.Code])
			x.codes = make(map[string]api.Code, len(all))
			for _, c := range all {
				x.codes[c.Codigo] = c
			}
			return err
		})
}

// queueAdmissionOf reads the admission of a note into the facts.
func queueAdmissionOf(b *pgx.Batch, documentoID string, note uuid.UUID, x *facts) {
	b.Queue(`SELECT 1 FROM historia_clinica.admision a JOIN historia_clinica.nota n ON n.documento_id = a.documento_id AND n.admision_id = a.id
		WHERE n.documento_id = $1 AND n.id = $2 FOR NO KEY UPDATE OF a`, documentoID, note)
	queueEncounterFacts(b, `(SELECT admision_id FROM historia_clinica.nota WHERE documento_id = $1 AND id = $2)`, x, documentoID, note)
}

// queueEncounterFacts reads the admission with an id into the facts. The lock on
// it comes first: it is not cancelled meanwhile, and of several notes one alone
// finds that it is the first, or the only one. The second argument is the note
// that others are counted beside, or one that is no note's.
func queueEncounterFacts(b *pgx.Batch, id string, x *facts, args ...any) {
	b.Queue(`SELECT id, estado, clase, inicio, servicio, pending, pending AND NOT EXISTS (
		    SELECT 1 FROM historia_clinica.nota n WHERE n.documento_id = $1 AND n.admision_id = own.id AND n.id <> $2)
		FROM (SELECT id, estado, clase, inicio, servicio, clase = 'AMB' AND estado = 'finished' AND inicio = fin AND NOT EXISTS (
		    SELECT 1 FROM historia_clinica.admision_evento e WHERE e.documento_id = $1 AND e.admision_id = a.id) AS pending
		  FROM historia_clinica.admision a WHERE documento_id = $1 AND id = `+id+`) own`, args...).Query(func(rows pgx.Rows) error {
		x.admission = nil
		var e encounter
		_, err := pgx.ForEachRow(rows, []any{&e.ID, &e.State, &e.Class, &e.Start, &e.Service, &e.Pending, &e.Only}, func() error {
			x.admission = &e
			return nil
		})
		return err
	})
}
