package keys

import (
	"crypto/ed25519"
	"os"
	"sync"
	"time"
)

// Mounted is the set in a private file that may be replaced while the function
// runs. It is read at first use and again, looked at once a second at most, when
// the file has changed.
type Mounted struct {
	Path string

	mu      sync.Mutex
	looked  time.Time
	changed time.Time
	set     Set
}

// Set returns the keys. A file that has become unreadable leaves the ones from
// before.
func (m *Mounted) Set() (Set, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.set != nil && time.Since(m.looked) < time.Second {
		return m.set, nil
	}
	m.looked = time.Now()
	info, err := os.Stat(m.Path)
	if err == nil && m.set != nil && info.ModTime().Equal(m.changed) {
		return m.set, nil
	}
	set, rerr := Read(m.Path)
	if rerr != nil {
		if m.set != nil {
			return m.set, nil
		}
		return nil, rerr
	}
	m.set = set
	if err == nil {
		m.changed = info.ModTime()
	}
	return m.set, nil
}

// Key implements auth.Keys.
func (m *Mounted) Key(kid string) (ed25519.PublicKey, bool) {
	set, err := m.Set()
	if err != nil {
		return nil, false
	}
	return set.Key(kid)
}
