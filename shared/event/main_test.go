package event_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/event"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// inbox is a Sender that keeps what it takes.
type inbox struct {
	mu    sync.Mutex
	taken []cloudevents.Event
	fail  func(cloudevents.Event) error // nil takes everything
}

func (i *inbox) Send(_ context.Context, e cloudevents.Event) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil {
		if err := i.fail(e); err != nil {
			return err
		}
	}
	i.taken = append(i.taken, e)
	return nil
}

func (i *inbox) ids() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var ids []string
	for _, e := range i.taken {
		ids = append(ids, e.ID())
	}
	slices.Sort(ids)
	return ids
}

var errDown = errors.New("the broker is down")

func down(cloudevents.Event) error { return errDown }

// post is an outbox under test; its table is empty.
type post struct {
	*event.Outbox
	t    *testing.T
	pool *pgxpool.Pool
	log  *bytes.Buffer
}

func newPost(t *testing.T, sender event.Sender) *post {
	t.Helper()
	pool := dbtest.Pool(t, "hce_patient")
	if _, err := pool.Exec(t.Context(), `DELETE FROM historia_clinica.evento_salida`); err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	return &post{event.NewOutbox(pool, sender, slog.New(slog.NewTextHandler(log, nil))), t, pool, log}
}

func newEvent(t *testing.T) event.Event {
	t.Helper()
	id := "CC-" + dbtest.DocumentoID()
	e, err := event.New(t.Context(), "/hce/patient", event.PatientRegistered, id, event.PatientRegisteredData{DocumentoID: id})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// save writes events as a function does.
func (p *post) save(events ...event.Event) []string {
	p.t.Helper()
	var ids []string
	for _, e := range events {
		if err := db.Tx(p.t.Context(), p.pool, func(tx pgx.Tx) error { return p.Save(p.t.Context(), tx, e) }); err != nil {
			p.t.Fatal(err)
		}
		ids = append(ids, e.ID.String())
	}
	slices.Sort(ids)
	return ids
}

// waiting returns the ids of what stands in the table.
func (p *post) waiting() []string {
	p.t.Helper()
	rows, err := p.pool.Query(p.t.Context(), `SELECT id::text FROM historia_clinica.evento_salida`)
	if err != nil {
		p.t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		p.t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

// drain waits for what was handed over.
func (p *post) drain() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Second)
	defer cancel()
	if err := p.Drain(ctx); err != nil {
		p.t.Fatal(err)
	}
}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
