package notes

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/service"
)

// unseenFor is how far back a result is looked for, and how long a note makes a
// patient one of its author's.
const unseenFor = 90 * 24 * time.Hour

// unseen lists the results that nobody has seen yet of the caller's patients:
// those of whom they wrote of late, and those who are in their services now. It
// asks every shard, by indexes of the caller's notes, of who is here, and of
// what is unseen.
func (f *Function) unseen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, after, err := position(r)
	if err != nil {
		return err
	}
	by := auth.From(ctx)
	services := by.Services
	if services == nil {
		services = []string{}
	}
	out := []api.UnseenResult{}
	err = db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(selectUnseen, by.ID, services, f.now().Add(-unseenFor), after.at, after.id, page.Limit+1).Query(func(rows pgx.Rows) (err error) {
			out, err = pgx.CollectRows(rows, pgx.RowToStructByName[api.UnseenResult])
			return err
		})
		audit.Queue(ctx, b, audit.Entry{
			DocumentoID: audit.User(by.ID), Action: audit.Read, Type: "read", Resource: "resultados-sin-ver", Permission: auth.WriteNote,
		})
	})
	if err != nil {
		return fmt.Errorf("read unseen results: %w", err)
	}
	if len(out) > page.Limit {
		out = out[:page.Limit]
		last := out[page.Limit-1]
		page.Next(w, r, cursor{last.EmitidoEn, last.ID}.String())
	}
	for i := range out {
		out[i].Paciente, out[i].EmitidoEn = strings.Join(strings.Fields(out[i].Paciente), " "), out[i].EmitidoEn.UTC()
	}
	return service.WriteJSON(w, 0, out)
}

// selectUnseen takes the account, its services, since when, the place to begin
// after, and the number of rows. Who is a médico's patient here is narrower than
// who may read a chart, see package access. Patient by patient the index is
// asked: a join would make the planner read all that is unseen in the clinic.
const selectUnseen = `
	SELECT r.documento_id, r.id, r.nombre, r.interpretacion, r.estado, r.emitido_en,
	  (SELECT concat_ws(' ', p.primer_apellido, p.segundo_apellido, p.primer_nombre, p.segundo_nombre)
	    FROM historia_clinica.paciente p WHERE p.documento_id = r.documento_id) AS paciente
	FROM (
	  SELECT documento_id FROM historia_clinica.nota WHERE autor_id = $1 AND fecha_atencion >= $3
	  UNION
	  SELECT documento_id FROM historia_clinica.admision
	  WHERE estado NOT IN ('finished', 'cancelled') AND (servicio <> '' AND servicio = ANY($2) OR profesional_id = $1)
	) mine
	JOIN LATERAL (
	  SELECT documento_id, id, nombre, interpretacion, estado, emitido_en FROM historia_clinica.resultado
	  WHERE documento_id = mine.documento_id AND visto_en IS NULL AND emitido_en >= $3 AND (emitido_en, id) < ($4, $5)
	  ORDER BY emitido_en DESC, id DESC LIMIT $6
	) r ON true
	ORDER BY r.emitido_en DESC, r.id DESC LIMIT $6`
