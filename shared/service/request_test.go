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
		{"an unknown field within", js, `{"contacto":{"fax":"x"}}`, 400, "fax"},
		{"an unknown field of 200 letters", js, `{"` + strings.Repeat("a", 200) + `":1}`, 400, ""},
		{"a number for a text", js, `{"nombre":7}`, 422, "nombre"},
		{"a text for a number", js, `{"nivel":"dos"}`, 422, "nivel"},
		{"a fraction for an integer", js, `{"nivel":2.5}`, 422, "nivel"},
		{"a number beyond 64 bits", js, `{"nivel":99999999999999999999}`, 422, "nivel"},
		{"a number for a text within", js, `{"contacto":{"telefono":7}}`, 422, "contacto.telefono"},
		{"a number for a text of an embedded struct", js, `{"barrio":7}`, 422, "barrio"},
		{"no UUID", js, `{"id":"x"}`, 400, ""},
		{"no instant", js, `{"inicio":"ayer"}`, 400, ""},
		{"an instant without a zone", js, `{"inicio":"2026-03-02T12:00:00"}`, 400, ""},
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

func TestIfMatch(t *testing.T) {
	for in, want := range map[string]struct{ version, status int }{
		`"1"`: {1, 0}, `"42"`: {42, 0}, `"2147483647"`: {2147483647, 0},
		``: {0, 428}, `*`: {0, 412}, `1`: {0, 412}, `W/"1"`: {0, 412}, `"1", "2"`: {0, 412}, `"0"`: {0, 412}, `"-1"`: {0, 412}, `"+1"`: {0, 412},
		`"01"`: {0, 412}, `"x"`: {0, 412}, `""1""`: {0, 412}, `"1`: {0, 412}, `"99999999999999999999"`: {0, 412},
	} {
		r := httptest.NewRequest("PUT", "/", nil)
		if in != "" {
			r.Header.Set("If-Match", in)
		}
		got, err := IfMatch(r)
		if want.status == 0 && (err != nil || got != want.version) || want.status != 0 && problem.Status(err) != want.status {
			t.Errorf("If-Match: %s is %d, %v; want %+v", in, got, err, want)
		}
	}
	for _, v := range []int{1, 9, 10, 123456} {
		r := httptest.NewRequest("PUT", "/", nil)
		r.Header.Set("If-Match", ETag(v))
		if got, err := IfMatch(r); err != nil || got != v {
			t.Errorf("the ETag of %d is read as %d, %v", v, got, err)
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
