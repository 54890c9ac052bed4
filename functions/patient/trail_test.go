package patient

import (
	"net/http"
	"testing"
	"time"

	"hce.co/functions/patient/trail"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/db/dbtest"
)

// What the PingSource calls forgets the answers kept for retries of the day
// before.
func TestOldAnswersAreForgotten(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	key := dbtest.DocumentoID()
	if _, err := c.Register(ctx, person(), key); err != nil {
		t.Fatal(err)
	}
	kept := func() (n int) {
		err := w.f.pool.QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.idempotencia WHERE clave = $1`, registrar.ID.String()+"|"+key).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, tt := range []struct {
		later time.Duration
		kept  int
	}{{23 * time.Hour, 1}, {25 * time.Hour, 0}} {
		w.f.Now = func() time.Time { return time.Now().Add(tt.later) }
		if status, body := w.send(registrar, http.MethodPost, "/eventos/pendientes", "application/json", "{}"); status != http.StatusNoContent {
			t.Fatalf("%d %v", status, body)
		}
		if n := kept(); n != tt.kept {
			t.Errorf("%s later %d answers are kept, want %d", tt.later, n, tt.kept)
		}
	}
}

// What the PingSource calls seals the trail of what was done over HTTP.
func TestTrailIsSealed(t *testing.T) {
	w := newWorld(t)
	w.f.sealer.Now = func() time.Time { return time.Now().Add(time.Minute) }
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, person(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(ctx, p.DocumentoID); err != nil {
		t.Fatal(err)
	}
	if status, body := w.send(registrar, http.MethodPost, "/eventos/pendientes", "application/json", "{}"); status != http.StatusNoContent {
		t.Fatalf("%d %v", status, body)
	}
	var rows int
	err = w.f.pool.QueryRow(t.Context(), `SELECT sum(cardinality(filas))::int FROM historia_clinica.auditoria_sello WHERE documento_id = $1`, p.DocumentoID).Scan(&rows)
	if err != nil || rows != 2 {
		t.Errorf("%d rows are sealed, %v; want the record's opening and its reading", rows, err)
	}
	s, err := trail.Verify(t.Context(), w.f.pool, audittest.Open(), func(f trail.Finding) {
		if f.DocumentoID == p.DocumentoID {
			t.Error(f)
		}
	})
	if err != nil || s.Anchors == 0 || s.LastHash == "" {
		t.Errorf("%+v, %v", s, err)
	}
}
