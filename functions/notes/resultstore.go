package notes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/access"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

const resultColumns = `documento_id, id, version, admision_id, cups, loinc, nombre, valor, valor_tipo, unidad, rango, interpretacion, estado,
	tomado_en, emitido_en, emisor, productor_id, productor, visto_por, visto_en`

const selectResult = `SELECT ` + resultColumns + ` FROM historia_clinica.resultado WHERE documento_id = $1 AND id = $2`

// resultPath is where a result stands.
func resultPath(r api.Result) string {
	return "/medico/resultados/" + r.DocumentoID + "/" + r.ID.String()
}

// queueResultFacts reads what decides on a result.
func queueResultFacts(b *pgx.Batch, r api.Result, x *resultFacts) {
	*x = resultFacts{admitted: r.AdmisionID == nil}
	b.Queue(`SELECT fecha_nacimiento FROM historia_clinica.paciente WHERE documento_id = $1`, r.DocumentoID).
		QueryRow(func(row pgx.Row) error { return row.Scan(&x.birth) })
	if !x.admitted {
		b.Queue(`SELECT count(*) > 0 FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2`, r.DocumentoID, r.AdmisionID).
			QueryRow(func(row pgx.Row) error { return row.Scan(&x.admitted) })
	}
}

// queueThere reads, for a change of it, the result that may be there under an id.
func queueThere(b *pgx.Batch, documentoID string, id uuid.UUID, there **api.Result) {
	*there = nil
	b.Queue(selectResult+` FOR UPDATE`, documentoID, id).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[api.Result])
		if len(all) == 1 {
			*there = all[0]
		}
		return err
	})
}

func queueResult(b *pgx.Batch, r api.Result) {
	b.Queue(`INSERT INTO historia_clinica.resultado (documento_id, id, admision_id, cups, loinc, nombre, valor, valor_tipo, unidad, rango,
		  interpretacion, estado, tomado_en, emitido_en, emisor, productor_id, productor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, resultArgs(r)...)
}

// queueCorrection writes a later state of a result over the one that is there,
// which goes into its history; nobody has seen the new one yet.
func queueCorrection(b *pgx.Batch, r, there api.Result, now time.Time) error {
	old, err := json.Marshal(there)
	if err != nil {
		return fmt.Errorf("encode version: %w", err)
	}
	b.Queue(`INSERT INTO historia_clinica.resultado_version (documento_id, resultado_id, version, contenido, hasta) VALUES ($1, $2, $3, $4, $5)`,
		r.DocumentoID, r.ID, there.Version, old, now)
	b.Queue(`UPDATE historia_clinica.resultado SET (admision_id, cups, loinc, nombre, valor, valor_tipo, unidad, rango, interpretacion, estado,
		  tomado_en, emitido_en, emisor, productor_id, productor, version, visto_por, visto_en)
		= ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, '', NULL) WHERE documento_id = $1 AND id = $2`,
		append(resultArgs(r), there.Version+1)...)
	return nil
}

func resultArgs(r api.Result) []any {
	return []any{
		r.DocumentoID, r.ID, r.AdmisionID, r.CUPS, r.LOINC, r.Nombre, r.Valor, r.ValorTipo, r.Unidad, r.Rango, r.Interpretacion, r.Estado,
		r.TomadoEn, r.EmitidoEn, r.Emisor, r.ProductorID, r.Productor,
	}
}

// addResult registers a result that came on paper.
func (f *Function) addResult(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in resultBody
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	res, err := newResult(in, auth.From(ctx), f.now())
	if err != nil {
		return err
	}
	rec, err := access.Open(ctx, f.pool, in.DocumentoID)
	if err == nil && rec.Merged() {
		err = rec.Closed()
	}
	if err != nil {
		return err
	}
	res.DocumentoID = rec.ID
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) { return f.insertResult(ctx, res, key) })
	if err != nil {
		return err
	}
	return resp.Write(w)
}

func (f *Function) insertResult(ctx context.Context, r api.Result, key idempotency.Key) (resp service.Response, err error) {
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var x resultFacts
		var there *api.Result
		b := &pgx.Batch{}
		queueResultFacts(b, r, &x)
		queueThere(b, r.DocumentoID, r.ID, &there)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		if err := judgeResult(r, x); err != nil {
			return err
		}
		b = &pgx.Batch{}
		switch {
		case there == nil:
			queueResult(b, r)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: r.DocumentoID, Action: audit.Create, Type: "create", Resource: "resultado/" + r.ID.String(), Permission: auth.WriteNote,
			})
		case there.ProductorID == uuid.Nil && there.Emisor == r.Emisor && there.Nombre == r.Nombre && there.Valor == r.Valor && there.Unidad == r.Unidad:
			r = *there // a retry
		default:
			return problem.Conflict("Ya existe un resultado con ese identificador y otro contenido.")
		}
		if resp, err = service.Created(resultPath(r), r.Version, r); err != nil {
			return err
		}
		key.Queue(b, resp)
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return resp, fmt.Errorf("add result: %w", err)
	}
	return resp, nil
}

// receiver names this function in the inbox.
const receiver = "notes"

// takeResult gives a result that an event brings its place in the chart, once.
func (f *Function) takeResult(ctx context.Context, r api.Result, eventID string) error {
	return db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		r := r
		var x resultFacts
		var there *api.Result
		first := false
		b := &pgx.Batch{}
		queueInbox(b, receiver, r.DocumentoID, r.ProductorID, r.Emisor, eventID, f.now(), &first)
		queueResultFacts(b, r, &x)
		queueThere(b, r.DocumentoID, r.ID, &there)
		queueProducer(b, r.ProductorID, &r.Productor)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		if !first {
			return tx.Commit(ctx, &pgx.Batch{})
		}
		if err := judgeResult(r, x); err != nil {
			return inEvent(err)
		}
		b = &pgx.Batch{}
		if there == nil {
			queueResult(b, r)
			return tx.Commit(ctx, b)
		}
		later, err := supersedes(r, *there)
		if errors.Is(err, errForeign) {
			return problem.Unprocessable("Ese resultado_id es de otro emisor.").Because(err)
		}
		if later {
			if err := queueCorrection(b, r, *there, f.now()); err != nil {
				return err
			}
		}
		return tx.Commit(ctx, b)
	})
}

// queueProducer reads what the account of a producer is called.
func queueProducer(b *pgx.Batch, id uuid.UUID, name *string) {
	if id == uuid.Nil {
		return
	}
	b.Queue(`SELECT nombre FROM historia_clinica.productor WHERE id = $1`, id).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{name}, func() error { return nil })
		return err
	})
}
