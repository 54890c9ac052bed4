package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/problem"
)

var (
	physician = authtest.Principal("Mario Médico", auth.Physician)
	clerk     = authtest.Principal("Rita Resultados", auth.RecordsClerk)
)

func TestPermissions(t *testing.T) {
	b := newBench(t, Config{}, nil)
	var forgotten auth.Permission
	b.On("GET /olvidada", forgotten, noContent)
	b.On("GET /publica", auth.Public, noContent)
	b.On("GET /interna", auth.Internal, noContent)
	b.On("GET /yo", auth.SignedIn, noContent)
	b.On("POST /nota", auth.WriteNote, noContent)

	everything := authtest.Principal("Todo", append(auth.Roles(), auth.Producer)...)
	ended := authtest.Principal("Ida", auth.Physician)
	b.revoked[ended.SessionID] = true
	restricted := authtest.Principal("Nueva", auth.Restricted)
	token := b.issuer.Token(t, physician)
	for _, tt := range []struct {
		name, method, target string
		change               change
		want                 int
	}{
		{"public without a token", "GET", "/publica", nil, 204},
		{"public with a bad token", "GET", "/publica", bearing("x"), 204},
		{"internal without a token", "GET", "/interna", nil, 204},
		{"a route without a permission", "GET", "/olvidada", b.as(everything), 403},
		{"a route without a permission or token", "GET", "/olvidada", nil, 401},
		{"signed in", "GET", "/yo", b.as(clerk), 204},
		{"the role has it", "POST", "/nota", b.as(physician), 204},
		{"the role has it not", "POST", "/nota", b.as(clerk), 403},
		{"a token without a role", "GET", "/yo", b.as(authtest.Principal("Nadie")), 403},
		{"a restricted token, about itself", "GET", "/yo", b.as(restricted), 204},
		{"a restricted token", "POST", "/nota", b.as(restricted), 403},
		{"no token", "POST", "/nota", nil, 401},
		{"a session that ended", "POST", "/nota", b.as(ended), 401},
		{"another scheme", "GET", "/yo", header("Authorization", "Basic bWVkaWNvOng="), 401},
		{"a scheme without a token", "GET", "/yo", header("Authorization", "Bearer "), 401},
		{"a token without a scheme", "GET", "/yo", header("Authorization", token), 401},
		{"the scheme in lower case", "GET", "/yo", header("Authorization", "bearer "+token), 204},
		{"a token of somebody else's", "GET", "/yo", bearing(authtest.New(t).Token(t, physician)), 401},
		{"no JWT at all", "GET", "/yo", bearing("hola"), 401},
		{"a token in the query", "GET", "/yo?access_token=" + token, nil, 401},
		{"a token in a cookie", "GET", "/yo", header("Cookie", "access_token="+token), 401},
		{"two Authorization headers", "GET", "/yo", func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + token, "Bearer " + token} }, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changes := []change{}
			if tt.change != nil {
				changes = append(changes, tt.change)
			}
			resp := b.send(tt.method, tt.target, "", changes...)
			if resp.StatusCode != tt.want {
				t.Fatalf("got %d, want %d", resp.StatusCode, tt.want)
			}
			if tt.want >= 400 {
				problemOf(t, resp)
			}
			if got := resp.Header.Get("WWW-Authenticate"); (tt.want == 401) != strings.HasPrefix(got, "Bearer") {
				t.Errorf("%d with WWW-Authenticate %q", tt.want, got)
			}
			refused := []string{"a session that ended", "a token of somebody else's", "no JWT at all"}
			if got := resp.Header.Get("WWW-Authenticate"); strings.Contains(got, `error="invalid_token"`) != slices.Contains(refused, tt.name) {
				t.Errorf("WWW-Authenticate %q", got)
			}
		})
	}
	if strings.Contains(b.log.String(), token) {
		t.Error("a token stands in the log")
	}
}

func TestTokenInAFormIsIgnored(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("POST /yo", auth.SignedIn, noContent)
	resp := b.send("POST", "/yo", "access_token="+b.issuer.Token(t, physician), header("Content-Type", "application/x-www-form-urlencoded"))
	if resp.StatusCode != 401 {
		t.Errorf("a token in a form is good for %d", resp.StatusCode)
	}
}

func TestHandlerSeesTheCaller(t *testing.T) {
	b := newBench(t, Config{}, nil)
	var got auth.Principal
	see := func(w http.ResponseWriter, r *http.Request) error {
		got = auth.From(r.Context())
		return nil
	}
	b.On("GET /yo", auth.SignedIn, see)
	b.On("GET /publica", auth.Public, see)
	id := uuid.NewString()
	b.send("GET", "/yo", "", b.as(physician), header("X-Request-Id", id))
	if got.ID != physician.ID || got.RequestID != id || got.IP != "192.0.2.1" {
		t.Errorf("the handler saw %+v", got)
	}
	b.send("GET", "/publica", "", b.as(physician), header("X-Request-Id", id))
	if want := (auth.Principal{IP: "192.0.2.1", RequestID: id}); !cmp.Equal(got, want) {
		t.Errorf("on a public route the handler saw %+v, want %+v", got, want)
	}
}

func TestIdentify(t *testing.T) {
	b := newBench(t, Config{}, nil)
	var got auth.Principal
	var err error
	b.On("POST /register", auth.Public, func(w http.ResponseWriter, r *http.Request) error {
		got, err = b.Identify(r)
		return nil
	})
	b.send("POST", "/register", "", b.as(physician))
	if err != nil || got.ID != physician.ID || got.IP != "192.0.2.1" {
		t.Errorf("Identify = %+v, %v", got, err)
	}
	b.send("POST", "/register", "")
	if problem.Status(err) != 401 || got.ID != uuid.Nil {
		t.Errorf("without a token Identify = %+v, %v", got, err)
	}
	b.revoked[physician.SessionID] = true
	b.send("POST", "/register", "", b.as(physician))
	if problem.Status(err) != 401 {
		t.Errorf("after the session's end Identify says %v", err)
	}
}

func TestRevocationThatCannotBeRead(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.guard.Revoked = func(context.Context, ...uuid.UUID) (bool, error) {
		return false, problem.Unavailable(errors.New("down"))
	}
	ran := false
	b.On("GET /yo", auth.SignedIn, func(http.ResponseWriter, *http.Request) error { ran = true; return nil })
	if resp := b.send("GET", "/yo", "", b.as(physician)); resp.StatusCode != 503 || ran {
		t.Errorf("got %d, handler ran: %v; want 503 and not run", resp.StatusCode, ran)
	}
}

func TestNoRoute(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /paciente/{id}", auth.Public, noContent)
	b.On("PUT /paciente/{id}", auth.Public, noContent)
	for _, tt := range []struct {
		method, target string
		want           int
		allow          string
	}{
		{"GET", "/nada", 404, ""},
		{"GET", "/", 404, ""},
		{"GET", "/paciente/CC-1/nada", 404, ""},
		{"GET", "/paciente//../nada", 404, ""},
		{"POST", "/paciente/CC-1", 405, "GET, HEAD, PUT"},
		{"DELETE", "/paciente/CC-1", 405, "GET, HEAD, PUT"},
		{"OPTIONS", "/paciente/CC-1", 405, "GET, HEAD, PUT"},
		{"INVENTEDMETHOD", "/paciente/CC-1", 405, "GET, HEAD, PUT"},
		{"HEAD", "/paciente/CC-1", 204, ""},
	} {
		resp := b.send(tt.method, tt.target, "")
		if resp.StatusCode != tt.want || resp.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q; want %d, %q", tt.method, tt.target, resp.StatusCode, resp.Header.Get("Allow"), tt.want, tt.allow)
			continue
		}
		if tt.want >= 400 {
			p := problemOf(t, resp)
			if s := fmt.Sprint(p["detail"]); strings.Contains(s, "CC-1") || strings.Contains(s, "INVENTED") {
				t.Errorf("%s %s: the answer echoes the request: %s", tt.method, tt.target, s)
			}
		}
	}
}

// Who stands in front may answer in its own way; what it leaves is a problem.
func TestShow(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /paciente/{id}", auth.Public, func(http.ResponseWriter, *http.Request) error { return problem.Conflict("Ya existe.") })
	b.guard.Show = func(w http.ResponseWriter, r *http.Request, err error) bool {
		if r.Header.Get("Accept") != "text/html" {
			return false
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(problem.Status(err))
		return true
	}
	for target, want := range map[string]int{"/nada": 404, "/paciente/CC-1": 409, "/paciente/%ff": 400} {
		resp := b.send("GET", target, "", header("Accept", "text/html"))
		if resp.StatusCode != want || resp.Header.Get("Content-Type") != "text/html" {
			t.Errorf("%s: %d as %s, want %d", target, resp.StatusCode, resp.Header.Get("Content-Type"), want)
		}
		if resp = b.send("GET", target, ""); resp.StatusCode != want {
			t.Errorf("%s to a program: %d, want %d", target, resp.StatusCode, want)
		}
		problemOf(t, resp)
	}
}

func TestUnreadableAddress(t *testing.T) {
	b := newBench(t, Config{}, nil)
	ran := false
	b.On("GET /paciente/{id}", auth.Public, func(http.ResponseWriter, *http.Request) error { ran = true; return nil })
	for _, target := range []string{
		"/paciente/a%00b", "/paciente/%ff", "/paciente/x?q=%00", "/paciente/x?q=%ff", "/paciente/x?%00=1", "/nada/%c3%28",
	} {
		if resp := b.send("GET", target, ""); resp.StatusCode != 400 || ran {
			t.Errorf("%s: %d, handler ran: %v; want 400", target, resp.StatusCode, ran)
		}
	}
	if resp := b.send("GET", "/paciente/%C3%B1?q=Pe%C3%B1a%20%E2%82%AC", ""); resp.StatusCode != 200 || !ran {
		t.Errorf("an address with ñ and €: %d", resp.StatusCode)
	}
}

func TestErrorMapping(t *testing.T) {
	lower := errors.New("from the database: Luz Peña")
	b := newBench(t, Config{}, func(err error) error {
		if errors.Is(err, lower) {
			return problem.Unavailable(errors.New("40001"))
		}
		return err
	})
	var give error
	b.On("GET /x", auth.Public, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("ETag", `"1"`)
		return give
	})
	for _, tt := range []struct {
		name   string
		err    error
		want   int
		logged bool
	}{
		{"a problem", problem.Conflict("Ya existe."), 409, false},
		{"a wrapped problem", fmt.Errorf("register: %w", problem.NotFound("No existe.")), 404, false},
		{"one that is mapped", fmt.Errorf("read: %w", lower), 503, true},
		{"any other", errors.New("nil map of Luz Peña"), 500, true},
		{"a body too large", fmt.Errorf("read body: %w", &http.MaxBytesError{Limit: 1}), 413, false},
		{"a canceled call of ours", context.Canceled, 500, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			give = tt.err
			id := uuid.NewString()
			resp := b.send("GET", "/x", "", header("X-Request-Id", id))
			if resp.StatusCode != tt.want {
				t.Errorf("got %d, want %d", resp.StatusCode, tt.want)
			}
			if resp.Header.Get("ETag") != "" {
				t.Error("the ETag of the answer that was not given remains")
			}
			p := problemOf(t, resp)
			if p["instance"] != "urn:uuid:"+id || strings.Contains(fmt.Sprint(p), "Luz Peña") {
				t.Errorf("the client reads %v", p)
			}
			found := false
			for _, l := range b.log.lines(t, "request failed") {
				found = found || l["request_id"] == id && l["route"] == "GET /x"
			}
			if found != tt.logged {
				t.Errorf("in the log: %v, want %v", found, tt.logged)
			}
		})
	}
}

func TestClientWhoLeftIsNotAnswered(t *testing.T) {
	var give error
	b := newBench(t, Config{}, nil)
	b.On("GET /x", auth.Public, func(http.ResponseWriter, *http.Request) error { return give })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for err, want := range map[error]int{
		fmt.Errorf("query: %w", ctx.Err()):                        0,
		problem.Unavailable(errors.New("statement was canceled")): 0,
		errors.New("index out of range"):                          1, // ours, whoever left
	} {
		give = err
		before := len(b.log.lines(t, "request failed"))
		b.send("GET", "/x", "", func(r *http.Request) { *r = *r.WithContext(ctx) })
		if logged := len(b.log.lines(t, "request failed")) - before; logged != want {
			t.Errorf("%v, for a client who left: %d lines in the log, want %d", err, logged, want)
		}
	}
}

// Who waits until our own time is up is told so: nothing must look like a
// success that was given up.
func TestTimeIsUp(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("POST /x", auth.Public, func(_ http.ResponseWriter, r *http.Request) error {
		return problem.Unavailable(fmt.Errorf("query: %w", r.Context().Err()))
	})
	ctx, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	resp := b.send("POST", "/x", "", func(r *http.Request) { *r = *r.WithContext(ctx) })
	if resp.StatusCode != http.StatusServiceUnavailable || len(b.log.lines(t, "request failed")) != 1 {
		t.Errorf("got %d, and in the log %v", resp.StatusCode, b.log.lines(t, "request failed"))
	}
}

func TestPanic(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /paciente/{id}", auth.Public, func(http.ResponseWriter, *http.Request) error {
		panic("algo inesperado")
	})
	id := uuid.NewString()
	resp := b.send("GET", "/paciente/CC-1032456789", "", header("X-Request-Id", id))
	p := problemOf(t, resp)
	if resp.StatusCode != 500 || p["instance"] != "urn:uuid:"+id || strings.Contains(fmt.Sprint(p), "nil map") {
		t.Errorf("the client reads %d %v", resp.StatusCode, p)
	}
	lines := b.log.lines(t, "panic")
	if len(lines) != 1 || lines[0]["request_id"] != id || lines[0]["route"] != "GET /paciente/{id}" || !strings.Contains(fmt.Sprint(lines[0]["stack"]), "TestPanic") {
		t.Errorf("the log says %v", lines)
	}
	if lines := b.log.lines(t, "request"); len(lines) != 1 || lines[0]["status"] != 500.0 {
		t.Errorf("the request's line is %v", lines)
	}
}

// Half an answer must not look like a whole one.
func TestBrokenAnswerClosesTheConnection(t *testing.T) {
	b := newBench(t, Config{}, nil)
	half := func(w http.ResponseWriter) {
		io.WriteString(w, "%PDF-1.7 half") //nolint:errcheck // a test's
		w.(*recorder).ResponseWriter.(http.Flusher).Flush()
	}
	b.On("GET /error", auth.Public, func(w http.ResponseWriter, _ *http.Request) error {
		half(w)
		return errors.New("page 2")
	})
	b.On("GET /panic", auth.Public, func(w http.ResponseWriter, _ *http.Request) error {
		half(w)
		panic("page 2")
	})
	b.On("GET /abort", auth.Public, func(w http.ResponseWriter, _ *http.Request) error {
		half(w)
		panic(http.ErrAbortHandler)
	})
	srv := httptest.NewServer(b)
	defer srv.Close()
	for path, logged := range map[string]string{"/error": "request failed", "/panic": "panic", "/abort": "request"} {
		before := len(b.log.lines(t, logged))
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil {
			t.Errorf("%s: the client takes %q for whole", path, body)
		}
		if got := len(b.log.lines(t, logged)) - before; got != 1 {
			t.Errorf("%s: %d lines %q in the log, want 1", path, got, logged)
		}
	}
}

func TestLogNamesTheRouteAndNothingElse(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /paciente/{id}", auth.ReadPatient, func(w http.ResponseWriter, _ *http.Request) error {
		return WriteJSON(w, 0, map[string]string{"nombre": "Luz Peña"})
	})
	b.On("GET /ficha/{id}/", auth.Public, noContent)
	b.On("GET /falla/{id}", auth.Public, func(_ http.ResponseWriter, r *http.Request) error { return errors.New("broken") })
	token := b.issuer.Token(t, physician)
	for _, target := range []string{
		"/paciente/CC-1032456789?q=Luz", "/nada/CC-1032456789", "/ficha/CC-1032456789", "//paciente/CC-1032456789", "/falla/CC-1032456789", "/paciente/CC-1032456789%00",
	} {
		b.send("GET", target, "", bearing(token), header("User-Agent", "Luz"), header("Referer", "/paciente/CC-1032456789"))
	}
	b.send("POST", "/paciente/CC-1032456789", `{"nombre":"Luz"}`, bearing(token))
	all := b.log.String()
	for _, secret := range []string{"1032456789", "Luz", token, token[:40]} {
		if strings.Contains(all, secret) {
			t.Errorf("the log holds %q:\n%s", secret, all)
		}
	}
	line := b.log.lines(t, "request")[0]
	if line["route"] != "GET /paciente/{id}" || line["method"] != "GET" || line["status"] != 200.0 || line["bytes"] != float64(len(`{"nombre":"Luz Peña"}`)+1) {
		t.Errorf("the request's line is %v", line)
	}
	if _, ok := line["ms"].(float64); !ok {
		t.Errorf("the line does not say how long it took: %v", line)
	}
}

func TestRequestID(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /x", auth.Public, noContent)
	given := "0192f0c4-0000-7000-8000-00000000abcd"
	for in, want := range map[string]string{
		given: given, strings.ToUpper(given): given,
		"": "", "hola": "", given + "0": "", "'; DROP TABLE auditoria": "", strings.Repeat("a", 10000): "",
	} {
		resp := b.send("GET", "/x", "", header("X-Request-Id", in))
		got := resp.Header.Get("X-Request-Id")
		if _, err := uuid.Parse(got); err != nil || want != "" && got != want || want == "" && got == in {
			t.Errorf("X-Request-Id %.40q becomes %q, want %q", in, got, want)
		}
	}
	a, c := b.send("GET", "/x", ""), b.send("GET", "/x", "")
	if a.Header.Get("X-Request-Id") == c.Header.Get("X-Request-Id") {
		t.Error("two requests have one id")
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /x", auth.Public, noContent)
	for _, target := range []string{"/x", "/nada", "/x%00"} {
		h := b.send("GET", target, "").Header
		if h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s is answered with %v", target, h)
		}
	}
}

func TestRoutes(t *testing.T) {
	b := newBench(t, Config{}, nil)
	b.On("GET /a", auth.Public, noContent)
	b.On("POST /b", auth.WriteNote, noContent)
	want := []Route{{"GET /a", auth.Public}, {"POST /b", auth.WriteNote}}
	if diff := cmp.Diff(want, b.Routes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
