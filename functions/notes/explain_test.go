package notes

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/event"
)

// Every statement but the lists of drafts and of unseen results, and the look-up of the documents of a
// batch of events, goes to one shard; the test asks those that the function ran.
func TestEachStatementIsOneTask(t *testing.T) {
	w := newWorld(t)
	pool, ran := dbtest.RecordingPool(t, "hce_notes")
	t.Cleanup(w.f.pool.Close)
	w.f.pool = pool
	w.f.outbox = event.NewOutbox(pool, w.sent, w.f.Log)

	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	in := evolution(doc)
	in.ID = uuid.Must(uuid.NewV7()).String()
	ok(c.Write(ctx, in, uuid.NewString()))
	ok(c.Write(ctx, in, "")) // a retry
	in.ID, in.AdmisionID = "", w.admission(doc, "EMER", "triaged", time.Now().Add(-time.Hour)).String()
	n, err := c.Write(ctx, in, "")
	ok(n, err)
	draft, err := c.Write(ctx, unsigned(doc), "")
	ok(draft, err)
	ok(c.SaveDraft(ctx, doc, draft.ID, 1, api.Draft{Content: in.Content}))
	ok(c.Sign(ctx, doc, draft.ID, 2))
	gone, err := c.Write(ctx, unsigned(doc), "")
	ok(gone, err)
	ok(c.SaveDraft(ctx, doc, gone.ID, 1, api.Draft{FechaAtencion: ago(time.Hour), Content: in.Content}))
	ok(nil, c.Discard(ctx, doc, gone.ID, 2))
	ok(c.Add(ctx, doc, draft.ID, api.AddendumRequest{Motivo: "correccion", Texto: "x"}, ""))
	ok(c.Annul(ctx, doc, n.ID, "Escrita por equivocación"))
	ok(c.Read(ctx, doc, n.ID))
	ok(c.SignedContent(ctx, doc, n.ID))
	for _, list := range []func() error{
		func() error { _, _, err := c.Notes(ctx, doc, 1, ""); return err },
		func() error { _, _, err := c.Vitals(ctx, doc, "pas", 1, ""); return err },
		func() error { _, _, err := c.Diagnoses(ctx, doc, 1, ""); return err },
		func() error { _, _, err := c.Allergies(ctx, doc, 1, ""); return err },
		func() error { _, _, err := c.Medications(ctx, doc, 1, ""); return err },
		func() error { _, _, err := c.Results(ctx, doc, 1, ""); return err },
		func() error { _, _, err := c.Drafts(ctx, 1, ""); return err },
		func() error { _, _, err := c.SearchCodes(ctx, "J20", 1, ""); return err },
		func() error { _, _, err := c.SearchCodes(ctx, "bronquitis aguda", 1, ""); return err },
		func() error { _, _, err := c.UnseenResults(ctx, 1, ""); return err },
	} {
		if err := list(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := c.AddResult(ctx, api.NewResult{DocumentoID: doc, AdmisionID: in.AdmisionID, Nombre: "Glicemia", Valor: 92.5}, "")
	ok(r, err)
	ok(c.MarkSeen(ctx, doc, r.ID, 1))
	ok(c.Result(ctx, doc, r.ID))
	lab := w.producer(event.ResultIssued)
	for i, at := range []string{"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"} {
		data := `{"documento_id":"` + doc + `","resultado_id":"0197c0de-0000-7000-8000-000000000001","nombre":"TSH","valor":2,"emitido_en":"` + at + `"}`
		e := structured("lab", "explain-"+string(rune('a'+i))+doc, event.ResultIssued, doc, data)
		if a := w.send(lab, "POST", "/eventos", e, "Content-Type", "application/cloudevents+json"); a.status != 202 {
			t.Fatal(a.raw)
		}
		resp, err := http.Post(w.url+"/eventos/recibir", "application/cloudevents+json", bytes.NewBufferString(e))
		if err != nil || resp.StatusCode != 204 {
			t.Fatal(resp.Status, err)
		}
		resp.Body.Close()
	}
	if n := ran.EachOneTask(t, pool, selectDrafts, selectUnseen, "clave = ANY", "evento_salida WHERE documento_id = ANY"); n < 40 {
		t.Errorf("%d statements were asked, want all of some forty", n)
	}
}
