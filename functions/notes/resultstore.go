package notes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

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
	tomado_en, emitido_en, emisor, visto_por, visto_en`

const selectResult = `SELECT ` + resultColumns + ` FROM historia_clinica.resultado WHERE documento_id = $1 AND id = $2`

func resultPath(r api.Result) string { return "/medico/resultados/" + r.DocumentoID }

// queueResultFacts reads whether the admission of a result is of its record, and
// the result that may be there under the same id.
func queueResultFacts(b *pgx.Batch, r api.Result, admitted *bool, there **api.Result) {
	*admitted, *there = r.AdmisionID == nil, nil
	if !*admitted {
		b.Queue(`SELECT count(*) > 0 FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2`, r.DocumentoID, r.AdmisionID).
			QueryRow(func(row pgx.Row) error { return row.Scan(admitted) })
	}
	b.Queue(selectResult+` FOR UPDATE`, r.DocumentoID, r.ID).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[api.Result])
		if len(all) == 1 {
			*there = all[0]
		}
		return err
	})
}

func queueResult(b *pgx.Batch, r api.Result) {
	b.Queue(`INSERT INTO historia_clinica.resultado (documento_id, id, admision_id, cups, loinc, nombre, valor, valor_tipo, unidad, rango,
		  interpretacion, estado, tomado_en, emitido_en, emisor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, resultArgs(r)...)
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
		  tomado_en, emitido_en, emisor, version, visto_por, visto_en)
		= ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', NULL) WHERE documento_id = $1 AND id = $2`,
		append(resultArgs(r), there.Version+1)...)
	return nil
}

func resultArgs(r api.Result) []any {
	return []any{
		r.DocumentoID, r.ID, r.AdmisionID, r.CUPS, r.LOINC, r.Nombre, r.Valor, r.ValorTipo, r.Unidad, r.Rango, r.Interpretacion, r.Estado,
		r.TomadoEn, r.EmitidoEn, r.Emisor,
	}
}

// addResult registers a result that came on paper.
func (f *Function) addResult(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	body, err := service.Body(r)
	if err != nil {
		return err
	}
	key, err := idempotency.Of(r, body)
	if err != nil {
		return err
	}
	var in api.NewResult
	if err := service.DecodeBytes(body, &in); err != nil {
		return err
	}
	res, err := newResult(in, auth.From(ctx), f.now())
	if err != nil {
		return err
	}
	if res.DocumentoID, err = access.Open(ctx, f.pool, in.DocumentoID); err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) { return f.insertResult(ctx, res, key) })
	if err != nil {
		return err
	}
	return resp.Write(w)
}

func (f *Function) insertResult(ctx context.Context, r api.Result, key idempotency.Key) (resp service.Response, err error) {
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var admitted bool
		var there *api.Result
		b := &pgx.Batch{}
		queueResultFacts(b, r, &admitted, &there)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		b = &pgx.Batch{}
		switch {
		case !admitted:
			return problem.Invalid(map[string]string{"admision_id": "Esa admisión no es de este paciente."})
		case there == nil:
			queueResult(b, r)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: r.DocumentoID, Action: audit.Create, Type: "create", Resource: "resultado/" + r.ID.String(), Permission: auth.WriteNote,
			})
		case there.Emisor == r.Emisor && there.Nombre == r.Nombre && there.Valor == r.Valor && there.Unidad == r.Unidad:
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

// markSeen notes which médico was the first to see a result.
func (f *Function) markSeen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	result, err := service.PathID(r, "resultado")
	if err != nil {
		return err
	}
	version, err := seen(r)
	if err != nil {
		return err
	}
	id, err := access.Open(ctx, f.pool, r.PathValue("documento_id"))
	if err != nil {
		return err
	}
	var out *api.Result
	err = db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		var admitted bool
		b := &pgx.Batch{}
		queueResultFacts(b, api.Result{DocumentoID: id, ID: result}, &admitted, &out)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		b = &pgx.Batch{}
		switch {
		case out == nil:
			return problem.NotFound("No existe ese resultado.")
		case version != 0 && version != out.Version:
			return problem.Stale().With("version", out.Version)
		case out.VistoEn == nil:
			now := f.now()
			out.VistoPor, out.VistoEn = auth.From(ctx).Name, &now
			b.Queue(`UPDATE historia_clinica.resultado SET visto_por = $3, visto_en = $4 WHERE documento_id = $1 AND id = $2`,
				id, result, out.VistoPor, now)
			audit.Queue(ctx, b, audit.Entry{
				DocumentoID: id, Action: audit.Update, Type: "update", Resource: fmt.Sprintf("resultado/%s/%d", result, out.Version),
				Permission: auth.WriteNote,
			})
		}
		return tx.Commit(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("mark result as seen: %w", err)
	}
	return service.WriteJSON(w, out.Version, out)
}

// receiver names this function in the inbox.
const receiver = "notes"

// takeResult gives a result that an event brings its place in the chart, once.
func (f *Function) takeResult(ctx context.Context, r api.Result, eventID string) error {
	return db.Lean(ctx, f.pool, func(tx *db.LeanTx) error {
		r := r
		var admitted bool
		var there *api.Result
		first := false
		b := &pgx.Batch{}
		queueInbox(b, receiver, r.DocumentoID, r.Emisor, eventID, f.now(), &first)
		queueResultFacts(b, r, &admitted, &there)
		if err := tx.Do(ctx, b); err != nil {
			return err
		}
		if !first {
			return tx.Commit(ctx, &pgx.Batch{})
		}
		if !admitted {
			r.AdmisionID = nil // the result is the patient's all the same
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
