package service

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// What GET showed may come back with the members that only the server writes.
func TestReadOnlyMembers(t *testing.T) {
	got, err := decode("application/json", `{"nombre":"Luz","version":{"de":["otra",7,null]}}`)
	if err != nil || got.Nombre != "Luz" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, v := range []string{`3`, `"x"`, `null`, `[]`, `{}`, `true`} {
		if _, err := decode("application/json", `{"version":`+v+`}`); err != nil {
			t.Errorf("%s: %v", v, err)
		}
	}
}

// Text of every plane of Unicode comes as it was written, escaped or not.
func TestUnicode(t *testing.T) {
	for in, want := range map[string]string{`\ud83e\ude7a`: "🩺", "🩺": "🩺", `Pe\u00f1a`: "Peña", "\u2028": "\u2028"} {
		got, err := decode("application/json", `{"nombre":"`+in+`"}`)
		if err != nil || got.Nombre != want {
			t.Errorf("%s: %q, %v", in, got.Nombre, err)
		}
	}
}

func TestBodyThatMayBeMissing(t *testing.T) {
	for name, tt := range map[string]struct {
		contentType, body string
		want              int // 0: it is read
		bytes             string
	}{
		"nothing":                      {"", "", 0, ""},
		"nothing, called JSON":         {"application/json", "", 0, ""},
		"nothing, called text":         {"text/plain", "", 0, ""},
		"an empty object":              {"application/json", "{}", 0, "{}"},
		"an empty object with blanks":  {"application/json", " { }\n", 0, " { }\n"},
		"an empty object without type": {"", "{}", 415, ""},
		"text":                         {"text/plain", "firme", 415, ""},
		"an unknown field":             {"application/json", `{"a":1}`, 400, ""},
		"a list":                       {"application/json", `[]`, 400, ""},
		"null":                         {"application/json", `null`, 400, ""},
		"blanks":                       {"application/json", "  ", 400, ""},
		"NUL":                          {"application/json", "\x00", 400, ""},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(tt.body))
		if tt.contentType != "" {
			r.Header.Set("Content-Type", tt.contentType)
		}
		b, err := Read(r, &Nothing{})
		if tt.want == 0 && (err != nil || string(b) != tt.bytes) || tt.want != 0 && problem.Status(err) != tt.want {
			t.Errorf("%s: %q, %v; want %d", name, b, err, tt.want)
		}
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(`{"nombre":"Luz"}`))
	r.Header.Set("Content-Type", "application/json")
	v := form{Nombre: "Ana"}
	if _, err := ReadIfAny(r, &v); err != nil || v.Nombre != "Luz" {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := ReadIfAny(httptest.NewRequest("POST", "/", http.NoBody), &v); err != nil || v.Nombre != "Luz" {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestWellFormed(t *testing.T) {
	for in, want := range map[string]int{
		`{"a":{"b":[1,"ñ"]}}`: 0, `[]`: 0, `7`: 0,
		`{"a":1,"a":2}`: 400, `[{"a":{"b":1,"b":2}}]`: 400, `{"a":"\ud800"}`: 400, `{`: 400, `{} {}`: 400, ``: 400, `x`: 400, `"\u0000"`: 400, "\"\xff\"": 400, "\"\x00\"": 400,
	} {
		if err := WellFormed([]byte(in)); want == 0 && err != nil || want != 0 && problem.Status(err) != want {
			t.Errorf("%s: %v, want %d", in, err, want)
		}
	}
}

func TestCompressedBody(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("POST /x", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		var v form
		if err := Decode(r, &v); err != nil {
			return err
		}
		return WriteJSON(w, 0, v.Nombre)
	})
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write([]byte(`{"nombre":"Luz"}`)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	js := header("Content-Type", "application/json")
	for coding, want := range map[string]int{"gzip": 415, "deflate": 415, "br, gzip": 415, "identity": 200, "Identity": 200} {
		body := `{"nombre":"Luz"}`
		if coding == "gzip" {
			body = packed.String()
		}
		resp := b.send("POST", "/x", body, js, header("Content-Encoding", coding))
		if resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", coding, resp.StatusCode, want)
		}
		if want == 415 {
			if got := resp.Header.Get("Accept-Encoding"); got != "identity" {
				t.Errorf("%s: it accepts %q", coding, got)
			}
			problemOf(t, resp)
		}
	}
}
