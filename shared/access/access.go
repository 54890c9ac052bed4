// Package access knows whether a professional is in relation to a record.
package access

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

// related is true for a record with an open admission in one of the médico's
// services, a note of theirs, or an emergency access that has not run out and
// that its review did not find unjustified: such a one ends with the review. An
// admission in no service is in nobody's. One shard answers it. (Resolución
// 1995/1999 art. 14: who may read a record.)
const related = `
	SELECT EXISTS (
	    SELECT 1 FROM historia_clinica.admision
	    WHERE documento_id = $1 AND estado NOT IN ('finished', 'cancelled')
	      AND (servicio <> '' AND servicio = ANY($3) OR profesional_id = $2))
	  OR EXISTS (
	    SELECT 1 FROM historia_clinica.nota
	    WHERE documento_id = $1 AND autor_id = $2)
	  OR EXISTS (
	    SELECT 1 FROM historia_clinica.acceso_emergencia
	    WHERE documento_id = $1 AND usuario_id = $2 AND hasta > $4 AND decision <> 'injustificado')`

// Chart lets the caller read the chart of a record, or says why not, and returns
// what of it they may read. A patient reads their own record alone (see
// [record.ForCaller]), resultados reads by role, a médico by relation: to any of
// the records that make up the chart, since it is that of one person. That a
// médico was refused stands in the trail of the record; q is no transaction, so
// that it stays there.
func Chart(ctx context.Context, q db.Querier, r record.Record) (record.Record, error) {
	p := auth.From(ctx)
	switch {
	case p.Is(auth.RecordsClerk):
		return r, nil
	case p.Is(auth.Patient) && p.DocumentoID == r.Of:
		return r.Alone(), nil
	case !p.Is(auth.Physician):
		return record.Record{}, problem.Forbidden("Solo puede consultar su propia historia clínica.")
	}
	ok := false
	b := &pgx.Batch{}
	for _, part := range r.Parts {
		queueRelated(b, part, p, &ok)
	}
	if err := q.SendBatch(ctx, b).Close(); err != nil {
		return record.Record{}, fmt.Errorf("read relation: %w", err)
	}
	if !ok {
		if err := audit.Write(ctx, q, refused(r)); err != nil {
			return record.Record{}, err
		}
		return record.Record{}, problem.Forbidden("No tiene una atención en curso con este paciente. "+
			"Si es una urgencia, pida acceso de emergencia con su motivo.").With("acceso_emergencia", true)
	}
	return r, nil
}

// refused is what the trail of the record that was asked for tells of it. A page
// asks for many things at once, and is refused once. What a patient asks for
// that is not theirs stands in no trail, see [record.ForCaller]: it would tell
// by the time it takes that the record exists.
func refused(r record.Record) audit.Entry {
	return audit.Entry{
		DocumentoID: r.Of, Action: audit.Read, Type: "read", Resource: "historia/" + r.Of, Permission: auth.ReadChart,
		Outcome: audit.Refused, Once: time.Minute,
	}
}

// queueRelated sets ok when the médico is in relation to the record.
func queueRelated(b *pgx.Batch, documentoID string, p auth.Principal, ok *bool) {
	services := p.Services
	if services == nil {
		services = []string{}
	}
	b.Queue(related, documentoID, p.ID, services, time.Now().UTC()).QueryRow(func(row pgx.Row) error {
		var one bool
		err := row.Scan(&one)
		*ok = *ok || one
		return err
	})
}
