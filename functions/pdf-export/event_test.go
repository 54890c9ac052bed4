package pdfexport

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestTenCopiesOfAnEventAreOneDocument(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	if _, err := c.Ask(ctx, s.id, api.Request{}, ""); err != nil {
		t.Fatal(err)
	}
	ours := w.waiting(s.id)
	theirs := cloudevents.NewEvent()
	theirs.SetID("7")
	theirs.SetSource("https://otro.example.co")
	theirs.SetType(event.PDFRequested)
	theirs.SetSubject(s.id)
	if err := theirs.SetData(cloudevents.ApplicationJSON, event.PDFData{DocumentoID: s.id, Motivo: "Remisión"}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []cloudevents.Event{ours, theirs} {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if status, err := deliver(context.Background(), w.f, e); err != nil || status/100 != 2 {
					t.Errorf("%d %v", status, err)
				}
			})
		}
		wg.Wait()
	}
	if n, m := w.count(jobs, s.id), w.count(files, s.id); n != 2 || m != 2 {
		t.Errorf("%d jobs, %d files, want one for each event", n, m)
	}
	if n := w.count(`SELECT max(intentos) FROM historia_clinica.documento_pdf WHERE documento_id = $1`, s.id); n != 1 {
		t.Errorf("%d attempts", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.evento_entrada WHERE documento_id = $1 AND receptor = $2`, s.id, receiver); n != 2 {
		t.Errorf("%d inbox rows", n)
	}
	if n := w.outbox(s.id, event.PDFReady); n != 2 {
		t.Errorf("%d ready events", n)
	}
	var name, role string
	if err := w.root.QueryRow(context.Background(), `SELECT nombre, rol FROM historia_clinica.auditoria WHERE documento_id = $1 AND motivo = 'Remisión'`, s.id).
		Scan(&name, &role); err != nil || name != "https://otro.example.co" || role != "productor" {
		t.Errorf("audit row of the foreign request: %q %q %v", name, role, err)
	}
	id := event.ForeignUUID(theirs)
	file, err := c.Download(ctx, s.id, id)
	if err != nil || !strings.Contains(textOf(t, file.Content), squeeze("Remisión")) {
		t.Errorf("the foreign document: %v", err)
	}
}

// waiting returns the request that waits in a record's outbox.
func (w *world) waiting(documentoID string) cloudevents.Event {
	w.t.Helper()
	var e event.Event
	err := w.root.QueryRow(context.Background(), `SELECT id, fuente, tipo, documento_id, creado_en, datos FROM historia_clinica.evento_salida
		WHERE documento_id = $1 AND tipo = $2`, documentoID, event.PDFRequested).Scan(&e.ID, &e.Source, &e.Type, &e.DocumentoID, &e.At, &e.Data)
	if err != nil {
		w.t.Fatal(err)
	}
	ce, err := e.CloudEvent()
	if err != nil {
		w.t.Fatal(err)
	}
	return ce
}

func TestAnAbandonedExportIsTakenUpAgain(t *testing.T) {
	w := newWorld(t, "EXPORT_WAIT", "300ms")
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	asked, err := c.Ask(ctx, s.id, api.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	e := w.waiting(s.id)
	// An instance claims it and is killed; the broker has forgotten the event.
	j, err := w.f.find(context.Background(), s.id, asked.ID)
	if err != nil {
		t.Fatal(err)
	}
	killed, mine, err := w.f.claim(context.Background(), j)
	if err != nil || !mine {
		t.Fatal(mine, err)
	}
	w.exec(`DELETE FROM historia_clinica.evento_salida WHERE documento_id = $1`, s.id)
	if status, _ := deliver(context.Background(), w.f, e); status != 503 {
		t.Errorf("while another builds: %d", status)
	}
	w.broker.setDown(false)
	w.pending()
	if j, _ := c.Follow(ctx, s.id, asked.ID); j.Estado != api.Generating {
		t.Fatalf("taken away from an instance that works: %+v", j)
	}
	w.clock.advance(staleAfter + time.Second)
	w.pending()
	eventually(t, "it is ready", func() bool { j, _ := c.Follow(ctx, s.id, asked.ID); return j.Estado == api.Ready })
	// The killed instance comes back and finds that it is too late.
	if _, err := w.f.build(context.Background(), killed, nil); err != errLost { //nolint:errorlint // the sentinel itself
		t.Errorf("the slow instance: %v", err)
	}
	if n := w.count(files, s.id); n != 1 {
		t.Errorf("%d files", n)
	}
}

// pending does what the platform does each minute.
func (w *world) pending() {
	w.t.Helper()
	if a := w.send(auth.Principal{}, "POST", "/eventos/pendientes", ""); a.status != 204 {
		w.t.Fatalf("pendientes: %d %s", a.status, a.body)
	}
}

func TestALostEventIsSentAgain(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	asked, err := c.Ask(ctx, s.id, api.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	w.exec(`DELETE FROM historia_clinica.evento_salida WHERE documento_id = $1`, s.id)
	w.pending()
	if n := w.outbox(s.id, event.PDFRequested); n != 0 {
		t.Errorf("asked again after a moment: %d events", n)
	}
	w.clock.advance(remindAfter + time.Second)
	w.pending()
	w.pending()
	if n := w.outbox(s.id, event.PDFRequested); n != 1 {
		t.Errorf("%d events wait, want 1", n)
	}
	w.broker.setDown(false)
	if _, err := w.f.outbox.Flush(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	if j, err := c.Follow(ctx, s.id, asked.ID); err != nil || j.Estado != api.Ready {
		t.Errorf("%+v %v", j, err)
	}
}

func TestWhoFollowsAForgottenExportWakesIt(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	asked, err := c.Ask(ctx, s.id, api.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	look := func() api.Job {
		t.Helper()
		j, err := c.Follow(ctx, s.id, asked.ID)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	w.exec(`DELETE FROM historia_clinica.evento_salida WHERE documento_id = $1`, s.id)
	look()
	if n := w.outbox(s.id, event.PDFRequested); n != 0 {
		t.Errorf("asked again after a moment: %d events", n)
	}
	for range 3 { // while the broker is down, one event waits
		w.clock.advance(missedAfter + time.Second)
		look()
	}
	if n := w.outbox(s.id, event.PDFRequested); n != 1 {
		t.Errorf("%d events wait, want 1", n)
	}
	w.broker.setDown(false)
	w.clock.advance(missedAfter + time.Second)
	until := time.Now().Add(10 * time.Second)
	for j := look(); j.Estado != api.Ready; j = look() {
		if time.Now().After(until) {
			t.Fatalf("the export is %s", j.Estado)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAnExportThatKeepsFailingIsGivenUp(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	asked, err := c.Ask(ctx, s.id, api.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	e := w.waiting(s.id)
	w.exec(`UPDATE historia_clinica.documento_pdf SET intentos = $2 WHERE documento_id = $1`, s.id, maxAttempts)
	if status, _ := deliver(context.Background(), w.f, e); status/100 != 2 {
		t.Errorf("an export given up: %d", status)
	}
	j, err := c.Follow(ctx, s.id, asked.ID)
	if err != nil || j.Estado != api.Failed || j.Error != givenUp {
		t.Errorf("%+v %v", j, err)
	}
	if n := w.outbox(s.id, event.PDFFailed); n != 1 {
		t.Errorf("%d failure events", n)
	}
	if _, err := c.Download(ctx, s.id, asked.ID); problem.Status(err) != 500 {
		t.Errorf("download: %v", err)
	}
	if again, err := c.Ask(ctx, s.id, api.Request{}, ""); err != nil || again.ID == asked.ID {
		t.Errorf("asking again: %v %v", again.ID, err)
	}
}

// An event of another system may name an old document of the person, and come
// again after its receiver failed.
func TestAForeignEventUnderAnOldDocument(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	old := "TI-" + strings.TrimPrefix(s.id, "CC-")
	w.insert("identificador", row{"clave": old, "documento_id": s.id, "desde": "2000-01-01", "vigente": false})
	e := cloudevents.NewEvent()
	e.SetID(ident.NewID().String())
	e.SetSource("https://otro.example.co")
	e.SetType(event.PDFRequested)
	e.SetSubject(old)
	if err := e.SetData(cloudevents.ApplicationJSON, event.PDFData{DocumentoID: old}); err != nil {
		t.Fatal(err)
	}
	w.exec(`REVOKE SELECT ON historia_clinica.resultado_version FROM hce_pdf_export`)
	status, _ := deliver(context.Background(), w.f, e)
	w.exec(`GRANT SELECT ON historia_clinica.resultado_version TO hce_pdf_export`)
	if status != 503 {
		t.Errorf("while the database fails: %d", status)
	}
	for range 2 {
		if status, _ := deliver(context.Background(), w.f, e); status/100 != 2 {
			t.Errorf("the retry: %d", status)
		}
	}
	if n, m := w.count(jobs, s.id), w.count(files, s.id); n != 1 || m != 1 {
		t.Errorf("%d jobs, %d files", n, m)
	}
}

func TestATemporaryFailureIsRetried(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	asked, err := c.Ask(ctx, s.id, api.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	e := w.waiting(s.id)
	w.exec(`REVOKE SELECT ON historia_clinica.resultado FROM hce_pdf_export`)
	status, _ := deliver(context.Background(), w.f, e)
	w.exec(`GRANT SELECT ON historia_clinica.resultado TO hce_pdf_export`)
	if status != 503 {
		t.Errorf("while the database fails: %d", status)
	}
	if j, err := c.Follow(ctx, s.id, asked.ID); err != nil || j.Estado != api.Requested {
		t.Errorf("the job was not given back: %+v %v", j, err)
	}
	if status, _ := deliver(context.Background(), w.f, e); status/100 != 2 {
		t.Errorf("the retry: %d", status)
	}
	if j, err := c.Follow(ctx, s.id, asked.ID); err != nil || j.Estado != api.Ready {
		t.Errorf("%+v %v", j, err)
	}
}

func TestPoisonEvents(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	for name, change := range map[string]func(*cloudevents.Event){
		"another type":               func(e *cloudevents.Event) { e.SetType(event.NoteSigned) },
		"no subject":                 func(e *cloudevents.Event) { e.SetSubject("") },
		"a subject that is no id":    func(e *cloudevents.Event) { e.SetSubject("x"); e.SetData("application/json", event.PDFData{}) },     //nolint:errcheck // a test
		"no such record":             func(e *cloudevents.Event) { e.SetSubject("CC-99"); e.SetData("application/json", event.PDFData{}) }, //nolint:errcheck // a test
		"data of another record":     func(e *cloudevents.Event) { e.SetData("application/json", event.PDFData{DocumentoID: "CC-1"}) },     //nolint:errcheck // a test
		"data that is no object":     func(e *cloudevents.Event) { e.SetData("application/json", "x") },                                    //nolint:errcheck // a test
		"an unknown kind":            func(e *cloudevents.Event) { e.SetData("application/json", event.PDFData{Tipo: "todo"}) },            //nolint:errcheck // a test
		"a note, which needs its id": func(e *cloudevents.Event) { e.SetData("application/json", event.PDFData{Tipo: "nota"}) },            //nolint:errcheck // a test
		"an epicrisis that is not":   func(e *cloudevents.Event) { e.SetData("application/json", event.PDFData{Tipo: "epicrisis"}) },       //nolint:errcheck // a test
		"a reason without an end": func(e *cloudevents.Event) {
			e.SetData("application/json", event.PDFData{Motivo: strings.Repeat("x", 501)}) //nolint:errcheck // a test
		},
	} {
		e := cloudevents.NewEvent()
		e.SetID(ident.NewID().String())
		e.SetSource("prueba")
		e.SetType(event.PDFRequested)
		e.SetSubject(s.id)
		if err := e.SetData(cloudevents.ApplicationJSON, event.PDFData{DocumentoID: s.id}); err != nil {
			t.Fatal(err)
		}
		change(&e)
		status, err := deliver(context.Background(), w.f, e)
		if err == nil && status != 400 && status != 422 {
			t.Errorf("%s: %d, which a broker retries or takes for success", name, status)
		}
	}
	if a := w.send(auth.Principal{}, http.MethodPost, "/eventos/recibir", `{"specversion":`); a.status != 400 {
		t.Errorf("no event: %d", a.status)
	}
	if n := w.count(jobs, s.id); n != 0 {
		t.Errorf("%d jobs", n)
	}
}
