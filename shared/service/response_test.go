package service

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/client"
)

func TestCreated(t *testing.T) {
	resp, err := Created("/paciente/CC-1", 3, map[string]string{"nombre": "Peña <&>"})
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	if err := resp.Write(rec); err != nil {
		t.Fatal(err)
	}
	got := rec.Result()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := "{\"nombre\":\"Peña \\u003c\\u0026\\u003e\"}\n"
	if got.StatusCode != http.StatusCreated || string(body) != want {
		t.Errorf("got %d %q, want 201 %q", got.StatusCode, body, want)
	}
	for name, want := range map[string]string{"Location": "/paciente/CC-1", "ETag": `"3"`, "Content-Type": "application/json", "Content-Length": "38"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
}

func TestResponseWithoutABody(t *testing.T) {
	rec := httptest.NewRecorder()
	if err := (Response{Status: http.StatusNoContent}).Write(rec); err != nil {
		t.Fatal(err)
	}
	got := rec.Result()
	if got.StatusCode != 204 || len(got.Header) != 0 {
		t.Errorf("got %d with %v", got.StatusCode, got.Header)
	}
}

func TestWriteJSON(t *testing.T) {
	rec := httptest.NewRecorder()
	if err := WriteJSON(rec, 0, []string{}); err != nil {
		t.Fatal(err)
	}
	if got := rec.Result(); got.StatusCode != 200 || got.Header.Get("ETag") != "" || rec.Body.String() != "[]\n" {
		t.Errorf("got %d, ETag %q, %q", got.StatusCode, got.Header.Get("ETag"), rec.Body)
	}
	rec = httptest.NewRecorder()
	if err := WriteJSON(rec, 9, 1); err != nil || rec.Result().Header.Get("ETag") != `"9"` {
		t.Errorf("ETag %q, %v", rec.Result().Header.Get("ETag"), err)
	}
	rec = httptest.NewRecorder()
	if err := WriteJSON(rec, 1, make(chan int)); err == nil || rec.Body.Len() > 0 || len(rec.Result().Header) > 0 {
		t.Errorf("what cannot be encoded is answered with %v %q, %v", rec.Result().Header, rec.Body, err)
	}
}

// The Link that a function gives is the one that a client follows.
func TestNextPage(t *testing.T) {
	for _, cursor := range []string{"CC-1032456789", "a+b&c=d> ;", "0192f0c4-0000-7000-8000-000000000001", "ñ"} {
		r := httptest.NewRequest("GET", "/paciente?q=luz&limite=5&despues=viejo", nil)
		rec := httptest.NewRecorder()
		p, err := ParsePage(r)
		if err != nil {
			t.Fatal(err)
		}
		p.Next(rec, r, cursor)
		h := rec.Result().Header
		if got := client.Next(h); got != cursor {
			t.Errorf("the client reads the cursor %q, want %q", got, cursor)
		}
		var target string
		if link := h.Get("Link"); len(link) > 14 {
			target = link[1 : len(link)-len(`>; rel="next"`)]
		}
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		want := url.Values{"q": {"luz"}, "limite": {"5"}, "despues": {cursor}}
		if diff := cmp.Diff(want, u.Query()); diff != "" || u.Path != "/paciente" || u.Host != "" {
			t.Errorf("%s leads to %s (-want +got):\n%s", h.Get("Link"), u.Path, diff)
		}
	}
}
