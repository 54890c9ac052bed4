package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hce.co/shared/client"
	"hce.co/shared/problem"
)

// serve answers every call with h and returns a client for it.
func serve(t *testing.T, h http.HandlerFunc) client.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return client.Client{Base: srv.URL, HTTP: srv.Client()}
}

// request is what a server saw.
type request struct {
	Method, URI, Body string
	Header            http.Header
}

func record(into *request) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		*into = request{r.Method, r.RequestURI, string(b), r.Header}
	}
}

type patient struct {
	Nombre string `json:"nombre"`
}

func TestSendRequest(t *testing.T) {
	var got request
	c := serve(t, record(&got))
	ctx := client.As(context.Background(), client.Caller{Token: "t0", RequestID: "r0", ForwardedFor: "203.0.113.7"})
	if _, _, err := c.Send(ctx, "PUT", "/paciente/CC-1?a=b", patient{"Luz"}, client.IfMatch(3), client.IdempotencyKey("k"), client.Header("Prefer", "respond-async")); err != nil {
		t.Fatal(err)
	}
	if got.Method != "PUT" || got.URI != "/paciente/CC-1?a=b" || got.Body != `{"nombre":"Luz"}` {
		t.Errorf("the server saw %+v", got)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Authorization": "Bearer t0", "X-Request-Id": "r0", "X-Forwarded-For": "203.0.113.7",
		"If-Match": `"3"`, "Idempotency-Key": "k", "Prefer": "respond-async",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
}

func TestSendForNobody(t *testing.T) {
	var got request
	c := serve(t, record(&got))
	if _, _, err := c.Send(context.Background(), "GET", "/", nil, client.IdempotencyKey("")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Authorization", "X-Request-Id", "X-Forwarded-For", "Content-Type", "Idempotency-Key"} {
		if v, ok := got.Header[name]; ok {
			t.Errorf("%s is sent: %q", name, v)
		}
	}
}

func TestSendForm(t *testing.T) {
	var got request
	c := serve(t, record(&got))
	if _, _, err := c.Send(context.Background(), "POST", "/login", url.Values{"grant_type": {"password"}, "username": {"josé&x"}}); err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || got.Body != "grant_type=password&username=jos%C3%A9%26x" {
		t.Errorf("the server saw %q as %s", got.Body, got.Header.Get("Content-Type"))
	}
}

func TestCall(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"7"`)
		io.WriteString(w, `{"nombre":"Luz","nuevo_campo":1}`) //nolint:errcheck // a test's
	})
	got, h, err := client.Call[patient](context.Background(), c, "GET", "/", nil)
	if err != nil || got.Nombre != "Luz" || h.Get("ETag") != `"7"` {
		t.Errorf("Call = %+v, %v, %v", got, h, err)
	}
	empty := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	if _, _, err := client.Call[patient](context.Background(), empty, "POST", "/logout", nil); err != nil {
		t.Errorf("an answer without content: %v", err)
	}
	html := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>") }) //nolint:errcheck // a test's
	if _, _, err := client.Call[patient](context.Background(), html, "GET", "/", nil); err == nil {
		t.Error("an answer that is no JSON is no error")
	}
	if _, _, err := client.Call[patient](context.Background(), c, "GET", "/", make(chan int)); err == nil {
		t.Error("a body that is no JSON is no error")
	}
}

func TestProblemComesBackAsItWasWritten(t *testing.T) {
	for _, want := range []*problem.Error{
		problem.Conflict("Ese documento ya tiene historia.").With("documento_id", "CC-1"),
		problem.Invalid(map[string]string{"primer_nombre": "Falta."}),
		problem.TooMany(30*time.Second, "Espere."),
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { problem.Write(w, want, "") })
		_, _, err := client.Call[patient](context.Background(), c, "POST", "/", patient{})
		var got *problem.Error
		if !errors.As(err, &got) {
			t.Fatalf("%v came back as %v", want, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-written +got):\n%s", diff)
		}
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "upstream connect error", http.StatusBadGateway)
	})
	if _, _, err := client.Call[patient](context.Background(), c, "GET", "/", nil); problem.Status(err) != 502 || strings.Contains(err.Error(), "upstream") {
		t.Errorf("a proxy's own answer came back as %v", err)
	}
}

// The path names a record, and errors are logged.
func TestFailureDoesNotNameThePath(t *testing.T) {
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	c := client.Client{Base: down.URL, HTTP: http.DefaultClient}
	_, _, err := c.Send(context.Background(), "GET", "/paciente/CC-1032456789?q=Luz", nil)
	if problem.Status(err) != 503 {
		t.Errorf("a function that is down is %v, want 503", err)
	}
	if s := fmt.Sprint(err); strings.Contains(s, "1032456789") || strings.Contains(s, "Luz") {
		t.Errorf("the error names the record: %s", s)
	}
	_, _, err = c.Send(context.Background(), "GET", "/paciente/%zz-1032456789", nil)
	if err == nil || strings.Contains(err.Error(), "1032456789") {
		t.Errorf("the error of a bad path names the record: %v", err)
	}
}

func TestCallerWhoLeaves(t *testing.T) {
	released := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { <-released })
	defer close(released)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := c.Send(ctx, "GET", "/", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the deadline is not in the chain: %v", err)
	}
}

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		links []string
		want  string
	}{
		{nil, ""},
		{[]string{`</paciente?despues=CC-1&limite=20>; rel="next"`}, "CC-1"},
		{[]string{`</paciente?limite=20&despues=CC-1&q=luz>; rel="next"`}, "CC-1"},
		{[]string{`</paciente?despues=a%2Bb%26c%3E+d>; rel="next"`}, "a+b&c> d"},
		{[]string{`</paciente?despues=a>; rel="prev"`, `</paciente?despues=b>;rel="next"`}, "b"},
		{[]string{`</style.css>; rel="preload", </paciente?despues=c>; rel="next"`}, "c"},
		{[]string{`</paciente?xdespues=a>; rel="next"`}, ""},
		{[]string{`</paciente?despues=a>; rel="last"`}, ""},
		{[]string{`</paciente?despues=%zz>; rel="next"`}, ""},
	} {
		if got := client.Next(http.Header{"Link": tt.links}); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.links, got, tt.want)
		}
	}
}

func TestPage(t *testing.T) {
	for want, got := range map[string]string{
		"":                            client.Page(0, ""),
		"?limite=5":                   client.Page(5, ""),
		"?despues=a%26b":              client.Page(0, "a&b"),
		"?despues=CC-1%2B&limite=100": client.Page(100, "CC-1+"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
