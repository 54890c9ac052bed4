package admission

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/admission/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// The census and the queue are the two queries here that ask every shard; each
// joins a patient to their admission where both are.
const (
	selectStays = `SELECT a.documento_id, p.tipo_documento, p.numero_documento,
		concat_ws(' ', p.primer_nombre, nullif(p.segundo_nombre, ''), p.primer_apellido, nullif(p.segundo_apellido, '')) AS nombre,
		p.fecha_nacimiento::text AS fecha_nacimiento, p.sexo_biologico, a.id AS admision_id, a.numero, a.clase, a.estado, a.inicio,
		a.servicio, a.cama, a.triage_nivel, a.triage_hora, a.profesional_nombre
		FROM historia_clinica.admision a JOIN historia_clinica.paciente p ON p.documento_id = a.documento_id
		WHERE a.estado IN ('arrived', 'triaged', 'in-progress')`
	censusAfter   = ` AND (a.servicio, a.cama, a.id) > ($1, $2, $3)`
	censusService = ` AND a.servicio = $5`
	censusOrder   = ` ORDER BY a.servicio, a.cama, a.id LIMIT $4`
	queueAfter    = ` AND a.clase = 'EMER' AND a.estado IN ('arrived', 'triaged')
		AND (coalesce(a.triage_nivel, 0), a.inicio, a.id) > ($1, $2, $3)`
	queueOrder = ` ORDER BY coalesce(a.triage_nivel, 0), a.inicio, a.id LIMIT $4`
)

// census shows who is here, by service and bed.
func (f *Function) census(w http.ResponseWriter, r *http.Request) error {
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	ward := r.URL.Query().Get("servicio")
	if ward != "" && api.ServiceName(ward) == "" {
		return problem.Invalid(map[string]string{"servicio": "Elija un servicio del REPS."})
	}
	args := []any{"", "", uuid.Nil, page.Limit + 1}
	if page.After != "" {
		parts := strings.Split(page.After, "_")
		if len(parts) != 3 {
			return badCursor()
		}
		id, err := uuid.Parse(parts[2])
		if err != nil {
			return badCursor()
		}
		args[0], args[1], args[2] = parts[0], parts[1], id
	}
	sql := selectStays + censusAfter
	if ward != "" {
		sql += censusService
		args = append(args, ward)
	}
	return f.stays(w, r, page, sql+censusOrder, args, func(s api.Stay) string {
		return s.Servicio + "_" + s.Cama + "_" + s.AdmisionID.String()
	})
}

// queue shows who waits in urgencias: those not classified first, then by
// level, each by the time they have waited (Res. 5596/2015).
func (f *Function) queue(w http.ResponseWriter, r *http.Request) error {
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	args := []any{-1, time.Time{}, uuid.Nil, page.Limit + 1}
	if page.After != "" {
		parts := strings.Split(page.After, "_")
		if len(parts) != 3 {
			return badCursor()
		}
		level, lerr := strconv.ParseInt(parts[0], 10, 8)
		at, terr := time.Parse(time.RFC3339Nano, parts[1])
		id, ierr := uuid.Parse(parts[2])
		if lerr != nil || terr != nil || ierr != nil {
			return badCursor()
		}
		args[0], args[1], args[2] = int(level), at, id
	}
	return f.stays(w, r, page, selectStays+queueAfter+queueOrder, args, func(s api.Stay) string {
		level := 0
		if s.TriageNivel != nil {
			level = *s.TriageNivel
		}
		return strconv.Itoa(level) + "_" + s.Inicio.UTC().Format(time.RFC3339Nano) + "_" + s.AdmisionID.String()
	})
}

// stays answers a page of present patients; cursor names the place of one.
func (f *Function) stays(w http.ResponseWriter, r *http.Request, page service.Page, sql string, args []any, cursor func(api.Stay) string) error {
	list, err := f.findStays(r.Context(), sql, args)
	if err != nil {
		return err
	}
	if len(list) > page.Limit {
		list = list[:page.Limit]
		page.Next(w, r, cursor(list[page.Limit-1]))
	}
	today := civil.Today(f.Now())
	for i := range list {
		s := &list[i]
		s.ServicioNombre = api.ServiceName(s.Servicio)
		if birth, err := civil.ParseDate(s.FechaNacimiento); err == nil {
			s.Edad = civil.Age(birth, today)
		}
	}
	return service.WriteJSON(w, 0, list)
}

func (f *Function) findStays(ctx context.Context, sql string, args []any) ([]api.Stay, error) {
	list := []api.Stay{}
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.Stay])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(auth.From(ctx).ID), Action: audit.Execute, Type: "search", Resource: "censo", Permission: auth.ReadCensus,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read census: %w", err)
	}
	return list, nil
}
