// Package access knows whether a professional is in relation to a record.
package access

import (
	"context"
	"fmt"
	"time"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
)

// related is true for a record with an open admission in one of the médico's
// services, a note of theirs, or an emergency access that has not run out. One
// shard answers it. (Resolución 1995/1999 art. 14: who may read a record.)
const related = `
	SELECT EXISTS (
	    SELECT 1 FROM historia_clinica.admision
	    WHERE documento_id = $1 AND estado NOT IN ('finished', 'cancelled')
	      AND (servicio = ANY($3) OR profesional_id = $2))
	  OR EXISTS (
	    SELECT 1 FROM historia_clinica.nota
	    WHERE documento_id = $1 AND autor_id = $2)
	  OR EXISTS (
	    SELECT 1 FROM historia_clinica.acceso_emergencia
	    WHERE documento_id = $1 AND usuario_id = $2 AND hasta > $4)`

// Chart lets the caller read the chart of a record, or says why not. A patient
// reads their own, resultados reads by role, a médico by relation.
func Chart(ctx context.Context, q db.Querier, documentoID string) error {
	p := auth.From(ctx)
	switch {
	case p.Is(auth.RecordsClerk), p.Is(auth.Patient) && p.DocumentoID == documentoID:
		return nil
	case !p.Is(auth.Physician):
		return problem.Forbidden("Solo puede consultar su propia historia clínica.")
	}
	services := p.Services
	if services == nil {
		services = []string{}
	}
	var ok bool
	if err := q.QueryRow(ctx, related, documentoID, p.ID, services, time.Now().UTC()).Scan(&ok); err != nil {
		return fmt.Errorf("read relation: %w", err)
	}
	if !ok {
		return problem.Forbidden("No tiene una atención en curso con este paciente. "+
			"Si es una urgencia, pida acceso de emergencia con su motivo.").With("acceso_emergencia", true)
	}
	return nil
}
