package notes

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/event"
	"hce.co/shared/ident"
)

// sectionColumns are the texts of a note in the order of [sections].
const sectionColumns = `motivo_consulta, enfermedad_actual, antecedentes_personales, antecedentes_familiares, alergias, habitos,
	medicamentos_actuales, examen_fisico_general, examen_fisico_sistemas, impresion_diagnostica, conducta_plan_manejo,
	recomendaciones, medicos_interconsultados, procedimientos_realizados, resultados_examenes, diagnostico_definitivo,
	evolucion_medica, tratamiento_instaurado, formulacion_medica, educacion_paciente, referencia_contrareferencia`

// written are the columns that every write of a note sets, in the order of
// values; documento_id and id stand before them.
const written = `version, tipo, estado, fecha_atencion, actualizado_en, autor_nombre, autor_registro, autor_especialidad,
	firma_paciente, borrador, firmada_en, firma_sha256, firma, firma_clave_id, ` + sectionColumns

const placeholders = `$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
	$26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37`

// values are the arguments of a write: a draft keeps its structured parts in one
// column, a signed note has them as rows.
func values(n api.Note, s *stamp) []any {
	args := []any{
		n.DocumentoID, n.ID, n.Version, n.Tipo, n.Estado, n.FechaAtencion, n.ActualizadoEn, n.Autor.Nombre, n.Autor.Registro,
		n.Autor.Especialidad, n.FirmaPaciente,
	}
	if s == nil {
		args = append(args, n.Structured, nil, nil, nil, "")
	} else {
		args = append(args, nil, n.FirmadaEn, s.sum[:], s.value, n.Autor.ClaveID)
	}
	for _, t := range sections(&n.Sections) {
		args = append(args, *t.text)
	}
	return args
}

// queueNote writes a new note.
func queueNote(b *pgx.Batch, n api.Note, print []byte, s *stamp) {
	b.Queue(`INSERT INTO historia_clinica.nota (documento_id, id, `+written+`, admision_id, fecha_registro, autor_id, huella)
		VALUES ($1, $2, `+placeholders+`, $38, $39, $40, $41)`,
		append(values(n, s), n.AdmisionID, n.FechaRegistro, n.Autor.ID, print)...)
}

// queueReplace writes a note over the draft that was there.
func queueReplace(b *pgx.Batch, n api.Note, s *stamp) {
	b.Queue(`UPDATE historia_clinica.nota SET (`+written+`) = (`+placeholders+`) WHERE documento_id = $1 AND id = $2`, values(n, s)...)
}

// queueSigned writes what a signature makes of a note: the signed bytes and the
// rows of what it carries. It returns the event that tells of it, for the
// outbox.
func queueSigned(ctx context.Context, b *pgx.Batch, n api.Note, s stamp) (event.Event, error) {
	b.Queue(`INSERT INTO historia_clinica.nota_version (documento_id, nota_id, version, contenido, creado_en) VALUES ($1, $2, $3, $4, $5)`,
		n.DocumentoID, n.ID, n.Version, s.content, *n.FirmadaEn)

	table := rows{shared: []any{n.DocumentoID, n.ID, n.AdmisionID, n.FechaAtencion}}
	for i, d := range n.Diagnosticos {
		table.add(ident.NewID(), i+1, d.CIE10, d.Descripcion, d.Tipo, d.Rol)
	}
	table.queue(b, `diagnostico (documento_id, nota_id, admision_id, en, id, orden, cie10, descripcion, tipo, rol)`)

	if v := n.SignosVitales; v != nil {
		table = rows{shared: []any{n.DocumentoID, n.ID, *v.TomadoEn, v.TomadoPor}}
		for _, m := range measurements(v) {
			table.add(ident.NewID(), m.Name, m.LOINC, m.amount, m.Unit)
		}
		table.queue(b, `signo_vital (documento_id, nota_id, tomado_en, tomado_por, id, nombre, codigo, valor, unidad)`)
	}

	table = rows{shared: []any{n.DocumentoID, n.ID, *n.FirmadaEn, n.Autor.Nombre}}
	for _, a := range n.AlergiasRegistradas {
		table.add(ident.NewID(), a.Tipo, a.Sustancia, a.Reaccion, a.Criticidad, a.Estado)
	}
	table.queue(b, `alergia (documento_id, nota_id, registrada_en, registrada_por, id, tipo, sustancia, reaccion, criticidad, estado)`)

	table = rows{shared: []any{n.DocumentoID, n.ID, *n.FirmadaEn, n.Autor.Nombre}}
	for _, m := range n.Medicamentos {
		table.add(ident.NewID(), m.DCI, m.CUM, m.Dosis, m.Unidad, m.Via, m.Frecuencia, m.Duracion, m.Cantidad, m.Estado)
	}
	table.queue(b, `medicamento (documento_id, nota_id, prescrito_en, prescrito_por, id, dci, cum, dosis, unidad, via, frecuencia, duracion,
		cantidad, estado)`)

	e, err := event.New(ctx, source, event.NoteSigned, n.DocumentoID, event.NoteSignedData{
		DocumentoID: n.DocumentoID, NotaID: n.ID, AdmisionID: n.AdmisionID, Tipo: n.Tipo,
	})
	if err != nil {
		return e, fmt.Errorf("sign note: %w", err)
	}
	return e, nil
}

// rows are the rows of one INSERT. The first columns, documento_id before all,
// have the same value in each.
type rows struct {
	shared []any
	args   []any
	n      int
}

func (r *rows) add(values ...any) {
	r.args = append(r.args, values...)
	r.n++
}

// queue inserts the rows, when there are any, in one statement.
func (r *rows) queue(b *pgx.Batch, into string) {
	if r.n == 0 {
		return
	}
	own := len(r.args) / r.n
	var sql strings.Builder
	sql.WriteString("INSERT INTO historia_clinica." + into + " VALUES ")
	for i := range r.n {
		if i > 0 {
			sql.WriteString(", ")
		}
		for j := range len(r.shared) + own {
			sign := ", $"
			if j == 0 {
				sign = "($"
			}
			sql.WriteString(sign)
			place := j + 1
			if j >= len(r.shared) {
				place += i * own
			}
			sql.WriteString(strconv.Itoa(place))
		}
		sql.WriteByte(')')
	}
	b.Queue(sql.String(), append(r.shared, r.args...)...)
}
