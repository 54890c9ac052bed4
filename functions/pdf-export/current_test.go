package pdfexport

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/ident"
)

const jobs = `SELECT count(*) FROM historia_clinica.documento_pdf WHERE documento_id = $1`

func TestCurrentIsBuiltOnceUntilTheChartChanges(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	first := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "")
	if first.status != 200 || first.header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(first.body, []byte("%PDF-")) {
		t.Fatalf("status %d, %s, %.40q", first.status, first.header.Get("Content-Type"), first.body)
	}
	sum := sha256.Sum256(first.body)
	if want := `"` + hex.EncodeToString(sum[:]) + `"`; first.header.Get("ETag") != want {
		t.Errorf("ETag %s, want %s", first.header.Get("ETag"), want)
	}
	disposition := first.header.Get("Content-Disposition")
	if ok, _ := regexp.MatchString(`^attachment; filename=historia-clinica-\d{8}-\d{4}\.pdf$`, disposition); !ok {
		t.Errorf("Content-Disposition: %s", disposition)
	}
	if first.header.Get("Cache-Control") != "no-store" || first.header.Get("Content-Length") == "" {
		t.Errorf("headers %v", first.header)
	}
	again := w.send(patientOf(s.id), "GET", "/exportar_pdf/"+s.id, "")
	if !bytes.Equal(first.body, again.body) || w.count(jobs, s.id) != 1 {
		t.Errorf("an unchanged chart was built again: %d jobs", w.count(jobs, s.id))
	}
	if a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "", "If-None-Match", first.header.Get("ETag")); a.status != 304 || len(a.body) != 0 {
		t.Errorf("If-None-Match: %d with %d bytes", a.status, len(a.body))
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.evento_salida WHERE documento_id = $1 AND tipo = 'co.hce.pdf.solicitado.v1'`, s.id); n != 0 {
		t.Errorf("%d requests wait in the outbox for a document that is there", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'export' AND accion = 'R'`, s.id); n != 3 {
		t.Errorf("%d audit rows for three readings", n)
	}

	changes := map[string]func(){
		"demographics": func() {
			w.exec(`UPDATE historia_clinica.paciente SET version = version + 1 WHERE documento_id = $1`, s.id)
		},
		"admission": func() {
			w.exec(`UPDATE historia_clinica.admision SET version = version + 1 WHERE documento_id = $1`, s.id)
		},
		"note": func() { w.insert("nota", noteFixture(s.id, s.admission.id())) },
		"annulment": func() {
			w.exec(`UPDATE historia_clinica.nota SET estado = 'anulada', anulada_en = '2026-11-15', anulada_motivo = 'x', version = version + 1
				WHERE documento_id = $1 AND id = $2`, s.id, s.note.id())
		},
		"addendum": func() { w.insert("adenda", s.addendum.with("id", ident.NewID())) },
		"allergy": func() {
			w.exec(`UPDATE historia_clinica.alergia SET estado = 'inactiva' WHERE documento_id = $1`, s.id)
		},
		"medication": func() {
			w.exec(`UPDATE historia_clinica.medicamento SET estado = 'suspendido' WHERE documento_id = $1`, s.id)
		},
		"result": func() { w.insert("resultado", s.result.with("id", ident.NewID())) },
		"result seen": func() {
			w.exec(`UPDATE historia_clinica.resultado SET visto_en = $2 WHERE documento_id = $1`, s.id, bogota("2026-11-14 09:45"))
		},
	}
	etag := first.header.Get("ETag")
	for name, change := range changes {
		change()
		a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "")
		if a.status != 200 || a.header.Get("ETag") == etag {
			t.Errorf("after a change of %s: %d, the same document: %v", name, a.status, a.header.Get("ETag") == etag)
		}
		etag = a.header.Get("ETag")
	}
	before := w.count(jobs, s.id)
	w.insert("nota", draft(s))
	if a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, ""); a.header.Get("ETag") != etag || w.count(jobs, s.id) != before {
		t.Error("a draft changed the document")
	}
}

// draft is a note that nobody has signed.
func draft(s story) row {
	n := noteFixture(s.id, s.admission.id()).with("estado", "borrador", "motivo_consulta", "SECRETO DEL BORRADOR", "firmada_en", nil,
		"firma_sha256", nil, "firma", nil)
	return n
}

func TestConcurrentClientsGetOneDocument(t *testing.T) {
	a := newWorld(t)
	b := newWorld(t) // another instance on the same database
	s := a.chart()
	var wg sync.WaitGroup
	etags := make([]string, 16)
	for i := range etags {
		w := a
		if i%2 == 1 {
			w = b
		}
		wg.Go(func() {
			got := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "")
			if got.status != 200 {
				t.Errorf("status %d: %s", got.status, got.body)
			}
			etags[i] = got.header.Get("ETag")
		})
	}
	wg.Wait()
	for _, e := range etags {
		if e != etags[0] {
			t.Errorf("two documents: %s and %s", e, etags[0])
		}
	}
	if n := a.count(jobs, s.id); n != 1 {
		t.Errorf("%d documents were built", n)
	}
	if n := a.count(`SELECT sum(intentos) FROM historia_clinica.documento_pdf WHERE documento_id = $1`, s.id); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

func TestAClientMayPreferNotToWait(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "", "Prefer", "respond-async")
	location := a.header.Get("Location")
	if a.status != 202 || a.header.Get("Preference-Applied") != "respond-async" || !strings.HasPrefix(location, "/exportar_pdf/"+s.id+"/") {
		t.Fatalf("%d %v", a.status, a.header)
	}
	eventually(t, "the document is ready", func() bool { return w.send(clerk, "GET", location, "").object(t)["estado"] == "listo" })
	if got := w.send(clerk, "GET", location, "", "Accept", "application/pdf"); got.status != 200 || !bytes.HasPrefix(got.body, []byte("%PDF-")) {
		t.Errorf("download: %d", got.status)
	}
}

func TestWaitingIsBounded(t *testing.T) {
	w := newWorld(t, "EXPORT_WAIT", "150ms", "EXPORT_MAX_CONCURRENT", "1")
	s := w.chart()
	w.broker.setDown(true)
	w.f.slots <- struct{}{} // the only slot is taken
	a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, "")
	if a.status != 202 || a.object(t)["estado"] != "solicitado" || a.header.Get("Retry-After") == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	<-w.f.slots
	if a := w.send(clerk, "GET", "/exportar_pdf/"+s.id, ""); a.status != 200 {
		t.Errorf("with a free slot: %d %s", a.status, a.body)
	}
	if n := w.count(jobs, s.id); n != 1 {
		t.Errorf("%d jobs: the one under way was not joined", n)
	}
}

func TestARecordWithoutNotesHasADocument(t *testing.T) {
	w := newWorld(t)
	p := w.patient()
	id := p["documento_id"].(string)
	a := w.send(patientOf(id), "GET", "/exportar_pdf/"+id, "")
	if a.status != 200 || !bytes.HasPrefix(a.body, []byte("%PDF-")) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, path := range []string{"?tipo=epicrisis", "?tipo=nota&nota_id=" + ident.NewID().String()} {
		if a := w.send(clerk, "GET", "/exportar_pdf/"+id+path, ""); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestWhoMayExport(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	other := w.patient()["documento_id"].(string)
	author := physician
	author.ID = s.note["autor_id"].(uuid.UUID)
	open := w.patient()["documento_id"].(string)
	w.insert("admision", admissionFixture(open).with("estado", "in-progress", "fin", nil))
	inService := physician
	inService.Services = []string{"129"}
	for _, tt := range []struct {
		name string
		a    answer
		want int
	}{
		{"nobody", w.send(auth.Principal{}, "GET", "/exportar_pdf/"+s.id, ""), 401},
		{"their own patient", w.send(patientOf(s.id), "GET", "/exportar_pdf/"+s.id, ""), 200},
		{"another patient", w.send(patientOf(other), "GET", "/exportar_pdf/"+s.id, ""), 403},
		{"another patient, a record that does not exist", w.send(patientOf(other), "GET", "/exportar_pdf/CC-999", ""), 403},
		{"another patient asks", w.send(patientOf(other), "POST", "/exportar_pdf/"+s.id, ""), 403},
		{"a médico without relation", w.send(physician, "GET", "/exportar_pdf/"+s.id, ""), 403},
		{"the author of a note", w.send(author, "GET", "/exportar_pdf/"+s.id, ""), 200},
		{"a médico in whose service the patient is", w.send(inService, "GET", "/exportar_pdf/"+open, ""), 200},
		{"an admisionista", w.send(registrar, "GET", "/exportar_pdf/"+s.id, ""), 403},
		{"the administrador", w.send(admin, "GET", "/exportar_pdf/"+s.id, ""), 403},
		{"resultados, no such record", w.send(clerk, "GET", "/exportar_pdf/CC-999", ""), 404},
	} {
		if tt.a.status != tt.want {
			t.Errorf("%s: %d, want %d: %s", tt.name, tt.a.status, tt.want, tt.a.body)
		}
	}
}

func TestAnyDocumentOfThePersonLeadsToTheRecord(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	old := "TI-" + strings.TrimPrefix(s.id, "CC-")
	w.insert("identificador", row{"clave": old, "documento_id": s.id, "desde": "2000-01-01", "vigente": false})
	w.insert("paciente_version", row{
		"documento_id": s.id, "version": 2, "contenido": map[string]string{"tipo_documento": "TI", "numero_documento": "84022912345"},
		"hasta": bogota("2002-03-01 10:00"),
	})
	a := w.send(patientOf(s.id), "GET", "/exportar_pdf/"+strings.ToLower(old), "")
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if n := w.count(jobs, s.id); n != 1 {
		t.Errorf("%d jobs under the record", n)
	}
	if text := textOf(t, a.body); !strings.Contains(text, squeeze("Tarjeta de identidad 84022912345")) {
		t.Error("the old document is not in the PDF")
	}
}
