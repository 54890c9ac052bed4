package notes

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/problem"
)

// unsigned is what an author has on screen after a minute.
func unsigned(documentoID string) api.NewNote {
	n := api.NewNote{DocumentoID: documentoID}
	n.Tipo, n.EnfermedadActual = "evolucion", "Tos de tres d"
	return n
}

func TestDraftIsSavedInVersions(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, unsigned(doc))
	if n.Estado != "borrador" || n.Version != 1 || n.Firma != nil {
		t.Fatalf("draft = %+v", n.Status)
	}
	content := evolution(doc).Content
	saved, err := c.SaveDraft(ctx, doc, n.ID, 1, api.Draft{Content: content})
	if err != nil {
		t.Fatal(err)
	}
	if saved.Version != 2 || saved.EnfermedadActual != "" || saved.FechaAtencion != n.FechaAtencion || len(saved.Diagnosticos) != 2 {
		t.Errorf("the draft was not replaced as a whole: %+v", saved)
	}
	read, err := c.Read(ctx, doc, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	saved.Advertencias = nil
	if diff := cmp.Diff(saved, read); diff != "" {
		t.Errorf("the draft reads differently from how it was saved:\n%s", diff)
	}
	// What a client read it can save: the form sends back what it shows.
	back := api.Draft{ID: read.ID.String(), DocumentoID: doc, AdmisionID: read.AdmisionID.String(), FechaAtencion: &read.FechaAtencion, Content: read.Content}
	if again, err := c.SaveDraft(ctx, doc, n.ID, 2, back); err != nil || again.Version != 3 {
		t.Errorf("saving what was read: version %d, %v", again.Version, err)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.signo_vital WHERE documento_id = $1`, doc); n != 0 {
		t.Errorf("a draft left %d measurements in the chart", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'update'`, doc); n < 1 || n > 2 {
		t.Errorf("two saves of one sitting left %d audit rows", n)
	}
}

func TestRefusedDraftSaves(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, unsigned(doc))
	path := notePath(doc, n.ID)
	body := `{"tipo":"evolucion","motivo_consulta":"Tos"}`
	if a := w.send(by, "PUT", path, body); a.status != 428 {
		t.Errorf("without If-Match: %d", a.status)
	}
	for _, etag := range []string{`"2"`, `"x"`, `1`, `W/"1"`} {
		if a := w.send(by, "PUT", path, body, "If-Match", etag); a.status != 412 {
			t.Errorf("If-Match %s: %d", etag, a.status)
		}
	}
	if a := w.send(by, "PUT", path, `{"tipo":"evolucion","signos_vitales":{"temp":50}}`, "If-Match", `"1"`); a.status != 422 || a.field("signos_vitales.temp") == nil {
		t.Errorf("impossible temperature: %d %s", a.status, a.raw)
	}
	other := w.admission(doc, "AMB", "in-progress", time.Now().Add(-time.Hour))
	if a := w.send(by, "PUT", path, `{"tipo":"evolucion","admision_id":"`+other.String()+`"}`, "If-Match", `"1"`); a.status != 422 {
		t.Errorf("another admission: %d", a.status)
	}
	d, dctx := w.as(w.physician())
	_, err := d.SaveDraft(dctx, doc, n.ID, 1, api.Draft{Content: n.Content})
	wantStatus(t, "another's draft", err, 404)
	_, err = d.Sign(dctx, doc, n.ID, 0)
	wantStatus(t, "signing another's draft", err, 404)
	_, err = c.SaveDraft(ctx, w.patient(), n.ID, 1, api.Draft{Content: n.Content})
	wantStatus(t, "under another record", err, 404)
	_, err = c.Sign(ctx, doc, n.ID, 7)
	wantStatus(t, "signing a stale version", err, 412)

	content := evolution(doc).Content
	if _, err := c.SaveDraft(ctx, doc, n.ID, 1, api.Draft{Content: content}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Sign(ctx, doc, n.ID, 2); err != nil {
		t.Fatal(err)
	}
	_, err = c.SaveDraft(ctx, doc, n.ID, 3, api.Draft{Content: content})
	wantStatus(t, "a signed note", err, 409)
}

// What GET showed comes back as it is, but for what its author changed.
func TestDraftAsItWasRead(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	in := evolution(doc)
	in.Firmar = false
	path := notePath(doc, w.write(by, in).ID)
	read := w.send(by, "GET", path, "")
	body := strings.Replace(read.raw, "Mejor que ayer.", "Igual que ayer.", 1)
	saved := w.send(by, "PUT", path, body, "If-Match", read.header.Get("ETag"))
	if saved.status != 200 || saved.header.Get("ETag") != `"2"` || saved.body["version"] != 2.0 || saved.body["evolucion_medica"] != "Igual que ayer." {
		t.Fatalf("%d %s", saved.status, saved.raw)
	}
	// The answer to a write, too, with its warnings; and what it says of the
	// server's own members does not count.
	body = strings.Replace(saved.raw, `"version":2`, `"version":77`, 1)
	body = strings.Replace(body, `"estado":"borrador"`, `"estado":"firmada"`, 1)
	body = strings.Replace(body, "Mario", "Otro", 1)
	again := w.send(by, "PUT", path, body, "If-Match", saved.header.Get("ETag"))
	if again.status != 200 || again.body["version"] != 3.0 || again.body["estado"] != "borrador" || cmp.Diff(again.body["autor"], saved.body["autor"]) != "" {
		t.Errorf("%d %s", again.status, again.raw)
	}
	for name, other := range map[string]string{
		"id": `"0197c0de-0000-7000-8000-000000000001"`, "documento_id": `"CC-404404404"`, "admision_id": `"0197c0de-0000-7000-8000-000000000001"`,
	} {
		a := w.send(by, "PUT", path, `{`+`"`+name+`":`+other+`}`, "If-Match", "*")
		if a.status != 422 || a.field(name) == nil {
			t.Errorf("another %s: %d %s", name, a.status, a.raw)
		}
	}
}

// A draft keeps its type unless it is given another.
func TestDraftKeepsItsType(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	path := notePath(doc, w.write(by, unsigned(doc)).ID)
	for _, tt := range []struct{ body, want string }{
		{`{"motivo_consulta":"Tos"}`, "evolucion"}, {`{"tipo":"ingreso"}`, "ingreso"}, {`{}`, "ingreso"},
	} {
		a := w.send(by, "PUT", path, tt.body, "If-Match", "*")
		if a.status != 200 || a.body["tipo"] != tt.want {
			t.Errorf("%s: %d %s", tt.body, a.status, a.raw)
		}
	}
	if a := w.send(by, "PUT", path, `{"tipo":"carta"}`, "If-Match", "*"); a.status != 422 || a.field("tipo") == nil {
		t.Errorf("a type that is none: %d %s", a.status, a.raw)
	}
}

// What is wrong with the content does not hide that the note cannot be saved.
func TestWhyADraftIsNotSaved(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	n := w.write(by, unsigned(doc))
	kept := w.write(by, evolution(doc))
	const bad = `{"signos_vitales":{"temp":50},"diagnosticos":[{"cie10":"nada"}]}`
	for name, tt := range map[string]struct {
		path, match string
		want        int
	}{
		"no such note":         {notePath(doc, uuid.New()), `"1"`, 404},
		"no such record":       {notePath("CC-404404404", n.ID), `"1"`, 404},
		"under another record": {notePath(w.patient(), n.ID), `"1"`, 404},
		"a signed note":        {notePath(doc, kept.ID), `"1"`, 409},
		"another version":      {notePath(doc, n.ID), `"7"`, 412},
		"another and this":     {notePath(doc, n.ID), `"7", "1"`, 422},
		"any version":          {notePath(doc, n.ID), `*`, 422},
		"this version":         {notePath(doc, n.ID), `"1"`, 422},
	} {
		if a := w.send(by, "PUT", tt.path, bad, "If-Match", tt.match); a.status != tt.want {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestConcurrentSavesLoseNothing(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, unsigned(doc))
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 8 {
		wg.Go(func() {
			_, err := c.SaveDraft(ctx, doc, n.ID, 1, api.Draft{Content: evolution(doc).Content})
			status := 200
			if err != nil {
				status = problem.Status(err)
			}
			mu.Lock()
			statuses[status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[int]int{200: 1, 412: 7}, statuses); diff != "" {
		t.Error(diff)
	}
}

func TestDraftsAreTheirAuthorsAlone(t *testing.T) {
	w := newWorld(t)
	by, colleague := w.physician(), w.physician()
	c, ctx := w.as(by)
	var docs []string
	for range 5 {
		doc := w.patient()
		docs = append(docs, doc)
		n := unsigned(doc)
		n.MotivoConsulta = strings.Repeat("x", 500)
		w.write(by, n)
	}
	var listed []string
	for after := ""; ; {
		page, next, err := c.Drafts(ctx, 2, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			listed = append(listed, d.DocumentoID)
			if d.Paciente != "Peña Núñez Luz" || len(d.MotivoConsulta) != 200 {
				t.Errorf("draft = %+v", d)
			}
		}
		if after = next; next == "" {
			break
		}
	}
	for i, j := 0, len(docs)-1; i < j; i, j = i+1, j-1 {
		docs[i], docs[j] = docs[j], docs[i]
	}
	if diff := cmp.Diff(docs, listed); diff != "" {
		t.Errorf("drafts, the last touched first:\n%s", diff)
	}
	d, dctx := w.as(colleague)
	if page, _, err := d.Drafts(dctx, 0, ""); err != nil || len(page) != 0 {
		t.Errorf("a colleague's list has %d drafts, %v", len(page), err)
	}

	doc := docs[0]
	w.write(colleague, evolution(doc)) // brings the colleague into relation
	mine, _, err := c.Notes(ctx, doc, 0, "")
	if err != nil || len(mine) != 2 {
		t.Errorf("the author sees %d notes, %v; want the draft and the colleague's", len(mine), err)
	}
	theirs, _, err := d.Notes(dctx, doc, 0, "")
	if err != nil || len(theirs) != 1 || theirs[0].Estado != "firmada" {
		t.Errorf("the colleague sees %d notes, %v", len(theirs), err)
	}
	for _, n := range mine {
		if n.Estado == "borrador" {
			_, err := d.Read(dctx, doc, n.ID)
			wantStatus(t, "reading a colleague's draft", err, 404)
			p, pctx := w.as(account(doc))
			_, err = p.Read(pctx, doc, n.ID)
			wantStatus(t, "the patient reading a draft", err, 404)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND recurso = 'borradores'`, "usuario:"+by.ID.String()); n != 3 {
		t.Errorf("%d audit rows of the list, want 3", n)
	}
}

func TestDiscardedDraftIsGone(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, unsigned(doc))
	d, dctx := w.as(w.physician())
	wantStatus(t, "another's draft", d.Discard(dctx, doc, n.ID, 1), 404)
	wantStatus(t, "a stale version", c.Discard(ctx, doc, n.ID, 2), 412)
	if a := w.send(by, "DELETE", notePath(doc, n.ID), ""); a.status != 428 {
		t.Errorf("without If-Match: %d", a.status)
	}
	if err := c.Discard(ctx, doc, n.ID, 1); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "discarded again", c.Discard(ctx, doc, n.ID, 1), 404)
	if page, _, err := c.Drafts(ctx, 0, ""); err != nil || len(page) != 0 {
		t.Errorf("it is still listed: %v, %v", page, err)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND accion = 'D'`, doc); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	kept := w.write(by, evolution(doc))
	wantStatus(t, "a signed note", c.Discard(ctx, doc, kept.ID, 1), 409)
	if _, err := c.Read(ctx, doc, kept.ID); err != nil {
		t.Error(err)
	}
}
