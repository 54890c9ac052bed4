package auth

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Fill makes v remember as many tokens as it may.
func (v *Verifier) Fill() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range maxSeen {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
		v.seen[sum] = seen{until: time.Now()}
	}
}

// Remembered is how many verified tokens v holds.
func (v *Verifier) Remembered() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.seen)
}
