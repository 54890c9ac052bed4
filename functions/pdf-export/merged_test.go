package pdfexport

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// printed is the text of the record's document as it is now.
func (w *world) printed(p auth.Principal, id string) (text, sha string) {
	w.t.Helper()
	c, ctx := w.as(p)
	f, _, err := c.Current(ctx, id, api.Request{})
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.t.TempDir(), "historia.pdf")
	if err := os.WriteFile(file, f.Content, 0o600); err != nil {
		w.t.Fatal(err)
	}
	out, err := exec.CommandContext(w.t.Context(), "pdftotext", "-layout", file, "-").Output() // #nosec G204 -- a test's own file
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " "), f.SHA256
}

// newest is the last export of a chart.
func (w *world) newest(p auth.Principal, id string) api.Job {
	w.t.Helper()
	c, ctx := w.as(p)
	jobs, _, err := c.List(ctx, id, 0, "")
	if err != nil || len(jobs) == 0 {
		w.t.Fatalf("exports: %v, %v", jobs, err)
	}
	return jobs[0]
}

// The document of a chart holds all the records that make it up, says which is
// which, and is built anew when they are merged or parted.
func TestDocumentOfMergedRecords(t *testing.T) {
	w := newWorld(t)
	a := w.chart()
	b := story{patient: w.patient()}
	b.id = b.patient["documento_id"].(string)
	w.insert("alergia", row{
		"documento_id": b.id, "id": ident.NewID(), "tipo": "01", "sustancia": "Dipirona", "reaccion": "Choque", "criticidad": "alta", "estado": "activa",
		"registrada_en": bogota("2026-01-02 08:00"), "registrada_por": "Carlos Mosquera",
	})
	b.admission = w.insert("admision", admissionFixture(b.id))
	b.note = w.insert("nota", noteFixture(b.id, b.admission.id()).with("motivo_consulta", "Consulta con el otro documento"))
	c, ctx := w.as(clerk)

	before, first := w.printed(clerk, a.id)
	if strings.Contains(before, "Dipirona") {
		t.Fatal("records that are not merged stand in one document")
	}
	old := w.newest(clerk, a.id)
	older := func() api.Job { w.printed(clerk, b.id); return w.newest(clerk, b.id) }()

	dbtest.Merge(t, a.id, b.id)
	whole, second := w.printed(clerk, b.id)
	for _, want := range []string{
		"Dipirona", "Penicilina G", "Consulta con el otro documento", "Escrita en la historia " + b.id, "De la historia",
		"Historias unidas a esta", a.id,
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("the document does not say %q", want)
		}
	}
	if n := strings.Count(whole, b.id); n != 3 {
		t.Errorf("the document names the merged record %d times, want it with the patient, the admission and the note", n)
	}
	merged := w.newest(clerk, a.id)
	if second == first || merged.DocumentoID != a.id || !slices.Equal(merged.Incluye, []string{b.id}) {
		t.Errorf("after the merge: %+v", merged)
	}
	if _, again := w.printed(clerk, a.id); again != second {
		t.Error("the same chart is built twice")
	}
	for _, id := range []string{a.id, b.id} {
		if w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND recurso = $2`, id, "pdf/"+merged.ID.String()) == 0 {
			t.Errorf("the trail of %s does not tell of the export", id)
		}
	}
	if v, err := c.Verify(ctx, old.CodigoVerificacion); err != nil || v.Estado != api.Superseded {
		t.Errorf("the document of before is %+v, %v", v, err)
	}
	if v, err := c.Verify(ctx, merged.CodigoVerificacion); err != nil || v.Estado != api.Valid {
		t.Errorf("the document of now is %+v, %v", v, err)
	}
	// An export of the duplicate is found by what it was called, and in the chart's list.
	if j, err := c.Follow(ctx, b.id, older.ID); err != nil || j.DocumentoID != b.id {
		t.Errorf("an older export: %+v, %v", j, err)
	}
	if j, err := c.Follow(ctx, b.id, merged.ID); err != nil || j.DocumentoID != a.id {
		t.Errorf("by the duplicate's document: %+v, %v", j, err)
	}
	if jobs, _, err := c.List(ctx, a.id, 0, ""); err != nil || !slices.ContainsFunc(jobs, func(j api.Job) bool { return j.ID == older.ID }) {
		t.Errorf("the chart's exports: %+v, %v", jobs, err)
	}

	// Neither patient gets what is of the other.
	for _, own := range []string{a.id, b.id} {
		text, _ := w.printed(patientOf(own), own)
		if strings.Contains(text, "Dipirona") != (own == b.id) || strings.Contains(text, "Penicilina G") != (own == a.id) {
			t.Errorf("the patient of %s reads %d bytes of the wrong chart", own, len(text))
		}
		if other := map[string]string{a.id: b.id, b.id: a.id}[own]; strings.Contains(text, other[3:]) || strings.Contains(text, "Fusionado en otra historia") != (own == b.id) {
			t.Errorf("the patient of %s is told of the other record, or not that theirs is closed", own)
		}
		pc, pctx := w.as(patientOf(own))
		if _, err := pc.Download(pctx, own, merged.ID); problem.Status(err) != 404 {
			t.Errorf("the patient of %s gets the whole document: %v", own, err)
		}
		jobs, _, err := pc.List(pctx, own, 0, "")
		if err != nil || slices.ContainsFunc(jobs, func(j api.Job) bool { return len(j.Incluye) > 0 || j.DocumentoID != own }) {
			t.Errorf("the patient of %s lists %+v, %v", own, jobs, err)
		}
	}
	if _, _, err := c.Current(ctx, a.id, api.Request{Tipo: api.Note, NotaID: b.note.id().String()}); err != nil {
		t.Errorf("one note of the duplicate: %v", err)
	}

	w.clock.advance(time.Minute)
	dbtest.Part(t, a.id)
	for _, id := range []string{a.id, b.id} {
		if text, sha := w.printed(clerk, id); sha == second || strings.Contains(text, "Dipirona") != (id == b.id) {
			t.Errorf("apart, the document of %s is that of before, or of the other", id)
		}
		if _, err := c.Download(ctx, id, merged.ID); problem.Status(err) != 404 {
			t.Errorf("the document of both is given for %s: %v", id, err)
		}
	}
	if v, err := c.Verify(ctx, merged.CodigoVerificacion); err != nil || v.Estado != api.Superseded {
		t.Errorf("the document of both is %+v, %v", v, err)
	}
}

// Where nothing newer was built, what says of two that they are one is still not
// what holds now.
func TestVerifyAfterParting(t *testing.T) {
	w := newWorld(t)
	a, b := w.patient()["documento_id"].(string), w.patient()["documento_id"].(string)
	dbtest.Merge(t, a, b)
	w.printed(clerk, a)
	j := w.newest(clerk, a)
	dbtest.Part(t, a)
	c, ctx := w.as(clerk)
	if v, err := c.Verify(ctx, j.CodigoVerificacion); err != nil || v.Estado != api.Superseded {
		t.Errorf("%+v, %v", v, err)
	}
}
