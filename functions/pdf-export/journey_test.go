package pdfexport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/event"
	"hce.co/shared/problem"
)

const files = `SELECT count(*) FROM historia_clinica.documento_pdf_contenido WHERE documento_id = $1`

func (w *world) outbox(documentoID, typ string) int {
	return w.count(`SELECT count(*) FROM historia_clinica.evento_salida WHERE documento_id = $1 AND tipo = $2`, documentoID, typ)
}

func TestTheWholePathByEvent(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	author := physician
	author.ID = s.note["autor_id"].(uuid.UUID)
	c, ctx := w.as(author)
	asked, err := c.Ask(ctx, s.id, api.Request{Motivo: "  Copia para   segunda opinión "}, "")
	if err != nil {
		t.Fatal(err)
	}
	if asked.Estado != api.Requested || asked.Motivo != "Copia para segunda opinión" || asked.SolicitadoPor != author.Name || len(asked.CodigoVerificacion) != 19 {
		t.Errorf("asked: %+v", asked)
	}
	var j api.Job
	eventually(t, "the job is ready", func() bool {
		if j, err = c.Follow(ctx, s.id, asked.ID); err != nil {
			t.Fatal(err)
		}
		return j.Estado == api.Ready
	})
	file, err := c.Download(ctx, s.id, j.ID)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file.Content)
	if j.SHA256 != hex.EncodeToString(sum[:]) || file.SHA256 != j.SHA256 || *j.Bytes != len(file.Content) || *j.Paginas < 3 || j.Progreso != 100 ||
		j.Href != "/exportar_pdf/"+s.id+"/"+j.ID.String()+"/archivo" || j.Listo == nil || j.Expira == nil {
		t.Errorf("job: %+v", j)
	}
	text := textOf(t, file.Content)
	for _, want := range []string{"Copia para segunda opinión", author.Name, j.CodigoVerificacion, j.ID.String()} {
		if !strings.Contains(text, squeeze(want)) {
			t.Errorf("%q is not in the document", want)
		}
	}
	// A document with a reason is served to nobody else.
	if _, _, err := c.Current(ctx, s.id, api.Request{}); err != nil {
		t.Fatal(err)
	}
	if n := w.count(jobs, s.id); n != 2 {
		t.Errorf("%d jobs, want the personal and the common one", n)
	}
	eventually(t, "the ready event was sent", func() bool {
		for _, e := range w.broker.events(event.PDFReady) {
			if e.Subject() == s.id && strings.Contains(string(e.Data()), j.ID.String()) {
				return true
			}
		}
		return false
	})
	eventually(t, "the outbox is empty", func() bool { return w.outbox(s.id, event.PDFRequested)+w.outbox(s.id, event.PDFReady) == 0 })
	for what, want := range map[string]int{"E": 1, "R": 2} {
		if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'export' AND accion = $2`, s.id, what); n != want {
			t.Errorf("%d audit rows %s, want %d", n, what, want)
		}
	}
}

func TestAStoppedReceiverFinishesLater(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	asked, err := c.Ask(ctx, s.id, api.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	j, err := c.Follow(ctx, s.id, asked.ID)
	if err != nil || j.Estado != api.Requested || j.Progreso != 0 || w.outbox(s.id, event.PDFRequested) != 1 {
		t.Fatalf("%+v %v, %d events wait", j, err, w.outbox(s.id, event.PDFRequested))
	}
	if _, err := c.Download(ctx, s.id, asked.ID); problem.Status(err) != 409 {
		t.Errorf("download of what is not there: %v", err)
	}
	w.broker.setDown(false)
	if _, err := w.f.outbox.Flush(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	if j, err = c.Follow(ctx, s.id, asked.ID); err != nil || j.Estado != api.Ready {
		t.Errorf("%+v %v", j, err)
	}
}
