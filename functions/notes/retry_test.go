package notes

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/event"
)

// Every write with an Idempotency-Key takes effect once, and the key is that
// body's alone.
func TestRetriedChanges(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	in := evolution(doc)
	in.Firmar = false
	path := notePath(doc, w.write(by, in).ID)
	discarded := notePath(doc, w.write(by, unsigned(doc)).ID)
	lab := w.producer(event.ResultIssued)
	if _, status := w.posted(lab, doc, structured("/lab", uuid.NewString(), event.ResultIssued, doc, hemoglobin(doc))); status != 204 {
		t.Fatal(status)
	}
	c, ctx := w.as(by)
	results, _, err := c.Results(ctx, doc, 1, "")
	if err != nil || len(results) != 1 {
		t.Fatal(results, err)
	}
	const why = `{"motivo":"Se escribió en otra historia"}`
	for _, tt := range []struct {
		name, method, path, body, other, match string
		status                                 int
	}{
		{"save", "PUT", path, `{"motivo_consulta":"Tos","diagnosticos":[]}`, `{"motivo_consulta":"Fiebre"}`, `"1"`, 200},
		{"sign", "POST", path + "/firma", ``, `{}`, `"2"`, 200},
		{"annul", "POST", path + "/anulacion", why, `{"motivo":"Otra razón, tan larga"}`, `"3"`, 200},
		{"discard", "DELETE", discarded, ``, `{}`, `"1"`, 204},
		{"see a result", "POST", resultPath(results[0]) + "/visto", ``, `{}`, `"1"`, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1`, doc)
			key := uuid.NewString()
			ask := func(body, key string) answer {
				return w.send(by, tt.method, tt.path, body, "Idempotency-Key", key, "If-Match", tt.match)
			}
			first := ask(tt.body, key)
			if first.status != tt.status {
				t.Fatalf("%d %s", first.status, first.raw)
			}
			for range 2 {
				again := ask(tt.body, key)
				if again.status != tt.status || again.raw != first.raw || again.header.Get("ETag") != first.header.Get("ETag") {
					t.Errorf("again: %d %s\nfirst: %s", again.status, again.raw, first.raw)
				}
			}
			if other := ask(tt.other, key); other.status != 422 {
				t.Errorf("the key with another body: %d %s", other.status, other.raw)
			}
			if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1`, doc) - rows; n != 1 {
				t.Errorf("it took effect %d times", n)
			}
			if n := w.count(`SELECT count(*) FROM historia_clinica.idempotencia WHERE clave LIKE '%' || $1`, key); n != 1 {
				t.Errorf("%d answers are kept", n)
			}
		})
	}
}

// A request that brings nothing brings nothing: not a body that nobody reads.
func TestBodyOfASignature(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	in := evolution(doc)
	in.Firmar = false
	path := notePath(doc, w.write(by, in).ID) + "/firma"
	for name, tt := range map[string]struct {
		body, contentType string
		want              int
	}{
		"text":             {"firme", "text/plain", 415},
		"a form":           {"firmar=1", "application/x-www-form-urlencoded", 415},
		"an unknown field": {`{"firma":true}`, "application/json", 400},
		"NUL":              {"\x00", "application/json", 400},
		"null":             {"null", "application/json", 400},
		"a list":           {"[]", "application/json", 400},
		"two MiB":          {string(make([]byte, 2<<20)), "application/json", 413},
	} {
		if a := w.send(by, "POST", path, tt.body, "Content-Type", tt.contentType); a.status != tt.want {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.nota WHERE documento_id = $1 AND estado = 'firmada'`, doc); n != 0 {
		t.Fatal("one of them signed the note")
	}
	if a := w.send(by, "POST", path, "{}"); a.status != 200 || a.header.Get("ETag") != `"2"` {
		t.Errorf("{}: %d %s", a.status, a.raw)
	}
	if a := w.send(by, "POST", path, ""); a.status != 200 {
		t.Errorf("nothing: %d %s", a.status, a.raw)
	}
}

// Any médico adds to a note. Without relation to the patient they see what they
// added, and nothing of the chart.
func TestAddendumOfAStranger(t *testing.T) {
	w := newWorld(t)
	doc, author, stranger := w.patient(), w.physician(), w.physician()
	n := w.write(author, evolution(doc))
	path := notePath(doc, n.ID)
	a := w.send(stranger, "POST", path+"/adenda", `{"motivo":"ampliacion","texto":"La vi ayer en otra sede."}`)
	if a.status != 201 || a.header.Get("ETag") != `"1"` {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	for member := range a.body {
		switch member {
		case "id", "en", "autor", "motivo", "texto", "hash_previo", "firma":
		default:
			t.Errorf("the answer shows %s", member)
		}
	}
	at := a.header.Get("Location")
	read := w.send(stranger, "GET", at, "")
	if diff := cmp.Diff(a.body, read.body); read.status != 200 || diff != "" || read.header.Get("ETag") != `"1"` {
		t.Errorf("GET %s: %d %s\n%s", at, read.status, read.raw, diff)
	}
	for _, p := range []auth.Principal{author, clerk, account(doc)} {
		if got := w.send(p, "GET", at, ""); got.status != 200 || got.raw != read.raw {
			t.Errorf("%s reads it: %d %s", p.Name, got.status, got.raw)
		}
	}
	for who, p := range map[string]auth.Principal{"the stranger": stranger, "another": w.physician()} {
		for _, path := range []string{path, "/medico/notas/" + doc, path + "/contenido"} {
			if got := w.send(p, "GET", path, ""); got.status != 403 {
				t.Errorf("%s reads %s: %d", who, path, got.status)
			}
		}
		if got := w.send(p, "GET", at, ""); who != "the stranger" && got.status != 403 {
			t.Errorf("%s reads the addendum: %d", who, got.status)
		}
	}
	if got := w.send(account(w.patient()), "GET", at, ""); got.status != 403 {
		t.Errorf("another patient: %d", got.status)
	}
	for _, nowhere := range []string{path + "/adenda/" + uuid.NewString(), notePath(doc, uuid.New()) + "/adenda/" + uuid.NewString(), path + "/adenda/7"} {
		if got := w.send(author, "GET", nowhere, ""); got.status != 404 {
			t.Errorf("GET %s: %d", nowhere, got.status)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND usuario_id = $2 AND recurso LIKE 'adenda/%'`, doc, stranger.ID); n != 3 {
		t.Errorf("%d rows of the trail, want one of adding and two of reading", n)
	}
	// A draft is nobody else's to add to, nor to know of.
	draft := w.write(author, unsigned(doc))
	if got := w.send(stranger, "POST", notePath(doc, draft.ID)+"/adenda", `{"motivo":"ampliacion","texto":"x"}`); got.status != 404 {
		t.Errorf("adding to another's draft: %d", got.status)
	}
}
