package revocation

import (
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"
)

// ends is what this process itself ended of late.
type ends struct {
	mu sync.RWMutex
	at map[uuid.UUID]time.Time
}

// here is of the process, not of a list: on one machine every function has a
// list of its own, and only login ends anything.
var here ends

// Announce tells every list of this process that sessions or tokens ended, so
// that it is true here at once and not when the lists are next read. It is to be
// called when the database has committed it: the other processes learn it from
// there, within [Freshness].
func Announce(ids ...uuid.UUID) {
	if len(ids) > 0 {
		here.add(ids, time.Now())
	}
}

// add notes ends, and forgets those that no token outlived.
func (e *ends) add(ids []uuid.UUID, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.at == nil {
		e.at = map[uuid.UUID]time.Time{}
	}
	maps.DeleteFunc(e.at, func(_ uuid.UUID, at time.Time) bool { return now.Sub(at) > Retention })
	for _, id := range ids {
		e.at[id] = now
	}
}

func (e *ends) ended(id uuid.UUID) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	_, ok := e.at[id]
	return ok
}
