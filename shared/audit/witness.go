package audit

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// refSize is that of a reference to a row: the second half of its id, 62 random
// bits.
const refSize = 8

// Reference is how a later row names the row of this id.
func Reference(id uuid.UUID) []byte { return id[len(id)-refSize:] }

// witness remembers which rows this process wrote and knows to be committed,
// until a later row of its own names them: a row that is named cannot go without
// the other telling. Nothing waits for anything: a row names the oldest that no
// other is about to name, or none; and one that is rolled back is never named.
// Between a row and the one that names it, its process alone knows of it.
//
// This is what holds until a seal covers the row, see package trail.
type witness struct {
	mu   sync.Mutex
	rows []witnessed // oldest first
}

type witnessed struct {
	ref  [refSize]byte
	lent time.Time // to a row that may yet be committed, until then
}

const (
	// lentFor is longer than any transaction takes: what came of the row that
	// was to name another may never be known.
	lentFor = time.Minute
	// maxWitnessed is far more than there are ever transactions at once.
	maxWitnessed = 256
)

// lend returns the reference that a new row is to carry; nil when there is none.
func (w *witness) lend(now time.Time) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.rows {
		if r := &w.rows[i]; now.After(r.lent) {
			r.lent = now.Add(lentFor)
			return append([]byte(nil), r.ref[:]...)
		}
	}
	return nil
}

// giveBack takes back what was lent to a row that did not come to be.
func (w *witness) giveBack(ref []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := w.find(ref); i >= 0 {
		w.rows[i].lent = time.Time{}
	}
}

// committed makes the row to be named next, in place of the one that it names.
func (w *witness) committed(id uuid.UUID, names []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := w.find(names); i >= 0 {
		w.rows = append(w.rows[:i], w.rows[i+1:]...)
	}
	if len(w.rows) >= maxWitnessed {
		w.rows = append(w.rows[:0], w.rows[1:]...)
	}
	w.rows = append(w.rows, witnessed{ref: [refSize]byte(Reference(id))})
}

// find returns the place of a row, -1 when it is not there.
func (w *witness) find(ref []byte) int {
	for i := range w.rows {
		if string(w.rows[i].ref[:]) == string(ref) {
			return i
		}
	}
	return -1
}
