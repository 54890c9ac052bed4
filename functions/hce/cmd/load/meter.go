package main

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// second is what happened in one second of a run.
type second struct {
	at          time.Duration // since the beginning
	clients     int
	requests    int
	errors      int
	p50, p99    time.Duration
	replicas    map[string]int
	connections int64 // of the database; -1 when nobody counts
}

// meter measures a run.
type meter struct {
	began    time.Time
	pods     *replicas
	database *atomic.Int64
	cold     time.Duration // of the first request after all slept; 0 when there was none
	rested   time.Duration // from the last request until all slept; 0 when they did not

	mu      sync.Mutex
	clients int
	times   []time.Duration // of this second
	bad     int
	all     []time.Duration
	answers map[int]int // how many of each status; 0: no answer
	seconds []second
}

// ramp goes through the steps.
func (m *meter) ramp(ctx context.Context, p plan, r reader) {
	m.answers = map[int]int{}
	var sent atomic.Int64
	for _, n := range p.steps {
		m.set(n)
		ctx, cancel := context.WithTimeout(ctx, p.each)
		var wg sync.WaitGroup
		for c := range n {
			wg.Go(func() {
				for i := c; ctx.Err() == nil && sent.Add(1) <= maxRequests; i++ {
					m.one(ctx, r, i)
				}
			})
		}
		<-ctx.Done()
		wg.Wait()
		cancel()
	}
	m.set(0)
}

func (m *meter) set(clients int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clients = clients
}

// one makes a request. What the end of a step cuts off is none, and so it is
// not cut off: a request has the time that the client gives it.
func (m *meter) one(ctx context.Context, r reader, i int) {
	began := time.Now()
	status, err := r.read(context.WithoutCancel(ctx), i)
	took := time.Since(began)
	if err != nil {
		status = 0
	}
	if status != http.StatusOK { // who is refused does not insist
		defer time.Sleep(100 * time.Millisecond)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times, m.all = append(m.times, took), append(m.all, took)
	m.answers[status]++
	if status != http.StatusOK {
		m.bad++
	}
}

// tick closes a second.
func (m *meter) tick() second {
	now, connections := m.pods.now(), m.database.Load()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := second{
		at: time.Since(m.began), clients: m.clients, requests: len(m.times), errors: m.bad,
		p50: quantile(m.times, 50), p99: quantile(m.times, 99), replicas: now, connections: connections,
	}
	m.times, m.bad = nil, 0
	m.seconds = append(m.seconds, s)
	return s
}

// quantile returns the percentile of times, 0 of none.
func quantile(times []time.Duration, percent int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// asleep reports whether no function has an instance.
func (m *meter) asleep() bool {
	for _, n := range m.pods.now() {
		if n > 0 {
			return false
		}
	}
	return true
}

// sleep waits, without asking anything, until every function is at zero.
func (m *meter) sleep(ctx context.Context, rest time.Duration) {
	began := time.Now()
	for time.Since(began) < rest && ctx.Err() == nil {
		if m.asleep() {
			m.rested = time.Since(began)
			return
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// failed is how many requests did not get what they asked for.
func (m *meter) failed() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all) - m.answers[http.StatusOK]
}
