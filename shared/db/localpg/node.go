package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// node is one PostgreSQL server.
type node struct {
	name     string
	home     home
	data     string // its data directory
	conf     string
	logPath  string
	marker   string // its cluster_name, which stands in the title of each of its processes
	sockets  string
	port     int
	postgres string
	log      *slog.Logger

	mu       sync.Mutex
	process  *os.Process // nil between two lives
	answered bool        // it has been ready once: from then on it is started again when it ends

	quit   context.Context // done when the server is to stop
	cancel context.CancelFunc
	failed chan error    // why the first life ended without an answer
	done   chan struct{} // closed when nothing runs any more
}

func newNode(h home, pg installation, s shape, name, sockets string, port int, log *slog.Logger) *node {
	data := filepath.Join(h.dir, string(s), name)
	quit, cancel := context.WithCancel(context.Background())
	return &node{
		name: name, home: h, data: data, sockets: sockets, port: port,
		conf:     filepath.Join(h.dir, name+".conf"),
		logPath:  filepath.Join(h.dir, name+".log"),
		marker:   "hce-" + digest(data),
		postgres: filepath.Join(pg.bin, "postgres"),
		log:      log.With("node", name),
		quit:     quit, cancel: cancel,
		failed: make(chan error, 1), done: make(chan struct{}),
	}
}

// start ends what an earlier process left running, starts the server, and waits until it answers.
func (n *node) start(ctx context.Context) error {
	if err := n.reap(ctx); err != nil {
		close(n.done)
		return err
	}
	go n.supervise()
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		err := n.ping(ctx)
		if err == nil && n.settle() {
			return nil
		}
		select {
		case err := <-n.failed:
			return err
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}

// settle notes that the server has answered, unless it has ended meanwhile.
func (n *node) settle() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answered = n.process != nil
	return n.answered
}

func (n *node) ping(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, n.url(superuser, "postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// supervise runs the server until stop is called, and starts it again when it ends by itself, as after
// a kill -9. It keeps its operating system thread: the server dies with us by PR_SET_PDEATHSIG, which
// the kernel delivers when the thread that forked is gone, not the process.
func (n *node) supervise() {
	runtime.LockOSThread()
	defer close(n.done)
	pause := time.Duration(0)
	for n.quit.Err() == nil {
		began := time.Now()
		retry, err := n.live()
		switch {
		case n.quit.Err() != nil:
			return
		case !retry:
			n.failed <- err
			return
		}
		n.log.Error("PostgreSQL ended by itself: starting it again", "err", err)
		if pause = min(2*pause+100*time.Millisecond, 30*time.Second); time.Since(began) > time.Minute {
			pause = 0
		}
		select {
		case <-n.quit.Done():
		case <-time.After(pause):
		}
		if err := n.reap(n.quit); err != nil && n.quit.Err() == nil {
			n.log.Error("processes of the previous server remain", "err", err)
		}
	}
}

// live runs the server once, until it ends. It always returns an error: retry says whether the server
// had answered before.
func (n *node) live() (retry bool, err error) {
	output, err := n.openLog()
	if err != nil {
		return n.ended(), err
	}
	defer output.Close()
	cmd := n.home.who.command(context.Background(), "/", n.postgres,
		"-D", n.data, "-c", "config_file="+n.conf, "-c", "cluster_name="+n.marker)
	cmd.Stdout, cmd.Stderr = output, output
	dieWithParent(cmd.SysProcAttr, syscall.SIGINT)
	if err := n.launch(cmd); err != nil {
		return n.ended(), err
	}
	_ = cmd.Wait() // what there is to know is in ProcessState
	retry = n.ended()
	said := make([]byte, 4<<10)
	end, err := output.Seek(0, io.SeekEnd)
	if err == nil {
		var k int
		k, err = output.ReadAt(said, max(0, end-int64(len(said))))
		said = said[:k]
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return retry, err
	}
	return retry, fmt.Errorf("postgres ended (%s), its log %s says: %s",
		cmd.ProcessState, n.logPath, lastLines(said, 4))
}

// launch starts the server, unless it is to stop.
func (n *node) launch(cmd *exec.Cmd) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.quit.Err(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	n.process = cmd.Process
	return nil
}

// ended notes that the server has ended, and says whether it had answered.
func (n *node) ended() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.process = nil
	return n.answered
}

// openLog opens the server's log, ours so that only we can read it. One of over 8 MiB makes way for a
// new one.
func (n *node) openLog() (*os.File, error) {
	if info, err := os.Stat(n.logPath); err == nil && info.Size() > 8<<20 {
		if err := os.Rename(n.logPath, n.logPath+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(n.logPath, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
}

// stop shuts down fast: connections are cut and a checkpoint is written. When ctx ends first it stops at
// once, and the next start recovers from the WAL.
func (n *node) stop(ctx context.Context) error {
	n.cancel()
	n.signal(syscall.SIGINT)
	select {
	case <-n.done:
		return nil
	case <-ctx.Done():
	}
	n.signal(syscall.SIGQUIT)
	select {
	case <-n.done:
		return fmt.Errorf("stopped without a checkpoint: %w", ctx.Err())
	case <-time.After(10 * time.Second):
		return fmt.Errorf("still running after an immediate shutdown: %w", ctx.Err())
	}
}

func (n *node) signal(sig syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process != nil {
		_ = n.process.Signal(sig) // it fails when the process has just ended, which is what is wanted
	}
}
