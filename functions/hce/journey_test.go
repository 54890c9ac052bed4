package hce_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	admissionapi "hce.co/functions/admission/api"
	"hce.co/functions/hce/demo"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/client"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
)

// note is a note that can be signed.
func note(documentoID, admission string) notesapi.NewNote {
	pas, pad := 120.0, 80.0
	var n notesapi.NewNote
	n.DocumentoID, n.AdmisionID, n.Tipo = documentoID, admission, "evolucion"
	n.MotivoConsulta, n.EvolucionMedica = "Tos", "Tos húmeda de siete días; niega fiebre. <script>alert(1)</script>"
	n.Diagnosticos = []notesapi.Diagnosis{{CIE10: "J209", Tipo: "01", Rol: "principal"}}
	n.SignosVitales = &notesapi.VitalSigns{PAS: &pas, PAD: &pad}
	return n
}

// The four journeys: sign in, register and admit, write and sign, export; and
// the patient who reads their own record.
func TestJourney(t *testing.T) {
	c := theClinic(t)
	desk, doctor := c.as(t, "admisionista"), c.as(t, "medico")

	d := person()
	p, err := c.patient.Register(desk, d, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.admission.Open(desk, admissionapi.Opening{DocumentoID: p.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if a, err = c.admission.Triage(doctor, p.DocumentoID, a.ID, 0, admissionapi.TriageRequest{Nivel: 3}); err != nil {
		t.Fatal(err)
	}
	draft, err := c.notes.Write(doctor, note(p.DocumentoID, a.ID.String()), "")
	if err != nil {
		t.Fatal(err)
	}
	content := draft.Content
	content.ConductaPlanManejo = "Hidratación y control en 48 horas."
	saved, err := c.notes.SaveDraft(doctor, p.DocumentoID, draft.ID, draft.Version, notesapi.Draft{Content: content})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.notes.SaveDraft(doctor, p.DocumentoID, draft.ID, draft.Version, notesapi.Draft{Content: content}); problem.Status(err) != 412 {
		t.Errorf("a stale draft got %v, want 412", err)
	}
	signed, err := c.notes.Sign(doctor, p.DocumentoID, draft.ID, saved.Version)
	if err != nil {
		t.Fatal(err)
	}
	if signed.Estado != "firmada" || signed.Firma == nil || len(signed.Firma.SHA256) != 64 {
		t.Fatalf("after signing: %+v", signed.Status)
	}
	if _, err := c.notes.SaveDraft(doctor, p.DocumentoID, draft.ID, signed.Version, notesapi.Draft{Content: content}); problem.Status(err) != 409 {
		t.Errorf("writing over a signed note got %v, want 409", err)
	}
	if _, err := c.notes.Add(doctor, p.DocumentoID, draft.ID, notesapi.AddendumRequest{Motivo: "aclaracion", Texto: "La tos es seca."}, ""); err != nil {
		t.Fatal(err)
	}
	end := time.Now().UTC()
	if _, err := c.admission.Discharge(desk, p.DocumentoID, a.ID, 0, admissionapi.DischargeRequest{Fin: &end, CondicionEgreso: "01", EstadoEgreso: "vivo"}); err != nil {
		t.Fatal(err)
	}

	text := c.export(t, c.as(t, "resultados"), p.DocumentoID)
	for _, want := range []string{
		"Peña", "Ibáñez", "Luz", "Dary", "29", "1984", "Tos húmeda de siete días", "Hidratación y control", "La tos es seca.",
		"J20.9", "Marcela Ríos Cárdenas", "52874316", signed.Firma.SHA256[:16], "120", "80", "Página 1 de", "<script>alert(1)</script>",
	} {
		if !strings.Contains(flat(text), want) {
			t.Errorf("the PDF does not say %q", want)
		}
	}

	code, err := c.patient.IssueCode(desk, p.DocumentoID)
	if err != nil {
		t.Fatal(err)
	}
	in := loginapi.Registration{TipoDocumento: "CC", NumeroDocumento: d.NumeroDocumento, FechaNacimiento: d.FechaNacimiento, Codigo: code.Codigo}
	in.Username, in.Password = "luz"+d.NumeroDocumento, "mi historia es solo mía"
	if _, err := c.login.Register(t.Context(), in, ""); err != nil {
		t.Fatal(err)
	}
	token, err := c.login.Login(t.Context(), in.Username, in.Password)
	if err != nil {
		t.Fatal(err)
	}
	own := client.As(t.Context(), client.Caller{Token: token.AccessToken})
	if got, err := c.patient.Read(own, p.DocumentoID); err != nil || got.PrimerNombre != "Luz" {
		t.Errorf("the patient reads %+v, %v", got.Demographics, err)
	}
	mine, _, err := c.notes.Notes(own, p.DocumentoID, 0, "")
	if err != nil || len(mine) != 1 || len(mine[0].Adendas) != 1 {
		t.Errorf("the patient reads %d notes, %v", len(mine), err)
	}
	if text := c.export(t, own, p.DocumentoID); !strings.Contains(text, "Tos húmeda") {
		t.Error("the patient's PDF lacks the note")
	}
	for _, foreign := range []string{demo.OwnerID, "CC-99999999999"} {
		if _, err := c.patient.Read(own, foreign); problem.Status(err) != 403 {
			t.Errorf("reading %s got %v, want 403", foreign, err)
		}
		if _, _, err := c.notes.Notes(own, foreign, 0, ""); problem.Status(err) != 403 {
			t.Errorf("reading the notes of %s got %v, want 403", foreign, err)
		}
		if _, _, err := c.pdf.Current(own, foreign, pdfapi.Request{}); problem.Status(err) != 403 {
			t.Errorf("exporting %s got %v, want 403", foreign, err)
		}
	}
	rows, _, err := c.patient.Trail(own, p.DocumentoID, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, r := range rows {
		seen[r.Tipo+" "+r.Rol]++
	}
	for _, want := range []string{"create admisionista", "sign medico", "export resultados"} {
		if seen[want] == 0 {
			t.Errorf("the trail has no %q: %v", want, seen)
		}
	}
}

// export asks for the PDF, waits for the event to have built it, and returns its
// text.
func (c *clinic) export(t *testing.T, ctx context.Context, id string) string {
	t.Helper()
	j, err := c.pdf.Ask(ctx, id, pdfapi.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(20 * time.Second); !j.Done() && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if j, err = c.pdf.Follow(ctx, id, j.ID); err != nil {
			t.Fatal(err)
		}
	}
	if j.Estado != pdfapi.Ready {
		t.Fatalf("the export is %s: %s", j.Estado, j.Error)
	}
	f, err := c.pdf.Download(ctx, id, j.ID)
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.pdf.Verify(t.Context(), j.CodigoVerificacion)
	if err != nil || v.Estado != pdfapi.Valid || v.SHA256 != j.SHA256 {
		t.Errorf("verification says %+v, %v", v, err)
	}
	return pages(t, f.Content)
}

// flat writes a page's text in one line.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

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

// Sixty notes written at once on one patient are sixty notes.
func TestSixtyNotesAtOnce(t *testing.T) {
	c := theClinic(t)
	doctor := c.as(t, "medico")
	p, err := c.patient.Register(c.as(t, "admisionista"), person(), "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.admission.Open(c.as(t, "admisionista"), admissionapi.Opening{DocumentoID: p.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			n := note(p.DocumentoID, a.ID.String())
			n.EvolucionMedica, n.Firmar = fmt.Sprintf("Nota número %d.", i), true
			if _, err := c.notes.Write(doctor, n, ""); err != nil {
				t.Errorf("note %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	texts := map[string]bool{}
	after := ""
	for {
		list, next, err := c.notes.Notes(doctor, p.DocumentoID, 25, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range list {
			texts[n.EvolucionMedica] = true
		}
		if after = next; next == "" {
			break
		}
	}
	if len(texts) != 60 {
		t.Errorf("%d different notes are there, want 60", len(texts))
	}
}

// A laboratory's result arrives as an event, ten times, and is one result.
func TestLaboratoryResult(t *testing.T) {
	c := theClinic(t)
	p, err := c.patient.Register(c.as(t, "admisionista"), person(), "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.login.LoginClient(t.Context(), "laboratorio", password)
	if err != nil {
		t.Fatal(err)
	}
	id := dbtest.DocumentoID()
	event := `{"specversion":"1.0","id":"` + id + `","source":"/laboratorio","type":"co.hce.resultado.emitido.v1","subject":"` + p.DocumentoID + `",
		"datacontenttype":"application/json","data":{"documento_id":"` + p.DocumentoID + `","loinc":"2339-0","nombre":"Glucosa","valor":92.5,"unidad":"mg/dL","rango":"70-99"}}`
	for range 10 {
		if status, _, body := c.send(t, token.AccessToken, "POST", "/eventos", "application/cloudevents+json", event); status != http.StatusAccepted {
			t.Fatalf("the event got %d: %s", status, body)
		}
	}
	ctx := c.as(t, "resultados")
	var list []notesapi.Result
	for until := time.Now().Add(10 * time.Second); len(list) == 0 && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if list, _, err = c.notes.Results(ctx, p.DocumentoID, 0, ""); err != nil {
			t.Fatal(err)
		}
	}
	if len(list) != 1 {
		t.Fatalf("%d results, want 1", len(list))
	}
	got := []string{list[0].Nombre, list[0].Valor, list[0].Unidad, list[0].Estado}
	if diff := cmp.Diff([]string{"Glucosa", "92.5", "mg/dL", "final"}, got); diff != "" {
		t.Errorf("the result (-want +got):\n%s", diff)
	}
	foreign := strings.ReplaceAll(strings.Replace(event, `"id":"`+id, `"id":"x`+id, 1), p.DocumentoID, "CC-11111111111")
	if status, _, _ := c.send(t, token.AccessToken, "POST", "/eventos", "application/cloudevents+json", foreign); status != http.StatusUnprocessableEntity {
		t.Errorf("a result for nobody got %d, want 422", status)
	}
	for _, path := range []string{"/eventos/recibir", "/eventos/pendientes"} {
		if status, _, _ := c.send(t, token.AccessToken, "POST", path, "application/cloudevents+json", event); status != http.StatusNotFound {
			t.Errorf("POST %s from outside is %d, want 404", path, status)
		}
	}
}
