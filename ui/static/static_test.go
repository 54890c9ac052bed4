package static_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"hce.co/ui/static"
)

func TestPathNamesTheContent(t *testing.T) {
	want := regexp.MustCompile(`^/static/app\.[0-9a-f]{12}\.css$`)
	if got := static.Path("app.css"); !want.MatchString(got) {
		t.Errorf("Path(app.css) = %q, want %s", got, want)
	}
}

func TestPathOfNothingPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Path of a file that does not exist did not panic")
		}
	}()
	static.Path("nada.css")
}

func TestHandler(t *testing.T) {
	tests := []struct {
		name, path, accept string
		status             int
		encoding           string
	}{
		{"plain", static.Path("hce.js"), "", http.StatusOK, ""},
		{"compressed", static.Path("hce.js"), "gzip, br", http.StatusOK, "gzip"},
		{"older content", "/static/hce.000000000000.js", "", http.StatusNotFound, ""},
		{"without hash", "/static/hce.js", "", http.StatusNotFound, ""},
		{"outside", "/static/../static.go", "", http.StatusNotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", tt.path, nil)
			r.Header.Set("Accept-Encoding", tt.accept)
			w := httptest.NewRecorder()
			static.Handler().ServeHTTP(w, r)
			if w.Code != tt.status || static.Has(tt.path) != (tt.status == http.StatusOK) {
				t.Fatalf("status %d, want %d; Has is %v", w.Code, tt.status, static.Has(tt.path))
			}
			if tt.status != http.StatusOK {
				return
			}
			h := w.Result().Header
			if got := h.Get("Content-Encoding"); got != tt.encoding {
				t.Errorf("Content-Encoding %q, want %q", got, tt.encoding)
			}
			if got := h.Get("Cache-Control"); !strings.Contains(got, "immutable") {
				t.Errorf("Cache-Control %q is not immutable", got)
			}
			body := io.Reader(w.Body)
			if tt.encoding == "gzip" {
				z, err := gzip.NewReader(body)
				if err != nil {
					t.Fatal(err)
				}
				body = z
			}
			b, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) != static.Size("hce.js") {
				t.Errorf("%d bytes, want %d", len(b), static.Size("hce.js"))
			}
		})
	}
}

func TestHandlerAnswersHeadWithoutBody(t *testing.T) {
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, httptest.NewRequest("HEAD", static.Path("app.css"), nil))
	if w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("status %d with %d bytes, want 200 with none", w.Code, w.Body.Len())
	}
}
