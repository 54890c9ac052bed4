// Command bench measures the whole clinic: it starts .bin/hce on data of its own,
// asks it what a clinic asks, and prints the table of README.md. The load runs
// on the same cores as what it measures.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	binary := flag.String("hce", ".bin/hce", "the program to measure")
	each := flag.Duration("each", 3*time.Second, "how long to measure each number of clients")
	entering := flag.String("entering", "", "only sign in, at this address, until killed")
	flag.Parse()
	if *entering != "" {
		enter(*entering)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, *binary, *each); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, each time.Duration) error {
	dir, err := os.MkdirTemp("", "hce-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)    //nolint:errcheck // temporary
	err = os.Chmod(dir, 0o755) // #nosec G302 -- PostgreSQL's account passes through it
	if err != nil {
		return err
	}
	first, err := start(ctx, binary, dir)
	if err != nil {
		return err
	}
	first.stop()
	// The second start finds everything made: that is what a restart costs.
	p, err := start(ctx, binary, dir)
	if err != nil {
		return err
	}
	defer p.stop()
	clinic, hashers := p.resident()
	fmt.Printf("first start %.2f s, second start %.2f s, resident after it %d MiB, %d MiB more to hash passwords\n\n",
		first.ready.Seconds(), p.ready.Seconds(), clinic, hashers)
	work, read, err := prepare(ctx, p.url)
	if err != nil {
		return err
	}
	fmt.Println("| request | clients, or rate | req/s | p50 ms | p99 ms | our CPU ms | PostgreSQL CPU ms |")
	fmt.Println("|---|---:|---:|---:|---:|---:|---:|")
	// First, since what the rest leaves (vacuum, seals) would be measured with it.
	for _, way := range []struct {
		asked string
		read  func(*sample)
	}{
		{"1, with pauses", func(s *sample) { s.paced(ctx, read, each) }},
		{fmt.Sprintf("%d/s", rate), func(s *sample) { s.arrivals(ctx, read, each) }},
	} {
		alone, beside, err := crowd(ctx, p, way.read)
		if err != nil {
			return err
		}
		alone.row("GET /paciente/{id}", way.asked)
		beside.row(fmt.Sprintf("GET /paciente/{id}, while %d sign in", others), way.asked)
	}
	for _, w := range work {
		for _, clients := range w.clients {
			measure(ctx, p, w.request, 1, 300*time.Millisecond)
			s := measure(ctx, p, w.request, clients, each)
			if s.failed != nil {
				return s.failed
			}
			s.row(w.name, strconv.Itoa(clients))
		}
	}
	clinic, hashers = p.resident()
	fmt.Printf("\nresident after all of it %d MiB, %d MiB more to hash passwords\n", clinic, hashers)
	return nil
}
