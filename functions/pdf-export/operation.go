package pdfexport

import (
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/service"
)

// selectPending lists the exports under way, the one asked for first first. It
// asks every shard, by the index of what is pending.
const selectPending = `
	SELECT id, estado, intentos, creado, error FROM historia_clinica.documento_pdf
	WHERE estado IN ('solicitado', 'generando') ORDER BY creado, id LIMIT 100`

// pending tells an operador which exports are under way, and not of whom.
func (f *Function) pending(w http.ResponseWriter, r *http.Request) error {
	rows, err := f.pool.Query(r.Context(), selectPending)
	if err != nil {
		return fmt.Errorf("read pending exports: %w", err)
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowToStructByName[api.PendingJob])
	if err != nil {
		return fmt.Errorf("read pending exports: %w", err)
	}
	return service.WriteJSON(w, 0, jobs)
}
