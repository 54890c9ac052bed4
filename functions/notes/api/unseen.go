package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"hce.co/shared/client"
)

// UnseenResult is a result in the list of the médico who should see it. Its
// value stands in the chart, whose reading the patient learns of.
type UnseenResult struct {
	DocumentoID    string    `json:"documento_id" db:"documento_id"`
	ID             uuid.UUID `json:"id" db:"id"`
	Paciente       string    `json:"paciente" db:"paciente"` // surnames first
	Nombre         string    `json:"nombre" db:"nombre"`
	Interpretacion string    `json:"interpretacion,omitempty" db:"interpretacion"`
	Estado         string    `json:"estado" db:"estado"`
	EmitidoEn      time.Time `json:"emitido_en" db:"emitido_en"`
}

// UnseenResults lists the results of the caller's patients that nobody has seen,
// newest first.
func (c Client) UnseenResults(ctx context.Context, limit int, after string) (page []UnseenResult, next string, err error) {
	return list[UnseenResult](ctx, c, "/medico/resultados-sin-ver"+client.Page(limit, after))
}
