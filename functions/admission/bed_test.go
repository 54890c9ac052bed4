package admission

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/admission/api"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
)

// atOnce runs do n times at once and returns the errors.
func atOnce(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	return errs
}

func TestOneInpatientAdmission(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	id := w.patient()
	made := make([]api.Admission, 64)
	errs := atOnce(len(made), func(i int) (err error) {
		made[i], err = c.Open(ctx, api.Opening{DocumentoID: id, Clase: "IMP", CausaMotivo: "38"}, "")
		return err
	})
	var open string
	for i, err := range errs {
		if err == nil {
			if open != "" {
				t.Error("two were opened")
			}
			open = made[i].ID.String()
		}
	}
	for _, err := range errs {
		if p, status := conflict(err); err != nil && (status != 409 || p.Members["admision_id"] != open) {
			t.Errorf("got %v, want a 409 that names %s", err, open)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1`, id); n != 1 || open == "" {
		t.Errorf("%d admissions, want 1", n)
	}
	got := w.send(registrar, "POST", "/admision", `{"documento_id":"`+id+`","clase":"IMP","causa_motivo":"38"}`)
	if want := "/admision/" + id + "/" + open; got.status != 409 || got.header.Get("Location") != want {
		t.Errorf("%d %v, want a 409 that leads to %s", got.status, got.header, want)
	}
	for _, class := range []string{"AMB", "EMER"} {
		if _, err := c.Open(ctx, api.Opening{DocumentoID: id, Clase: class, CausaMotivo: "38"}, ""); err != nil {
			t.Errorf("%s beside it: %v", class, err)
		}
	}
}

func TestOneBedForTwo(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	bed := bedFor("CC-" + dbtest.DocumentoID())
	var patients []string
	for range 8 {
		patients = append(patients, w.patient())
	}
	in := "" // who got it
	for i, err := range atOnce(len(patients), func(i int) error {
		_, err := c.Open(ctx, api.Opening{DocumentoID: patients[i], Clase: "IMP", CausaMotivo: "38", Cama: strings.ToLower(bed)}, "")
		return err
	}) {
		switch p, status := conflict(err); {
		case err == nil && in == "":
			in = patients[i]
		case status != 409 || !strings.Contains(p.Detail, bed) || p.Members["documento_id"] != nil || p.Members["admision_id"] != nil:
			t.Errorf("got %v with %v, want a 409 that names the bed and nobody", err, p)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = ANY($1)`, patients); n != 1 || in == "" {
		t.Errorf("%d admissions to one bed, want 1", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.cama_ocupada WHERE cama = '129|' || $1 AND documento_id = $2`, bed, in); n != 1 {
		t.Errorf("the bed is held %d times, want once", n)
	}
	a := w.admit("IMP")
	if _, err := c.Transfer(ctx, a.DocumentoID, a.ID, 0, api.TransferRequest{Cama: bed}); err == nil {
		t.Error("a transfer to an occupied bed")
	}
	if got, err := c.Read(ctx, a.DocumentoID, a.ID); err != nil || got.Version != 1 || got.Cama != "" {
		t.Errorf("the refused transfer left %+v %v", got, err)
	}
	if _, err := c.Transfer(ctx, a.DocumentoID, a.ID, 0, api.TransferRequest{Servicio: "110", Cama: bed}); err != nil {
		t.Errorf("the bed of that name in another service: %v", err)
	}
}

// Two who change places at once cannot, and neither blocks the other; whoever
// leaves frees the bed in the same step.
func TestTransfersAtOnce(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(physician)
	for range 10 {
		one, two := bedFor("CC-"+dbtest.DocumentoID()), bedFor("CC-"+dbtest.DocumentoID())
		a, b := w.admitTo("IMP", "129", one), w.admitTo("IMP", "129", two)
		for _, err := range atOnce(2, func(i int) error {
			who, to := a, two
			if i == 1 {
				who, to = b, one
			}
			_, err := c.Transfer(ctx, who.DocumentoID, who.ID, 0, api.TransferRequest{Cama: to})
			return err
		}) {
			if _, status := conflict(err); status != 409 {
				t.Errorf("changing places got %v, want 409", err)
			}
		}
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				_, err := c.Transfer(ctx, a.DocumentoID, a.ID, 0, api.TransferRequest{Servicio: "110", Cama: one})
				return err
			}
			_, err := c.Transfer(ctx, b.DocumentoID, b.ID, 0, api.TransferRequest{Cama: one})
			return err
		})
		if _, status := conflict(errs[1]); errs[0] != nil || errs[1] != nil && status != 409 {
			t.Errorf("leaving and following: %v", errs)
		}
		if _, err := c.Transfer(ctx, b.DocumentoID, b.ID, 0, api.TransferRequest{Cama: one}); err != nil {
			t.Errorf("to the bed that is free by now: %v", err)
		}
		if n := w.count(`SELECT count(*) FROM historia_clinica.cama_ocupada WHERE documento_id IN ($1, $2)`, a.DocumentoID, b.DocumentoID); n != 2 {
			t.Errorf("two patients hold %d beds", n)
		}
	}
}

// Many steps on one admission at once are taken one after the other: each
// version once, and its history in full.
func TestStepsAtOnce(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(physician)
	a := w.admit("EMER")
	taken := 0
	for _, err := range atOnce(32, func(i int) error {
		_, err := c.Triage(ctx, a.DocumentoID, a.ID, 1, api.TriageRequest{Nivel: 1 + i%2})
		return err
	}) {
		if _, status := conflict(err); err == nil {
			taken++
		} else if status != 412 {
			t.Errorf("got %v, want 412", err)
		}
	}
	got, err := c.Read(ctx, a.DocumentoID, a.ID)
	if err != nil || got.Version != 2 || len(got.Historia) != 2 || taken == 0 || taken == 32 {
		t.Errorf("version %d with %d events, %d taken: %v", got.Version, len(got.Historia), taken, err)
	}
	for _, err := range atOnce(20, func(i int) error {
		_, err := c.Transfer(ctx, a.DocumentoID, a.ID, 0, api.TransferRequest{Cama: bedFor(a.DocumentoID)[:8] + string(rune('A'+i))})
		return err
	}) {
		if err != nil {
			t.Errorf("transfer: %v", err)
		}
	}
	got, err = c.Read(ctx, a.DocumentoID, a.ID)
	if err != nil || got.Version != 22 || len(got.Historia) != 22 {
		t.Errorf("version %d with %d events: %v", got.Version, len(got.Historia), err)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.cama_ocupada WHERE documento_id = $1 AND cama = '1102|' || $2`, a.DocumentoID, got.Cama); n != 1 {
		t.Errorf("the patient's bed is held %d times, want once", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.cama_ocupada WHERE documento_id = $1`, a.DocumentoID); n != 1 {
		t.Errorf("the patient holds %d beds", n)
	}
}

// The transaction that took the bed may be there by half: then the next one
// waits for the rest of it rather than leave a bed behind that nobody is in.
func TestABedThatIsNotThereYet(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(physician)
	bed := bedFor("CC-" + dbtest.DocumentoID())
	a := w.admitTo("OBSENC", "", bed)
	key := a.Servicio + "|" + bed
	exec := func(sql string, args ...any) {
		if _, err := dbtest.Pool(t, "postgres").Exec(ctx, sql, args...); err != nil {
			t.Error(err)
		}
	}
	exec(`DELETE FROM historia_clinica.cama_ocupada WHERE cama = $1`, key)
	if _, err := c.Transfer(ctx, a.DocumentoID, a.ID, 0, api.TransferRequest{Cama: bed[:8] + "Z"}); problem.Status(err) != http.StatusServiceUnavailable {
		t.Errorf("with half of a transaction: %v, want 503", err)
	}
	moved := make(chan error)
	go func() {
		_, err := c.Transfer(ctx, a.DocumentoID, a.ID, 0, api.TransferRequest{Cama: bed[:8] + "Z"})
		moved <- err
	}()
	time.Sleep(15 * time.Millisecond)
	exec(`INSERT INTO historia_clinica.cama_ocupada (cama, documento_id, admision_id, desde) VALUES ($1, $2, $3, $4)`, key, a.DocumentoID, a.ID, time.Now())
	if err := <-moved; err != nil {
		t.Errorf("once it is whole: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.cama_ocupada WHERE documento_id = $1`, a.DocumentoID); n != 1 {
		t.Errorf("the patient holds %d beds", n)
	}
}

func TestCancellationFreesTheBed(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	bed := bedFor("CC-" + dbtest.DocumentoID())
	a := w.admitTo("OBSENC", "", bed)
	if _, err := c.Cancel(ctx, a.DocumentoID, a.ID, 1, api.CancelRequest{Motivo: "Paciente equivocado"}); err != nil {
		t.Fatal(err)
	}
	w.admitTo("OBSENC", "", bed)
}

// Two who change places, statement by statement: each learns at once that the
// bed is taken, and neither waits for the other, which would be a deadlock.
func TestChangingPlacesNeverWaits(t *testing.T) {
	w := newWorld(t)
	one, two := bedFor("CC-"+dbtest.DocumentoID()), bedFor("CC-"+dbtest.DocumentoID())
	a, b := w.admitTo("IMP", "129", one), w.admitTo("IMP", "129", two)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	type mover struct {
		tx    pgx.Tx
		batch pgx.Batch
	}
	var movers [2]mover
	for i, who := range []api.Admission{a, b} {
		to := who
		to.Cama = []string{two, one}[i]
		queueBeds(&movers[i].batch, bedOf(who), bedOf(to), to, who.CreadoEn)
		tx, err := w.f.pool.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(ctx) //nolint:errcheck // the transaction failed on purpose
		movers[i].tx = tx
	}
	for n := range movers[0].batch.Len() {
		for _, m := range movers {
			q := m.batch.QueuedQueries[n]
			_, err := m.tx.Exec(ctx, q.SQL, q.Arguments...)
			if ctx.Err() != nil {
				t.Fatalf("statement %d waits for the other patient: %v", n, err)
			}
			if want := "cama_ocupada_pkey"; n == 0 && db.Violates(err) != want {
				t.Errorf("statement %d got %v, want a violation of %s", n, err, want)
			}
		}
	}
}
