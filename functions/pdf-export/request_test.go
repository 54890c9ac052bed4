package pdfexport

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestTheSameAskingIsOneJob(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	key := ident.NewID().String()
	first, err := c.Ask(ctx, s.id, api.Request{}, key)
	if err != nil {
		t.Fatal(err)
	}
	p, pctx := w.as(patientOf(s.id))
	same, err := p.Ask(pctx, s.id, api.Request{Tipo: api.Full}, "")
	if err != nil || same.ID != first.ID {
		t.Errorf("another who asks for the same: %v, %v", same.ID, err)
	}
	other, err := p.Ask(pctx, s.id, api.Request{Desde: "2026-11-01"}, "")
	if err != nil || other.ID == first.ID {
		t.Errorf("another period: %v, %v", other.ID, err)
	}
	if w.outbox(s.id, event.PDFRequested) != 2 {
		t.Errorf("%d events wait, want 2", w.outbox(s.id, event.PDFRequested))
	}
	// The retry gets the first answer, whatever has become of the job.
	w.broker.setDown(false)
	if _, err := w.f.outbox.Flush(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	retried, err := c.Ask(ctx, s.id, api.Request{}, key)
	if err != nil || retried.ID != first.ID || retried.Estado != api.Requested {
		t.Errorf("retry: %+v, %v", retried, err)
	}
	if _, err := c.Ask(ctx, s.id, api.Request{Tipo: api.Epicrisis}, key); problem.Status(err) != 422 {
		t.Errorf("the same key with another body: %v", err)
	}
	if w.count(files, s.id) != 2 {
		t.Errorf("%d files, want 2", w.count(files, s.id))
	}
}

func TestBadRequests(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	path := "/exportar_pdf/" + s.id
	for _, tt := range []struct {
		method, path, body string
		want               int
		field              string
	}{
		{"POST", path, `{"tipo":"todo"}`, 422, "tipo"},
		{"POST", path, `{"tipo":"nota"}`, 422, "nota_id"},
		{"POST", path, `{"tipo":"nota","nota_id":"x"}`, 422, "nota_id"},
		{"POST", path, `{"nota_id":"` + s.note.id().String() + `"}`, 422, "nota_id"},
		{"POST", path, `{"desde":"2026-02-30"}`, 422, "desde"},
		{"POST", path, `{"desde":"2026-03-02","hasta":"2026-03-01"}`, 422, "hasta"},
		{"POST", path, `{"tipo":"nota","nota_id":"` + s.note.id().String() + `","desde":"2026-01-01"}`, 422, "desde"},
		{"POST", path, `{"motivo":"` + strings.Repeat("x", 501) + `"}`, 422, "motivo"},
		{"POST", path, `{"otro":1}`, 400, "otro"},
		{"POST", path, `[]`, 400, ""},
		{"GET", path + "?tipo=x", "", 422, "tipo"},
		{"GET", path + "?hasta=ayer", "", 422, "hasta"},
		{"GET", path + "/" + ident.NewID().String(), "", 404, ""},
		{"GET", path + "/x", "", 404, ""},
		{"GET", path + "/" + ident.NewID().String() + "/archivo", "", 404, ""},
		{"GET", path + "/trabajos?despues=x", "", 422, "despues"},
		{"GET", path + "/trabajos?despues=-1_" + ident.NewID().String(), "", 422, "despues"},
		{"GET", path + "/trabajos?limite=0", "", 422, "limite"},
		{"POST", path + "/" + ident.NewID().String() + "/revocacion", `{"motivo":"Nota equivocada"}`, 404, ""},
		{"POST", path + "/" + ident.NewID().String() + "/revocacion", `{"motivo":"x"}`, 422, "motivo"},
		{"POST", path + "/" + ident.NewID().String() + "/revocacion", `{"motivo":"x` + strings.Repeat("\u200b", 12) + `"}`, 422, "motivo"},
		{"DELETE", path, "", 405, ""},
	} {
		a := w.send(clerk, tt.method, tt.path, tt.body)
		fields, _ := a.object(t)["campos"].(map[string]any)
		if a.status != tt.want || tt.field != "" && fields[tt.field] == nil {
			t.Errorf("%s %s %.60s: %d %s, want %d and %q", tt.method, tt.path, tt.body, a.status, a.body, tt.want, tt.field)
		}
	}
	if a := w.send(clerk, "POST", path, "{}", "Content-Type", "text/plain"); a.status != 415 {
		t.Errorf("text/plain: %d", a.status)
	}
	if a := w.send(clerk, "POST", path, " ", "Content-Type", "application/json"); a.status != 400 {
		t.Errorf("white space: %d", a.status)
	}
	if a := w.send(clerk, "POST", path, `{"motivo":"`+strings.Repeat("x", 1<<20)+`"}`); a.status != 413 {
		t.Errorf("more than is read: %d", a.status)
	}
	for _, headers := range [][]string{nil, {"Content-Type", "application/json"}, {"Content-Type", "text/plain"}, {"Content-Type", ";"}} {
		if a := w.send(clerk, "POST", path, "", headers...); a.status != 202 || a.header.Get("Location") == "" || a.header.Get("Retry-After") == "" {
			t.Errorf("without a body, %v: %d %v", headers, a.status, a.header)
		}
	}
}

func TestListIsPaged(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	want := map[uuid.UUID]bool{}
	for _, day := range []string{"2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"} {
		j, err := c.Ask(ctx, s.id, api.Request{Desde: day}, "")
		if err != nil {
			t.Fatal(err)
		}
		want[j.ID] = true
	}
	var last time.Time
	next, pages := "", 0
	for {
		page, n, err := c.List(ctx, s.id, 2, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page {
			if !want[j.ID] || !last.IsZero() && j.Creado.After(last) {
				t.Errorf("%v is out of order or comes twice", j.ID)
			}
			delete(want, j.ID)
			last = j.Creado
		}
		pages++
		if next = n; next == "" {
			break
		}
	}
	if len(want) > 0 || pages != 3 {
		t.Errorf("%d jobs missing after %d pages", len(want), pages)
	}
}

func TestFilesGoWhenTheirTimeIsOver(t *testing.T) {
	w := newWorld(t, "EXPORT_KEEP", "1h")
	s := w.chart()
	c, ctx := w.as(clerk)
	file, _, err := c.Current(ctx, s.id, api.Request{})
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := c.List(ctx, s.id, 0, "")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	// Tokens outlive an hour in this test.
	w.exec(`UPDATE historia_clinica.documento_pdf SET expira = now() - interval '1 minute' WHERE documento_id = $1`, s.id)
	w.exec(`UPDATE historia_clinica.documento_pdf_contenido SET expira = now() - interval '1 minute' WHERE documento_id = $1`, s.id)
	w.pending()
	if w.count(files, s.id) != 0 {
		t.Error("the file is still there")
	}
	if _, err := c.Download(ctx, s.id, list[0].ID); problem.Status(err) != 410 {
		t.Errorf("download: %v", err)
	}
	if v, err := c.Verify(ctx, list[0].CodigoVerificacion); err != nil || v.Estado != api.Valid {
		t.Errorf("the printed copy is no longer vouched for: %+v %v", v, err)
	}
	again, _, err := c.Current(ctx, s.id, api.Request{})
	if err != nil || again.SHA256 == file.SHA256 {
		t.Errorf("a new document: %v", err)
	}
}

func TestARecordTooLongForOneDocument(t *testing.T) {
	w := newWorld(t, "EXPORT_WAIT", "20s")
	s := w.chart()
	w.insert("nota", noteFixture(s.id, s.admission.id()).with("evolucion_medica", strings.Repeat("línea\n", 70_000)))
	a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "")
	if a.status != 422 || a.object(t)["detail"] != tooLong {
		t.Fatalf("%d %s", a.status, a.body)
	}
	c, ctx := w.as(clerk)
	list, _, err := c.List(ctx, s.id, 0, "")
	if err != nil || len(list) != 1 || list[0].Estado != api.Failed || list[0].Error != tooLong || list[0].Href != "" {
		t.Errorf("%+v %v", list, err)
	}
	eventually(t, "the failure is told", func() bool {
		for _, e := range w.broker.events(event.PDFFailed) {
			if e.Subject() == s.id {
				return true
			}
		}
		return false
	})
	if a := w.send(clerk, "GET", "/exportar_pdf/"+s.id+"?hasta=2026-11-01", ""); a.status != 200 {
		t.Errorf("a shorter period: %d", a.status)
	}
}
