package idempotency_test

import (
	"fmt"
	"testing"
	"time"

	"hce.co/shared/db/dbtest"
	"hce.co/shared/idempotency"
	"hce.co/shared/ident"
)

// What is older than the window goes, oldest first and a bounded number at once,
// and what is not stays.
func TestSweep(t *testing.T) {
	owner, pool := dbtest.Pool(t, "postgres"), dbtest.Pool(t, "hce_patient")
	now := time.Now().UTC().Add(-10 * 365 * 24 * time.Hour) // before the keys of any other test
	mine := ident.NewID().String()
	put := func(from, to int, age time.Duration) {
		t.Helper()
		_, err := owner.Exec(t.Context(), `
			INSERT INTO historia_clinica.idempotencia (clave, huella, estado, ubicacion, etag, cuerpo, creado_en)
			SELECT $1 || '|' || i, '', 201, '', '', '', $4::timestamptz - i * interval '1 microsecond' FROM generate_series($2::int, $3::int) AS i`,
			mine, from, to, now.Add(-age))
		if err != nil {
			t.Fatal(err)
		}
	}
	left := func() (n int) {
		t.Helper()
		if err := owner.QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.idempotencia WHERE clave LIKE $1 || '|%'`, mine).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	put(1, 12_000, idempotency.Window+time.Second) // the higher the number, the older
	put(20_001, 20_003, idempotency.Window-time.Minute)
	for i, want := range []struct {
		gone int64
		left int
	}{{10_000, 2_003}, {2_000, 3}, {0, 3}} {
		gone, err := idempotency.Sweep(t.Context(), pool, now)
		if err != nil || gone != want.gone || left() != want.left {
			t.Fatalf("sweep %d: %d gone, %d left, %v; want %+v", i+1, gone, left(), err, want)
		}
		if i == 0 {
			var oldest string
			err := owner.QueryRow(t.Context(), `SELECT clave FROM historia_clinica.idempotencia WHERE clave LIKE $1 || '|%' ORDER BY creado_en LIMIT 1`, mine).Scan(&oldest)
			if want := fmt.Sprintf("%s|%d", mine, 2_000); err != nil || oldest != want {
				t.Errorf("the oldest that stays is %s, %v; want %s", oldest, err, want)
			}
		}
	}
	if gone, err := idempotency.Sweep(t.Context(), pool, now.Add(time.Hour)); err != nil || gone != 3 {
		t.Errorf("an hour later %d are gone, %v; want 3", gone, err)
	}
}

// A key within the window answers a retry; one from before it writes anew.
func TestSweepEndsARetry(t *testing.T) {
	d := newDesk(t, "hce_patient")
	k := d.key(ana, ident.NewID().String(), "POST", "/paciente", "{}")
	first, err := d.write(t.Context(), k, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := idempotency.Sweep(t.Context(), d.pool, time.Now().Add(idempotency.Window-time.Minute)); err != nil {
		t.Fatal(err)
	}
	if again, err := d.write(t.Context(), k, true); err != nil || string(again.Body) != string(first.Body) {
		t.Errorf("within the window: %s, %v", again.Body, err)
	}
	if _, err := idempotency.Sweep(t.Context(), d.pool, time.Now().Add(idempotency.Window+time.Minute)); err != nil {
		t.Fatal(err)
	}
	if again, err := d.write(t.Context(), k, true); err != nil || string(again.Body) == string(first.Body) {
		t.Errorf("after the window: %s, %v", again.Body, err)
	}
}
