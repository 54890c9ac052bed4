package event_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/event"
)

func TestEventOutlivesAFailingSender(t *testing.T) {
	sender := &inbox{fail: down}
	p := newPost(t, sender)
	e := newEvent(t)
	e.TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	saved := p.save(e)
	if n, err := p.Flush(t.Context(), 0); n != 0 || !errors.Is(err, errDown) {
		t.Errorf("with the broker down, Flush = %d, %v", n, err)
	}
	if diff := cmp.Diff(saved, p.waiting()); diff != "" {
		t.Fatalf("an event was lost:\n%s", diff)
	}

	sender.fail = nil
	if n, err := p.Flush(t.Context(), 0); n != 1 || err != nil {
		t.Errorf("Flush = %d, %v", n, err)
	}
	if left := p.waiting(); len(left) != 0 {
		t.Errorf("after delivery %v still waits", left)
	}
	if n, err := p.Flush(t.Context(), 0); n != 0 || err != nil || len(sender.ids()) != 1 {
		t.Errorf("again, Flush = %d, %v; %d delivered", n, err, len(sender.ids()))
	}
	got := sender.taken[0]
	if got.ID() != e.ID.String() || got.Source() != e.Source || got.Type() != e.Type || got.Subject() != e.DocumentoID || got.Time().Sub(e.At).Abs() > time.Millisecond {
		t.Errorf("what was delivered is %v, what was saved %+v", got, e)
	}
	if got.Extensions()["traceparent"] != e.TraceParent {
		t.Errorf("the trace is %v", got.Extensions())
	}
	var data event.PatientRegisteredData
	if err := event.Data(got, &data); err != nil || data.DocumentoID != e.DocumentoID {
		t.Errorf("the data is %+v, %v", data, err)
	}
}

func TestEventOfATransactionThatFailed(t *testing.T) {
	p := newPost(t, &inbox{})
	undo := errors.New("undo")
	err := db.Tx(t.Context(), p.pool, func(tx pgx.Tx) error {
		if err := p.Save(t.Context(), tx, newEvent(t)); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) || len(p.waiting()) != 0 {
		t.Errorf("%v, and %v waits", err, p.waiting())
	}
	err = db.Batch(t.Context(), p.pool, func(b *pgx.Batch) {
		p.Queue(b, newEvent(t))
		b.Queue(`SELECT 1 / $1::int`, 0)
	})
	if err == nil || len(p.waiting()) != 0 {
		t.Errorf("%v, and %v waits", err, p.waiting())
	}
}

func TestSaveTwiceIsOnce(t *testing.T) {
	p := newPost(t, &inbox{})
	e := newEvent(t)
	p.save(e, e)
	if err := db.Batch(t.Context(), p.pool, func(b *pgx.Batch) { p.Queue(b, e) }); err != nil {
		t.Fatal(err)
	}
	if n := len(p.waiting()); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestCommittedSendsInTheBackground(t *testing.T) {
	release := make(chan struct{})
	sender := &inbox{fail: func(cloudevents.Event) error { <-release; return nil }}
	p := newPost(t, sender)
	events := []event.Event{newEvent(t), newEvent(t), newEvent(t)}
	saved := p.save(events...)
	p.Committed(events...) // returns although the sender does not
	close(release)
	p.drain()
	if diff := cmp.Diff(saved, sender.ids()); diff != "" {
		t.Errorf("delivered (-saved +delivered):\n%s", diff)
	}
	if left := p.waiting(); len(left) != 0 {
		t.Errorf("%v still waits", left)
	}
}

func TestCommittedWithAFailingSender(t *testing.T) {
	bad := newEvent(t)
	sender := &inbox{fail: func(e cloudevents.Event) error {
		if e.ID() == bad.ID.String() {
			return errDown
		}
		return nil
	}}
	p := newPost(t, sender)
	good := newEvent(t)
	p.save(bad, good)
	p.Committed(bad, good)
	p.drain()
	if diff := cmp.Diff([]string{bad.ID.String()}, p.waiting()); diff != "" {
		t.Errorf("what waits (-want +got):\n%s", diff)
	}
	if log := p.log.String(); !strings.Contains(log, errDown.Error()) || strings.Contains(log, bad.DocumentoID) {
		t.Errorf("the log says %s", log)
	}
}

func TestCommittedNeverBlocks(t *testing.T) {
	release := make(chan struct{})
	sender := &inbox{fail: func(cloudevents.Event) error { <-release; return nil }}
	p := newPost(t, sender)
	e := newEvent(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 3000 { // more than the queue holds
			p.Committed(e)
		}
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("a request waits for the broker")
	}
	close(release)
	p.drain()
}

func TestDrain(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	sender := &inbox{fail: func(cloudevents.Event) error {
		once.Do(func() { close(entered) })
		<-release
		return nil
	}}
	p := newPost(t, sender)
	e := newEvent(t)
	p.save(e)
	p.Committed(e)
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := p.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Drain with an event under way: %v", err)
	}
	late := newEvent(t)
	p.save(late)
	p.Committed(late)
	close(release)
	p.drain()
	if diff := cmp.Diff([]string{e.ID.String()}, sender.ids()); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{late.ID.String()}, p.waiting()); diff != "" {
		t.Errorf("what came after Drain waits for another instance (-want +got):\n%s", diff)
	}
	p.drain()
	newPost(t, sender).drain() // nothing was ever handed over
}

func TestOutboxWithoutASender(t *testing.T) {
	p := newPost(t, event.NewSink(""))
	e := newEvent(t)
	saved := p.save(e)
	p.Committed(e)
	if n, err := p.Flush(t.Context(), 0); n != 0 || err != nil {
		t.Errorf("Flush = %d, %v", n, err)
	}
	p.drain()
	if diff := cmp.Diff(saved, p.waiting()); diff != "" {
		t.Errorf("what waits (-want +got):\n%s", diff)
	}
}

func TestFlushLeavesYoungEvents(t *testing.T) {
	sender := &inbox{}
	p := newPost(t, sender)
	old, young := newEvent(t), newEvent(t)
	old.At = time.Now().Add(-time.Minute)
	p.save(old, young)
	if n, err := p.Flush(t.Context(), event.FlushAge); n != 1 || err != nil {
		t.Errorf("Flush = %d, %v", n, err)
	}
	if diff := cmp.Diff([]string{old.ID.String()}, sender.ids()); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

// many saves n events, the first the oldest.
func (p *post) many(n int) []event.Event {
	p.t.Helper()
	events := make([]event.Event, n)
	start := time.Now().Add(-time.Hour)
	for i := range events {
		events[i] = newEvent(p.t)
		events[i].At = start.Add(time.Duration(i/3) * time.Millisecond) // some at the same instant
	}
	if err := db.Batch(p.t.Context(), p.pool, func(b *pgx.Batch) {
		for _, e := range events {
			p.Queue(b, e)
		}
	}); err != nil {
		p.t.Fatal(err)
	}
	return events
}

func TestFlushTakesAll(t *testing.T) {
	sender := &inbox{}
	p := newPost(t, sender)
	events := p.many(150)
	if n, err := p.Flush(t.Context(), 0); n != 150 || err != nil {
		t.Errorf("Flush = %d, %v", n, err)
	}
	var want []string
	for _, e := range events {
		want = append(want, e.ID.String())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, sender.ids()); diff != "" {
		t.Errorf("delivered once each (-want +got):\n%s", diff)
	}
	oldest := map[string]bool{}
	for _, e := range events[:64] {
		oldest[e.ID.String()] = true
	}
	for _, e := range sender.taken[:60] { // 64, less what may change places within a batch
		if !oldest[e.ID()] && !cmp.Equal(e.Time(), events[63].At, cmpopts.EquateApproxTime(2*time.Millisecond)) {
			t.Errorf("%s of %v was sent before older ones", e.ID(), e.Time())
		}
	}
}

// One event that nobody takes must not hold up those behind it.
func TestFlushGoesPastRefusedEvents(t *testing.T) {
	refused := map[string]bool{}
	calls := 0
	sender := &inbox{fail: func(e cloudevents.Event) error {
		calls++
		if refused[e.ID()] {
			return errDown
		}
		return nil
	}}
	p := newPost(t, sender)
	events := p.many(150)
	var want []string
	for _, i := range []int{0, 1, 70} {
		refused[events[i].ID.String()] = true
		want = append(want, events[i].ID.String())
	}
	slices.Sort(want)
	if n, err := p.Flush(t.Context(), 0); n != 147 || !errors.Is(err, errDown) || calls != 150 {
		t.Errorf("Flush = %d, %v after %d calls; want 147 of 150 and the failure", n, err, calls)
	}
	if diff := cmp.Diff(want, p.waiting()); diff != "" {
		t.Errorf("what waits (-want +got):\n%s", diff)
	}
}

// Nor must a whole batch that the broker will never take; when it is down all
// the same, the sweep stops at once.
func TestFlushGoesPastARefusedBatch(t *testing.T) {
	for status, want := range map[int]int{400: 86, 413: 86, 404: 0, 429: 0, 503: 0} {
		var calls atomic.Int32
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) <= 64 {
				w.WriteHeader(status)
			}
		}))
		p := newPost(t, event.NewSink(srv.URL))
		p.many(150)
		if n, err := p.Flush(t.Context(), 0); n != want || err == nil {
			t.Errorf("%d: Flush = %d, %v after %d calls, want %d", status, n, err, calls.Load(), want)
		}
		srv.Close()
	}
}

func TestFlushStopsWhenTheBrokerIsDown(t *testing.T) {
	var calls atomic.Int32
	p := newPost(t, &inbox{fail: func(cloudevents.Event) error { calls.Add(1); return errDown }})
	p.many(150)
	if n, err := p.Flush(t.Context(), 0); n != 0 || !errors.Is(err, errDown) || calls.Load() != 64 {
		t.Errorf("Flush = %d, %v after %d calls, want one batch of 64", n, err, calls.Load())
	}
	if got := len(p.waiting()); got != 150 {
		t.Errorf("%d wait, want 150", got)
	}
}

// crowd is a Sender that holds each event until as many as it wants are under
// way at once.
type crowd struct {
	want     int32
	now, max atomic.Int32
	full     chan struct{}
	once     sync.Once
}

func (c *crowd) Send(ctx context.Context, _ cloudevents.Event) error {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for {
		m := c.max.Load()
		if n <= m || c.max.CompareAndSwap(m, n) {
			break
		}
	}
	if n == c.want {
		c.once.Do(func() { close(c.full) })
	}
	select {
	case <-c.full:
		time.Sleep(time.Millisecond) // a ninth would show now
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestSendsEightAtOnce(t *testing.T) {
	sender := &crowd{want: 8, full: make(chan struct{})}
	p := newPost(t, sender)
	p.many(40)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if n, err := p.Flush(ctx, 0); n != 40 || err != nil {
		t.Errorf("Flush = %d, %v: eight were never under way at once", n, err)
	}
	if m := sender.max.Load(); m != 8 {
		t.Errorf("%d at once, want 8", m)
	}
}

// stuck is a Sender that never answers for one event.
type stuck struct {
	inbox
	id string
}

func (s *stuck) Send(ctx context.Context, e cloudevents.Event) error {
	if e.ID() == s.id {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.inbox.Send(ctx, e)
}

func TestWhatWasTakenIsForgottenWhenTimeRunsOut(t *testing.T) {
	slow := newEvent(t)
	sender := &stuck{id: slow.ID.String()}
	p := newPost(t, sender)
	p.save(slow, newEvent(t), newEvent(t))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if n, err := p.Flush(ctx, 0); n != 2 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Flush = %d, %v; want 2 and the deadline", n, err)
	}
	if diff := cmp.Diff([]string{slow.ID.String()}, p.waiting()); diff != "" {
		t.Errorf("what waits (-want +got):\n%s", diff)
	}
}

// When the broker is back, the next event takes along those that waited.
func TestWhatWaitedGoesWithTheNext(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	refused := make(chan struct{}, 1)
	p := newPost(t, &inbox{fail: func(cloudevents.Event) error {
		if !broken.Load() {
			return nil
		}
		refused <- struct{}{}
		return errDown
	}})
	first, second := newEvent(t), newEvent(t)
	p.save(first, second)
	p.Committed(first)
	<-refused
	broken.Store(false)
	p.Committed(second)
	p.drain()
	if left := p.waiting(); len(left) != 0 {
		t.Errorf("%v still waits", left)
	}
}
