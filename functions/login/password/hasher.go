package password

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
)

// Hasher makes hashes and checks passwords against them, as [Hash] and [Verify]
// do, wherever the processor and the memory are that this takes. Several may ask
// at once.
type Hasher interface {
	Hash(ctx context.Context, password string) (hash string, err error)
	Verify(ctx context.Context, hash, password string) (ok, outdated bool, err error)
}

// Here is the [Hasher] that takes them from this process.
type Here struct{}

// Hash never fails.
func (Here) Hash(_ context.Context, password string) (string, error) {
	defer giveBack()
	return Hash(password), nil
}

// Verify returns [ErrHash] for a spoilt hash.
func (Here) Verify(_ context.Context, hash, password string) (ok, outdated bool, err error) {
	defer giveBack()
	return Verify(hash, password)
}

// giveBack frees what a hash left before the next one takes as much, where the
// process was told to live within a limit (GOMEMLIMIT): the collector alone lets
// a third and a fourth 64 MiB stand beside the two in use.
func giveBack() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		runtime.GC()
	}
}
