package patient

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
)

// reply is an answer with its headers.
type reply struct {
	status     int
	header     http.Header
	text       string
	v          map[string]any
	next, etag string // the address of the next page
}

// ask is send with headers, two by two.
func (w *world) ask(p auth.Principal, method, path, body string, headers ...string) reply {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req.Header.Set("Authorization", "Bearer "+w.issuer.Token(w.t, p))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := reply{status: resp.StatusCode, header: resp.Header, text: string(b), etag: resp.Header.Get("ETag")}
	json.Unmarshal(b, &a.v) //nolint:errcheck // not every answer is an object
	if link, _, ok := strings.Cut(resp.Header.Get("Link"), ">"); ok {
		a.next = link[1:]
	}
	return a
}

func (a reply) field(name string) any {
	campos, _ := a.v["campos"].(map[string]any)
	return campos[name]
}

func (w *world) record(d api.Demographics) api.Patient {
	w.t.Helper()
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, d, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// What GET answers can be put back as it is, and what only the registry writes
// does not count.
func TestWhatWasReadCanBePutBack(t *testing.T) {
	w := newWorld(t)
	p, other := w.record(full()), w.record(person())
	c, ctx := w.as(registrar)
	if _, err := c.AddDocument(ctx, p.DocumentoID, api.NewDocument{TipoDocumento: "PA", NumeroDocumento: "AB" + p.NumeroDocumento}, ""); err != nil {
		t.Fatal(err)
	}
	path := "/paciente/" + p.DocumentoID
	read := w.ask(registrar, "GET", path, "")
	changed := strings.Replace(read.text, `"ocupacion":"2221"`, `"ocupacion":"Enfermera"`, 1)
	changed = strings.Replace(changed, `"activo":true`, `"activo":false,"version":77,"fusionado_en":{"x":1},"fusionada":true,"incluye":["CC-1"]`, 1)
	changed = strings.Replace(changed, `"version":2,`, "", 1)
	got := w.ask(registrar, "PUT", path, changed, "If-Match", read.etag)
	if got.status != 200 || got.v["ocupacion"] != "Enfermera" || got.v["activo"] != true || got.v["version"] != 3.0 || got.v["fusionada"] != nil || got.etag != `"3"` {
		t.Fatalf("%d %s", got.status, got.text)
	}
	for name, tt := range map[string]struct {
		named string
		want  int
	}{
		"another document of theirs":   {"PA-AB" + p.NumeroDocumento, 200},
		"the same, as people write it": {"cc-" + p.NumeroDocumento, 200},
		"somebody else's":              {other.DocumentoID, 422},
		"nobody's":                     {"CC-" + dbtest.DocumentoID(), 422},
		"no document":                  {"x", 422},
	} {
		body := strings.Replace(read.text, `"documento_id":"`+p.DocumentoID+`"`, `"documento_id":"`+tt.named+`"`, 1)
		got := w.ask(registrar, "PUT", path, body, "If-Match", "*")
		if got.status != tt.want || tt.want == 422 && got.field("documento_id") == nil {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	if got := w.ask(registrar, "PUT", path, strings.Replace(read.text, `"activo"`, `"alias":"x","activo"`, 1), "If-Match", "*"); got.status != 400 || got.field("alias") == nil {
		t.Errorf("an unknown member: %d %s", got.status, got.text)
	}
	if got := w.ask(registrar, "POST", "/paciente", read.text); got.status != 400 {
		t.Errorf("a record is opened with what only the registry writes: %d %s", got.status, got.text)
	}
}

// A retry with the same key gets the first answer, and nothing is done twice.
func TestRetriesWithAKey(t *testing.T) {
	w := newWorld(t)
	p := w.record(person())
	path := "/paciente/" + p.DocumentoID
	data, err := json.Marshal(p.Demographics)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(data), `"primer_nombre":"Luz"`, `"primer_nombre":"Lucía"`, 1)
	number := dbtest.DocumentoID()
	for _, tt := range []struct {
		name, method, path, first, other string
		by                               auth.Principal
		match                            string
		count                            string // of what it writes; $1 is the record
		want                             int
	}{
		{
			"data", "PUT", path, changed, string(data), registrar, `"1"`,
			`SELECT count(*) FROM historia_clinica.paciente_version WHERE documento_id = $1`, 1,
		},
		{
			"document", "POST", path + "/documentos", `{"tipo_documento":"CE","numero_documento":"` + number + `"}`,
			`{"tipo_documento":"CE","numero_documento":"` + dbtest.DocumentoID() + `"}`, registrar, "",
			`SELECT count(*) FROM historia_clinica.identificador WHERE documento_id = $1`, 2,
		},
		{
			"emergency", "POST", path + "/acceso-emergencia", `{"motivo":"Llegó inconsciente a urgencias"}`, `{"motivo":"Otro motivo, también largo"}`, physician, "",
			`SELECT count(*) FROM historia_clinica.acceso_emergencia WHERE documento_id = $1`, 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Idempotency-Key", "k-" + tt.name + number}
			if tt.match != "" {
				headers = append(headers, "If-Match", tt.match)
			}
			answers := make([]reply, 8)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() { answers[i] = w.ask(tt.by, tt.method, tt.path, tt.first, headers...) })
			}
			wg.Wait()
			for _, a := range append(answers, w.ask(tt.by, tt.method, tt.path, tt.first, headers...)) {
				if a.status/100 != 2 || a.text != answers[0].text || a.etag != answers[0].etag || a.etag == "" || a.header.Get("Location") != answers[0].header.Get("Location") {
					t.Errorf("%d %s %s, want what the first got: %s", a.status, a.etag, a.text, answers[0].text)
				}
			}
			if a := w.ask(tt.by, tt.method, tt.path, tt.other, headers...); a.status != 422 {
				t.Errorf("the key with another body: %d %s", a.status, a.text)
			}
			var n int
			if err := dbtest.Pool(t, "postgres").QueryRow(t.Context(), tt.count, p.DocumentoID).Scan(&n); err != nil || n != tt.want {
				t.Errorf("%d were written (%v), want %d", n, err, tt.want)
			}
		})
	}
}

// A POST answers where what it made is, in which version, and the caller can
// read it there.
func TestLocationsAnswer(t *testing.T) {
	w := newWorld(t)
	p := w.record(person())
	path := "/paciente/" + p.DocumentoID
	for _, tt := range []struct {
		path, body string
		by         auth.Principal
	}{
		{path + "/documentos", `{"tipo_documento":"CE","numero_documento":"` + dbtest.DocumentoID() + `"}`, registrar},
		{path + "/codigo", ``, registrar},
		{path + "/codigo", `{}`, registrar},
		{path + "/acceso-emergencia", `{"motivo":"Llegó inconsciente a urgencias"}`, physician},
	} {
		made := w.ask(tt.by, "POST", tt.path, tt.body)
		at := made.header.Get("Location")
		if made.status != 201 || at == "" || made.etag == "" {
			t.Errorf("POST %s: %d at %q in version %q: %s", tt.path, made.status, at, made.etag, made.text)
			continue
		}
		if read := w.ask(tt.by, "GET", at, ""); read.status != 200 || read.etag != made.etag || read.v["documento_id"] != p.DocumentoID {
			t.Errorf("POST %s: GET %s is %d %s, want version %s of the record", tt.path, at, read.status, read.etag, made.etag)
		}
	}
	for body, want := range map[string]int{`{"x":1}`: 400, `null`: 400, strings.Repeat(" ", 2<<20): 413, "\x00": 400} {
		if got := w.ask(registrar, "POST", path+"/codigo", body); got.status != want {
			t.Errorf("a code with %.10q: %d, want %d", body, got.status, want)
		}
	}
	if got := w.ask(registrar, "POST", path+"/codigo", "{}", "Content-Type", "text/plain"); got.status != 415 {
		t.Errorf("a code with text: %d", got.status)
	}
}

// Whoever asks twice for a code, with one key or none, holds one that works.
func TestOnlyTheNewestCodeWorks(t *testing.T) {
	w := newWorld(t)
	p := w.record(person())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if a := w.ask(registrar, "POST", "/paciente/"+p.DocumentoID+"/codigo", "", "Idempotency-Key", "k"); a.status != 201 {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
	wg.Wait()
	var live int
	if err := dbtest.Pool(t, "postgres").QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.codigo_registro
		WHERE documento_id = $1 AND expira > now()`, p.DocumentoID).Scan(&live); err != nil || live != 1 {
		t.Errorf("%d codes work (%v), want 1", live, err)
	}
}
