package notes

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/event"
)

const (
	structuredType = "application/cloudevents+json"
	batchType      = "application/cloudevents-batch+json"
)

// structured is a CloudEvent in structured mode.
func structured(from, id, typ, subject, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":%q,"type":%q,"subject":%q,"time":"2026-01-02T03:04:05Z",
		"datacontenttype":"application/json","data":%s}`, id, from, typ, subject, data)
}

func hemoglobin(documentoID string) string {
	return `{"documento_id":"` + documentoID + `","nombre":"Hemoglobina","loinc":"718-7","valor":13.20,"unidad":"g/dL","rango":"12-16"}`
}

// deliver hands an event to the receiver, as the broker does.
func (w *world) deliver(e string) int {
	w.t.Helper()
	resp, err := http.Post(w.url+"/eventos/recibir", structuredType, strings.NewReader(e))
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body) //nolint:errcheck // only the status matters
	return resp.StatusCode
}

func TestPostedEventIsKeptAndPassedOn(t *testing.T) {
	w := newWorld(t)
	lab := w.producer(event.ResultIssued, event.PDFRequested)
	doc := w.patient()
	w.sent.closed = true // the broker is away
	id := uuid.NewString()
	a := w.send(lab, "POST", "/eventos", structured("https://lab.example/analizador", id, event.ResultIssued, doc, hemoglobin(doc)), "Content-Type", structuredType)
	if a.status != 202 || a.body["recibidos"] != 1.0 || a.body["repetidos"] != 0.0 {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.evento_salida WHERE documento_id = $1 AND evento_id = $2 AND fuente = 'https://lab.example/analizador'`,
		doc, id); n != 1 {
		t.Fatalf("%d rows in the outbox: what was answered with 202 has to be there", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'event' AND rol = 'productor'`, doc); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	w.sent.mu.Lock()
	w.sent.closed = false
	w.sent.mu.Unlock()
	resp, err := http.Post(w.url+"/eventos/pendientes", "", nil)
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	events := w.sent.wait(t, doc, 1)
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	e := events[0]
	if e.ID() != id || e.Source() != "https://lab.example/analizador" || e.Type() != event.ResultIssued || e.Time().Format(time.RFC3339) != "2026-01-02T03:04:05Z" {
		t.Errorf("passed on: %s %s %s %s", e.ID(), e.Source(), e.Type(), e.Time())
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.evento_salida WHERE documento_id = $1`, doc); n != 0 {
		t.Errorf("%d rows stay in the outbox", n)
	}
}

func TestBinaryEventAndAnotherDocument(t *testing.T) {
	w := newWorld(t)
	lab := w.producer(event.PDFRequested)
	doc := w.patient()
	old := "TI-" + doc[3:]
	w.exec(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $2, '2001-01-01')`, old, doc)
	a := w.send(lab, "POST", "/eventos", `{"documento_id":"`+old+`","tipo":"historia"}`, "Ce-Id", "7", "Ce-Source", "/archivo",
		"Ce-Type", event.PDFRequested, "Ce-Specversion", "1.0", "Ce-Subject", old,
		"Ce-Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if a.status != 202 {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	events := w.sent.wait(t, doc, 1)
	if len(events) != 1 {
		t.Fatalf("%d events about the record", len(events))
	}
	var data event.PDFData
	if err := json.Unmarshal(events[0].Data(), &data); err != nil || data.DocumentoID != doc || data.Tipo != "historia" {
		t.Errorf("data = %s, %v", events[0].Data(), err)
	}
	if events[0].Extensions()["traceparent"] == nil || events[0].Time().IsZero() {
		t.Errorf("event = %v", events[0])
	}
}

func TestTenCopiesOfAnEventAreOne(t *testing.T) {
	w := newWorld(t)
	lab := w.producer(event.ResultIssued)
	doc := w.patient()
	e := structured("lab", uuid.NewString(), event.ResultIssued, doc, hemoglobin(doc))
	var wg sync.WaitGroup
	var mu sync.Mutex
	repeated := 0.0
	for range 10 {
		wg.Go(func() {
			a := w.send(lab, "POST", "/eventos", e, "Content-Type", structuredType)
			if a.status != 202 {
				t.Errorf("%d %s", a.status, a.raw)
				return
			}
			mu.Lock()
			repeated += a.body["repetidos"].(float64)
			mu.Unlock()
		})
	}
	wg.Wait()
	if repeated != 9 {
		t.Errorf("%v of ten were repetitions", repeated)
	}
	for range 10 {
		wg.Go(func() {
			if s := w.deliver(e); s != 204 {
				t.Errorf("delivered: %d", s)
			}
		})
	}
	wg.Wait()
	if n := len(w.sent.wait(t, doc, 1)); n != 1 {
		t.Errorf("%d events passed on", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.resultado WHERE documento_id = $1`, doc); n != 1 {
		t.Errorf("%d results", n)
	}
}

func TestBatchIsTakenWholeOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	lab := w.producer(event.ResultIssued)
	docs := []string{w.patient(), w.patient(), w.patient()}
	var good []string
	for i, d := range docs {
		good = append(good, structured("lab", fmt.Sprintf("lote-%d-%s", i, d), event.ResultIssued, d, hemoglobin(d)))
	}
	bad := []string{
		good[0],
		structured("lab", "x", event.ResultIssued, docs[0], `{"documento_id":"`+docs[0]+`"}`),
		good[1],
		structured("lab", "y", event.ResultIssued, "CC-404404404", hemoglobin("CC-404404404")),
		structured("lab", "z", event.ResultIssued, docs[0], hemoglobin(docs[1])),
	}
	a := w.send(lab, "POST", "/eventos", "["+strings.Join(bad, ",")+"]", "Content-Type", batchType)
	var indices []float64
	for _, e := range a.body["eventos"].([]any) {
		indices = append(indices, e.(map[string]any)["indice"].(float64))
	}
	if diff := cmp.Diff([]float64{1, 3, 4}, indices); diff != "" || a.status != 422 {
		t.Errorf("%d %s\n%s", a.status, a.raw, diff)
	}
	for _, d := range docs {
		if n := w.count(`SELECT count(*) FROM historia_clinica.evento_entrada WHERE documento_id = $1`, d); n != 0 {
			t.Errorf("something of the refused batch was taken")
		}
	}
	a = w.send(lab, "POST", "/eventos", "["+strings.Join(append(good, good[0]), ",")+"]", "Content-Type", batchType)
	if a.status != 202 || a.body["recibidos"] != 4.0 || a.body["repetidos"] != 1.0 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	for _, d := range docs {
		if n := len(w.sent.wait(t, d, 1)); n != 1 {
			t.Errorf("%d events", n)
		}
	}
	if a := w.send(lab, "POST", "/eventos", "[]", "Content-Type", batchType); a.status != 202 {
		t.Errorf("an empty batch: %d %s", a.status, a.raw)
	}
}

func TestRefusedEvents(t *testing.T) {
	w := newWorld(t)
	lab := w.producer(event.ResultIssued)
	archive := w.producer(event.PDFRequested)
	doc, other := w.patient(), w.patient()
	good := hemoglobin(doc)
	// What nobody could give effect to is not promised with a 202.
	note := structured("archivo", "1", event.PDFRequested, doc, `{"documento_id":"`+doc+`","tipo":"nota"}`)
	if a := w.send(archive, "POST", "/eventos", note, "Content-Type", structuredType); a.status != 422 || !strings.Contains(a.raw, "historia o la epicrisis") {
		t.Errorf("a PDF of one note: %d %s", a.status, a.raw)
	}
	for name, test := range map[string]struct {
		body   string
		status int
	}{
		"no JSON":               {`{`, 400},
		"no CloudEvent":         {`{"a":1}`, 400},
		"no id":                 {`{"specversion":"1.0","source":"lab","type":"` + event.ResultIssued + `","subject":"` + doc + `","data":` + good + `}`, 422},
		"invalid UTF-8":         {structured("lab", "1", event.ResultIssued, doc, "{\"documento_id\":\"\xff\"}"), 400},
		"escaped NUL":           {structured("lab", "1", event.ResultIssued, doc, `{"documento_id":"`+doc+`","nombre":"a\u0000","valor":1}`), 400},
		"two MiB":               {structured("lab", "1", event.ResultIssued, doc, `{"x":"`+strings.Repeat("a", 2<<20)+`"}`), 413},
		"our own source":        {structured("/hce/notes", "1", event.ResultIssued, doc, good), 422},
		"our own type":          {structured("lab", "1", event.NoteSigned, doc, `{"documento_id":"`+doc+`"}`), 403},
		"unknown type":          {structured("lab", "1", "co.otro.v1", doc, good), 403},
		"type not granted":      {structured("lab", "1", event.PDFRequested, doc, `{"documento_id":"`+doc+`"}`), 403},
		"no such record":        {structured("lab", "1", event.ResultIssued, "CC-404404404", hemoglobin("CC-404404404")), 422},
		"subject and data part": {structured("lab", "1", event.ResultIssued, doc, hemoglobin(other)), 422},
		"no subject":            {structured("lab", "1", event.ResultIssued, "", good), 422},
		"breaks the schema":     {structured("lab", "1", event.ResultIssued, doc, `{"documento_id":"`+doc+`","nombre":"x","valor":1,"texto_libre":"x"}`), 422},
		"huge number":           {structured("lab", "1", event.ResultIssued, doc, `{"documento_id":"`+doc+`","nombre":"x","valor":1e400000}`), 422},
		"long id":               {structured("lab", strings.Repeat("x", 201), event.ResultIssued, doc, good), 422},
	} {
		start := time.Now()
		a := w.send(lab, "POST", "/eventos", test.body, "Content-Type", structuredType)
		if a.status != test.status {
			t.Errorf("%s: %d, want %d: %.300s", name, a.status, test.status, a.raw)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%s took %s", name, d)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.evento_entrada WHERE documento_id IN ($1, $2)`, doc, other); n != 0 {
		t.Errorf("%d refused events were taken", n)
	}
	ok := structured("lab", "1", event.ResultIssued, doc, good)
	if a := w.send(lab, "POST", "/eventos", ok); a.status != 415 {
		t.Errorf("plain JSON: %d", a.status)
	}
	for _, p := range []auth.Principal{w.physician(), clerk, account(doc), authtest.Principal("Adán", auth.Admin), authtest.Principal("Lab de nadie", auth.Producer)} {
		if a := w.send(p, "POST", "/eventos", ok, "Content-Type", structuredType); a.status != 403 {
			t.Errorf("%s posted an event: %d", p.Name, a.status)
		}
	}
	w.exec(`UPDATE historia_clinica.productor SET activo = false WHERE id = $1`, lab.ID)
	if a := w.send(lab, "POST", "/eventos", ok, "Content-Type", structuredType); a.status != 403 {
		t.Errorf("a disabled producer: %d", a.status)
	}
}

func TestReceivedResults(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	w.write(by, evolution(doc))
	c, ctx := w.as(by)
	id := uuid.Must(uuid.NewV7())
	state := func(event string, value, estado, at string) string {
		return structured("lab", event+doc, "co.hce.resultado.emitido.v1", doc, fmt.Sprintf(
			`{"documento_id":%q,"resultado_id":%q,"nombre":"Potasio","valor":%s,"unidad":"mmol/L","estado":%q,"emitido_en":%q}`, doc, id, value, estado, at))
	}
	preliminary := state("a", "5.10", "preliminary", "2026-01-01T10:00:00Z")
	final := state("b", "5.30", "final", "2026-01-01T12:00:00Z")
	corrected := state("c", `"hemolizado"`, "corrected", "2026-01-01T13:00:00Z")
	for _, e := range []string{final, preliminary} { // out of order
		if s := w.deliver(e); s != 204 {
			t.Fatalf("delivered: %d", s)
		}
	}
	results, _, err := c.Results(ctx, doc, 0, "")
	if err != nil || len(results) != 1 || results[0].Valor != "5.30" || results[0].ValorTipo != "numero" || results[0].Estado != "final" || results[0].Version != 1 {
		t.Fatalf("results = %+v, %v", results, err)
	}
	_, err = c.MarkSeen(ctx, doc, id, 2)
	wantStatus(t, "seeing a version that is not there", err, 412)
	seen, err := c.MarkSeen(ctx, doc, id, 1)
	if err != nil || seen.VistoPor != by.Name || seen.VistoEn == nil || seen.Version != 2 {
		t.Errorf("seen = %+v, %v", seen, err)
	}
	// Another answer has another ETag; a retry, and whoever saw it so, is told the same.
	path := resultPath(seen)
	if a := w.send(by, "GET", path, ""); a.header.Get("ETag") != `"2"` || a.body["visto_por"] != by.Name {
		t.Errorf("%s %s", a.header.Get("ETag"), a.raw)
	}
	for match, want := range map[string]int{`"1"`: 200, `"2"`: 200, `*`: 200, `"3"`: 412} {
		a := w.send(by, "POST", path+"/visto", "", "If-Match", match)
		if a.status != want || want == 200 && (a.header.Get("ETag") != `"2"` || a.body["visto_en"] == nil) {
			t.Errorf("seen again, If-Match %s: %d %s %s", match, a.status, a.header.Get("ETag"), a.raw)
		}
	}
	if s := w.deliver(corrected); s != 204 {
		t.Fatalf("delivered: %d", s)
	}
	results, _, err = c.Results(ctx, doc, 0, "")
	if err != nil || results[0].Valor != "hemolizado" || results[0].ValorTipo != "texto" || results[0].Version != 3 || results[0].VistoPor != "" {
		t.Errorf("after the correction: %+v, %v", results, err)
	}
	for _, before := range []int{1, 2} {
		_, err = c.MarkSeen(ctx, doc, id, before)
		wantStatus(t, "seeing what has been corrected", err, 412)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.resultado_version WHERE documento_id = $1 AND contenido->>'valor' = '5.30' AND contenido->>'visto_por' = $2`,
		doc, by.Name); n != 1 {
		t.Errorf("%d earlier versions are kept", n)
	}
	forged := strings.ReplaceAll(state("d", "9", "corrected", "2026-01-02T00:00:00Z"), `"source":"lab"`, `"source":"otro-lab"`)
	if s := w.deliver(forged); s != 422 {
		t.Errorf("another issuer's correction: %d", s)
	}
	stranger := structured("lab", "e"+doc, event.ResultIssued, doc, `{"documento_id":"`+doc+`","admision_id":"`+uuid.NewString()+`","nombre":"TSH","valor":2}`)
	if s := w.deliver(stranger); s != 422 {
		t.Errorf("with an admission that is not there: %d", s)
	}
	results, _, err = c.Results(ctx, doc, 0, "")
	if err != nil || len(results) != 1 {
		t.Fatalf("results = %+v, %v", results, err)
	}
	for name, test := range map[string]struct {
		event  string
		status int
	}{
		"unknown type":    {structured("lab", "f", event.NoteSigned, doc, `{}`), 422},
		"breaks schema":   {structured("lab", "g", event.ResultIssued, doc, `{"documento_id":"`+doc+`"}`), 422},
		"no record":       {structured("lab", "h", event.ResultIssued, "CC-404404404", hemoglobin("CC-404404404")), 422},
		"not an event":    {`{}`, 400},
		"without subject": {structured("lab", "i", event.ResultIssued, "", hemoglobin(doc)), 422},
	} {
		if s := w.deliver(test.event); s != test.status {
			t.Errorf("%s: %d, want %d", name, s, test.status)
		}
	}
	w.f.pool.Close()
	if s := w.deliver(preliminary); s < 500 {
		t.Errorf("without a database: %d, which the broker would not bring again", s)
	}
}

func TestResultOnPaper(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	in := api.NewResult{ID: uuid.Must(uuid.NewV7()).String(), DocumentoID: doc, Nombre: " Glicemia  basal ", Valor: 92.5, Unidad: "mg/dL", CUPS: "903841", TomadoEn: ago(time.Hour)}
	_, err := c.AddResult(ctx, in, "")
	wantStatus(t, "without relation", err, 403)
	w.write(by, evolution(doc))
	r, err := c.AddResult(ctx, in, "")
	if err != nil || r.Valor != "92.5" || r.Nombre != "Glicemia basal" || r.Estado != "final" || r.Emisor != by.Name {
		t.Fatalf("result = %+v, %v", r, err)
	}
	if again, err := c.AddResult(ctx, in, ""); err != nil || cmp.Diff(r, again) != "" {
		t.Errorf("retry = %+v, %v", again, err)
	}
	in.Valor = "100"
	_, err = c.AddResult(ctx, in, "")
	wantStatus(t, "same id, other value", err, 409)
	for body, field := range map[string]string{
		`{"documento_id":"$D","valor":1}`:                                                       "nombre",
		`{"documento_id":"$D","nombre":"x"}`:                                                    "valor",
		`{"documento_id":"$D","nombre":"x","valor":{"a":1}}`:                                    "valor",
		`{"documento_id":"$D","nombre":"x","valor":1,"loinc":"x"}`:                              "loinc",
		`{"documento_id":"$D","nombre":"x","valor":1,"estado":"listo"}`:                         "estado",
		`{"documento_id":"$D","nombre":"x","valor":1,"tomado_en":"2999-01-01T00:00:00Z"}`:       "tomado_en",
		`{"documento_id":"$D","nombre":"x","valor":1,"admision_id":"` + uuid.NewString() + `"}`: "admision_id",
	} {
		a := w.send(by, "POST", "/medico/resultado", strings.ReplaceAll(body, "$D", doc))
		if a.status != 422 || a.field(field) == nil {
			t.Errorf("%s: %d %s", body, a.status, a.raw)
		}
	}
	_, err = c.MarkSeen(ctx, doc, uuid.New(), 0)
	wantStatus(t, "no such result", err, 404)
	_, err = c.Result(ctx, doc, uuid.New())
	wantStatus(t, "no such result", err, 404)
}

// A number stays as it was written, and a result says when it could be.
func TestValueOfAResult(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	w.write(by, evolution(doc))
	body := func(more string) string { return `{"documento_id":"` + doc + `","nombre":"x",` + more + `}` }
	for more, want := range map[string][2]string{
		`"valor":12345678901234567891`:                   {"12345678901234567891", "numero"},
		`"valor":7.10`:                                   {"7.10", "numero"},
		`"valor":-0.00`:                                  {"-0.00", "numero"},
		`"valor":1e3`:                                    {"1e3", "numero"},
		`"valor":"7.10"`:                                 {"7.10", "texto"},
		`"valor":"7.10","valor_tipo":"numero"`:           {"7.10", "numero"},
		`"valor":7.10,"valor_tipo":"texto"`:              {"7.10", "texto"},
		`"valor":"> 1000"`:                               {"> 1000", "texto"},
		`"valor":"A","valor_tipo":"codigo"`:              {"A", "codigo"},
		`"valor":"1","tomado_en":"1984-02-29T12:00:00Z"`: {"1", "texto"},
	} {
		a := w.send(by, "POST", "/medico/resultado", body(more))
		if a.status != 201 || a.body["valor"] != want[0] || a.body["valor_tipo"] != want[1] {
			t.Errorf("%s: %d %s", more, a.status, a.raw)
			continue
		}
		read := w.send(by, "GET", a.header.Get("Location"), "")
		if diff := cmp.Diff(a.body, read.body); read.status != 200 || diff != "" || read.header.Get("ETag") != `"1"` || a.header.Get("ETag") != `"1"` {
			t.Errorf("GET %s: %d %s\n%s", a.header.Get("Location"), read.status, read.raw, diff)
		}
	}
	for more, field := range map[string]string{
		`"valor":"A","valor_tipo":"numero"`:    "valor",
		`"valor":"7,1","valor_tipo":"numero"`:  "valor",
		`"valor":"0x1f","valor_tipo":"numero"`: "valor",
		`"valor":"NaN","valor_tipo":"numero"`:  "valor",
		`"valor":1e400000`:                     "valor",
		`"valor":1` + strings.Repeat("0", 60):  "valor",
		`"valor":null`:                         "valor",
		`"valor":true`:                         "valor",
		`"valor":[1]`:                          "valor",
		`"valor":1,"tomado_en":"2026-01-02T00:00:00Z","emitido_en":"2026-01-01T00:00:00Z"`: "tomado_en",
		`"valor":1,"tomado_en":"1984-02-27T00:00:00Z"`:                                     "tomado_en",
		`"valor":1,"tomado_en":"ayer"`:                                                     "tomado_en",
		`"valor":1,"emitido_en":"1970-01-01T00:00:00Z"`:                                    "emitido_en",
		`"valor":1,"emitido_en":"2999-01-01T00:00:00Z"`:                                    "emitido_en",
	} {
		if a := w.send(by, "POST", "/medico/resultado", body(more)); a.status != 422 || a.field(field) == nil {
			t.Errorf("%s: %d %s", more, a.status, a.raw)
		}
	}
}
