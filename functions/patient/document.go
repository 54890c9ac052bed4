package patient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

// documents lists the identity documents that the person has had, newest first.
func (f *Function) documents(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	since, after := "infinity", ""
	if page.After != "" {
		var ok bool
		since, after, ok = strings.Cut(page.After, "_")
		_, derr := civil.ParseDate(since)
		if d, err := ident.ParseID(after); !ok || derr != nil || err != nil || d.ID() != after {
			return badCursor()
		}
	}
	rec, err := f.recordOf(r)
	if err != nil {
		return err
	}
	type row struct {
		Clave   string
		Origen  string
		Vigente bool
		Desde   string
	}
	var rows []row
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectDocuments, rec.ID, rec.Parts, since, after, page.Limit+1).Query(func(rs pgx.Rows) (err error) {
			rows, err = pgx.CollectRows(rs, pgx.RowToStructByName[row])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: rec.ID, Action: audit.Read, Type: "read", Resource: "documentos/" + rec.ID, Permission: auth.ReadPatient,
		})
	})
	if err != nil {
		return fmt.Errorf("read documents: %w", err)
	}
	if len(rows) > page.Limit {
		rows = rows[:page.Limit]
		last := rows[page.Limit-1]
		page.Next(w, r, last.Desde+"_"+last.Clave)
	}
	out := make([]api.Document, 0, len(rows))
	for _, row := range rows {
		d, err := ident.ParseID(row.Clave)
		if err != nil {
			return fmt.Errorf("read documents: %w", err)
		}
		doc := api.Document{TipoDocumento: d.Type, NumeroDocumento: d.Number, Vigente: row.Vigente, Desde: row.Desde}
		if row.Origen != rec.ID {
			doc.Vigente, doc.Historia = false, row.Origen
		}
		out = append(out, doc)
	}
	return service.WriteJSON(w, 0, out)
}

// selectDocuments are the documents given to the records of a chart ($2). Those
// of a merged one lead to the record that goes on ($1).
const selectDocuments = `
	SELECT clave, coalesce(origen, documento_id) AS origen, vigente, desde::text AS desde FROM historia_clinica.identificador
	WHERE (documento_id = $1 OR origen = $1) AND coalesce(origen, documento_id) = ANY($2)
	  AND (desde < $3::date OR desde = $3::date AND clave > $4)
	ORDER BY identificador.desde DESC, clave LIMIT $5`

// addDocument gives a record the identity document that its person has now (TI
// at 7, CC at 18, a correction), or makes one that it had the current one again.
// The others still find it.
func (f *Function) addDocument(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in api.NewDocument
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	now := f.now()
	today := civil.Today(now)
	since := today
	fl := problem.Fields{}
	doc, err := ident.NewDocument(in.TipoDocumento, in.NumeroDocumento)
	switch err {
	case ident.ErrType:
		fl.Add("tipo_documento", "Elija un tipo de documento de la lista.")
	case ident.ErrNumber:
		fl.Add("numero_documento", "El número no corresponde al tipo de documento.")
	}
	if in.Desde != "" {
		if since, err = civil.ParseDate(in.Desde); err != nil || since.After(today) {
			fl.Add("desde", "La fecha no es válida.")
		}
	}
	if err := fl.Err(); err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (resp service.Response, err error) {
		id, err := record.ToWrite(ctx, f.pool, r.PathValue("id"))
		if err != nil {
			return resp, err
		}
		// The document leads to the record: what is there is its new version.
		return resp, f.giveDocument(ctx, id, doc, since, now, func(tx pgx.Tx, version int, g given) (err error) {
			resp, err = service.Created("/paciente/"+doc.ID(), version, api.Document{
				TipoDocumento: doc.Type, NumeroDocumento: doc.Number, Vigente: true, Desde: g.Desde.Format(civil.DateFormat),
			})
			if err != nil {
				return err
			}
			if g.had {
				resp.Status = http.StatusOK
			}
			return key.Save(ctx, tx, resp)
		})
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// given is what the registry knows of a document.
type given struct {
	DocumentoID string
	Origen      *string // the merged record that it was given to
	Desde       time.Time
	had         bool // the record had it before
}

const selectGiven = `SELECT documento_id, origen, desde FROM historia_clinica.identificador WHERE clave = $1`

// givenTo reads to which record a document was given. [pgx.ErrNoRows] when to
// none.
func givenTo(ctx context.Context, tx pgx.Tx, doc ident.Document) (g given, err error) {
	err = tx.QueryRow(ctx, selectGiven, doc.ID()).Scan(&g.DocumentoID, &g.Origen, &g.Desde)
	return g, err
}

func (f *Function) giveDocument(
	ctx context.Context, id string, doc ident.Document, since, now time.Time, save func(tx pgx.Tx, version int, g given) error,
) error {
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		// First of all the record: then nobody merges it meanwhile.
		p, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		g, err := givenTo(ctx, tx, doc)
		switch {
		case db.NoRows(err):
			g = given{Desde: since}
			err = insertDocument(ctx, tx, id, doc, since)
		case err == nil && (g.DocumentoID != id || g.Origen != nil || current(p, doc)):
			return takenBy(g.DocumentoID)
		case err == nil:
			g.had = true
			_, err = tx.Exec(ctx, `UPDATE historia_clinica.identificador SET vigente = true WHERE clave = $1`, doc.ID())
		}
		if err != nil {
			return err
		}
		// The documents of merged records stay as they were, for when they part.
		if _, err := tx.Exec(ctx, `UPDATE historia_clinica.identificador SET vigente = false
			WHERE documento_id = $1 AND clave <> $2 AND origen IS NULL`, id, doc.ID()); err != nil {
			return err
		}
		old, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encode version: %w", err)
		}
		entry := audit.Entry{DocumentoID: id, Action: audit.Create, Type: "create", Resource: "documento/" + doc.ID(), Permission: auth.UpdatePatient}
		if g.had {
			entry.Action, entry.Type = audit.Update, "update"
		}
		p.TipoDocumento, p.NumeroDocumento, p.Version, p.ActualizadoEn = doc.Type, doc.Number, p.Version+1, now
		if err := f.save(ctx, tx, p, old, entry); err != nil {
			return err
		}
		return save(tx, p.Version, g)
	})
	if db.Violates(err) == "identificador_pkey" {
		owner, rerr := record.Resolve(ctx, f.pool, doc.ID())
		if rerr != nil {
			return rerr
		}
		return takenBy(owner)
	}
	if err != nil {
		return fmt.Errorf("add document: %w", err)
	}
	return nil
}

func insertDocument(ctx context.Context, tx pgx.Tx, id string, doc ident.Document, since time.Time) error {
	merged, err := mergedInto(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO historia_clinica.identificador (clave, documento_id, desde, partes) VALUES ($1, $2, $3, $4)`,
		doc.ID(), id, since, merged)
	return err
}

// current reports whether a document is the one that the person has now.
func current(p api.Patient, doc ident.Document) bool {
	return p.TipoDocumento == doc.Type && p.NumeroDocumento == doc.Number
}

// takenBy is the conflict over a document that a record has.
func takenBy(owner string) error {
	return problem.Conflict("Ese documento ya está en una historia clínica.").With("documento_id", owner)
}
