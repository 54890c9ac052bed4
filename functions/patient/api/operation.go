package api

import (
	"context"
	"time"

	"hce.co/shared/client"
)

// SystemState is what an operador sees of the work that waits; nothing of it
// concerns a patient.
type SystemState struct {
	Eventos []Backlog `json:"eventos"`
	Muertos int       `json:"muertos"` // events that nobody could take, kept for a person to look at
}

// Backlog is how many events of a type wait to be sent.
type Backlog struct {
	Tipo       string    `json:"tipo" db:"tipo"`
	EnEspera   int       `json:"en_espera" db:"en_espera"`
	MasAntiguo time.Time `json:"mas_antiguo" db:"mas_antiguo"` // since when the oldest of them waits
}

// System returns what waits to be done.
func (c Client) System(ctx context.Context) (SystemState, error) {
	s, _, err := client.Call[SystemState](ctx, c.Client, "GET", "/operacion/estado", nil)
	return s, err
}
