package notes

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/event"
)

// posted posts an event, which must be taken, and delivers what is sent on.
func (w *world) posted(by auth.Principal, documentoID, e string) (cloudevents.Event, int) {
	w.t.Helper()
	before := len(w.sent.about(documentoID))
	if a := w.send(by, "POST", "/eventos", e, "Content-Type", structuredType); a.status != 202 || a.body["repetidos"] != 0.0 {
		w.t.Fatalf("%d %s", a.status, a.raw)
	}
	sent := w.sent.wait(w.t, documentoID, before+1)
	if len(sent) != before+1 {
		w.t.Fatalf("%d events were sent on", len(sent)-before)
	}
	out := sent[before]
	b, err := json.Marshal(out)
	if err != nil {
		w.t.Fatal(err)
	}
	return out, w.deliver(string(b))
}

// What a producer calls itself is its own affair: it can neither hide what
// another sends nor change it.
func TestProducersDoNotSpeakForEachOther(t *testing.T) {
	w := newWorld(t)
	doc := w.patient()
	lab, forger := w.producer(event.ResultIssued), w.producer(event.ResultIssued)
	w.exec(`UPDATE historia_clinica.productor SET nombre = 'Otro sistema' WHERE id = $1`, forger.ID)
	id := uuid.NewString()
	first := structured("/laboratorio", id, event.ResultIssued, doc, hemoglobin(doc))

	// The forger is first with the very source and id, and claims to be the
	// laboratory where our own mark stands.
	forged := strings.Replace(strings.Replace(first, "13.20", "2.00", 1), `"source"`, fmt.Sprintf(`"productor":%q,"source"`, lab.ID), 1)
	out, status := w.posted(forger, doc, forged)
	if status != 204 || event.Producer(out) != forger.ID {
		t.Fatalf("the forger's was delivered with %d, as of %s", status, event.Producer(out))
	}
	out, status = w.posted(lab, doc, first)
	if status != 204 || event.Producer(out) != lab.ID || out.Source() != "/laboratorio" || out.ID() != id {
		t.Fatalf("the laboratory's was delivered with %d: %v", status, out)
	}
	c, ctx := w.as(clerk)
	values := func() map[string]string {
		t.Helper()
		list, _, err := c.Results(ctx, doc, 0, "")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, r := range list {
			if r.Emisor != "/laboratorio" {
				t.Errorf("issued by %s", r.Emisor)
			}
			out[r.Productor] = r.Valor
		}
		return out
	}
	if got := values(); len(got) != 2 || got["Laboratorio"] != "13.20" || got["Otro sistema"] != "2.00" {
		t.Errorf("the chart has %v", got)
	}

	// Nor does it correct the laboratory's result by its id.
	own := uuid.Must(uuid.NewV7())
	state := func(value, at string) string {
		return structured("/laboratorio", uuid.NewString(), event.ResultIssued, doc, fmt.Sprintf(
			`{"documento_id":%q,"resultado_id":%q,"nombre":"Potasio","valor":%s,"estado":"corrected","emitido_en":%q}`, doc, own, value, at))
	}
	if _, status := w.posted(lab, doc, state("5.10", "2026-01-01T10:00:00Z")); status != 204 {
		t.Fatalf("delivered: %d", status)
	}
	if _, status := w.posted(forger, doc, state("9.99", "2026-01-02T10:00:00Z")); status != 422 {
		t.Errorf("another producer's correction: %d", status)
	}
	if _, status := w.posted(lab, doc, state("5.30", "2026-01-03T10:00:00Z")); status != 204 {
		t.Errorf("the laboratory's own correction: %d", status)
	}
	if r, err := c.Result(ctx, doc, own); err != nil || r.Valor != "5.30" || r.Version != 2 || r.ProductorID != lab.ID {
		t.Errorf("the result is %+v, %v", r, err)
	}

	// By (source, id) each of them sends an event once.
	for _, again := range []struct {
		by auth.Principal
		e  string
	}{{lab, first}, {forger, forged}} {
		if a := w.send(again.by, "POST", "/eventos", again.e, "Content-Type", structuredType); a.status != 202 || a.body["repetidos"] != 1.0 {
			t.Errorf("again: %d %s", a.status, a.raw)
		}
	}
}

// A result that comes as an event has to be as possible as one in a form.
func TestImpossibleResultEvents(t *testing.T) {
	w := newWorld(t)
	lab := w.producer(event.ResultIssued)
	doc := w.patient() // born in 1984
	admission := w.admission(doc, "AMB", "in-progress", time.Now().Add(-time.Hour))
	elsewhere := w.admission(w.patient(), "AMB", "in-progress", time.Now().Add(-time.Hour))
	data := func(more string) string {
		return `{"documento_id":"` + doc + `","nombre":"TSH","valor":2,` + more + `}`
	}
	for name, test := range map[string]struct{ data, says string }{
		"issued in the future":         {data(`"emitido_en":"2999-01-01T00:00:00Z"`), "emitido_en: "},
		"taken in the future":          {data(`"tomado_en":"2999-01-01T00:00:00Z"`), "tomado_en: "},
		"taken before birth":           {data(`"tomado_en":"1984-02-27T00:00:00Z"`), "tomado_en: "},
		"issued before birth":          {data(`"emitido_en":"1970-01-01T00:00:00Z"`), "emitido_en: "},
		"taken after it was issued":    {data(`"tomado_en":"2026-01-02T00:00:00Z","emitido_en":"2026-01-01T00:00:00Z"`), "tomado_en: "},
		"an admission that is not":     {data(`"admision_id":"` + uuid.NewString() + `"`), "admision_id: "},
		"another patient's admission":  {data(`"admision_id":"` + elsewhere.String() + `"`), "admision_id: "},
		"a number that is none":        {`{"documento_id":"` + doc + `","nombre":"TSH","valor":"A","valor_tipo":"numero"}`, "valor: "},
		"blanks for a value":           {`{"documento_id":"` + doc + `","nombre":"TSH","valor":"  "}`, "valor: "},
		"data that says a thing twice": {`{"documento_id":"` + doc + `","nombre":"TSH","valor":2,"valor":3}`, "valor"},
	} {
		e := structured("/lab", name, event.ResultIssued, doc, test.data)
		a := w.send(lab, "POST", "/eventos", e, "Content-Type", structuredType)
		if detail, _ := a.body["detail"].(string); a.status != 422 && a.status != 400 || !strings.Contains(detail, test.says) {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
		// Nor past the broker, but for what only the text of the event shows.
		if s := w.deliver(e); s != 422 && test.says != "valor" {
			t.Errorf("%s, delivered: %d", name, s)
		}
		batch := w.send(lab, "POST", "/eventos", "["+e+"]", "Content-Type", batchType)
		if batch.status != 422 && batch.status != 400 {
			t.Errorf("%s, in a batch: %d %s", name, batch.status, batch.raw)
		}
	}
	good := data(`"admision_id":"` + admission.String() + `","tomado_en":"2026-01-01T00:00:00Z","emitido_en":"2026-01-01T01:00:00Z"`)
	if _, status := w.posted(lab, doc, structured("/lab", "posible", event.ResultIssued, doc, good)); status != 204 {
		t.Errorf("a possible one, delivered: %d", status)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.resultado WHERE documento_id = $1 AND admision_id = $2`, doc, admission); n != 1 {
		t.Errorf("%d results of the admission", n)
	}
}

func TestUnreadableEvents(t *testing.T) {
	w := newWorld(t)
	lab := w.producer(event.ResultIssued)
	doc := w.patient()
	good := structured("/lab", "1", event.ResultIssued, doc, hemoglobin(doc))
	encoded := func(data string) string {
		e := cloudevents.NewEvent()
		e.SetID("1")
		e.SetSource("/lab")
		e.SetType(event.ResultIssued)
		e.SetSubject(doc)
		e.SetDataContentType(cloudevents.ApplicationJSON)
		e.DataEncoded, e.DataBase64 = []byte(data), true
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	twice := strings.Replace(hemoglobin(doc), `"valor"`, `"valor":1,"valor"`, 1)
	for name, body := range map[string]string{
		"CloudEvents 0.3":         strings.Replace(good, `"1.0"`, `"0.3"`, 1),
		"two ids":                 strings.Replace(good, `"id":"1"`, `"id":"1","id":"2"`, 1),
		"two values":              structured("/lab", "1", event.ResultIssued, doc, twice),
		"two values, in base64":   encoded(twice),
		"NUL in base64":           encoded(strings.Replace(hemoglobin(doc), "Hemo", `Hemo\u0000`, 1)),
		"invalid UTF-8 in base64": encoded(strings.Replace(hemoglobin(doc), "Hemo", "Hemo\xff", 1)),
		"half a surrogate pair":   strings.Replace(good, "Hemo", `Hemo\ud800`, 1),
	} {
		if a := w.send(lab, "POST", "/eventos", body, "Content-Type", structuredType); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	if a := w.send(lab, "POST", "/eventos", hemoglobin(doc), "Ce-Id", "1", "Ce-Source", "/lab", "Ce-Type", event.ResultIssued,
		"Ce-Specversion", "0.3", "Ce-Subject", doc); a.status != 400 {
		t.Errorf("CloudEvents 0.3, binary: %d %s", a.status, a.raw)
	}
	if s := w.deliver(strings.Replace(good, `"1.0"`, `"0.3"`, 1)); s != 400 {
		t.Errorf("CloudEvents 0.3, delivered: %d", s)
	}
	if a := w.send(lab, "POST", "/eventos", encoded(hemoglobin(doc)), "Content-Type", structuredType); a.status != 202 {
		t.Errorf("a good one in base64: %d %s", a.status, a.raw)
	}
}
