package dbtest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/db"
)

// OneTask fails the test when the statement would touch more than one shard, as
// no query of one chart may. Without Citus it only asks whether the statement
// can be planned.
func OneTask(t testing.TB, q db.Querier, sql string, args ...any) {
	t.Helper()
	if tasks, err := tasks(q, sql, args); err != nil {
		t.Errorf("explain %s: %v", short(sql), err)
	} else if tasks > 1 {
		t.Errorf("%d tasks instead of one: %s", tasks, short(sql))
	}
}

// tasks returns to how many shards a statement goes; 0 when it is none of
// Citus's business.
func tasks(q db.Querier, sql string, args []any) (int, error) {
	var out []byte
	if err := q.QueryRow(context.Background(), "EXPLAIN (FORMAT JSON) "+sql, args...).Scan(&out); err != nil {
		return 0, err
	}
	var plan any
	if err := json.Unmarshal(out, &plan); err != nil {
		return 0, err
	}
	return countTasks(plan), nil
}

// countTasks adds up what every distributed part of a plan needs.
func countTasks(plan any) int {
	total := 0
	switch p := plan.(type) {
	case []any:
		for _, part := range p {
			total += countTasks(part)
		}
	case map[string]any:
		for name, part := range p {
			if n, ok := part.(float64); ok && name == "Task Count" {
				total += int(n)
			} else {
				total += countTasks(part)
			}
		}
	}
	return total
}

func short(sql string) string {
	s := strings.Join(strings.Fields(sql), " ")
	return s[:min(len(s), 200)]
}

// Statements keeps what ran on a pool, so that a test can ask it of the queries
// that the code makes rather than of copies of them.
type Statements struct {
	mu   sync.Mutex
	seen map[string][]any // text → arguments of its first run
}

// RecordingPool is [Pool] with a memory.
func RecordingPool(t testing.TB, role string) (*pgxpool.Pool, *Statements) {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(URL(t, role))
	if err != nil {
		t.Fatal(err)
	}
	s := &Statements{seen: map[string][]any{}}
	cfg.ConnConfig.Tracer = s
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, s
}

// EachOneTask asks [OneTask] of every statement that ran, but for those that
// contain one of except: the deliberate fan-outs. It returns how many it asked.
func (s *Statements) EachOneTask(t testing.TB, q db.Querier, except ...string) int {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := 0
next:
	for sql, args := range s.seen {
		for _, e := range except {
			if strings.Contains(sql, e) {
				continue next
			}
		}
		OneTask(t, q, sql, args...)
		asked++
	}
	return asked
}

func (s *Statements) keep(sql string, args []any) {
	switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(sql)), " "); verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, ok := s.seen[sql]; !ok {
			s.seen[sql] = args
		}
	}
}

// TraceQueryStart implements pgx.QueryTracer.
func (s *Statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.keep(d.SQL, d.Args)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*Statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (s *Statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	for _, q := range d.Batch.QueuedQueries {
		s.keep(q.SQL, q.Arguments)
	}
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (*Statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (*Statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
