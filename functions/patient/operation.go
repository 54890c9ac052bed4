package patient

import (
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/service"
)

// selectBacklog counts what waits in the outbox. It asks every shard.
const selectBacklog = `
	SELECT tipo, count(*)::int AS en_espera, min(creado_en) AS mas_antiguo FROM historia_clinica.evento_salida
	GROUP BY tipo ORDER BY tipo`

// state tells an operador which events wait to be sent: of every function,
// since they share the outbox.
func (f *Function) state(w http.ResponseWriter, r *http.Request) error {
	rows, err := f.pool.Query(r.Context(), selectBacklog)
	if err != nil {
		return fmt.Errorf("count events: %w", err)
	}
	waiting, err := pgx.CollectRows(rows, pgx.RowToStructByName[api.Backlog])
	if err != nil {
		return fmt.Errorf("count events: %w", err)
	}
	var dead int
	if err := f.pool.QueryRow(r.Context(), `SELECT count(*)::int FROM historia_clinica.evento_muerto`).Scan(&dead); err != nil {
		return fmt.Errorf("count dead events: %w", err)
	}
	return service.WriteJSON(w, 0, api.SystemState{Eventos: waiting, Muertos: dead})
}
