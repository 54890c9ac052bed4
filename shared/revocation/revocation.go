// Package revocation knows which sessions and tokens ended before their time.
package revocation

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
)

const (
	// Freshness is how old the list may be when a request relies on it: an end
	// of session takes effect within this time everywhere.
	Freshness = 3 * time.Second
	// Retention is how long an ended session matters: the life of an access
	// token, and what clocks may differ.
	Retention = 16 * time.Minute
)

// List is what was revoked of late, read again when a request finds it
// stale.
type List struct {
	q   db.Querier
	now func() time.Time

	mu      sync.Mutex
	read    time.Time
	revoked map[uuid.UUID]struct{}
}

// NewList returns a list that reads from q when it is first asked.
func NewList(q db.Querier) *List {
	return &List{q: q, now: time.Now}
}

// Revoked reports whether one of ids has ended: a session, or a token by itself.
func (l *List) Revoked(ctx context.Context, ids ...uuid.UUID) (bool, error) {
	if slices.ContainsFunc(ids, here.ended) {
		return true, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); now.Sub(l.read) > Freshness {
		revoked, err := l.load(ctx, now)
		if err != nil {
			return false, err
		}
		l.revoked, l.read = revoked, now
	}
	return slices.ContainsFunc(ids, func(id uuid.UUID) bool { _, ok := l.revoked[id]; return ok }), nil
}

func (l *List) load(ctx context.Context, now time.Time) (map[uuid.UUID]struct{}, error) {
	rows, err := l.q.Query(ctx, `SELECT sesion_id FROM historia_clinica.revocacion WHERE en > $1`, now.Add(-Retention))
	if err != nil {
		return nil, fmt.Errorf("read revocations: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read revocations: %w", err)
	}
	revoked := make(map[uuid.UUID]struct{}, len(ids))
	for _, id := range ids {
		revoked[id] = struct{}{}
	}
	return revoked, nil
}
