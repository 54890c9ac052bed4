package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const password = "banco de pruebas 2026" // #nosec G101 -- of a clinic that lives as long as the measurement

// process is a clinic that runs.
type process struct {
	cmd   *exec.Cmd
	url   string
	ready time.Duration // from exec to serving
}

// start runs the clinic and waits until it says that it serves.
func start(ctx context.Context, binary, dir string) (*process, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := ln.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it listens on TCP
	ln.Close()                            //nolint:errcheck // only its number was wanted
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(port), "LISTEN_ADDRESS=127.0.0.1", "HCE_DATA_DIR="+dir, "HCE_DEMO=1",
		"HCE_DEMO_PASSWORD="+password, "LOG_LEVEL=warn", "SIGNIN_ADDRESS_FREE_TRIES=1000000")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // as a service: the scheduler does not count it and the load as one
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "listo ") {
			p := &process{cmd: cmd, url: "http://127.0.0.1:" + strconv.Itoa(port), ready: time.Since(began)}
			go func() {
				for lines.Scan() {
					fmt.Fprintln(os.Stderr, lines.Text())
				}
			}()
			return p, nil
		}
		fmt.Fprintln(os.Stderr, lines.Text())
	}
	return nil, fmt.Errorf("%s ended before it served: %w", binary, cmd.Wait())
}

func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	p.cmd.Wait()                          //nolint:errcheck // likewise
}

// cpu returns the processor time used so far by the clinic, with those that hash
// passwords for it, and by PostgreSQL.
func (p *process) cpu() (ours, postgres time.Duration) {
	children := descent()
	ours = cpuOf(p.cmd.Process.Pid, withEnded) // those who hash passwords end when they have nothing to do
	var below func(pid int)
	below = func(pid int) {
		for _, child := range children[pid] {
			if p.hashes(child) {
				ours += cpuOf(child, itself)
				continue
			}
			postgres += cpuOf(child, withEnded)
			below(child)
		}
	}
	below(p.cmd.Process.Pid)
	return ours, postgres
}

// hashes reports whether a child is one that hashes passwords: it runs the same
// program.
func (p *process) hashes(child int) bool {
	ours, err := os.Stat(p.cmd.Path)
	theirs, err2 := os.Stat(fmt.Sprintf("/proc/%d/exe", child))
	return err == nil && err2 == nil && os.SameFile(ours, theirs)
}

// descent returns every process's children.
func descent() map[int][]int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, s := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(s)))
		if err != nil {
			continue
		}
		if f := statOf(pid); f != nil {
			ppid, _ := strconv.Atoi(f[1]) // the kernel writes a number
			children[ppid] = append(children[ppid], pid)
		}
	}
	return children
}

// statOf returns the fields of /proc/PID/stat from the state on.
func statOf(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, after, ok := strings.Cut(string(b), ") ")
	if !ok {
		return nil
	}
	return strings.Fields(after)
}

// Where /proc/PID/stat has the time that a process used itself, and with it that
// of its ended children: a server's connections end.
var (
	itself    = []int{11, 12}
	withEnded = []int{11, 12, 13, 14}
)

// cpuOf returns the processor time that stands in some fields of a process.
func cpuOf(pid int, fields []int) time.Duration {
	f := statOf(pid)
	if len(f) < 15 {
		return 0
	}
	var ticks int64
	for _, i := range fields {
		n, _ := strconv.ParseInt(f[i], 10, 64) // the kernel writes numbers
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100
}

// resident returns the memory, in MiB, of the clinic and of those that hash
// passwords for it.
func (p *process) resident() (clinic, hashers int) {
	clinic = resident(p.cmd.Process.Pid)
	for _, child := range descent()[p.cmd.Process.Pid] {
		if p.hashes(child) {
			hashers += resident(child)
		}
	}
	return clinic, hashers
}

func resident(pid int) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0]) // the kernel writes a number
			return kb / 1024
		}
	}
	return 0
}
