package admission

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

func TestRetriedOpening(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	in := full(w.patient())
	first, err := c.Open(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Open(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the retry got another answer:\n%s", diff)
	}
	second, err := c.Triage(ctx, in.DocumentoID, first.ID, 1, api.TriageRequest{Nivel: 2})
	if err != nil {
		t.Fatal(err)
	}
	again, err = c.Open(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(second, again); diff != "" {
		t.Errorf("a late retry got something other than the admission as it is:\n%s", diff)
	}
	other := in
	other.CausaMotivo = "38"
	if _, err := c.Open(ctx, other, ""); problem.Status(err) != 409 {
		t.Errorf("the same id with other content got %v, want 409", err)
	}

	in = full(w.patient())
	opened := make(chan api.Admission, 16)
	for range cap(opened) {
		go func() {
			a, err := c.Open(ctx, in, "")
			if err != nil {
				t.Errorf("concurrent retry: %v", err)
			}
			opened <- a
		}()
	}
	numbers := map[int64]bool{}
	for range cap(opened) {
		numbers[(<-opened).Numero] = true
	}
	if len(numbers) != 1 {
		t.Errorf("%d admissions under one id, want 1", len(numbers))
	}
}

func TestIdempotencyKey(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	in := api.Opening{DocumentoID: w.patient(), Clase: "AMB", CausaMotivo: "38"}
	key := uuid.NewString()
	first, err := c.Open(ctx, in, key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Open(ctx, in, key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the retry got another answer:\n%s", diff)
	}
	in.CausaMotivo = "39"
	if _, err := c.Open(ctx, in, key); problem.Status(err) != 422 {
		t.Errorf("the key with another body got %v, want 422", err)
	}
	done := make(chan struct{})
	for range 8 {
		go func() {
			if _, err := c.Open(ctx, in, key+"b"); err != nil {
				t.Errorf("concurrent retry: %v", err)
			}
			done <- struct{}{}
		}()
	}
	for range 8 {
		<-done
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1`, in.DocumentoID); n != 2 {
		t.Errorf("%d admissions, want 2", n)
	}
	at := "/admision/" + in.DocumentoID + "/" + first.ID.String() + "/triage"
	for range 2 {
		if got := w.send(registrar, "POST", at, `{"nivel":2}`, "Idempotency-Key", key); got.status != 422 {
			t.Errorf("the key of another write got %d, want 422", got.status)
		}
		if got := w.send(registrar, "POST", at, `{"nivel":2}`, "Idempotency-Key", key+"c"); got.status != 200 || got.header.Get("ETag") != `"2"` {
			t.Errorf("%d %v", got.status, got.header)
		}
	}
}

func TestIfMatch(t *testing.T) {
	w := newWorld(t)
	a := w.admit("EMER")
	at := "/admision/" + a.DocumentoID + "/" + a.ID.String()
	for _, stale := range []string{`"99"`, `"x"`, `"98", "99"`, `W/"1"`, `1`} {
		if got := w.send(physician, "POST", at+"/triage", `{"nivel":2}`, "If-Match", stale); got.status != 412 {
			t.Errorf("If-Match %s: %d, want 412", stale, got.status)
		}
	}
	if got := w.send(physician, "POST", at+"/triage", `{"nivel":2}`, "If-Match", `"1"`); got.status != 200 || got.header.Get("ETag") != `"2"` {
		t.Errorf("%d %v", got.status, got.body)
	}
	if got := w.send(physician, "POST", at+"/triage", `{"nivel":1}`, "If-Match", `"1"`); got.status != 412 || got.body["version"] != 2.0 {
		t.Errorf("a lost update: %d %v", got.status, got.body)
	}
	for i, match := range []string{`"5", "2"`, `*`} {
		got := w.send(physician, "POST", at+"/triage", fmt.Sprintf(`{"nivel":%d}`, 3+i), "If-Match", match)
		if want := service.ETag(3 + i); got.status != 200 || got.header.Get("ETag") != want {
			t.Errorf("If-Match %s: %d %v", match, got.status, got.body)
		}
	}
}
