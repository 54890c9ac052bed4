package ui

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	login "hce.co/functions/login/api"
	patient "hce.co/functions/patient/api"
	pdf "hce.co/functions/pdf-export/api"
	"hce.co/shared/problem"
)

func TestForwardSaysForWhom(t *testing.T) {
	for _, tt := range []struct {
		name, proxies, peer, claimed, want string
	}{
		{"a claim is not believed", "", "203.0.113.9:5000", "10.0.0.1", "203.0.113.9"},
		{"nor a chain of them", "", "203.0.113.9:5000", "10.0.0.1, 127.0.0.1", "203.0.113.9"},
		{"but that of our proxy is", "10.1.0.0/16", "10.1.2.3:5000", "198.51.100.7", "198.51.100.7"},
		{"up to what it saw itself", "10.1.0.0/16", "10.1.2.3:5000", "1.2.3.4, 198.51.100.7", "198.51.100.7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t, "TRUSTED_PROXIES", tt.proxies)
			d.patient.on("GET /paciente/{id}", map[string]string{"documento_id": "CC-1"})
			resp := d.send(&registrar, "GET", "/paciente/CC-1", nil, func(r *http.Request) {
				r.RemoteAddr = tt.peer
				r.Header.Set("X-Forwarded-For", tt.claimed)
				r.Header.Set("Authorization", "Bearer suyo")
			})
			if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
			}
			h := d.patient.last(t, "GET /paciente/CC-1").header
			if got := h.Values("X-Forwarded-For"); len(got) != 1 || got[0] != tt.want {
				t.Errorf("the function is told %q, want %q", got, tt.want)
			}
			if h.Get("Cookie") != "" || h.Get("Authorization") != "Bearer suyo" || h.Get("X-Request-Id") == "" {
				t.Errorf("the function gets %v", h)
			}
		})
	}
}

// The cookies of a page are no token for a program's wire.
func TestCookiesOpenNothing(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", map[string]string{})
	d.send(&registrar, "GET", "/paciente/CC-1", nil)
	if h := d.patient.last(t, "GET /paciente/CC-1").header; h.Get("Authorization") != "" || h.Get("Cookie") != "" {
		t.Errorf("the function gets %v", h)
	}
}

func TestWhatIsInsideStaysInside(t *testing.T) {
	d := newDoor(t)
	for _, b := range []*backend{d.login, d.patient, d.admission, d.notes, d.export} {
		b.on("/", map[string]string{"entró": "sí"})
	}
	for _, target := range []string{
		"/eventos/recibir", "/eventos/pendientes", "/eventos/recibir/", "/health/readiness", "/health/liveness", "/eventos//recibir",
		"/eventos/../eventos/recibir", "/paciente/../eventos/recibir", "/paciente/%2e%2e/eventos/recibir", "//eventos/recibir", "/medico/../eventos/pendientes",
	} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			resp := d.send(nil, method, target, nil, header("Content-Type", "application/cloudevents+json"))
			b, err := io.ReadAll(resp.Body)
			if err != nil || strings.Contains(string(b), "entró") {
				t.Errorf("%s %s got in: %d %s", method, target, resp.StatusCode, b)
			}
			if resp.StatusCode < 300 {
				t.Errorf("%s %s: %d", method, target, resp.StatusCode)
			}
		}
	}
	for _, target := range []string{"/eventos/recibir", "/eventos/pendientes"} {
		if resp := d.send(nil, "POST", target, url.Values{}); resp.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s: %d, want 404", target, resp.StatusCode)
		}
	}
}

// A path that browsers and programs share answers each in their way.
func TestPageOrAPI(t *testing.T) {
	d := newDoor(t)
	d.login.on("GET /usuarios", []login.User{})
	d.login.on("POST /usuarios", login.CreatedUser{User: login.User{Username: "nueva"}, ClaveInicial: "cobre-lluvia"})
	d.export.on("GET /verificar/{codigo}", pdf.Verification{Estado: pdf.Valid, Emisor: "Hospital"})
	json := header("Content-Type", "application/json")
	for _, tt := range []struct {
		name, method, target string
		form                 url.Values
		options              []option
		page                 bool
	}{
		{"a browser lists", "GET", "/usuarios", nil, nil, true},
		{"a program lists", "GET", "/usuarios", nil, []option{header("Accept", "*/*")}, false},
		{"a program with a token lists, whatever it accepts", "GET", "/usuarios", nil, []option{header("Authorization", "Bearer x")}, false},
		{"a browser creates", "POST", "/usuarios", url.Values{"username": {"nueva"}}, nil, true},
		{"a program creates", "POST", "/usuarios", url.Values{}, []option{json, header("Accept", "application/json")}, false},
		{"a browser verifies", "GET", "/verificar/ABCD", nil, nil, true},
		{"a program verifies", "GET", "/verificar/ABCD", nil, []option{header("Accept", "application/json")}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp := d.send(&admin, tt.method, tt.target, tt.form, tt.options...)
			want := "application/json"
			if tt.page {
				want = "text/html; charset=utf-8"
			}
			if got := resp.Header.Get("Content-Type"); got != want || resp.StatusCode >= 400 {
				t.Errorf("%d as %q, want %q", resp.StatusCode, got, want)
			}
		})
	}
	leads(t, d.send(nil, "GET", "/login", nil), "/ingresar")
	leads(t, d.send(nil, "GET", "/register", nil), "/registro")
}

// A function that is somewhere else is reached over HTTP as it is in process.
func TestRemoteFunction(t *testing.T) {
	inside := newBackend()
	inside.on("GET /paciente/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Request-Id", r.Header.Get("X-Request-Id"))
		io.WriteString(w, r.PathValue("id")) //nolint:errcheck // a test's
	}))
	srv := httptest.NewServer(inside)
	f := New()
	f.Log = slog.New(slog.DiscardHandler)
	other := "http://127.0.0.1:1"
	err := f.Start(t.Context(), map[string]string{
		"LOGIN_URL": other, "PATIENT_URL": srv.URL, "ADMISSION_URL": other, "NOTES_URL": other, "PDF_EXPORT_URL": other,
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(target string) *http.Response {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("X-Forwarded-For", "10.0.0.1")
		rec := httptest.NewRecorder()
		f.Handle(rec, r)
		return rec.Result()
	}
	resp := ask("/paciente/CC-1%2F2")
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || string(b) != "CC-1/2" {
		t.Errorf("%d %q %v", resp.StatusCode, b, err)
	}
	h := inside.last(t, "GET /paciente/CC-1/2").header
	if got := h.Values("X-Forwarded-For"); len(got) != 1 || got[0] != "192.0.2.1" {
		t.Errorf("the function is told %q", got)
	}
	for _, name := range []string{"X-Content-Type-Options", "Cache-Control", "X-Request-Id", "Content-Security-Policy"} {
		if got := resp.Header.Values(name); len(got) != 1 {
			t.Errorf("%s is %q, want it once", name, got)
		}
	}
	srv.Close()
	resp = ask("/paciente/CC-1")
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Content-Type") != "application/problem+json" || resp.Header.Get("Retry-After") == "" {
		t.Errorf("of a function that is gone: %d %v", resp.StatusCode, resp.Header)
	}
	for _, env := range []map[string]string{{}, {"LOGIN_URL": "login"}, {"LOGIN_URL": "ftp://x"}} {
		if err := New().Start(t.Context(), env); err == nil || !strings.Contains(err.Error(), "LOGIN_URL") {
			t.Errorf("%v starts: %v", env, err)
		}
	}
}

// Pages work alike when the functions are somewhere else.
func TestPagesOfRemoteFunctions(t *testing.T) {
	near := newDoor(t) // for its people and its clock
	registry, exports := newBackend(), newBackend()
	registry.on("POST /paciente/buscar", []patient.Summary{namesake})
	exports.on("GET /exportar_pdf/{id}/{trabajo}/archivo", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		io.WriteString(w, "%PDF-1.7") //nolint:errcheck // a test's
	}))
	reg, exp := httptest.NewServer(registry), httptest.NewServer(exports)
	defer reg.Close()
	defer exp.Close()
	f := New()
	f.Log, f.Now = slog.New(slog.DiscardHandler), near.f.Now
	gone := "http://127.0.0.1:1"
	err := f.Start(t.Context(), map[string]string{
		"LOGIN_URL": gone, "PATIENT_URL": reg.URL, "ADMISSION_URL": gone, "NOTES_URL": gone, "PDF_EXPORT_URL": exp.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	near.f = f
	wants(t, readPage(t, near.search(&registrar, url.Values{"q": {"luz"}}), 200), "Pena, Luz")
	h := registry.last(t, "POST /paciente/buscar").header
	if h.Get("Authorization") != "Bearer "+near.token(registrar) || h.Get("X-Forwarded-For") != "192.0.2.1" {
		t.Errorf("the function is asked with %v", h)
	}
	resp := near.send(&clerk, "GET", "/documentos/"+luzID+"/"+jobID.String()+"/descarga", nil)
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "%PDF-1.7" || resp.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("the PDF comes as %d %q %v", resp.StatusCode, b, err)
	}
	wants(t, readPage(t, near.send(&registrar, "GET", "/camas", nil), 503), "El servicio no responde")
}

// Whoever opens an address with a browser reads a page, whatever is wrong with
// it; programs, and addresses of the wire, keep their problems.
func TestRefusalsArePages(t *testing.T) {
	d := newDoor(t)
	for _, tt := range []struct {
		name, method, target string
		by                   *who
		status               int
		page                 bool
		options              []option
	}{
		{"unknown", "GET", "/nada", &registrar, 404, true, nil},
		{"unknown, by anybody", "GET", "/nada", nil, 404, true, nil},
		{"unknown below a page", "GET", "/pacientes/CC-1/nada", &registrar, 404, true, nil},
		{"unknown, posted", "POST", "/nada", &registrar, 404, true, nil},
		{"a form's address", "GET", "/pacientes/CC-1/admisiones/" + stayID.String() + "/triage", &registrar, 405, true, nil},
		{"what signs out", "GET", "/salir", nil, 405, true, nil},
		{"a page, posted to", "POST", "/camas", &registrar, 405, true, nil},
		{"a page, deleted", "DELETE", "/pacientes", &registrar, 405, true, nil},
		{"an older style sheet", "GET", "/static/app.000000000000.css", nil, 404, true, nil},
		{"letters that nobody types", "GET", "/a%00b", &registrar, 400, true, nil},
		{"the style sheet of a page", "GET", "/static/app.000000000000.css", nil, 404, false, []option{header("Accept", "text/css,*/*;q=0.1")}},
		{"unknown to a program", "GET", "/nada", nil, 404, false, []option{header("Accept", "*/*")}},
		{"unknown to a program with a token", "GET", "/nada", nil, 404, false, []option{header("Authorization", "Bearer x")}},
		{"unknown to a script", "GET", "/nada", &registrar, 404, false, []option{header("Accept", "application/json")}},
		{"the wire, in another way", "GET", "/eventos", &registrar, 405, false, nil},
		{"the wire, where it climbs", "GET", "/paciente/%2e%2e", &registrar, 404, false, nil},
		{"a page and the wire", "PUT", "/usuarios", &admin, 405, true, nil},
		{"a page and the wire, by a program", "PUT", "/usuarios", &admin, 405, false, []option{header("Accept", "application/json")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp := d.send(tt.by, tt.method, tt.target, nil, tt.options...)
			if got := resp.Header.Get("Allow"); (got != "") != (tt.status == 405) {
				t.Errorf("Allow is %q", got)
			}
			if !tt.page {
				if got := resp.Header.Get("Content-Type"); resp.StatusCode != tt.status || got != "application/problem+json" {
					t.Errorf("%d as %s, want %d", resp.StatusCode, got, tt.status)
				}
				return
			}
			id := resp.Header.Get("X-Request-Id")
			page := readPage(t, resp, tt.status)
			wants(t, page, "Ir al inicio", id)
			if !links(page, "/") || tt.by != nil && !strings.Contains(text(page), tt.by.Name) {
				t.Error("the page leads nowhere, or has lost who looks at it")
			}
			if resp.Header.Get("Content-Security-Policy") == "" || resp.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("the page comes with %v", resp.Header)
			}
		})
	}
	for what, b := range map[string]*backend{"login": d.login, "patient": d.patient, "notes": d.notes} {
		if got := b.got(); len(got) > 0 {
			t.Errorf("%s was asked %v", what, got)
		}
	}
	// An address that nobody has is that, also while login is down.
	old := registrar
	old.Exp = d.now.Add(-time.Minute).Unix()
	d.login.on("POST /login", problem.Unavailable(errors.New("down")))
	wants(t, readPage(t, d.send(&old, "GET", "/nada", nil), 404), "No encontramos esta página")
}
