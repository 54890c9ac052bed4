package admission

import (
	"testing"

	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/db/dbtest"
)

// Every statement but the census and the queue goes to one shard, and none of
// them is forgotten here: the test asks those that the function ran.
func TestEachStatementIsOneTask(t *testing.T) {
	w := newWorld(t)
	pool, ran := dbtest.RecordingPool(t, "hce_admission")
	t.Cleanup(w.f.pool.Close)
	w.f.pool = pool

	c, ctx := w.as(physician)
	in := full(w.patient())
	in.ProfesionalID = w.professional()
	a, err := c.Open(ctx, in, uuid.NewString())
	if err != nil {
		t.Fatal(err)
	}
	again := in
	if _, err := c.Open(ctx, again, ""); err != nil {
		t.Fatal(err)
	}
	again.ID = ""
	if _, err := c.Open(ctx, again, ""); err == nil {
		t.Fatal("a second inpatient admission")
	}
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(c.Triage(ctx, a.DocumentoID, a.ID, 1, api.TriageRequest{Nivel: 2}))
	ok(c.Attend(ctx, a.DocumentoID, a.ID, 2))
	ok(c.Transfer(ctx, a.DocumentoID, a.ID, 3, api.TransferRequest{Cama: in.Cama + "-B"}))
	ok(c.Discharge(ctx, a.DocumentoID, a.ID, 4, api.DischargeRequest{CondicionEgreso: "01", EstadoEgreso: "vivo"}))
	ok(c.Read(ctx, a.DocumentoID, a.ID))
	b := w.admit("EMER")
	ok(c.Cancel(ctx, b.DocumentoID, b.ID, 1, api.CancelRequest{Motivo: "Error"}))
	if _, _, err := c.List(ctx, a.DocumentoID, 1, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Census(ctx, "110", 1, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.TriageQueue(ctx, 1, ""); err != nil {
		t.Fatal(err)
	}
	if n := ran.EachOneTask(t, pool, selectStays); n < 18 {
		t.Errorf("%d statements were asked, want all of some twenty", n)
	}
}
