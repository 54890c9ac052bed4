package notes

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
)

// queueFacts reads what judging a note takes. The admission is locked against
// being cancelled meanwhile. found is false after the batch when the record is
// not there, or was merged into another.
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
		b.Queue(`SELECT id, estado, clase, inicio FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2 FOR SHARE`,
			documentoID, admission).Query(func(rows pgx.Rows) error {
			var e encounter
			_, err := pgx.ForEachRow(rows, []any{&e.ID, &e.State, &e.Class, &e.Start}, func() error {
				x.admission = &e
				return nil
			})
			return err
		})
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

// queueAdmissionOf reads the admission of a note into the facts, locked against
// being cancelled meanwhile.
func queueAdmissionOf(b *pgx.Batch, documentoID string, note uuid.UUID, x *facts) {
	b.Queue(`SELECT a.id, a.estado, a.clase, a.inicio FROM historia_clinica.admision a
		JOIN historia_clinica.nota n ON n.documento_id = a.documento_id AND n.admision_id = a.id
		WHERE n.documento_id = $1 AND n.id = $2 FOR SHARE OF a`, documentoID, note).Query(func(rows pgx.Rows) error {
		var e encounter
		_, err := pgx.ForEachRow(rows, []any{&e.ID, &e.State, &e.Class, &e.Start}, func() error {
			x.admission = &e
			return nil
		})
		return err
	})
}
