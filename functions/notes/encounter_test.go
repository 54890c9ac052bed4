package notes

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hce.co/functions/notes/api"
)

// stands counts the encounter of a note in a state, at an instant.
func (w *world) stands(n api.Note, state string, at time.Time) int {
	return w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2 AND estado = $3 AND inicio = $4 AND fin = $4`,
		n.DocumentoID, n.AdmisionID, state, at)
}

func (w *world) steps(n api.Note) int {
	return w.count(`SELECT count(*) FROM historia_clinica.admision_evento WHERE documento_id = $1 AND admision_id = $2`, n.DocumentoID, n.AdmisionID)
}

// told counts what was sent about a record, by type.
func (w *world) told(documentoID string, n int) map[string]int {
	w.sent.wait(w.t, documentoID, n)
	time.Sleep(50 * time.Millisecond) // for one too many
	types := map[string]int{}
	for _, e := range w.sent.about(documentoID) {
		types[e.Type()]++
	}
	return types
}

var once = map[string]int{"co.hce.admision.abierta.v1": 1, "co.hce.admision.cerrada.v1": 1, "co.hce.nota.firmada.v1": 1}

// Without a note there was no attention: nobody is told of the encounter of a
// draft, and it ends with a draft that is discarded.
func TestEncounterOfADiscardedDraft(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, unsigned(doc))
	if w.stands(n, "finished", n.FechaAtencion) != 1 || w.steps(n) != 0 {
		t.Errorf("the encounter of a draft has %d steps", w.steps(n))
	}
	if err := c.Discard(ctx, doc, n.ID, 1); err != nil {
		t.Fatal(err)
	}
	if w.stands(n, "cancelled", n.FechaAtencion) != 1 || w.steps(n) != 1 {
		t.Errorf("a discarded draft left its encounter, with %d steps", w.steps(n))
	}
	if told := w.told(doc, 0); len(told) != 0 {
		t.Errorf("told of what never happened: %v", told)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.evento_salida WHERE documento_id = $1`, doc); n != 0 {
		t.Errorf("%d events wait", n)
	}
	in := evolution(doc)
	in.AdmisionID = n.AdmisionID.String()
	_, err := c.Write(ctx, in, "")
	wantStatus(t, "a note in the cancelled encounter", err, 409)

	// An admission of the desk's is not the note's to cancel.
	in = unsigned(doc)
	open := w.admission(doc, "AMB", "in-progress", time.Now().Add(-time.Hour))
	in.AdmisionID = open.String()
	if err := c.Discard(ctx, doc, w.write(by, in).ID, 1); err != nil {
		t.Fatal(err)
	}
	if w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2 AND estado = 'in-progress'`, doc, open) != 1 {
		t.Error("the admission went with a draft in it")
	}
}

func TestEncounterIsToldOfOnceItIsSigned(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, unsigned(doc))
	if _, err := c.SaveDraft(ctx, doc, n.ID, 1, api.Draft{Content: evolution(doc).Content}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // and a retry
		if _, err := c.Sign(ctx, doc, n.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(once, w.told(doc, 3)); diff != "" {
		t.Error(diff)
	}
	if w.stands(n, "finished", n.FechaAtencion) != 1 || w.steps(n) != 2 {
		t.Errorf("%d steps in the encounter's history, want 2", w.steps(n))
	}
	in := evolution(doc)
	in.AdmisionID = n.AdmisionID.String()
	w.write(by, in)
	more := map[string]int{"co.hce.admision.abierta.v1": 1, "co.hce.admision.cerrada.v1": 1, "co.hce.nota.firmada.v1": 2}
	if diff := cmp.Diff(more, w.told(doc, 4)); diff != "" || w.steps(n) != 2 {
		t.Errorf("after another note in it, %d steps:\n%s", w.steps(n), diff)
	}
}

// Of several notes in the encounter of a draft the first to be signed tells of
// it, whichever that is; it goes with none of them alone.
func TestEncounterOfSeveralNotes(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	first := w.write(by, unsigned(doc))
	in := evolution(doc)
	in.Firmar, in.AdmisionID = false, first.AdmisionID.String()
	early := in
	early.FechaAtencion = ago(time.Hour)
	_, err := c.Write(ctx, early, "")
	wantStatus(t, "another note in it, before its time", err, 422)
	second, third := w.write(by, in), w.write(by, in)

	a := w.send(by, "PUT", notePath(doc, first.ID), `{"fecha_atencion":"2026-01-02T08:00:00Z"}`, "If-Match", "*")
	if a.status != 422 || a.field("fecha_atencion") == nil {
		t.Errorf("the time of an encounter with other notes: %d %s", a.status, a.raw)
	}
	if err := c.Discard(ctx, doc, first.ID, 1); err != nil {
		t.Fatal(err)
	}
	if w.stands(first, "finished", first.FechaAtencion) != 1 {
		t.Error("the encounter went although it has other notes")
	}
	var wg sync.WaitGroup
	for _, n := range []api.Note{second, third} {
		wg.Go(func() {
			if _, err := c.Sign(ctx, doc, n.ID, 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	want := map[string]int{"co.hce.admision.abierta.v1": 1, "co.hce.admision.cerrada.v1": 1, "co.hce.nota.firmada.v1": 2}
	if diff := cmp.Diff(want, w.told(doc, 4)); diff != "" || w.steps(first) != 2 {
		t.Errorf("%d steps:\n%s", w.steps(first), diff)
	}

	// The last of several drafts takes it along, whichever that is.
	first = w.write(by, unsigned(doc))
	in.AdmisionID = first.AdmisionID.String()
	second = w.write(by, in)
	for _, n := range []api.Note{first, second} {
		wg.Go(func() {
			if err := c.Discard(ctx, doc, n.ID, 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if w.stands(first, "cancelled", first.FechaAtencion) != 1 || w.steps(first) != 1 {
		t.Errorf("both drafts are gone and the encounter is not, %d steps", w.steps(first))
	}
}

// The encounter of a draft is when its author says that the attention was.
func TestTimeOfADraftWithItsOwnEncounter(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, unsigned(doc))
	for i, at := range []*time.Time{ago(3 * time.Hour), ago(26 * time.Hour), ago(time.Hour)} {
		saved, err := c.SaveDraft(ctx, doc, n.ID, i+1, api.Draft{FechaAtencion: at, Content: evolution(doc).Content})
		if err != nil {
			t.Fatal(err)
		}
		if !saved.FechaAtencion.Equal(*at) || w.stands(n, "finished", *at) != 1 {
			t.Errorf("%v: the note says %v, and its encounter something else", at, saved.FechaAtencion)
		}
		if version := w.count(`SELECT version FROM historia_clinica.admision WHERE documento_id = $1`, doc); version != i+2 {
			t.Errorf("version %d of the encounter, want %d", version, i+2)
		}
	}
	if _, err := c.SaveDraft(ctx, doc, n.ID, 4, api.Draft{Content: evolution(doc).Content}); err != nil {
		t.Fatal(err)
	}
	if version := w.count(`SELECT version FROM historia_clinica.admision WHERE documento_id = $1`, doc); version != 4 {
		t.Errorf("saving the same time made version %d of the encounter", version)
	}
	signed, err := c.Sign(ctx, doc, n.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.count(`SELECT count(*) FROM historia_clinica.admision_evento WHERE documento_id = $1 AND en = $2`, doc, signed.FechaAtencion); got != 2 {
		t.Errorf("%d steps at the time of the attention, want 2", got)
	}
	_, err = c.SaveDraft(ctx, doc, w.write(by, unsigned(doc)).ID, 1, api.Draft{FechaAtencion: ago(90 * 365 * 24 * time.Hour)})
	wantStatus(t, "before the patient was born", err, 422)
}
