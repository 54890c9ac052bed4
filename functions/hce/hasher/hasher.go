// Package hasher has passwords hashed by processes of their own, each kept to one
// core, which it yields to others.
package hasher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hce.co/functions/login/password"
)

const (
	// rest is how long a process stays without work: its memory goes with it.
	rest = 30 * time.Second
	// patience is how long a process may take over an answer, which takes it a tenth
	// of a second, before it is killed: it may have been stopped, and what waits for
	// it with it.
	patience = 10 * time.Second
	// grace is how long it may take to end.
	grace = 5 * time.Second
)

// Pool is a [password.Hasher] whose processes start when they are needed, and
// again when they die. A hash takes a core for a tenth of a second and 64 MiB: made
// among those who are being served it wanders from core to core, and whoever reads
// a chart meanwhile waits for it at every step.
type Pool struct {
	free chan *process
	all  []*process
	kill context.CancelFunc // kills those that run, and starts no more
}

var _ password.Hasher = (*Pool)(nil)

// NewPool returns a pool of so many processes of a program that calls [Serve]
// when it is started as [Asked] wants.
func NewPool(program string, size int) *Pool {
	ctx, kill := context.WithCancel(context.Background())
	p := &Pool{free: make(chan *process, size), kill: kill}
	cores := cores()
	for i := range size {
		one := &process{pool: ctx, program: program, core: none, idle: rest, patience: patience}
		if len(cores) > 0 {
			one.core = cores[i%len(cores)]
		}
		p.all = append(p.all, one)
		p.free <- one
	}
	return p
}

// Hash is [password.Hash].
func (p *Pool) Hash(ctx context.Context, secret string) (string, error) {
	a, err := p.ask(ctx, question{Password: secret})
	return a.Hash, err
}

// Verify is [password.Verify].
func (p *Pool) Verify(ctx context.Context, hash, secret string) (ok, outdated bool, err error) {
	a, err := p.ask(ctx, question{Password: secret, Hash: hash, Verify: true})
	return a.OK, a.Outdated, err
}

// ask waits for a process that is free, and has it answer. What was begun is
// finished, also for those who do not wait for it any more.
func (p *Pool) ask(ctx context.Context, q question) (answer, error) {
	var one *process
	select {
	case one = <-p.free:
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	defer func() { p.free <- one }()
	a, err := one.ask(q)
	if err != nil && ctx.Err() == nil { // it was killed, say: the next one need not be
		a, err = one.ask(q)
	}
	if err != nil {
		return answer{}, fmt.Errorf("ask the process that hashes passwords: %w", err)
	}
	if a.Spoilt {
		return answer{}, password.ErrHash
	}
	return a, nil
}

// Close ends the processes, once each has answered or used up its grace. There
// are no others after it.
func (p *Pool) Close() error {
	defer p.kill()
	defer time.AfterFunc(grace, p.kill).Stop()
	var err error
	for _, one := range p.all {
		err = errors.Join(err, one.end())
	}
	return err
}
