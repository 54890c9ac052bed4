package patient

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const columns = `documento_id, version, tipo_documento, numero_documento, primer_apellido, segundo_apellido, primer_nombre,
	segundo_nombre, nombre_identitario, fecha_nacimiento::text AS fecha_nacimiento, hora_nacimiento, sexo_biologico,
	identidad_genero, nacionalidades, direccion_residencia, barrio, municipio, departamento, pais, zona, etnia, comunidad_etnica,
	discapacidades, ocupacion, telefono, celular, correo_electronico, estado_civil, grupo_sanguineo, factor_rh, entidad_codigo,
	entidad_nombre, regimen_afiliacion, tipo_usuario, contacto_emergencia, responsable, voluntad_anticipada, oposicion_donacion,
	fallecido, fecha_fallecimiento, activo, fusionado_en, creado_en, actualizado_en`

// written are the columns that insert and replace set, in the order of values.
const written = `version, actualizado_en, actualizado_por, tipo_documento, numero_documento, primer_apellido, segundo_apellido,
	primer_nombre, segundo_nombre, nombre_identitario, fecha_nacimiento, hora_nacimiento, sexo_biologico, identidad_genero,
	nacionalidades, direccion_residencia, barrio, municipio, departamento, pais, zona, etnia, comunidad_etnica, discapacidades,
	ocupacion, telefono, celular, correo_electronico, estado_civil, grupo_sanguineo, factor_rh, entidad_codigo, entidad_nombre,
	regimen_afiliacion, tipo_usuario, contacto_emergencia, responsable, voluntad_anticipada, oposicion_donacion, fallecido,
	fecha_fallecimiento, nombre_busqueda, nombre_orden`

const placeholders = `$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	$25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44`

func values(p api.Patient, by auth.Principal) ([]any, error) {
	birth, err := civil.ParseDate(p.FechaNacimiento)
	if err != nil {
		return nil, fmt.Errorf("birth date: %w", err)
	}
	d := p.Demographics
	return []any{
		p.DocumentoID, p.Version, p.ActualizadoEn, by.ID, d.TipoDocumento, d.NumeroDocumento, d.PrimerApellido, d.SegundoApellido,
		d.PrimerNombre, d.SegundoNombre, d.NombreIdentitario, birth, d.HoraNacimiento, d.SexoBiologico, d.IdentidadGenero,
		list(d.Nacionalidades), d.Direccion, d.Barrio, d.Municipio, d.Departamento, d.Pais, d.Zona, d.Etnia, d.ComunidadEtnica,
		list(d.Discapacidades), d.Ocupacion, d.Telefono, d.Celular, d.CorreoElectronico, d.EstadoCivil, d.GrupoSanguineo, d.FactorRH,
		d.EntidadCodigo, d.EntidadPertenece, d.RegimenAfiliacion, d.TipoUsuario, d.ContactoEmergencia, d.Responsable,
		d.VoluntadAnticipada, d.OposicionDonacion, d.Fallecido, d.FechaFallecimiento,
		foldName(fullName(d), false), foldName(fullName(d), true),
	}, nil
}

// list makes an empty array of a missing one.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// insert opens the record: its document, its data, the audit row and the event
// in one transaction. The document's unique key decides who is first.
func (f *Function) insert(ctx context.Context, p api.Patient, e event.Event, key idempotency.Key, resp service.Response) error {
	args, err := values(p, auth.From(ctx))
	if err != nil {
		return err
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $1, $2)`,
			p.DocumentoID, civil.Today(p.CreadoEn))
		b.Queue(`INSERT INTO historia_clinica.paciente (documento_id, `+written+`, creado_en) VALUES ($1, `+placeholders+`, $3)`, args...)
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: p.DocumentoID, Action: audit.Create, Type: "create", Resource: "paciente/" + p.DocumentoID, Permission: auth.RegisterPatient,
		})
		f.outbox.Queue(b, e)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return key.Save(ctx, tx, resp)
	})
	if c := db.Violates(err); c == "identificador_pkey" || c == "paciente_pkey" {
		return f.taken(ctx, ident.Document{Type: p.TipoDocumento, Number: p.NumeroDocumento})
	}
	if err != nil {
		return fmt.Errorf("register patient: %w", err)
	}
	return nil
}

// taken is the conflict that names the record which has the document.
func (f *Function) taken(ctx context.Context, doc ident.Document) error {
	id, err := record.Resolve(ctx, f.pool, doc.ID())
	if err != nil {
		return err
	}
	return problem.Conflict("Ya existe una historia clínica con ese documento.").With("documento_id", id)
}

// find reads a record and leaves the audit row of its reading, in one round
// trip.
func (f *Function) find(ctx context.Context, documentoID string) (api.Patient, error) {
	var p api.Patient
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT `+columns+` FROM historia_clinica.paciente WHERE documento_id = $1`, documentoID).Query(func(rows pgx.Rows) (err error) {
			p, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.Patient])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: documentoID, Action: audit.Read, Type: "read", Resource: "paciente/" + documentoID, Permission: auth.ReadPatient,
		})
	})
	if db.NoRows(err) {
		return p, record.NotFound()
	}
	if err != nil {
		return p, fmt.Errorf("read patient: %w", err)
	}
	return p, nil
}

// replace writes the next version of a record over the one that the caller saw,
// and keeps the one before.
func (f *Function) replace(ctx context.Context, id string, seen service.Versions, doc ident.Document, in api.Demographics, now time.Time,
	save func(pgx.Tx, api.Patient) error,
) error {
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		before, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !seen.Has(before.Version) {
			return problem.Stale().With("version", before.Version)
		}
		if doc.Type != before.TipoDocumento || doc.Number != before.NumeroDocumento {
			return problem.Invalid(map[string]string{"numero_documento": "Para cambiar el documento, agregue uno nuevo a la historia."})
		}
		old, err := json.Marshal(before)
		if err != nil {
			return fmt.Errorf("encode version: %w", err)
		}
		p := before
		p.Demographics, p.Version, p.ActualizadoEn = in, before.Version+1, now
		if err := f.save(ctx, tx, p, old, audit.Entry{
			DocumentoID: id, Action: audit.Update, Type: "update", Resource: fmt.Sprintf("paciente/%s/%d", id, p.Version), Permission: auth.UpdatePatient,
		}); err != nil {
			return err
		}
		return save(tx, p)
	})
	if db.NoRows(err) {
		return record.NotFound()
	}
	return err
}

// lock reads a record for a change of it. One that is merged into another is
// not changed.
func lock(ctx context.Context, tx pgx.Tx, id string) (api.Patient, error) {
	rows, err := tx.Query(ctx, selectLocked, id)
	if err != nil {
		return api.Patient{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.Patient])
	if err == nil && p.FusionadoEn != nil {
		err = record.Closed(id, *p.FusionadoEn)
	}
	return p, err
}

const selectLocked = `SELECT ` + columns + ` FROM historia_clinica.paciente WHERE documento_id = $1 FOR UPDATE`

// save writes p over its row, old (JSON) into the history, and the audit row.
func (f *Function) save(ctx context.Context, tx pgx.Tx, p api.Patient, old []byte, entry audit.Entry) error {
	args, err := values(p, auth.From(ctx))
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE historia_clinica.paciente SET (`+written+`) = (`+placeholders+`) WHERE documento_id = $1`, args...)
	b.Queue(`INSERT INTO historia_clinica.paciente_version (documento_id, version, contenido, hasta) VALUES ($1, $2, $3, $4)`,
		p.DocumentoID, p.Version-1, old, p.ActualizadoEn)
	audit.Queue(ctx, b, entry)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("update patient: %w", err)
	}
	return nil
}
