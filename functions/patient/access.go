package patient

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/db"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/record"
	"hce.co/shared/service"
)

const (
	codeLife      = 7 * 24 * time.Hour // of a registration code
	emergencyLife = 60 * time.Minute   // of an emergency access
)

// issueCode makes the code that reception prints for a patient, in place of any
// that was not used. It takes no Idempotency-Key: the answer to a retry would
// have to be kept, and is a secret. A retry makes another code, and only the
// newest works.
func (f *Function) issueCode(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := idempotency.Decode(r, &service.Nothing{}); err != nil {
		return err
	}
	id, err := record.ToWrite(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	code := crockford.New()
	sum := sha256.Sum256([]byte(code))
	now := f.Now().UTC()
	expires := now.Add(codeLife).Truncate(time.Second)
	version := 0
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		p, err := lock(ctx, tx, id) // two at once: the second ends the first one's code
		if err != nil {
			return err
		}
		version = p.Version
		b := &pgx.Batch{}
		b.Queue(`UPDATE historia_clinica.codigo_registro SET expira = $2 WHERE documento_id = $1 AND usado_en IS NULL AND expira > $2`, id, now)
		b.Queue(`INSERT INTO historia_clinica.codigo_registro (documento_id, id, huella, creado_en, expira, creado_por) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, ident.NewID(), sum[:], now, expires, auth.From(ctx).ID)
		audit.Queue(ctx, b, audit.Entry{DocumentoID: id, Action: audit.Create, Type: "create", Resource: "codigo/" + id, Permission: auth.IssueCode})
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		return fmt.Errorf("issue code: %w", err)
	}
	resp, err := service.Created("/paciente/"+id, version, api.Code{Codigo: crockford.Show(code), Expira: expires}) // no address shows a code
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// trail shows who read or wrote the record, newest first: to its patient, and
// to the administrador.
func (f *Function) trail(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	after := uuid.Max
	if page.After != "" {
		if after, err = uuid.Parse(page.After); err != nil {
			return badCursor()
		}
	}
	rec, err := record.ForCaller(ctx, f.pool, r.PathValue("id"))
	if err != nil {
		return err
	}
	id := rec.Of // each record has a trail of its own, merged or not
	if caller := auth.From(ctx); !own(caller, id) && !caller.Is(auth.Admin) {
		return record.Foreign()
	}
	out := []api.Access{}
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectTrail, id, after, page.Limit+1).Query(func(rows pgx.Rows) (err error) {
			out, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.Access])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{DocumentoID: id, Action: audit.Read, Type: "read", Resource: "auditoria/" + id, Permission: auth.ReadTrail})
	})
	if err != nil {
		return fmt.Errorf("read trail: %w", err)
	}
	if len(out) > page.Limit {
		out = out[:page.Limit]
		page.Next(w, r, out[page.Limit-1].ID.String())
	}
	return service.WriteJSON(w, 0, out)
}

// selectTrail reads a page of a record's trail. A row of it has room for the
// beginning of a reason; that of an emergency access stands whole with the
// access.
const selectTrail = `
	SELECT a.id, a.en, a.nombre, a.rol, a.accion::text AS accion, a.tipo, a.recurso, coalesce(e.motivo, a.motivo) AS motivo, a.resultado, a.request_id
	FROM historia_clinica.auditoria a
	LEFT JOIN historia_clinica.acceso_emergencia e
	  ON e.documento_id = a.documento_id AND a.tipo = 'break-glass' AND a.recurso = 'acceso-emergencia/' || e.id
	WHERE a.documento_id = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT $3`

// breakGlass lets a médico read a record for an hour for a reason that the
// patient and the administrador will read too.
func (f *Function) breakGlass(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in api.EmergencyRequest
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	if in.Motivo, err = tidyReason(in.Motivo); err != nil {
		return err
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		id, err := record.Resolve(ctx, f.pool, r.PathValue("id"))
		if err != nil {
			return service.Response{}, err
		}
		return f.grant(ctx, id, in.Motivo, key)
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// grant writes an emergency access for the caller. What they get to read by it,
// and so where its Location leads, is the record.
func (f *Function) grant(ctx context.Context, id, reason string, key idempotency.Key) (resp service.Response, err error) {
	p, now := auth.From(ctx), f.now()
	a := api.EmergencyAccess{
		ID: ident.NewID(), DocumentoID: id, UsuarioID: p.ID, Nombre: p.Name, Motivo: reason, Desde: now, Hasta: now.Add(emergencyLife),
	}
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		version := 0
		b := &pgx.Batch{}
		b.Queue(`SELECT version FROM historia_clinica.paciente WHERE documento_id = $1`, id).
			QueryRow(func(row pgx.Row) error { return row.Scan(&version) })
		b.Queue(`INSERT INTO historia_clinica.acceso_emergencia (documento_id, id, usuario_id, nombre, motivo, desde, hasta)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, a.DocumentoID, a.ID, a.UsuarioID, a.Nombre, a.Motivo, a.Desde, a.Hasta)
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: id, Action: audit.Execute, Type: "break-glass", Resource: "acceso-emergencia/" + a.ID.String(),
			Reason: a.Motivo, Permission: auth.BreakGlass,
		})
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		var err error
		if resp, err = service.Created("/paciente/"+id, version, a); err != nil {
			return err
		}
		return key.Save(ctx, tx, resp)
	})
	if err != nil {
		return resp, fmt.Errorf("break the glass: %w", err)
	}
	return resp, nil
}

const emergencyColumns = `id, documento_id, usuario_id, nombre, motivo, desde, hasta, revisado_en, decision`

// selectEmergencies asks every shard for the ones that follow.
const selectEmergencies = `SELECT ` + emergencyColumns + ` FROM historia_clinica.acceso_emergencia
	WHERE revisado_en IS NULL AND (desde, id) > ($1, $2) ORDER BY desde, id LIMIT $3`

// emergencies is the review queue: emergency accesses that nobody has judged
// yet, oldest first.
func (f *Function) emergencies(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	since, id := time.Time{}, uuid.Nil
	if page.After != "" {
		at, last, ok := strings.Cut(page.After, "_")
		var terr, ierr error
		since, terr = time.Parse(time.RFC3339Nano, at)
		id, ierr = uuid.Parse(last)
		if !ok || terr != nil || ierr != nil {
			return badCursor()
		}
	}
	var out []api.EmergencyAccess
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectEmergencies, since, id, page.Limit+1).Query(func(rows pgx.Rows) (err error) {
			out, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.EmergencyAccess])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(auth.From(ctx).ID), Action: audit.Read, Type: "read", Resource: "accesos-emergencia", Permission: auth.ReviewAccess,
		})
	})
	if err != nil {
		return fmt.Errorf("read review queue: %w", err)
	}
	if len(out) > page.Limit {
		out = out[:page.Limit]
		last := out[page.Limit-1]
		page.Next(w, r, last.Desde.UTC().Format(time.RFC3339Nano)+"_"+last.ID.String())
	}
	return service.WriteJSON(w, 0, out)
}

// reviewEmergency records the administrador's word on an emergency access. One
// that is not justified ends with it, see package access.
func (f *Function) reviewEmergency(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	access, err := service.PathID(r, "acceso")
	if err != nil {
		return err
	}
	var in api.Review
	key, err := idempotency.Decode(r, &in)
	if err != nil {
		return err
	}
	if in.Decision != "justificado" && in.Decision != "injustificado" {
		return problem.Invalid(map[string]string{"decision": "Elija justificado o injustificado."})
	}
	resp, err := key.Do(ctx, f.pool, func() (service.Response, error) {
		rec, err := record.Find(ctx, f.pool, r.PathValue("id"))
		if err != nil {
			return service.Response{}, err
		}
		return f.judge(ctx, rec.Of, access, in.Decision, key) // where it was asked for, merged since or not
	})
	if err != nil {
		return err
	}
	return resp.Write(w)
}

// judge writes the decision, unless it is there already: one access is judged
// once, and by somebody else than who asked for it.
func (f *Function) judge(ctx context.Context, id string, access uuid.UUID, decision string, key idempotency.Key) (resp service.Response, err error) {
	err = db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		a, err := emergency(ctx, tx, `SELECT `+emergencyColumns+` FROM historia_clinica.acceso_emergencia
			WHERE documento_id = $1 AND id = $2 FOR UPDATE`, id, access)
		entry := audit.Entry{
			DocumentoID: id, Action: audit.Read, Type: "read", Resource: "acceso-emergencia/" + access.String(), Permission: auth.ReviewAccess,
		}
		switch {
		case err != nil:
			return err
		case a.UsuarioID == auth.From(ctx).ID:
			return problem.Forbidden("Lo abrió usted: lo revisa otra persona.")
		case a.RevisadoEn == nil:
			entry.Action, entry.Type, entry.Reason = audit.Update, "review", decision
			if a, err = emergency(ctx, tx, `UPDATE historia_clinica.acceso_emergencia SET revisado_en = $3, revisado_por = $4, decision = $5
				WHERE documento_id = $1 AND id = $2 RETURNING `+emergencyColumns, id, access, f.now(), auth.From(ctx).ID, decision); err != nil {
				return err
			}
		case a.Decision != decision:
			return problem.Conflict("Ese acceso ya fue revisado: quedó como %s.", a.Decision).With("decision", a.Decision)
		}
		if err := audit.Write(ctx, tx, entry); err != nil {
			return err
		}
		if resp, err = service.JSON(http.StatusOK, a); err != nil {
			return err
		}
		return key.Save(ctx, tx, resp)
	})
	if db.NoRows(err) {
		return resp, problem.NotFound("No existe ese acceso de emergencia.")
	}
	if err != nil {
		return resp, fmt.Errorf("review emergency access: %w", err)
	}
	return resp, nil
}

// emergency reads the one access that a statement is about.
func emergency(ctx context.Context, tx pgx.Tx, sql string, args ...any) (api.EmergencyAccess, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return api.EmergencyAccess{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[api.EmergencyAccess])
}
