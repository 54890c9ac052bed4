package pdfexport

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

// included are the rows that a document tells of: n its notes (never a draft),
// a its admissions, r its results. Parameters: $1 documento_id, $2 tipo,
// $3 nota_id, $4 and $5 the period.
const included = `
	WITH n AS (
	    SELECT id, admision_id, version, estado FROM historia_clinica.nota
	    WHERE documento_id = $1 AND estado <> 'borrador'
	      AND ($2::text <> 'nota' OR id = $3::uuid) AND ($2::text <> 'epicrisis' OR tipo = 'egreso')
	      AND fecha_atencion >= $4 AND fecha_atencion < $5
	), a AS (
	    SELECT id, version, estado FROM historia_clinica.admision
	    WHERE documento_id = $1
	      AND ($2::text = 'historia' AND inicio < $5 AND (fin IS NULL OR fin >= $4) OR id IN (SELECT admision_id FROM n))
	), r AS (
	    SELECT id, version, estado, visto_en FROM historia_clinica.resultado
	    WHERE documento_id = $1 AND $2::text = 'historia' AND emitido_en >= $4 AND emitido_en < $5
	)`

// origin joins to an allergy or a medication the note that brought it: what an
// annulled note brought no longer counts. Of either only the state ever changes.
const origin = ` LEFT JOIN historia_clinica.nota o ON o.documento_id = x.documento_id AND o.id = x.nota_id WHERE x.documento_id = $1`

// versions is the digest of the versions of all that is included: it changes
// when the document would.
const versions = `
	sha256(convert_to(concat_ws(E'\n',
	  'paciente', (SELECT version FROM historia_clinica.paciente WHERE documento_id = $1),
	  'admision', (SELECT string_agg(concat_ws(' ', id, version, estado), E'\n' ORDER BY id) FROM a),
	  'movimiento', (SELECT concat_ws(' ', count(*), max(id::text)) FROM historia_clinica.admision_evento
	    WHERE documento_id = $1 AND admision_id IN (SELECT id FROM a)),
	  'nota', (SELECT string_agg(concat_ws(' ', id, version, estado), E'\n' ORDER BY id) FROM n),
	  'adenda', (SELECT string_agg(id::text, E'\n' ORDER BY id) FROM historia_clinica.adenda
	    WHERE documento_id = $1 AND nota_id IN (SELECT id FROM n)),
	  'diagnostico', (SELECT count(*) FROM historia_clinica.diagnostico WHERE documento_id = $1 AND nota_id IN (SELECT id FROM n)),
	  'signo', (SELECT count(*) FROM historia_clinica.signo_vital WHERE documento_id = $1 AND nota_id IN (SELECT id FROM n)),
	  'alergia', (SELECT string_agg(concat_ws(' ', x.id, x.estado, o.estado), E'\n' ORDER BY x.id)
	    FROM historia_clinica.alergia x` + origin + `),
	  'medicamento', (SELECT string_agg(concat_ws(' ', x.id, x.estado, o.estado), E'\n' ORDER BY x.id)
	    FROM historia_clinica.medicamento x` + origin + `),
	  'resultado', (SELECT string_agg(concat_ws(' ', id, version, estado, extract(epoch FROM visto_en)), E'\n' ORDER BY id) FROM r)
	), 'UTF8'))`

func (c content) args(documentoID string) []any {
	from, to := c.period()
	return []any{documentoID, c.Tipo, c.note(), from, to}
}

// layout changes with the look of the documents, so that what was built before
// is built again. What was printed in one of layouts still says the same.
const layout = "3"

var layouts = []string{layout, "2"}

// fingerprint seals what a document holds: what was asked for, the letterhead,
// and the versions of all that is included, of each record that makes up the
// chart.
func (f *Function) fingerprint(layout string, c content, parts []string, versions [][]byte) ([]byte, error) {
	sealed := []any{layout, f.cfg.Institution, f.cfg.PublicURL, c.Tipo, c.Filtros, versions[0]}
	for i := 1; i < len(parts); i++ {
		sealed = append(sealed, parts[i], versions[i])
	}
	b, err := json.Marshal(sealed)
	if err != nil {
		return nil, fmt.Errorf("fingerprint: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

// present returns the fingerprint that a document would have if it were built
// now. 404 when there is nothing to build it of.
func (f *Function) present(ctx context.Context, rec record.Record, c content) ([]byte, error) {
	digests, err := f.digests(ctx, rec.Parts, c)
	if err != nil {
		return nil, err
	}
	return f.fingerprint(layout, c, rec.Parts, digests)
}

// digests returns those of the versions of all that a document would include
// now, of each record that makes up the chart.
func (f *Function) digests(ctx context.Context, parts []string, c content) ([][]byte, error) {
	digests := make([][]byte, len(parts))
	notes, exists := 0, true
	b := &pgx.Batch{}
	for i, part := range parts {
		b.Queue(included+` SELECT `+versions+`, (SELECT count(*) FROM n),
			EXISTS (SELECT 1 FROM historia_clinica.paciente WHERE documento_id = $1)`, c.args(part)...).QueryRow(func(row pgx.Row) error {
			var some int
			var there bool
			err := row.Scan(&digests[i], &some, &there)
			notes, exists = notes+some, exists && there
			return err
		})
	}
	err := f.pool.SendBatch(ctx, b).Close()
	switch {
	case err != nil:
		return nil, fmt.Errorf("read versions: %w", err)
	case !exists:
		return nil, record.NotFound()
	case notes == 0 && c.Tipo == api.Note:
		return nil, problem.NotFound("No existe una nota firmada con ese identificador en la historia.")
	case notes == 0 && c.Tipo == api.Epicrisis:
		return nil, problem.NotFound("La historia no tiene una epicrisis firmada en ese período.")
	}
	return digests, nil
}

// snapshot is the record as it was at one moment.
type snapshot struct {
	Paciente     patientRow      `json:"paciente"`
	Documentos   []documentRow   `json:"documentos"`
	Alergias     []allergyRow    `json:"alergias"`
	Medicamentos []medicationRow `json:"medicamentos"`
	Admisiones   []admissionRow  `json:"admisiones"`
	Movimientos  []movementRow   `json:"movimientos"`
	Notas        []noteRow       `json:"notas"`
	Adendas      []addendumRow   `json:"adendas"`
	Diagnosticos []diagnosisRow  `json:"diagnosticos"`
	Signos       []vitalRow      `json:"signos"`
	Resultados   []resultRow     `json:"resultados"`
	Correcciones []correctionRow `json:"correcciones"`

	unidas []string // documento_id of the records merged into the patient's
	huella []byte
}

// rows is what reads a snapshot of one record. One statement, because that sees
// one moment on every engine: on Citus the statements of a transaction need not.
// The records of a chart know nothing of each other, so each may be seen at its
// own moment.
const rows = included + ` SELECT ` + versions + `, json_build_object(
	  'paciente', (SELECT row_to_json(x) FROM (SELECT ` + patientColumns + ` FROM historia_clinica.paciente WHERE documento_id = $1) x),
	  'documentos', (SELECT json_agg(x) FROM (SELECT DISTINCT contenido->>'tipo_documento' AS tipo, contenido->>'numero_documento' AS numero
	    FROM historia_clinica.paciente_version WHERE documento_id = $1) x),
	  'alergias', (SELECT json_agg(x) FROM (SELECT x.tipo, x.sustancia, x.reaccion, x.criticidad, x.estado, x.registrada_en, x.registrada_por
	    FROM historia_clinica.alergia x` + origin + ` AND coalesce(o.estado, '') <> 'anulada' ORDER BY x.registrada_en, x.id) x),
	  'medicamentos', (SELECT json_agg(x) FROM (SELECT x.nota_id, x.dci, x.cum, x.dosis, x.unidad, x.via, x.frecuencia, x.duracion,
	    x.cantidad, x.estado, x.prescrito_en, x.prescrito_por, coalesce(o.estado, '') = 'anulada' AS anulado
	    FROM historia_clinica.medicamento x` + origin + ` ORDER BY x.prescrito_en, x.id) x),
	  'admisiones', (SELECT json_agg(x) FROM (SELECT ` + admissionColumns + ` FROM historia_clinica.admision
	    WHERE documento_id = $1 AND id IN (SELECT id FROM a) ORDER BY inicio, id) x),
	  'movimientos', (SELECT json_agg(x) FROM (SELECT admision_id, en, estado, servicio, cama, detalle, usuario_nombre
	    FROM historia_clinica.admision_evento WHERE documento_id = $1 AND admision_id IN (SELECT id FROM a) ORDER BY en, id) x),
	  'notas', (SELECT json_agg(x) FROM (SELECT ` + noteColumns + ` FROM historia_clinica.nota
	    WHERE documento_id = $1 AND id IN (SELECT id FROM n) ORDER BY fecha_atencion, id) x),
	  'adendas', (SELECT json_agg(x) FROM (SELECT id, nota_id, en, autor_nombre, autor_registro, motivo, texto,
	    encode(hash_previo, 'hex') AS hash_previo, encode(firma_sha256, 'hex') AS firma_sha256, firma_clave_id
	    FROM historia_clinica.adenda WHERE documento_id = $1 AND nota_id IN (SELECT id FROM n) ORDER BY en, id) x),
	  'diagnosticos', (SELECT json_agg(x) FROM (SELECT nota_id, cie10, descripcion, tipo, rol, en
	    FROM historia_clinica.diagnostico WHERE documento_id = $1 AND nota_id IN (SELECT id FROM n) ORDER BY en, nota_id, orden, id) x),
	  'signos', (SELECT json_agg(x) FROM (SELECT nota_id, nombre, codigo, valor, unidad, tomado_en, tomado_por
	    FROM historia_clinica.signo_vital WHERE documento_id = $1 AND nota_id IN (SELECT id FROM n) ORDER BY tomado_en, id) x),
	  'resultados', (SELECT json_agg(x) FROM (SELECT id, cups, loinc, nombre, valor, unidad, rango, interpretacion, estado, tomado_en,
	    emitido_en, concat_ws(' · ', nullif(productor, ''), emisor) AS emisor, visto_por, visto_en
	    FROM historia_clinica.resultado WHERE documento_id = $1 AND id IN (SELECT id FROM r) ORDER BY emitido_en, id) x),
	  'correcciones', (SELECT json_agg(x) FROM (SELECT resultado_id, contenido->>'valor' AS valor, contenido->>'unidad' AS unidad, hasta
	    FROM historia_clinica.resultado_version WHERE documento_id = $1 AND resultado_id IN (SELECT id FROM r) ORDER BY version) x))`

// read takes the snapshot that a document is built of.
func (f *Function) read(ctx context.Context, j job) (snapshot, error) {
	c, parts := j.content(), j.records()
	snapshots, digests := make([]snapshot, len(parts)), make([][]byte, len(parts))
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		for i, part := range parts {
			b.Queue(rows, c.args(part)...).QueryRow(func(row pgx.Row) error {
				snapshots[i] = snapshot{}
				return row.Scan(&digests[i], &snapshots[i])
			})
		}
	})
	if err != nil {
		return snapshot{}, fmt.Errorf("read record: %w", err)
	}
	s := snapshots[0]
	for _, other := range snapshots[1:] {
		s.add(other)
	}
	s.huella, err = f.fingerprint(layout, c, parts, digests)
	return s, err
}

// instant is a time that may be missing.
func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
