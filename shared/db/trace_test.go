package db_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/trace"

	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/telemetry"
	"hce.co/shared/telemetry/telemetrytest"
)

const origin = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestTrace(t *testing.T) {
	id := dbtest.Record(t)
	c := telemetrytest.Start(t, "patient")
	pool := single(t, "hce_patient")
	var version int
	if err := pool.QueryRow(t.Context(), readVersion, id).Scan(&version); err != nil { // belongs to no request
		t.Fatal(err)
	}
	pool.Reset()

	ctx, root := telemetry.Child(telemetry.WithTraceParent(t.Context(), origin), "root", trace.SpanKindInternal)
	if err := pool.QueryRow(ctx, readVersion, id).Scan(&version); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `SELECT $1::text::int /* `+strings.Repeat("x", 5000)+` */`, id); err == nil {
		t.Error("a document is a number")
	}
	if err := db.Tx(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE historia_clinica.paciente SET version = version WHERE documento_id = $1`, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Batch(ctx, pool, func(b *pgx.Batch) {
		b.Queue(readVersion, id)
		for range 40 {
			b.Queue(`SELECT clave FROM historia_clinica.identificador WHERE clave = $1`, id)
		}
	}); err != nil {
		t.Fatal(err)
	}
	root.End()
	c.Stop()

	spans := c.Spans()
	slices.SortFunc(spans, func(a, b telemetrytest.Span) int { return strings.Compare(a.Start, b.Start) })
	var got []string
	for _, s := range spans {
		got = append(got, s.Kind+" "+s.Name)
		if s.Name != "root" && (s.Trace != c.Named("INTERNAL", "root").Trace || s.Parent != c.Named("INTERNAL", "root").ID || s.Attributes["db.system.name"] != "postgresql") {
			t.Errorf("%+v", s)
		}
		if s.Message != "" || s.Events > 0 {
			t.Errorf("%s tells an error's words: %+v", s.Name, s)
		}
	}
	want := []string{
		"INTERNAL root", "CLIENT CONNECT", "CLIENT SELECT paciente", "CLIENT SELECT", "CLIENT BEGIN", "CLIENT UPDATE paciente", "CLIENT COMMIT", "CLIENT BATCH",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	batch := c.Named("CLIENT", "BATCH").Attributes
	if batch["db.operation.batch.size"] != "43" || batch["db.query.summary"] != "BEGIN; SELECT paciente; SELECT identificador; COMMIT" || batch["db.namespace"] == "" {
		t.Errorf("the batch is %v", batch)
	}
	if failed := c.Named("CLIENT", "SELECT"); !failed.Failed || failed.Attributes["db.response.status_code"] != "22P02" || failed.Attributes["error.type"] != "22P02" {
		t.Errorf("the failure is %+v", failed)
	}
	for _, word := range c.Words() {
		if strings.Contains(word, id) || strings.Contains(word, id[3:]) {
			t.Errorf("%q names the record", word)
		}
	}
	state := map[string]float64{}
	for _, p := range c.Points("db.client.connection.count") {
		state[p.Attributes["db.client.connection.pool.name"]+" "+p.Attributes["db.client.connection.state"]] = p.Value
	}
	if diff := cmp.Diff(map[string]float64{"hce_patient idle": 1, "hce_patient used": 0}, state); diff != "" {
		t.Errorf("pool (-want +got):\n%s", diff)
	}
	if p := c.Points("db.client.connection.max"); len(p) != 1 || p[0].Value != 1 {
		t.Errorf("%+v", p)
	}
}

func TestNoTracerWhenOff(t *testing.T) {
	if single(t, "hce_patient").Config().ConnConfig.Tracer != nil {
		t.Error("queries are traced, though nobody takes it")
	}
}
