package ui

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// backend is a function behind the door under test: it answers as it is told
// and remembers what it was asked.
type backend struct {
	mux *http.ServeMux

	mu   sync.Mutex
	seen []asked
}

// asked is a request that a backend got.
type asked struct {
	what   string // method and path
	header http.Header
	body   string
}

func newBackend() *backend { return &backend{mux: http.NewServeMux()} }

// ServeHTTP implements http.Handler.
func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	b.mu.Lock()
	b.seen = append(b.seen, asked{r.Method + " " + r.URL.Path, r.Header.Clone(), string(body)})
	b.mu.Unlock()
	b.mux.ServeHTTP(w, r)
}

// on answers requests of a pattern with v as JSON, or with v itself where it is
// an error or a handler.
func (b *backend) on(pattern string, v any) {
	b.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		switch v := v.(type) {
		case error:
			problem.Write(w, v, "")
		case http.HandlerFunc:
			v(w, r)
		default:
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(v); err != nil {
				panic(err)
			}
		}
	})
}

// got returns the requests that the backend had, by method and path.
func (b *backend) got() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, a := range b.seen {
		out = append(out, a.what)
	}
	return out
}

// last returns the last request for what, and fails the test when there was
// none.
func (b *backend) last(t *testing.T, what string) asked {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range slices.Backward(b.seen) {
		if a.what == what {
			return a
		}
	}
	t.Fatalf("nobody asked %s", what)
	return asked{}
}

// door is a ui under test with backends of its own.
type door struct {
	t                                        *testing.T
	f                                        *Function
	login, patient, admission, notes, export *backend
	log                                      *strings.Builder
	now                                      time.Time
}

func newDoor(t *testing.T, env ...string) *door {
	t.Helper()
	d := &door{
		t: t, login: newBackend(), patient: newBackend(), admission: newBackend(), notes: newBackend(), export: newBackend(),
		log: &strings.Builder{}, now: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC),
	}
	d.f = New()
	d.f.Now = func() time.Time { return d.now }
	var mu sync.Mutex
	d.f.Log = slog.New(slog.NewJSONHandler(locked{&mu, d.log}, nil))
	d.f.Backends = Backends{Login: d.login, Patient: d.patient, Admission: d.admission, Notes: d.notes, PDFExport: d.export}
	settings := map[string]string{"PUBLIC_URL": "https://hce.example.co"}
	for i := 0; i+1 < len(env); i += 2 {
		settings[env[i]] = env[i+1]
	}
	if err := d.f.Start(context.Background(), settings); err != nil {
		t.Fatal(err)
	}
	return d
}

type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// who is somebody at a browser.
type who struct {
	ID          string      `json:"sub,omitempty"`
	Name        string      `json:"nombre"`
	Roles       []auth.Role `json:"roles"`
	DocumentoID string      `json:"documento_id,omitempty"`
	Services    []string    `json:"servicios,omitempty"`
	Factor      bool        `json:"segundo_factor,omitempty"`
	ACR         string      `json:"acr,omitempty"`
	AuthTime    int64       `json:"auth_time,omitempty"`
	Exp         int64       `json:"exp"`
}

// token is an access token as the ui reads it; the functions verify them.
func (d *door) token(w who) string {
	if w.Exp == 0 {
		w.Exp = d.now.Add(15 * time.Minute).Unix()
	}
	b, err := json.Marshal(w)
	if err != nil {
		d.t.Fatal(err)
	}
	return "e30." + base64.RawURLEncoding.EncodeToString(b) + ".x"
}

var (
	registrar = who{Name: "Ana Admisiones", Roles: []auth.Role{auth.Registrar}}
	physician = who{Name: "Mario Médico", Roles: []auth.Role{auth.Physician}, Services: []string{"1102"}}
	clerk     = who{Name: "Rita Resultados", Roles: []auth.Role{auth.RecordsClerk}}
	admin     = who{ID: "0193a0aa-4444-7aaa-8bbb-ffffffffffff", Name: "Alba Administra", Roles: []auth.Role{auth.Admin}}
	operator  = who{Name: "Omar Opera", Roles: []auth.Role{auth.Operator}}
	luz       = who{Name: "Luz Peña", Roles: []auth.Role{auth.Patient}, DocumentoID: "CC-1032456789"}
)

// option changes a request before it is sent.
type option func(*http.Request)

func header(name, value string) option { return func(r *http.Request) { r.Header.Set(name, value) } }

// send makes a request of a browser; w nil is one that nobody signed in at.
func (d *door) send(w *who, method, target string, form url.Values, options ...option) *http.Response {
	d.t.Helper()
	var body io.Reader = http.NoBody
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	if w != nil {
		r.AddCookie(&http.Cookie{Name: accessCookie, Value: d.token(*w)})
		r.AddCookie(&http.Cookie{Name: refreshCookie, Value: "refresco"})
	}
	for _, o := range options {
		o(r)
	}
	rec := httptest.NewRecorder()
	d.f.Handle(rec, r)
	return rec.Result()
}

// search posts a search for patients and goes on to what it found.
func (d *door) search(w *who, form url.Values, options ...option) *http.Response {
	d.t.Helper()
	resp := d.send(w, "POST", "/pacientes/buscar", form, options...)
	if resp.StatusCode != http.StatusSeeOther {
		return resp
	}
	for _, c := range resp.Cookies() {
		options = append(options, func(r *http.Request) { r.AddCookie(c) })
	}
	return d.send(w, "GET", resp.Header.Get("Location"), nil, options...)
}

// readPage reads an answer as a page.
func readPage(t *testing.T, resp *http.Response, status int) *html.Node {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("status %d, want %d:\n%s", resp.StatusCode, status, b)
	}
	if ct := resp.Header.Get("Content-Type"); ct != "text/html; charset=utf-8" {
		t.Fatalf("the page comes as %q", ct)
	}
	n, err := html.Parse(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is what a person reads of a page, with single spaces.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.Data != "script" && c.Parent.Data != "style" {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// form finds the form that posts to action.
func form(t *testing.T, n *html.Node, action string) *html.Node {
	t.Helper()
	for c := range n.Descendants() {
		if a, _ := attr(c, "action"); c.Type == html.ElementNode && c.Data == "form" && a == action {
			return c
		}
	}
	t.Fatalf("no form posts to %s", action)
	return nil
}

// fieldsOf is what a browser would send of a form whose first button is
// pressed, as the page has it.
func fieldsOf(form *html.Node) url.Values {
	v := url.Values{}
	for c := range form.Descendants() {
		if c.Type != html.ElementNode {
			continue
		}
		name, ok := attr(c, "name")
		if !ok {
			continue
		}
		switch c.Data {
		case "input":
			kind, _ := attr(c, "type")
			_, checked := attr(c, "checked")
			if value, _ := attr(c, "value"); kind != "checkbox" && kind != "radio" || checked {
				v.Add(name, value)
			}
		case "textarea":
			v.Add(name, strings.TrimPrefix(rawText(c), "\n"))
		case "select":
			chosen, options := "", 0
			for o := range c.Descendants() {
				if o.Type != html.ElementNode || o.Data != "option" {
					continue
				}
				if _, selected := attr(o, "selected"); selected || options == 0 { // a browser sends the first unless told otherwise
					chosen, _ = attr(o, "value")
				}
				options++
			}
			v.Add(name, chosen)
		}
	}
	return v
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// wants fails the test unless the page says each of words.
func wants(t *testing.T, n *html.Node, words ...string) {
	t.Helper()
	said := text(n)
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q:\n%s", w, said)
		}
	}
}

// leads fails the test unless the answer sends the browser to path.
func leads(t *testing.T, resp *http.Response, path string) {
	t.Helper()
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != path {
		b, _ := io.ReadAll(resp.Body) //nolint:errcheck // only to tell
		t.Fatalf("%d to %q, want 303 to %q\n%s", resp.StatusCode, resp.Header.Get("Location"), path, b)
	}
}
