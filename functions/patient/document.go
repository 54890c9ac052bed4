package patient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/db"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// documents lists the identity documents that the person has had.
func (f *Function) documents(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := record.ForCaller(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	type row struct {
		Clave   string
		Vigente bool
		Desde   string
	}
	var rows []row
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`SELECT clave, vigente, desde::text AS desde FROM historia_clinica.identificador WHERE documento_id = $1
			ORDER BY desde DESC, clave LIMIT 50`, id).Query(func(rs pgx.Rows) (err error) {
			rows, err = pgx.CollectRows(rs, pgx.RowToStructByName[row])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{DocumentoID: id, Action: audit.Read, Type: "read", Resource: "documentos/" + id, Permission: auth.ReadPatient})
	})
	if err != nil {
		return fmt.Errorf("read documents: %w", err)
	}
	out := make([]api.Document, 0, len(rows))
	for _, row := range rows {
		d, err := ident.ParseID(row.Clave)
		if err != nil {
			return fmt.Errorf("read documents: %w", err)
		}
		out = append(out, api.Document{TipoDocumento: d.Type, NumeroDocumento: d.Number, Vigente: row.Vigente, Desde: row.Desde})
	}
	return service.WriteJSON(w, 0, out)
}

// addDocument gives a record the identity document that its person has now (TI
// at 7, CC at 18, a correction). The old ones still find it.
func (f *Function) addDocument(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in api.NewDocument
	if err := service.Decode(r, &in); err != nil {
		return err
	}
	now := f.Now().UTC()
	today := civil.Today(now)
	since := today
	fl := fields{}
	doc, err := ident.NewDocument(in.TipoDocumento, in.NumeroDocumento)
	switch err {
	case ident.ErrType:
		fl.add("tipo_documento", "Elija un tipo de documento de la lista.")
	case ident.ErrNumber:
		fl.add("numero_documento", "El número no corresponde al tipo de documento.")
	}
	if in.Desde != "" {
		if since, err = civil.ParseDate(in.Desde); err != nil || since.After(today) {
			fl.add("desde", "La fecha no es válida.")
		}
	}
	if err := fl.problem(); err != nil {
		return err
	}
	id, err := record.Resolve(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := f.insertDocument(ctx, id, doc, since, now); err != nil {
		return err
	}
	resp, err := service.Created("/paciente/"+doc.ID(), 1, api.Document{
		TipoDocumento: doc.Type, NumeroDocumento: doc.Number, Vigente: true, Desde: since.Format(civil.DateFormat),
	})
	if err != nil {
		return err
	}
	resp.ETag = ""
	return resp.Write(w)
}

func (f *Function) insertDocument(ctx context.Context, id string, doc ident.Document, since, now time.Time) error {
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $2, $3)`,
			doc.ID(), id, since); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE historia_clinica.identificador SET vigente = false WHERE documento_id = $1 AND clave <> $2`,
			id, doc.ID()); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM historia_clinica.paciente WHERE documento_id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.Patient])
		if err != nil {
			return err
		}
		old, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encode version: %w", err)
		}
		p.TipoDocumento, p.NumeroDocumento, p.Version, p.ActualizadoEn = doc.Type, doc.Number, p.Version+1, now
		return f.save(ctx, tx, p, old, audit.Entry{
			DocumentoID: id, Action: audit.Create, Type: "create", Resource: "documento/" + doc.ID(), Permission: auth.UpdatePatient,
		})
	})
	if db.Violates(err) == "identificador_pkey" {
		owner, rerr := record.Resolve(ctx, f.pool, doc.ID())
		if rerr != nil {
			return rerr
		}
		return problem.Conflict("Ese documento ya está en una historia clínica.").With("documento_id", owner)
	}
	if err != nil {
		return fmt.Errorf("add document: %w", err)
	}
	return nil
}
