package notes

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/event/schema"
	"hce.co/shared/problem"
	"hce.co/shared/record"
)

// queueInbox notes that a receiver gives effect to an event in this
// transaction; first is false after the batch when it already had.
func queueInbox(b *pgx.Batch, receiver, documentoID string, producer uuid.UUID, from, id string, now time.Time, first *bool) {
	b.Queue(`INSERT INTO historia_clinica.evento_entrada (documento_id, receptor, productor, fuente, id, recibido_en)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, documentoID, receiver, producer, from, id, now).Exec(func(tag pgconn.CommandTag) error {
		*first = tag.RowsAffected() == 1
		return nil
	})
}

// receive is where the broker delivers results. What can never be taken is
// answered with 4xx and goes to the dead letter sink; 503 is tried again.
func (f *Function) receive(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, err := event.Read(r)
	if err != nil {
		return err
	}
	if e.Type() != event.ResultIssued {
		return problem.Unprocessable("Aquí no se reciben eventos de tipo %.80s.", e.Type())
	}
	if err := valid(e); err != nil {
		return err
	}
	rec, err := record.Find(ctx, f.pool, e.Subject())
	if problem.Status(err) == http.StatusNotFound {
		return problem.Unprocessable("El subject no es de ninguna historia clínica.").Because(err)
	}
	if err != nil {
		return err
	}
	// To the record that it names, merged since or not: the chart shows it all the
	// same, and it is in its place if they part again.
	res, err := resultOf(rec.Of, e, f.now())
	if err != nil {
		return inEvent(err)
	}
	err = f.takeResult(ctx, res, e.ID())
	if db.Violates(err) == "resultado_pkey" {
		err = f.takeResult(ctx, res, e.ID()) // another event about the same result was first
	}
	if err != nil {
		return fmt.Errorf("take result: %w", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// inEvent says what is wrong with an event's data where nobody shows fields.
func inEvent(err error) error {
	var p *problem.Error
	if !errors.As(err, &p) || len(p.Fields) == 0 {
		return err
	}
	var all []string
	for name, message := range p.Fields {
		all = append(all, name+": "+message)
	}
	slices.Sort(all)
	return problem.Unprocessable("Los datos del evento no son válidos. %s", strings.Join(all, " ")).Because(err)
}

// valid checks an event's data against the schema of its type.
func valid(e cloudevents.Event) error {
	var bad *schema.Invalid
	err := schema.Check(e.Type(), e.Data())
	switch {
	case errors.As(err, &bad):
		return problem.Unprocessable("Los datos del evento no corresponden a su tipo. %s", bad.Error()).Because(err)
	case errors.Is(err, schema.ErrType):
		return problem.Unprocessable("No se conoce ese tipo de evento.").Because(err)
	}
	return err
}
