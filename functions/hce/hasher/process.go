package hasher

import (
	"context"
	"encoding/gob"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// none is the core of a process that may use all of them.
const none = -1

// process answers one question at a time.
type process struct {
	pool     context.Context // ends with the pool, and the process with it
	program  string
	core     int
	idle     time.Duration // after which it ends
	patience time.Duration // after which it is killed, when it should answer

	mu      sync.Mutex
	cmd     *exec.Cmd // nil: it does not run
	kill    context.CancelFunc
	stdin   io.Closer
	asks    *gob.Encoder
	answers *gob.Decoder
	ending  *time.Timer
}

// ask has the process answer, which is started for it if need be. After an error
// it is gone.
func (p *process) ask(q question) (a answer, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return answer{}, err
		}
	}
	defer time.AfterFunc(p.patience, p.kill).Stop()
	if err = p.asks.Encode(q); err == nil {
		err = p.answers.Decode(&a)
	}
	if err != nil {
		return answer{}, errors.Join(err, p.stop())
	}
	p.ending.Reset(p.idle)
	return a, nil
}

func (p *process) start() (err error) {
	ctx, kill := context.WithCancel(p.pool)
	defer func() {
		if err != nil {
			kill()
		}
	}()
	cmd := exec.CommandContext(ctx, p.program, argument) // #nosec G204 -- the program is this one
	cmd.Env = []string{}                                 // it needs no secret of ours
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err = startOn(p.core, cmd); err != nil {
		return err
	}
	p.cmd, p.kill, p.stdin, p.asks, p.answers = cmd, kill, stdin, gob.NewEncoder(stdin), gob.NewDecoder(stdout)
	p.ending = time.AfterFunc(p.idle, func() { p.end() }) //nolint:errcheck // nobody is there to be told
	return nil
}

// end ends the process if it runs.
func (p *process) end() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return nil
	}
	return p.stop()
}

// stop lets the process see that nothing more is coming, and waits until it has
// gone: it is killed when it does not go.
func (p *process) stop() error {
	defer p.kill()
	defer time.AfterFunc(grace, p.kill).Stop()
	p.ending.Stop()
	p.stdin.Close() //nolint:errcheck // it may have gone
	err := p.cmd.Wait()
	p.cmd = nil
	return err
}
