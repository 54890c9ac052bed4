package service

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/problem"
)

// form is what a test decodes.
type form struct {
	Nombre   string    `json:"nombre"`
	Nivel    int       `json:"nivel"`
	Contacto *contact  `json:"contacto"`
	ID       uuid.UUID `json:"id"`
	Inicio   time.Time `json:"inicio"`
	Embedded
	Fin     *time.Time      `json:"fin"`
	Hijos   []contact       `json:"hijos"`
	Valor   any             `json:"valor"`
	Version client.ReadOnly `json:"version"`
}

// Embedded is a part of form that the wire does not see as one.
type Embedded struct {
	Barrio string `json:"barrio"`
}

type contact struct {
	Telefono string `json:"telefono"`
}

func decode(contentType, body string) (form, error) {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	var v form
	err := Decode(r, &v)
	return v, err
}

func TestDecode(t *testing.T) {
	for name, contentType := range map[string]string{
		"plain": "application/json", "with a charset": "application/json; charset=UTF-8", "in capitals": "Application/JSON", "with a parameter": `application/json; v="1"`,
	} {
		got, err := decode(contentType, " {\"nombre\":\"Peña \\\\u0000 €\",\"nivel\":2,\"contacto\":{\"telefono\":\"1\"}}\n ")
		if err != nil || got.Nombre != `Peña \u0000 €` || got.Nivel != 2 || got.Contacto.Telefono != "1" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	const js = "application/json"
	for _, tt := range []struct {
		name, contentType, body string
		want                    int
		field                   string
	}{
		{"no content type", "", `{}`, 415, ""},
		{"a form", "application/x-www-form-urlencoded", `nombre=x`, 415, ""},
		{"text", "text/plain", `{}`, 415, ""},
		{"a problem", "application/problem+json", `{}`, 415, ""},
		{"latin-1", "application/json; charset=iso-8859-1", `{}`, 415, ""},
		{"a broken content type", "application/json;;=", `{}`, 415, ""},
		{"nothing", js, ``, 400, ""},
		{"blanks", js, " \n", 400, ""},
		{"cut short", js, `{"nombre":"Lu`, 400, ""},
		{"no JSON", js, `nombre=x`, 400, ""},
		{"an array", js, `[]`, 400, ""},
		{"a text", js, `"x"`, 400, ""},
		{"two values", js, `{} {}`, 400, ""},
		{"something after the value", js, `{} x`, 400, ""},
		{"a bracket after the value", js, `{}]`, 400, ""},
		{"an unknown field", js, `{"alias":"x"}`, 400, "alias"},
		{"an unknown field within", js, `{"contacto":{"fax":"x"}}`, 400, "contacto.fax"},
		{"an unknown field of a list", js, `{"hijos":[{"telefono":"1"},{"fax":"x"}]}`, 400, "hijos.1.fax"},
		{"a field in another case", js, `{"Nombre":"x"}`, 400, "Nombre"},
		{"a field in another case within", js, `{"contacto":{"Telefono":"1"}}`, 400, "contacto.Telefono"},
		{"a field in two cases", js, `{"nombre":"Luz","Nombre":"Zoe"}`, 400, "Nombre"},
		{"a field twice", js, `{"nombre":"Luz","nombre":"Zoe"}`, 400, "nombre"},
		{"a field twice, once escaped", js, `{"nombre":"Luz","nombr\u0065":"Zoe"}`, 400, "nombre"},
		{"a field twice within", js, `{"contacto":{"telefono":"1","telefono":"2"}}`, 400, "contacto.telefono"},
		{"a field twice in a list", js, `{"hijos":[{},{"telefono":"1","telefono":"2"}]}`, 400, "hijos.1.telefono"},
		{"an object twice", js, `{"contacto":{"telefono":"1"},"contacto":{"telefono":"2"}}`, 400, "contacto"},
		{"a field twice in what is read only", js, `{"version":{"a":1,"a":2}}`, 400, "version.a"},
		{"a field twice in what may be anything", js, `{"valor":[{"a":1,"a":2}]}`, 400, "valor.0.a"},
		{"half a surrogate pair", js, `{"nombre":"\ud800Luz"}`, 400, "nombre"},
		{"the other half", js, `{"nombre":"\udc00"}`, 400, "nombre"},
		{"half a pair within", js, `{"contacto":{"telefono":"\ud83d"}}`, 400, "contacto.telefono"},
		{"half a pair for a name", js, `{"\ud83d":"x"}`, 400, ""},
		{"null", js, ` null`, 400, ""},
		{"an unknown field of 200 letters", js, `{"` + strings.Repeat("a", 200) + `":1}`, 400, ""},
		{"a number for a text", js, `{"nombre":7}`, 422, "nombre"},
		{"a text for a number", js, `{"nivel":"dos"}`, 422, "nivel"},
		{"a fraction for an integer", js, `{"nivel":2.5}`, 422, "nivel"},
		{"a number beyond 64 bits", js, `{"nivel":99999999999999999999}`, 422, "nivel"},
		{"a number for a text within", js, `{"contacto":{"telefono":7}}`, 422, "contacto.telefono"},
		{"a number for a text of an embedded struct", js, `{"barrio":7}`, 422, "barrio"},
		{"a number for a text of a list", js, `{"hijos":[{"telefono":"1"},{"telefono":7}]}`, 422, "hijos.1.telefono"},
		{"an object for a list", js, `{"hijos":{}}`, 422, "hijos"},
		{"no UUID", js, `{"id":"x"}`, 422, "id"},
		{"no instant", js, `{"inicio":"ayer"}`, 422, "inicio"},
		{"an instant without a zone", js, `{"inicio":"2026-03-02T12:00:00"}`, 422, "inicio"},
		{"a day for an instant", js, `{"inicio":"2026-11-20"}`, 422, "inicio"},
		{"a number for an instant", js, `{"fin":5}`, 422, "fin"},
		{"NUL", js, "{\"nombre\":\"a\x00b\"}", 400, ""},
		{"NUL as an escape", js, `{"nombre":"a\u0000b"}`, 400, ""},
		{"NUL as an escape after a backslash", js, `{"nombre":"\\\u0000"}`, 400, ""},
		{"invalid UTF-8", js, "{\"nombre\":\"\xff\"}", 400, ""},
		{"a UTF-8 surrogate", js, "{\"nombre\":\"\xed\xa0\x80\"}", 400, ""},
		{"nested 20000 deep", js, strings.Repeat(`{"contacto":`, 20000), 400, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(tt.contentType, tt.body)
			var p *problem.Error
			if !errors.As(err, &p) || p.Status != tt.want {
				t.Fatalf("got %v, want a %d", err, tt.want)
			}
			if p.Detail == "" || strings.Contains(p.Detail, "json:") {
				t.Errorf("the client reads %q", p.Detail)
			}
			if _, ok := p.Fields[tt.field]; ok != (tt.field != "") || len(p.Fields) > 1 {
				t.Errorf("the fields are %v, want %q", p.Fields, tt.field)
			}
		})
	}
}

func TestEscapedNUL(t *testing.T) {
	for in, want := range map[string]bool{
		`\u0000`: true, `a\u0000`: true, `\\u0000`: false, `\\\u0000`: true, `\\\\u0000`: false, `\\\\\u0000`: true,
		`u0000`: false, `\u00000`: true, `\u0001`: false, ``: false, `\\u0000\u0000`: true, `\\u0000\\u0000`: false, `\u000`: false,
	} {
		if got := escapedNUL([]byte(in)); got != want {
			t.Errorf("%s: %v, want %v", in, got, want)
		}
	}
}

func TestTextOfAnyType(t *testing.T) {
	for body, want := range map[string]int{"a,b\n1,ñ": 0, "": 0, "\xff": 400, "a\x00": 400} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "text/csv")
		got, err := Text(r)
		if want == 0 && (err != nil || string(got) != body) || want != 0 && problem.Status(err) != want {
			t.Errorf("%q: %q, %v", body, got, err)
		}
	}
}

// broken is a body that ends in the middle.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBodyThatBreaksOff(t *testing.T) {
	r := httptest.NewRequest("POST", "/", broken{})
	r.Header.Set("Content-Type", "application/json")
	if _, err := Body(r); problem.Status(err) != 400 {
		t.Errorf("got %v, want a 400", err)
	}
}

func TestBodyLimit(t *testing.T) {
	b := newBench(t, Config{MaxBody: 100}, nil)
	b.On("POST /x", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		var v form
		if err := Decode(r, &v); err != nil {
			return err
		}
		return WriteJSON(w, 0, len(v.Nombre))
	})
	body := func(n int) string { return `{"nombre":"` + strings.Repeat("a", n-13) + `"}` }
	for n, want := range map[int]int{20: 200, 100: 200, 101: 413, 10000: 413} {
		resp := b.send("POST", "/x", body(n), header("Content-Type", "application/json"))
		if resp.StatusCode != want {
			t.Errorf("%d bytes: %d, want %d", n, resp.StatusCode, want)
		}
		if want == 413 {
			problemOf(t, resp)
		}
	}
	unsized := b.send("POST", "/x", "", header("Content-Type", "application/json"), func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body(5000))), -1
	})
	if unsized.StatusCode != 413 {
		t.Errorf("a body that does not say its length: %d, want 413", unsized.StatusCode)
	}
}

func TestPathID(t *testing.T) {
	const id = "0192f0c4-0000-7000-8000-000000000001"
	for in, ok := range map[string]bool{
		id: true, strings.ToUpper(id): true,
		"": false, "1": false, "{" + id + "}": false, "urn:uuid:" + id: false, strings.ReplaceAll(id, "-", ""): false, id + "0": false, id[:35] + "g": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetPathValue("nota", in)
		got, err := PathID(r, "nota")
		if ok && (err != nil || got.String() != id) {
			t.Errorf("%s: %v, %v", in, got, err)
		}
		if !ok && problem.Status(err) != 404 {
			t.Errorf("%s: %v, %v; want a 404", in, got, err)
		}
	}
}

func TestParsePage(t *testing.T) {
	for query, want := range map[string]Page{
		"": {20, ""}, "limite=1": {1, ""}, "limite=100&despues=CC-1": {100, "CC-1"}, "limite=": {20, ""}, "despues=%C3%B1%20%26": {20, "ñ &"},
		"despues=" + strings.Repeat("a", 200): {20, strings.Repeat("a", 200)},
	} {
		got, err := ParsePage(httptest.NewRequest("GET", "/?"+query, nil))
		if err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", query, got, err, want)
		}
	}
	for query, field := range map[string]string{
		"limite=0": "limite", "limite=101": "limite", "limite=-1": "limite", "limite=x": "limite", "limite=1.5": "limite", "limite=99999999999999999999": "limite",
		"despues=" + strings.Repeat("a", 201): "despues",
	} {
		_, err := ParsePage(httptest.NewRequest("GET", "/?"+query, nil))
		var p *problem.Error
		if !errors.As(err, &p) || p.Status != 422 || !cmp.Equal(keys(p.Fields), []string{field}) {
			t.Errorf("%.30q: %v, want a 422 for %s", query, err, field)
		}
	}
}

func keys(m map[string]string) (ks []string) {
	for k := range m {
		ks = append(ks, k)
	}
	return ks
}
