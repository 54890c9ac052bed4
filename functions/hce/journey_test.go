package hce_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"hce.co/functions/hce/journey"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/db/dbtest"
)

// The same journeys that make e2e asks of a cluster.
func TestJourney(t *testing.T)           { journey.Whole(t, theClinic(t).outside) }
func TestSixtyNotesAtOnce(t *testing.T)  { journey.SixtyNotes(t, theClinic(t).outside) }
func TestLaboratoryResult(t *testing.T)  { journey.LaboratoryResult(t, theClinic(t).outside) }
func TestMergeOfDuplicates(t *testing.T) { journey.MergeOfDuplicates(t, theClinic(t).outside) }
func TestBadInput(t *testing.T)          { journey.BadInput(t, theClinic(t).outside) }
func TestForgedTokens(t *testing.T)      { journey.ForgedTokens(t, theClinic(t).outside) }

// do asks a function itself.
func do(h http.HandlerFunc, method, path string) (int, http.Header, string) {
	rec := httptest.NewRecorder()
	h(rec, httptest.NewRequest(method, path, http.NoBody))
	return rec.Code, rec.Header(), rec.Body.String()
}

// The event really travels: while the receiver is stopped the job waits, and the
// event with it; started again, it finishes the job, once.
func TestEventWaitsForItsReceiver(t *testing.T) {
	c := theClinic(t)
	ctx := c.as(t, "resultados")
	p, err := c.patient.Register(c.as(t, "admisionista"), person(), "")
	if err != nil {
		t.Fatal(err)
	}
	c.gate.closed.Store(true)
	defer c.gate.closed.Store(false)
	j, err := c.pdf.Ask(ctx, p.DocumentoID, pdfapi.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if got, err := c.pdf.Follow(ctx, p.DocumentoID, j.ID); err != nil || got.Estado != pdfapi.Requested {
		t.Fatalf("with the receiver stopped the job is %s (%v), want solicitado", got.Estado, err)
	}
	pool := dbtest.Pool(t, "postgres")
	waiting := func() (n int) {
		if err := pool.QueryRow(ctx, `SELECT count(*) FROM historia_clinica.evento_salida WHERE documento_id = $1 AND tipo = 'co.hce.pdf.solicitado.v1'`,
			p.DocumentoID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := waiting(); n != 1 {
		t.Fatalf("%d events wait, want 1", n)
	}
	c.gate.closed.Store(false)
	if _, err := pool.Exec(ctx, `UPDATE historia_clinica.evento_salida SET creado_en = $2 WHERE documento_id = $1`, p.DocumentoID, time.Now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status, _, _ := do(c.Patient.Handle, "POST", "/eventos/pendientes"); status != http.StatusNoContent {
			t.Fatalf("flush answered %d", status)
		}
	}
	got, err := c.pdf.Follow(ctx, p.DocumentoID, j.ID)
	if err != nil || got.Estado != pdfapi.Ready {
		t.Fatalf("after the flush the job is %s (%v), want listo", got.Estado, err)
	}
	if n := waiting(); n != 0 {
		t.Errorf("%d events still wait", n)
	}
	var files int
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM historia_clinica.documento_pdf_contenido WHERE documento_id = $1`, p.DocumentoID).Scan(&files); err != nil || files != 1 {
		t.Errorf("%d files (%v), want 1", files, err)
	}
}
