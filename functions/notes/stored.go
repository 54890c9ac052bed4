package notes

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

// stored is a note as it stands in the database. Contenido is what was signed,
// byte for byte, when Sellada; otherwise it is the row as JSON.
type stored struct {
	ID            uuid.UUID
	Version       int
	Estado        string
	AutorID       uuid.UUID
	AutorNombre   string
	AutorRegistro string
	FechaAtencion time.Time
	ActualizadoEn time.Time
	FirmadaEn     *time.Time
	FirmaSHA256   []byte `db:"firma_sha256"`
	Firma         []byte
	FirmaClaveID  string `db:"firma_clave_id"`
	AnuladaEn     *time.Time
	AnuladaMotivo string
	Sellada       bool
	Contenido     []byte
	adendas       []api.Addendum
}

const storedColumns = `n.id, n.version, n.estado, n.autor_id, n.autor_nombre, n.autor_registro, n.fecha_atencion, n.actualizado_en,
	n.firmada_en, n.firma_sha256, n.firma, n.firma_clave_id, n.anulada_en, n.anulada_motivo,
	v.contenido IS NOT NULL AS sellada, coalesce(v.contenido, convert_to(to_jsonb(n)::text, 'UTF8')) AS contenido`

const storedTables = ` FROM historia_clinica.nota n
	LEFT JOIN historia_clinica.nota_version v ON v.documento_id = n.documento_id AND v.nota_id = n.id`

// visible is what a caller ($2) sees of a chart: what is signed, and their own
// drafts.
const visible = `(n.estado <> 'borrador' OR n.autor_id = $2)`

const (
	selectOne = `SELECT ` + storedColumns + storedTables + ` WHERE n.documento_id = $1 AND n.id = $3 AND ` + visible

	pageWhere = ` WHERE n.documento_id = $1 AND (n.fecha_atencion, n.id) < ($3, $4) AND ` + visible + `
		ORDER BY n.fecha_atencion DESC, n.id DESC LIMIT $5`
	selectPage = `SELECT ` + storedColumns + storedTables + pageWhere

	addendumColumns = `SELECT a.nota_id, a.id, a.en, a.autor_id, a.autor_nombre, a.autor_registro, a.motivo, a.texto, a.hash_previo,
		a.firma_sha256, a.firma, a.firma_clave_id FROM historia_clinica.adenda a WHERE a.documento_id = $1`
	addendaOfOne  = addendumColumns + ` AND a.nota_id = $2 ORDER BY a.en, a.id`
	addendaOfPage = addendumColumns + ` AND a.nota_id IN (SELECT n.id FROM historia_clinica.nota n` + pageWhere + `)
		ORDER BY a.en, a.id`
)

// noNote is the answer for a note that does not exist or is not the caller's to
// see.
func noNote() error { return problem.NotFound("No existe esa nota.") }

// find reads one note with its addenda and leaves the audit row of its reading,
// in one round trip.
func (f *Function) find(ctx context.Context, documentoID string, id uuid.UUID) (*stored, error) {
	caller := auth.From(ctx).ID
	var found []*stored
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectOne, documentoID, caller, id).Query(collect(&found))
		b.Queue(addendaOfOne, documentoID, id).Query(attach(&found))
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Read, Type: "read", Resource: "nota/" + id.String(), Permission: auth.ReadChart,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read note: %w", err)
	}
	if len(found) == 0 {
		return nil, noNote()
	}
	return found[0], nil
}

// findIn reads one note of a chart, in whichever of its records it stands.
func (f *Function) findIn(ctx context.Context, rec record.Record, id uuid.UUID) (*stored, error) {
	for _, part := range rec.Nearest() {
		if n, err := f.find(ctx, part, id); problem.Status(err) != http.StatusNotFound {
			return n, err
		}
	}
	return nil, noNote()
}

// findAll reads a page of a chart's notes with their addenda, likewise: a page of
// each record that makes it up, and of these the newest.
func (f *Function) findAll(ctx context.Context, rec record.Record, after cursor, limit int) ([]*stored, error) {
	found := make([][]*stored, len(rec.Parts))
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		for i, documentoID := range rec.Parts {
			args := []any{documentoID, auth.From(ctx).ID, after.at, after.id, limit}
			b.Queue(selectPage, args...).Query(collect(&found[i]))
			b.Queue(addendaOfPage, args...).Query(attach(&found[i]))
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: documentoID, Action: audit.Read, Type: "read", Resource: "notas/" + documentoID, Permission: auth.ReadChart,
			})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return together(found, (*stored).place), nil
}

// place is where the note stands in a list.
func (n *stored) place() cursor { return cursor{n.FechaAtencion, n.ID} }

// queueLocked reads a note for a change of it. The lock comes first, so that
// what is read is what the change before left.
func queueLocked(b *pgx.Batch, documentoID string, id uuid.UUID, by auth.Principal, found *[]*stored) {
	b.Queue(`SELECT 1 FROM historia_clinica.nota WHERE documento_id = $1 AND id = $2 FOR UPDATE`, documentoID, id)
	b.Queue(selectOne, documentoID, by.ID, id).Query(collect(found))
	b.Queue(addendaOfOne, documentoID, id).Query(attach(found))
}

func collect(into *[]*stored) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[stored])
		return err
	}
}

// attach gives the notes read before their addenda.
func attach(notes *[]*stored) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		byID := make(map[uuid.UUID]*stored, len(*notes))
		for _, n := range *notes {
			byID[n.ID] = n
		}
		var note uuid.UUID
		var a api.Addendum
		var previous, sum, value []byte
		_, err := pgx.ForEachRow(rows, []any{
			&note, &a.ID, &a.En, &a.Autor.ID, &a.Autor.Nombre, &a.Autor.Registro, &a.Motivo, &a.Texto, &previous, &sum, &value, &a.Firma.ClaveID,
		}, func() error {
			a.En = a.En.UTC()
			a.HashPrevio = hex.EncodeToString(previous)
			a.Firma.Autor, a.Firma.Registro, a.Firma.En = a.Autor.Nombre, a.Autor.Registro, a.En
			a.Firma.SHA256, a.Firma.Valor = hex.EncodeToString(sum), bytes.Clone(value)
			if n := byID[note]; n != nil {
				n.adendas = append(n.adendas, a)
			}
			return nil
		})
		return err
	}
}

// status is what stands beside what was written.
func (n *stored) status() api.Status {
	s := api.Status{Version: n.Version, Estado: n.Estado, ActualizadoEn: n.ActualizadoEn.UTC(), Adendas: n.adendas}
	if n.FirmadaEn != nil {
		s.Firma = &api.Signature{
			Autor: n.AutorNombre, Registro: n.AutorRegistro, En: n.FirmadaEn.UTC(), SHA256: hex.EncodeToString(n.FirmaSHA256),
			ClaveID: n.FirmaClaveID, Valor: n.Firma,
		}
	}
	if n.AnuladaEn != nil {
		s.Anulacion = &api.Annulment{En: n.AnuladaEn.UTC(), Motivo: n.AnuladaMotivo}
	}
	return s
}

// encode writes the note as [api.Note]. What was signed is shown as it was
// signed, not as columns that say the same.
func (n *stored) encode() ([]byte, error) {
	if !n.Sellada {
		full, err := n.note()
		if err != nil {
			return nil, err
		}
		return json.Marshal(full)
	}
	return shown(n.Contenido, n.status())
}

// shown writes a signed note as [api.Note]: what was signed, with its status
// behind. Both are JSON objects, and never empty.
func shown(content []byte, s api.Status) ([]byte, error) {
	status, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode note: %w", err)
	}
	b := make([]byte, 0, len(content)+len(status)+1)
	b = append(b, content[:len(content)-1]...)
	b = append(b, ',')
	return append(b, status[1:]...), nil
}

// noteRow is what to_jsonb makes of the row of a note.
type noteRow struct {
	ID                uuid.UUID       `json:"id"`
	DocumentoID       string          `json:"documento_id"`
	AdmisionID        uuid.UUID       `json:"admision_id"`
	FechaAtencion     time.Time       `json:"fecha_atencion"`
	FechaRegistro     time.Time       `json:"fecha_registro"`
	AutorID           uuid.UUID       `json:"autor_id"`
	AutorNombre       string          `json:"autor_nombre"`
	AutorRegistro     string          `json:"autor_registro"`
	AutorEspecialidad string          `json:"autor_especialidad"`
	Tipo              string          `json:"tipo"`
	FirmaPaciente     string          `json:"firma_paciente"`
	Borrador          *api.Structured `json:"borrador"`
	api.Sections
}

// note decodes the note.
func (n *stored) note() (api.Note, error) {
	out := api.Note{Status: n.status()}
	if n.Sellada {
		if err := json.Unmarshal(n.Contenido, &out.Written); err != nil {
			return out, fmt.Errorf("decode signed note: %w", err)
		}
		return out, nil
	}
	var row noteRow
	if err := json.Unmarshal(n.Contenido, &row); err != nil {
		return out, fmt.Errorf("decode note: %w", err)
	}
	out.Written = api.Written{
		ID: row.ID, DocumentoID: row.DocumentoID, AdmisionID: row.AdmisionID, FechaAtencion: row.FechaAtencion.UTC(),
		FechaRegistro: row.FechaRegistro.UTC(),
		Autor:         api.Author{ID: row.AutorID, Nombre: row.AutorNombre, Registro: row.AutorRegistro, Especialidad: row.AutorEspecialidad},
		Content:       api.Content{Tipo: row.Tipo, Sections: row.Sections, FirmaPaciente: row.FirmaPaciente},
	}
	if row.Borrador != nil {
		out.Structured = *row.Borrador
	}
	return out, nil
}
