package notes

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

func TestSmallestBody(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	adm := w.admission(doc, "EMER", "arrived", time.Now().Add(-time.Hour))
	a := w.send(by, "POST", "/medico/nota", fmt.Sprintf(`{"documento_id":%q,"admision_id":%q,"tipo":"evolucion","motivo_consulta":"Tos",
		"diagnosticos":[{"cie10":"J20.9","tipo":"01","rol":"principal"}],"signos_vitales":{"pas":120,"pad":80},"firmar":true}`, doc, adm))
	if a.status != 201 {
		t.Fatalf("status = %d: %s", a.status, a.raw)
	}
	id, _ := a.body["id"].(string)
	if got := a.header.Get("Location"); got != "/medico/nota/"+doc+"/"+id {
		t.Errorf("Location = %q", got)
	}
	if a.header.Get("ETag") != `"1"` || a.body["estado"] != "firmada" || a.body["version"] != 1.0 {
		t.Errorf("ETag %s, estado %v, version %v", a.header.Get("ETag"), a.body["estado"], a.body["version"])
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.signo_vital WHERE documento_id = $1 AND nota_id = $2`, doc, id); n != 2 {
		t.Errorf("%d rows of signo_vital, want 2", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.diagnostico WHERE documento_id = $1 AND cie10 = 'J20.9' AND descripcion <> ''`, doc); n != 1 {
		t.Errorf("%d rows of diagnostico, want 1", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'sign' AND recurso LIKE 'nota/%'`, doc); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
	events := w.sent.wait(t, doc, 1)
	if len(events) != 1 || events[0].Type() != "co.hce.nota.firmada.v1" || events[0].Source() != "/hce/notes" {
		t.Errorf("events = %v", events)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1 AND estado = 'in-progress' AND version = 2
		AND profesional_id = $2`, doc, by.ID); n != 1 {
		t.Error("the attention did not begin with the note")
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision_evento WHERE documento_id = $1 AND tipo = 'atencion' AND estado = 'in-progress'`, doc); n != 1 {
		t.Errorf("%d steps in the admission's history, want 1", n)
	}
}

func TestOwnEncounter(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	n := w.write(by, evolution(doc))
	if got := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1 AND id = $2 AND clase = 'AMB' AND estado = 'finished'
		AND causa_motivo = '38' AND servicio = '328' AND fin >= inicio AND profesional_id = $3 AND eapb_codigo = 'EPS010'`, doc, n.AdmisionID, by.ID); got != 1 {
		t.Error("the note has no ambulatory encounter of its own")
	}
	if got := w.count(`SELECT count(*) FROM historia_clinica.admision_evento WHERE documento_id = $1 AND admision_id = $2`, doc, n.AdmisionID); got != 2 {
		t.Errorf("%d steps in the encounter's history, want 2", got)
	}
	types := map[string]int{}
	for _, e := range w.sent.wait(t, doc, 3) {
		types[e.Type()]++
	}
	want := map[string]int{"co.hce.admision.abierta.v1": 1, "co.hce.admision.cerrada.v1": 1, "co.hce.nota.firmada.v1": 1}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Error(diff)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1`, doc); n != 1 {
		t.Errorf("%d audit rows for one action", n)
	}
}

func TestContentComesBack(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	in := evolution("cc " + doc[3:]) // as people write a document
	in.DocumentoID = "CC-" + doc[3:4] + "." + doc[4:]
	in.Tipo = "epicrisis"
	for i, s := range sections(&in.Sections) {
		*s.text = fmt.Sprintf("Sección %d: «ñ» <script>alert(1)</script> 36,5 °C\r\nsegunda línea", i)
	}
	got := w.write(by, in)
	for i, s := range sections(&got.Sections) {
		if want := fmt.Sprintf("Sección %d: «ñ» <script>alert(1)</script> 36,5 °C\nsegunda línea", i); *s.text != want {
			t.Errorf("%s = %q", s.name, *s.text)
		}
	}
	wantDx := []api.Diagnosis{
		{CIE10: "J20.9", Descripcion: "Bronquitis aguda sin especificar", Tipo: "01", Rol: "principal"},
		{CIE10: "I10", Descripcion: "Hipertensión arterial primaria", Tipo: "03", Rol: "relacionado1"},
	}
	if diff := cmp.Diff(wantDx, got.Diagnosticos); diff != "" {
		t.Error(diff)
	}
	if got.Tipo != "egreso" || got.SignosVitales.IMC == nil || *got.SignosVitales.IMC != 25 || got.SignosVitales.TomadoPor != by.Name {
		t.Errorf("tipo %s, signos %+v", got.Tipo, got.SignosVitales)
	}
	c, ctx := w.as(by)
	read, err := c.Read(ctx, doc, got.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, read); diff != "" {
		t.Errorf("the note reads differently from how it was answered:\n%s", diff)
	}
	list, _, err := c.Notes(ctx, doc, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]api.Note{got}, list); diff != "" {
		t.Errorf("the list shows it differently:\n%s", diff)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.nota WHERE documento_id = $1 AND referencia_contrareferencia = $2 AND motivo_consulta = $3`,
		doc, got.ReferenciaContrareferencia, got.MotivoConsulta); n != 1 {
		t.Error("the columns do not hold what the signed content does")
	}
}

func TestRetriedNote(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	in := evolution(doc)
	in.ID = uuid.Must(uuid.NewV7()).String()
	first, err := c.Write(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Write(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the retry got another note:\n%s", diff)
	}
	other := in
	other.MotivoConsulta = "Fiebre"
	_, err = c.Write(ctx, other, "")
	wantStatus(t, "same id, other content", err, 409)
	d, dctx := w.as(w.physician())
	_, err = d.Write(dctx, in, "")
	wantStatus(t, "same id, other author", err, 409)

	in.ID = ""
	key := uuid.NewString()
	first, err = c.Write(ctx, in, key)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			again, err := c.Write(ctx, in, key)
			if err != nil || again.ID != first.ID {
				t.Errorf("same key: %v, %v", again.ID, err)
			}
		})
	}
	wg.Wait()
	_, err = c.Write(ctx, other, key)
	wantStatus(t, "same key, other content", err, 422)
	if n := w.count(`SELECT count(*) FROM historia_clinica.nota WHERE documento_id = $1`, doc); n != 2 {
		t.Errorf("%d notes, want 2", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1`, doc); n != 2 {
		t.Errorf("%d encounters, want 2", n)
	}

	in.ID, key = uuid.Must(uuid.NewV7()).String(), uuid.NewString()
	ids := make(chan uuid.UUID, 16)
	for range cap(ids) {
		go func() {
			n, err := c.Write(ctx, in, key)
			if err != nil {
				t.Errorf("concurrent retry: %v", err)
			}
			ids <- n.ID
		}()
	}
	for range cap(ids) {
		if id := <-ids; id.String() != in.ID {
			t.Errorf("a concurrent retry got %s", id)
		}
	}
}

func TestSixtyNotesAtOnceAreSixtyNotes(t *testing.T) {
	w := newWorld(t)
	doc := w.patient()
	adm := w.admission(doc, "IMP", "arrived", time.Now().Add(-time.Hour))
	authors := []auth.Principal{w.physician(), w.physician(), w.physician()}
	var wg sync.WaitGroup
	for i := range 60 {
		c, ctx := w.as(authors[i%len(authors)])
		in := evolution(doc)
		in.AdmisionID, in.MotivoConsulta = adm.String(), fmt.Sprintf("Nota %d", i)
		wg.Go(func() {
			if _, err := c.Write(ctx, in, ""); err != nil {
				t.Errorf("note %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for table, want := range map[string]int{"nota": 60, "nota_version": 60, "diagnostico": 120, "signo_vital": 60 * 7, "alergia": 60, "medicamento": 60} {
		if n := w.count(`SELECT count(*) FROM historia_clinica.`+table+` WHERE documento_id = $1`, doc); n != want {
			t.Errorf("%d rows of %s, want %d", n, table, want)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision_evento WHERE documento_id = $1`, doc); n != 1 {
		t.Errorf("the attention began %d times", n)
	}
	c, ctx := w.as(authors[0])
	seen := map[string]bool{}
	after := ""
	for {
		page, next, err := c.Notes(ctx, doc, 7, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range page {
			seen[n.MotivoConsulta] = true
		}
		if next == "" {
			break
		}
		after = next
	}
	if len(seen) != 60 {
		t.Errorf("paging shows %d notes, want 60", len(seen))
	}
	if n := len(w.sent.wait(t, doc, 60)); n != 60 {
		t.Errorf("%d events, want 60", n)
	}
}

func TestWhoCannotSignCanDraft(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), authtest.Principal("Sin Clave", auth.Physician)
	c, ctx := w.as(by)
	_, err := c.Write(ctx, evolution(doc), "")
	wantStatus(t, "signing without a professional's data", err, 403)
	in := evolution(doc)
	in.Firmar = false
	n, err := c.Write(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Sign(ctx, doc, n.ID, 0)
	wantStatus(t, "signing the draft", err, 403)
	w.register(by)
	if n, err = c.Sign(ctx, doc, n.ID, 1); err != nil || n.Estado != "firmada" {
		t.Errorf("after registration: %v, %v", n.Estado, err)
	}
}

func TestWarnings(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	in := evolution(doc)
	in.SignosVitales = &api.VitalSigns{PAS: num(190), PAD: num(110), FC: num(72)}
	in.Diagnosticos = []api.Diagnosis{{CIE10: "P59.9", Tipo: "01", Rol: "principal"}}
	n := w.write(by, in)
	var got []string
	for _, a := range n.Advertencias {
		got = append(got, a.Campo)
	}
	if diff := cmp.Diff([]string{"diagnosticos.0.cie10", "signos_vitales.pas", "signos_vitales.pad"}, got); diff != "" {
		t.Error(diff)
	}
	if n.Estado != "firmada" {
		t.Error("a warning kept the note from being signed")
	}
}

func TestLateNoteOnAFinishedAdmission(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	adm := w.admission(doc, "IMP", "finished", time.Now().Add(-48*time.Hour))
	in := evolution(doc)
	in.AdmisionID, in.Tipo = adm.String(), "egreso"
	n := w.write(by, in)
	if n.AdmisionID != adm {
		t.Errorf("admision_id = %s", n.AdmisionID)
	}
	if got := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1 AND estado = 'finished' AND version = 1`, doc); got != 1 {
		t.Error("a finished admission was touched")
	}
}

func TestRecordUnderAnotherDocument(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	old := "TI-" + doc[3:]
	w.exec(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $2, '2001-01-01')`, old, doc)
	in := evolution(old)
	n := w.write(by, in)
	if n.DocumentoID != doc {
		t.Errorf("documento_id = %s, want %s", n.DocumentoID, doc)
	}
	c, ctx := w.as(by)
	if list, _, err := c.Notes(ctx, old, 0, ""); err != nil || len(list) != 1 {
		t.Errorf("by the old document: %d notes, %v", len(list), err)
	}
}
