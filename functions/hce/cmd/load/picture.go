package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// show draws the run each second until the function that it returns is called: in
// place on a terminal, a line a second anywhere else.
func (m *meter) show(ctx context.Context, w *os.File) (stop func()) {
	info, err := w.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		each := time.NewTicker(time.Second)
		defer each.Stop()
		for first := true; ; first = false {
			select {
			case <-ctx.Done():
				m.tick() // the end is in the chart
				return
			case <-each.C:
			}
			s := m.tick()
			if terminal {
				drawn(w, s, m.total(), first)
			} else {
				lined(w, s)
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}

func (m *meter) total() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all)
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

// lined is a second in one line.
func lined(w io.Writer, s second) {
	fmt.Fprintf(w, "%4.0f s  %2d clients  %5d req/s  p50 %6s ms  p99 %7s ms  %d errors ", s.at.Seconds(), s.clients, s.requests, milliseconds(s.p50), milliseconds(s.p99), s.errors)
	for _, f := range functions {
		if n := s.replicas[f]; n > 0 {
			fmt.Fprintf(w, "  %s %d", f, n)
		}
	}
	if s.connections >= 0 {
		fmt.Fprintf(w, "  connections %d", s.connections)
	}
	fmt.Fprintln(w)
}

// drawn is a second in the place of the one before.
func drawn(w io.Writer, s second, total int, first bool) {
	var b strings.Builder
	lines := len(functions) + 3
	if !first {
		fmt.Fprintf(&b, "\x1b[%dA", lines)
	}
	put := func(format string, values ...any) { fmt.Fprintf(&b, format+"\x1b[K\n", values...) }
	put("\x1b[1m%4.0f s\x1b[0m   clients %-3d  %s", s.at.Seconds(), s.clients, strings.Repeat("▪", s.clients))
	errors := fmt.Sprintf("%d errors", s.errors)
	if s.errors > 0 {
		errors = "\x1b[31m" + errors + "\x1b[0m"
	}
	put("%5d req/s   p50 %s ms   p99 %s ms   %s   %d requests", s.requests, milliseconds(s.p50), milliseconds(s.p99), errors, total)
	for _, f := range functions {
		n := s.replicas[f]
		put("  %-11s %2d \x1b[32m%s\x1b[0m", f, n, strings.Repeat("█ ", n))
	}
	if s.connections >= 0 {
		put("  connections %d", s.connections)
	} else {
		put("")
	}
	io.WriteString(w, b.String()) //nolint:errcheck // a picture
}

// report says what the run was, in the end.
func (m *meter) report(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprintf(w, "\n%d requests, p50 %s ms, p99 %s ms, highest %s ms\n", len(m.all), milliseconds(quantile(m.all, 50)), milliseconds(quantile(m.all, 99)), milliseconds(quantile(m.all, 100)))
	for _, status := range slices.Sorted(maps.Keys(m.answers)) {
		fmt.Fprintf(w, "  status %d: %d\n", status, m.answers[status])
	}
	highest, connections, rate := map[string]int{}, int64(-1), 0
	for _, s := range m.seconds {
		for f, n := range s.replicas {
			highest[f] = max(highest[f], n)
		}
		connections, rate = max(connections, s.connections), max(rate, s.requests)
	}
	fmt.Fprintf(w, "at most %d req/s", rate)
	for _, f := range functions {
		fmt.Fprintf(w, ", %s %d", f, highest[f])
	}
	fmt.Fprintln(w, " instances")
	if connections >= 0 {
		fmt.Fprintf(w, "at most %d connections of the database\n", connections)
	}
	if m.rested > 0 {
		fmt.Fprintf(w, "all asleep %.0f s after the last request\n", m.rested.Seconds())
	} else {
		fmt.Fprintln(w, "not all asleep in the time given")
	}
	if m.cold > 0 {
		fmt.Fprintf(w, "first request after that, through ui to patient: %.2f s\n", m.cold.Seconds())
	}
}
