package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// functions are what scales, in the order of the picture.
var functions = []string{"ui", "login", "patient", "admission", "notes", "pdf-export"}

// replicas follows how many instances each function has.
type replicas struct {
	mu    sync.Mutex
	ready map[string]int // of a deployment, which is one revision: "function/deployment"
}

const line = `jsonpath={.metadata.labels.serving\.knative\.dev/service} {.metadata.name} {.status.readyReplicas}{"\n"}`

// watch follows the deployments of namespace hce until ctx ends.
func watch(ctx context.Context) (*replicas, error) {
	r := &replicas{ready: map[string]int{}}
	if err := exec.CommandContext(ctx, "kubectl", "-n", "hce", "get", "deployments", "-l", "serving.knative.dev/service", "-o", "name").Run(); err != nil {
		return nil, fmt.Errorf("kubectl does not see the functions in namespace hce: %w", err)
	}
	go func() {
		for ctx.Err() == nil { // the API server ends a watch now and then
			r.follow(ctx)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
	}()
	return r, nil
}

func (r *replicas) follow(ctx context.Context) {
	cmd := exec.CommandContext(ctx, "kubectl", "-n", "hce", "get", "deployments", "-l", "serving.knative.dev/service", "--watch", "-o", line)
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 2 {
			continue
		}
		n := 0
		if len(f) > 2 {
			n, _ = strconv.Atoi(f[2]) // kubectl writes a number
		}
		r.mu.Lock()
		r.ready[f[0]+"/"+f[1]] = n
		r.mu.Unlock()
	}
	cmd.Wait() //nolint:errcheck // it is started again
}

// now is how many instances of each function are ready.
func (r *replicas) now() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := map[string]int{}
	for k, n := range maps.All(r.ready) {
		function, _, _ := strings.Cut(k, "/")
		sum[function] += n
	}
	return sum
}

// ask runs a command that prints a number, again and again until ctx ends; the
// last one is in the result, -1 when there is none.
func ask(ctx context.Context, command string) *atomic.Int64 {
	last := &atomic.Int64{}
	last.Store(-1)
	if command == "" {
		return last
	}
	go func() {
		for ctx.Err() == nil {
			out, err := exec.CommandContext(ctx, "sh", "-c", command).Output()
			n, e := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
			if errors.Join(err, e) != nil {
				n = -1
			}
			last.Store(n)
			select {
			case <-time.After(2 * time.Second):
			case <-ctx.Done():
			}
		}
	}()
	return last
}
