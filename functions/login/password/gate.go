package password

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrBusy says that too many hashes are waiting to be made already.
var ErrBusy = errors.New("too many passwords are being checked")

// Gate bounds how many hashes are made at once: each takes 64 MiB and a core.
type Gate struct {
	slots   chan struct{}
	waiting atomic.Int64
	queue   int64
}

// NewGate lets concurrent callers through at once and makes at most queue wait.
func NewGate(concurrent, queue int) *Gate {
	return &Gate{slots: make(chan struct{}, concurrent), queue: int64(queue)}
}

// Do runs fn in a slot of the gate. It returns [ErrBusy] at once when the queue
// is full, and ctx's error when that ends first.
func (g *Gate) Do(ctx context.Context, fn func() error) error {
	if err := g.enter(ctx); err != nil {
		return err
	}
	defer func() { <-g.slots }()
	return fn()
}

func (g *Gate) enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.queue {
		return ErrBusy
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
