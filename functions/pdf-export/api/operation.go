package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"hce.co/shared/client"
)

// PendingJob is an export under way, as an operador sees it: nothing of it
// tells of whom.
type PendingJob struct {
	ID       uuid.UUID `json:"id" db:"id"`
	Estado   string    `json:"estado" db:"estado"`
	Intentos int       `json:"intentos" db:"intentos"`
	Creado   time.Time `json:"creado" db:"creado"`
	Error    string    `json:"error,omitempty" db:"error"` // of the last attempt
}

// Pending lists the exports under way, the one asked for first first.
func (c Client) Pending(ctx context.Context) ([]PendingJob, error) {
	jobs, _, err := client.Call[[]PendingJob](ctx, c.Client, http.MethodGet, "/operacion/exportaciones", nil)
	return jobs, err
}
