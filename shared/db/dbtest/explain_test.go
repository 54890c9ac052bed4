package dbtest

import (
	"context"
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// What OneTask goes by must tell a query of one shard from one of all.
func TestTasks(t *testing.T) {
	pool, ran := RecordingPool(t, "hce_patient")
	ctx := context.Background()
	var citus bool
	if err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')`).Scan(&citus); err != nil {
		t.Fatal(err)
	}
	one, all := 0, 0
	if citus {
		one = 1
		if err := pool.QueryRow(ctx, `SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = 'historia_clinica.paciente'::regclass`).Scan(&all); err != nil || all < 2 {
			t.Fatalf("%d shards: %v", all, err)
		}
	}
	for _, tt := range []struct {
		sql  string
		args []any
		want int
	}{
		{`SELECT version FROM historia_clinica.paciente WHERE documento_id = $1`, []any{"CC-1"}, one},
		{`SELECT version FROM historia_clinica.paciente WHERE documento_id = $1 FOR UPDATE`, []any{"CC-1"}, one},
		{`UPDATE historia_clinica.paciente SET version = $2 WHERE documento_id = $1`, []any{"CC-1", 2}, one},
		{`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $1, $2)`, []any{"CC-1", "2020-01-01"}, one},
		{`SELECT version FROM historia_clinica.paciente WHERE lower(documento_id) = $1`, []any{"cc-1"}, all},
		{`SELECT count(*) FROM historia_clinica.paciente`, nil, all},
	} {
		if got, err := tasks(pool, tt.sql, tt.args); err != nil || got != tt.want {
			t.Errorf("%d tasks for %s (%v), want %d", got, tt.sql, err, tt.want)
		}
	}
	if n := ran.EachOneTask(t, pool); citus && n != 2 || !citus && n != 1 {
		t.Errorf("%d statements kept", n)
	}
}
