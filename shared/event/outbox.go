package event

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"hce.co/shared/db"
	"hce.co/shared/telemetry"
)

// Outbox keeps events beside the rows they tell of until a Sender has taken
// them: at least once, in any order.
type Outbox struct {
	pool   *pgxpool.Pool
	sender Sender
	log    *slog.Logger

	queue chan Event
	start sync.Once
	done  chan struct{}
	mu    sync.RWMutex // guards closed against sends on queue
	shut  bool
}

const (
	queueLength = 1024 // events waiting to be sent after commit; more wait in the table
	batchLength = 64
	sendsAtOnce = 8
	sendTimeout = 10 * time.Second

	forgetTimeout = 5 * time.Second
)

// NewOutbox returns the outbox of a function. With a nil sender events stay in
// the table for another instance to send.
func NewOutbox(pool *pgxpool.Pool, sender Sender, log *slog.Logger) *Outbox {
	if log == nil {
		log = slog.Default()
	}
	return &Outbox{pool: pool, sender: sender, log: log, queue: make(chan Event, queueLength), done: make(chan struct{})}
}

const insertEvent = `
	INSERT INTO historia_clinica.evento_salida (documento_id, id, fuente, tipo, creado_en, datos, traza, evento_id, productor)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	ON CONFLICT DO NOTHING`

func (e Event) args() []any {
	return []any{e.DocumentoID, e.ID, e.Source, e.Type, e.At, e.Data, e.TraceParent, e.ForeignID, e.Producer}
}

// Queue adds the event to a batch that is one transaction.
func (o *Outbox) Queue(b *pgx.Batch, e Event) { b.Queue(insertEvent, e.args()...) }

// Save writes the event in a transaction.
func (o *Outbox) Save(ctx context.Context, tx db.Querier, e Event) error {
	if _, err := tx.Exec(ctx, insertEvent, e.args()...); err != nil {
		return fmt.Errorf("save event: %w", err)
	}
	return nil
}

// Committed sends events whose transaction has committed, in the background.
// What cannot be sent now waits in the table for [Outbox.Flush].
func (o *Outbox) Committed(events ...Event) {
	if o.sender == nil {
		return
	}
	o.start.Do(func() { go o.dispatch() })
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.shut {
		return
	}
	for _, e := range events {
		select {
		case o.queue <- e:
		default:
		}
	}
}

// Drain waits until the events handed over so far are sent, and sends no more.
func (o *Outbox) Drain(ctx context.Context) error {
	o.mu.Lock()
	already := o.shut
	o.shut = true
	o.mu.Unlock()
	if !already {
		o.start.Do(func() { close(o.done) })
		close(o.queue)
	}
	select {
	case <-o.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("drain outbox: %w", ctx.Err())
	}
}

// dispatch sends what was committed. When the sink takes events again after a
// failure, what waited meanwhile goes too, from whichever function is awake.
func (o *Outbox) dispatch() {
	defer close(o.done)
	behind := false
	for e := range o.queue {
		batch := []Event{e}
	more:
		for len(batch) < batchLength {
			select {
			case e, ok := <-o.queue:
				if !ok {
					break more
				}
				batch = append(batch, e)
			default:
				break more
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
		_, _, err := o.send(ctx, batch)
		if err == nil && behind {
			_, err = o.Flush(ctx, 0)
		}
		if behind = err != nil; behind {
			o.log.Warn("events wait in the outbox", "count", len(batch), "error", db.Problem(err))
		}
		cancel()
	}
}

// Flush sends what has waited longer than age, oldest first, and returns how
// many were taken. It goes past events that are refused, and stops when nothing
// of a batch is taken for another reason. It is the one query here that asks
// every shard.
func (o *Outbox) Flush(ctx context.Context, age time.Duration) (int, error) {
	if o.sender == nil {
		return 0, nil
	}
	total := 0
	var failed error
	var last Event
	until := time.Now().UTC().Add(-age)
	for {
		rows, err := o.pool.Query(ctx, `
			SELECT id, fuente, tipo, documento_id, creado_en, datos, traza, evento_id, productor
			FROM historia_clinica.evento_salida WHERE creado_en <= $1 AND (creado_en, id) > ($2, $3)
			ORDER BY creado_en, id LIMIT $4`, until, last.At, last.ID, batchLength)
		if err != nil {
			return total, fmt.Errorf("read outbox: %w", err)
		}
		events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Event, error) {
			var e Event
			err := row.Scan(&e.ID, &e.Source, &e.Type, &e.DocumentoID, &e.At, &e.Data, &e.TraceParent, &e.ForeignID, &e.Producer)
			return e, err
		})
		if err != nil {
			return total, fmt.Errorf("read outbox: %w", err)
		}
		n, down, err := o.send(ctx, events)
		total += n
		failed = errors.Join(failed, err)
		if len(events) < batchLength || n == 0 && down {
			return total, failed
		}
		last = events[len(events)-1]
	}
}

// send hands events over, a few at once, and forgets those that were taken. Down
// is for a failure that is not of the event alone.
func (o *Outbox) send(ctx context.Context, events []Event) (taken int, down bool, err error) {
	errs := make([]error, len(events))
	var senders errgroup.Group
	senders.SetLimit(sendsAtOnce)
	for i, e := range events {
		senders.Go(func() error {
			errs[i] = o.post(ctx, e)
			return nil // each event fails for itself
		})
	}
	senders.Wait() //nolint:errcheck // none is ever returned
	failed := errors.Join(errs...)
	down = slices.ContainsFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, errRefused) })
	var records []string
	var ids []uuid.UUID
	for i, e := range events {
		if errs[i] == nil {
			records, ids = append(records, e.DocumentoID), append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return 0, down, failed
	}
	// What was taken is forgotten even when another event used up all the time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetTimeout)
	defer cancel()
	_, err = o.pool.Exec(ctx, `
		DELETE FROM historia_clinica.evento_salida WHERE documento_id = ANY($1) AND id = ANY($2)`, records, ids)
	if err != nil {
		return 0, true, errors.Join(failed, fmt.Errorf("forget sent events: %w", err))
	}
	return len(ids), down, failed
}

// post hands an event over, in the trace that it was written in.
func (o *Outbox) post(ctx context.Context, e Event) error {
	ctx, span := telemetry.Child(telemetry.WithTraceParent(ctx, e.TraceParent), "send "+e.Type, trace.SpanKindProducer)
	defer span.End()
	ce, err := e.CloudEvent()
	if err == nil {
		err = o.sender.Send(ctx, ce)
	}
	if err != nil {
		telemetry.Fail(span, telemetry.ErrorType(err))
	}
	return err
}

// FlushAge is how long an event must have waited before [Outbox.Flush] takes it
// on: younger ones are on their way.
const FlushAge = 15 * time.Second
