package revocation

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// counted counts the queries that a list makes, and fails them on demand.
type counted struct {
	db.Querier
	n    atomic.Int32
	fail error
}

func (c *counted) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.n.Add(1)
	if c.fail != nil {
		return nil, c.fail
	}
	return c.Querier.Query(ctx, sql, args...)
}

// watch is a list under test with a clock that the test moves.
type watch struct {
	*List
	t     *testing.T
	q     *counted
	login *pgxpool.Pool
	time  time.Time
}

func newWatch(t *testing.T, role string) *watch {
	w := &watch{t: t, q: &counted{Querier: dbtest.Pool(t, role)}, login: dbtest.Pool(t, "hce_login"), time: time.Now()}
	w.List = NewList(w.q)
	w.now = func() time.Time { return w.time }
	return w
}

// end ends a session as login does.
func (w *watch) end(session uuid.UUID, at time.Time) {
	w.t.Helper()
	if _, err := w.login.Exec(w.t.Context(), `INSERT INTO historia_clinica.revocacion (sesion_id, en) VALUES ($1, $2)`, session, at); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watch) ended(session uuid.UUID) bool {
	w.t.Helper()
	ok, err := w.Revoked(w.t.Context(), session)
	if err != nil {
		w.t.Fatal(err)
	}
	return ok
}

func TestEndTakesEffectWithinFreshness(t *testing.T) {
	for _, role := range []string{"hce_login", "hce_patient", "hce_admission", "hce_notes", "hce_pdf_export"} {
		w := newWatch(t, role)
		session, other := ident.NewID(), ident.NewID()
		if w.ended(session) {
			t.Fatalf("%s: a session ended before it did", role)
		}
		w.end(session, w.time)
		w.time = w.time.Add(Freshness)
		if w.ended(session) || w.q.n.Load() != 1 {
			t.Errorf("%s: the list was read %d times in %v", role, w.q.n.Load(), Freshness)
		}
		w.time = w.time.Add(time.Millisecond)
		if !w.ended(session) {
			t.Errorf("%s: the end takes no effect after %v", role, Freshness)
		}
		if w.ended(other) {
			t.Errorf("%s: another session ended with it", role)
		}
	}
	if Freshness > 5*time.Second {
		t.Errorf("an end of session takes %v, more than the five seconds that are promised", Freshness)
	}
}

func TestOldEndsAreForgotten(t *testing.T) {
	w := newWatch(t, "hce_patient")
	now := w.time
	session := ident.NewID()
	w.end(session, now.Add(-Retention).Add(time.Second))
	if !w.ended(session) {
		t.Error("an end is forgotten while its tokens may live")
	}
	w.time = now.Add(Freshness + time.Second)
	if w.ended(session) {
		t.Errorf("an end is held longer than %v", Retention)
	}
	if Retention < 15*time.Minute {
		t.Errorf("access tokens of 15 minutes outlive the %v that their end is known", Retention)
	}
}

func TestListIsReadOnceForAll(t *testing.T) {
	w := newWatch(t, "hce_patient")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := w.Revoked(t.Context(), ident.NewID()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.q.n.Load(); n != 1 {
		t.Errorf("50 requests at once read the list %d times", n)
	}
}

// Whether a session has ended must be known: a list that cannot be read opens
// no door.
func TestListThatCannotBeRead(t *testing.T) {
	w := newWatch(t, "hce_patient")
	session := ident.NewID()
	w.end(session, w.time)
	w.q.fail = errors.New("down")
	if _, err := w.Revoked(t.Context(), ident.NewID()); !errors.Is(err, w.q.fail) {
		t.Errorf("without a list Revoked says %v", err)
	}
	w.q.fail = nil
	if !w.ended(session) {
		t.Error("the failure counts as a list that was read")
	}
	w.time = w.time.Add(Freshness + time.Millisecond)
	w.q.fail = errors.New("down")
	if _, err := w.Revoked(t.Context(), ident.NewID()); !errors.Is(err, w.q.fail) {
		t.Errorf("with a stale list Revoked says %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.q.fail = nil
	if _, err := w.Revoked(ctx, session); !errors.Is(err, context.Canceled) {
		t.Errorf("for a caller who is gone Revoked says %v", err)
	}
	if !w.ended(session) {
		t.Error("a caller who left spoiled the list for the others")
	}
}

// What a process ended itself, its lists know at once, though they were read a
// moment ago, and without reading.
func TestAnnouncedEnds(t *testing.T) {
	w, elsewhere := newWatch(t, "hce_patient"), newWatch(t, "hce_notes")
	session, token, other := ident.NewID(), ident.NewID(), ident.NewID()
	for _, id := range []uuid.UUID{session, token, other} {
		if w.ended(id) || elsewhere.ended(id) {
			t.Fatal("ended before it did")
		}
	}
	Announce()
	Announce(session, token)
	for _, l := range []*watch{w, elsewhere} {
		if !l.ended(session) || !l.ended(token) || l.ended(other) {
			t.Error("a list does not know what was announced, or more than that")
		}
		if ok, err := l.Revoked(t.Context(), other, token); err != nil || !ok {
			t.Errorf("a token that ended by itself: %v, %v", ok, err)
		}
		if n := l.q.n.Load(); n != 1 {
			t.Errorf("the list was read %d times", n)
		}
	}
}

func TestAnnouncedEndsAreForgotten(t *testing.T) {
	var e ends
	now := time.Now()
	old, young := ident.NewID(), ident.NewID()
	e.add([]uuid.UUID{old}, now)
	e.add([]uuid.UUID{young}, now.Add(Retention))
	if !e.ended(old) || !e.ended(young) {
		t.Error("an end is forgotten while its tokens may live")
	}
	e.add(nil, now.Add(Retention+time.Second))
	if e.ended(old) || !e.ended(young) {
		t.Errorf("what ended is not held for %v", Retention)
	}
}
