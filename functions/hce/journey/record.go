package journey

import (
	"context"
	"strings"
	"testing"
	"time"

	admissionapi "hce.co/functions/admission/api"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/problem"
)

// Note is a note that can be signed.
func Note(documentoID, admission string) notesapi.NewNote {
	pas, pad := 120.0, 80.0
	var n notesapi.NewNote
	n.DocumentoID, n.AdmisionID, n.Tipo = documentoID, admission, "evolucion"
	n.MotivoConsulta, n.EvolucionMedica = "Tos", "Tos húmeda de siete días; niega fiebre. <script>alert(1)</script>"
	n.Diagnosticos = []notesapi.Diagnosis{{CIE10: "J209", Tipo: "01", Rol: "principal"}}
	n.SignosVitales = &notesapi.VitalSigns{PAS: &pas, PAD: &pad}
	return n
}

// Whole is the four journeys: sign in, register and admit, write and sign, export; and
// the patient who reads their own record.
func Whole(t *testing.T, c *Clinic) {
	desk, doctor := c.As(t, auth.Registrar), c.As(t, auth.Physician)

	d := Person()
	p, err := c.Patient.Register(desk, d, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Admission.Open(desk, admissionapi.Opening{DocumentoID: p.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if a, err = c.Admission.Triage(doctor, p.DocumentoID, a.ID, 0, admissionapi.TriageRequest{Nivel: 3}); err != nil {
		t.Fatal(err)
	}
	draft, err := c.Notes.Write(doctor, Note(p.DocumentoID, a.ID.String()), "")
	if err != nil {
		t.Fatal(err)
	}
	content := draft.Content
	content.ConductaPlanManejo = "Hidratación y control en 48 horas."
	saved, err := c.Notes.SaveDraft(doctor, p.DocumentoID, draft.ID, draft.Version, notesapi.Draft{Content: content})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Notes.SaveDraft(doctor, p.DocumentoID, draft.ID, draft.Version, notesapi.Draft{Content: content}); problem.Status(err) != 412 {
		t.Errorf("a stale draft got %v, want 412", err)
	}
	signed, err := c.Notes.Sign(doctor, p.DocumentoID, draft.ID, saved.Version)
	if err != nil {
		t.Fatal(err)
	}
	if signed.Estado != "firmada" || signed.Firma == nil || len(signed.Firma.SHA256) != 64 {
		t.Fatalf("after signing: %+v", signed.Status)
	}
	if _, err := c.Notes.SaveDraft(doctor, p.DocumentoID, draft.ID, signed.Version, notesapi.Draft{Content: content}); problem.Status(err) != 409 {
		t.Errorf("writing over a signed note got %v, want 409", err)
	}
	if _, err := c.Notes.Add(doctor, p.DocumentoID, draft.ID, notesapi.AddendumRequest{Motivo: "aclaracion", Texto: "La tos es seca."}, ""); err != nil {
		t.Fatal(err)
	}
	end := time.Now().UTC()
	if _, err := c.Admission.Discharge(desk, p.DocumentoID, a.ID, 0, admissionapi.DischargeRequest{Fin: &end, CondicionEgreso: "01", EstadoEgreso: "vivo"}); err != nil {
		t.Fatal(err)
	}

	text := c.export(c.As(t, auth.RecordsClerk), t, p.DocumentoID)
	for _, want := range append([]string{
		"Peña", "Ibáñez", "Luz", "Dary", "29", "1984", "Tos húmeda de siete días", "Hidratación y control", "La tos es seca.",
		"J20.9", signed.Firma.SHA256[:16], "120", "80", "Página 1 de", "<script>alert(1)</script>",
	}, c.Doctor...) {
		if !strings.Contains(Flat(text), want) {
			t.Errorf("the PDF does not say %q", want)
		}
	}

	own := c.patient(t, p, "luz")
	if got, err := c.Patient.Read(own, p.DocumentoID); err != nil || got.PrimerNombre != "Luz" {
		t.Errorf("the patient reads %+v, %v", got.Demographics, err)
	}
	mine, _, err := c.Notes.Notes(own, p.DocumentoID, 0, "")
	if err != nil || len(mine) != 1 || len(mine[0].Adendas) != 1 {
		t.Errorf("the patient reads %d notes, %v", len(mine), err)
	}
	if text := c.export(own, t, p.DocumentoID); !strings.Contains(text, "Tos húmeda") {
		t.Error("the patient's PDF lacks the note")
	}
	for _, foreign := range []string{c.Stranger, "CC-99999999999"} {
		if _, err := c.Patient.Read(own, foreign); problem.Status(err) != 403 {
			t.Errorf("reading %s got %v, want 403", foreign, err)
		}
		if _, _, err := c.Notes.Notes(own, foreign, 0, ""); problem.Status(err) != 403 {
			t.Errorf("reading the notes of %s got %v, want 403", foreign, err)
		}
		if _, _, err := c.PDF.Current(own, foreign, pdfapi.Request{}); problem.Status(err) != 403 {
			t.Errorf("exporting %s got %v, want 403", foreign, err)
		}
	}
	rows, _, err := c.Patient.Trail(own, p.DocumentoID, 100, "")
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

// patient registers the account of somebody with a record, with the code that
// reception prints, and acts for them. Their user name begins with prefix.
func (c *Clinic) patient(t *testing.T, p patientapi.Patient, prefix string) context.Context {
	t.Helper()
	code, err := c.Patient.IssueCode(c.As(t, auth.Registrar), p.DocumentoID)
	if err != nil {
		t.Fatal(err)
	}
	in := loginapi.Registration{TipoDocumento: p.TipoDocumento, NumeroDocumento: p.NumeroDocumento, FechaNacimiento: p.FechaNacimiento, Codigo: code.Codigo}
	in.Username, in.Password = prefix+p.NumeroDocumento, "mi historia es solo mía"
	account, err := c.Login.Register(t.Context(), in, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.Opened != nil {
		c.Opened(account.ID)
	}
	token, err := c.Login.Login(t.Context(), in.Username, in.Password)
	if err != nil {
		t.Fatal(err)
	}
	return client.As(t.Context(), client.Caller{Token: token.AccessToken})
}

// export asks for the PDF, waits for the event to have built it, and returns its
// text.
func (c *Clinic) export(ctx context.Context, t *testing.T, id string) string {
	t.Helper()
	j, err := c.PDF.Ask(ctx, id, pdfapi.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(time.Minute); !j.Done() && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if j, err = c.PDF.Follow(ctx, id, j.ID); err != nil {
			t.Fatal(err)
		}
	}
	if j.Estado != pdfapi.Ready {
		t.Fatalf("the export is %s: %s", j.Estado, j.Error)
	}
	f, err := c.PDF.Download(ctx, id, j.ID)
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.PDF.Verify(t.Context(), j.CodigoVerificacion)
	if err != nil || v.Estado != pdfapi.Valid || v.SHA256 != j.SHA256 {
		t.Errorf("verification says %+v, %v", v, err)
	}
	return pages(t, f.Content)
}

// Flat writes a page's text in one line.
func Flat(s string) string { return strings.Join(strings.Fields(s), " ") }
