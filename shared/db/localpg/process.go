package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one of a server's processes, as the system lists it.
type process struct {
	pid        int
	postmaster bool
}

// reap ends what is left of an earlier server of this data: one whose owner was killed is shut down,
// and after a kill -9 of the server its remaining processes, which end by themselves, are waited for.
// Two servers on the same data would destroy it, so nothing starts before they are gone.
func (n *node) reap(ctx context.Context) error {
	began := time.Now()
	var sent syscall.Signal
	for {
		left, err := n.processes()
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return n.removeStaleLocks()
		}
		if sig := farewell(left, time.Since(began)); sig != sent {
			sent = sig
			n.log.Info("ending the server that was left behind", "signal", sig.String())
			for _, p := range left {
				if orphans := !hasPostmaster(left); !orphans && !p.postmaster {
					continue // its postmaster tells it
				}
				if err := syscall.Kill(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
					return fmt.Errorf("end the previous server, process %d: %w", p.pid, err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the previous server, process %d: %w", left[0].pid, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// farewell is how to end processes that have been asked for so long: a server gets a fast shutdown, and
// after a while an immediate one; children without a server end by themselves, and the one that is in
// the middle of a long query is told to. None of these signals puts committed data at risk.
func farewell(left []process, asked time.Duration) syscall.Signal {
	switch patience := 20 * time.Second; {
	case hasPostmaster(left) && asked < patience:
		return syscall.SIGINT
	case hasPostmaster(left) || asked > time.Second:
		return syscall.SIGQUIT
	}
	return 0
}

func hasPostmaster(all []process) bool {
	return slices.ContainsFunc(all, func(p process) bool { return p.postmaster })
}

// removeStaleLocks removes the lock files of a dead server whose number the system still counts: that of
// a zombie nobody has buried, or in a container, where numbers start anew, that of a process which has
// nothing to do with PostgreSQL. The server would take either for its living self. In every other case it
// decides better than we could.
func (n *node) removeStaleLocks() error {
	for _, path := range []string{
		filepath.Join(n.data, "postmaster.pid"),
		filepath.Join(n.sockets, fmt.Sprintf(".s.PGSQL.%d.lock", n.port)),
	} {
		text, err := os.ReadFile(path) // #nosec G304 -- the server's own lock files
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		pid, err := strconv.Atoi(strings.TrimSpace(first))
		if err != nil || pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		all, err := listProcesses()
		if err != nil {
			return err
		}
		if isPostgres(all[pid]) {
			continue
		}
		n.log.Info("removing the lock file of a dead server", "path", path, "pid", pid)
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// processes are those that serve this node's data. They are known by the node's marker, which is made
// of the data directory's path: it stands in the server's arguments and in its children's titles.
func (n *node) processes() ([]process, error) {
	all, err := listProcesses()
	if err != nil {
		return nil, err
	}
	var ours []process
	for pid, args := range all {
		switch {
		case !isPostgres(args):
		case strings.HasPrefix(args, "postgres: "+n.marker+":"):
			ours = append(ours, process{pid: pid})
		case strings.Contains(args, "cluster_name="+n.marker):
			ours = append(ours, process{pid: pid, postmaster: true})
		}
	}
	return ours, nil
}

// isPostgres knows a server by its program and a child by its title.
func isPostgres(args string) bool {
	program, _, _ := strings.Cut(args, " -")
	return strings.HasPrefix(args, "postgres: ") || filepath.Base(strings.TrimSpace(program)) == "postgres"
}

// listProcesses maps every process to its arguments, joined by spaces.
func listProcesses() (map[int]string, error) {
	all := make(map[int]string)
	if files, _ := filepath.Glob("/proc/[0-9]*/cmdline"); len(files) > 0 {
		for _, file := range files {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if err != nil {
				continue
			}
			// A process may end while we look; one without arguments is a zombie or the kernel's.
			args, err := os.ReadFile(file) // #nosec G304 -- /proc/PID/cmdline
			if err == nil && len(args) > 0 {
				all[pid] = string(bytes.ReplaceAll(args, []byte{0}, []byte{' '}))
			}
		}
		return all, nil
	}
	out, err := exec.CommandContext(context.Background(), "ps", "-axww", "-o", "pid=,args=").Output()
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		first, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(first); err == nil {
			all[pid] = strings.TrimSpace(args)
		}
	}
	return all, nil
}
