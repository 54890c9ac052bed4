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
	"syscall"
	"time"
)

func main() {
	binary := flag.String("hce", ".bin/hce", "the program to measure")
	each := flag.Duration("each", 3*time.Second, "how long to measure each number of clients")
	flag.Parse()
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
	fmt.Printf("first start %.2f s, second start %.2f s, resident after it %d MiB\n\n", first.ready.Seconds(), p.ready.Seconds(), p.resident())
	work, err := prepare(ctx, p.url)
	if err != nil {
		return err
	}
	fmt.Println("| request | clients | req/s | p50 ms | p99 ms | our CPU ms | PostgreSQL CPU ms |")
	fmt.Println("|---|---:|---:|---:|---:|---:|---:|")
	for _, w := range work {
		for _, clients := range w.clients {
			if err := measure(ctx, p, w, 1, 300*time.Millisecond, false); err != nil {
				return err
			}
			if err := measure(ctx, p, w, clients, each, true); err != nil {
				return err
			}
		}
	}
	fmt.Printf("\nresident after all of it %d MiB (highest %d MiB)\n", p.resident(), p.peak())
	return nil
}
