package ui

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	login "hce.co/functions/login/api"
	patient "hce.co/functions/patient/api"
	"hce.co/shared/problem"
)

// renewing makes login renew sessions, with a refresh token that is new each
// time, and refuse one that was used before.
func (d *door) renewing(w who) {
	var mu sync.Mutex
	good := "refresco"
	d.login.on("POST /login", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != good {
			problem.Write(rw, problem.Unauthorized("La sesión terminó."), "")
			return
		}
		time.Sleep(20 * time.Millisecond) // so that others arrive meanwhile
		good += "+"
		w.Exp = d.now.Add(15 * time.Minute).Unix()
		answer := newBackend()
		answer.on("/", login.Token{AccessToken: d.token(w), RefreshToken: good})
		answer.ServeHTTP(rw, r)
	}))
}

func cookies(resp *http.Response) map[string]*http.Cookie {
	out := map[string]*http.Cookie{}
	for _, c := range resp.Cookies() {
		out[c.Name] = c
	}
	return out
}

func TestSessionIsRead(t *testing.T) {
	d := newDoor(t)
	resp := d.send(&registrar, "GET", "/pacientes", nil)
	wants(t, readPage(t, resp, 200), "Ana Admisiones")
	if got := d.login.got(); len(got) > 0 {
		t.Errorf("a token that lives was renewed: %v", got)
	}
	d.patient.on("POST /paciente/buscar", []patient.Summary{})
	d.search(&registrar, map[string][]string{"q": {"Luz"}}, header("X-Request-Id", "0192f0c4-0000-7000-8000-00000000abcd"))
	asked := d.patient.last(t, "POST /paciente/buscar")
	for name, want := range map[string]string{
		"Authorization": "Bearer " + d.token(registrar), "X-Request-Id": "0192f0c4-0000-7000-8000-00000000abcd", "X-Forwarded-For": "192.0.2.1", "Cookie": "",
	} {
		if got := asked.header.Get(name); got != want {
			t.Errorf("the function gets %s %q, want %q", name, got, want)
		}
	}
}

// A refresh token works once; two requests of a browser that find their access
// token expired must not spend it twice.
func TestOneRenewalForAll(t *testing.T) {
	d := newDoor(t)
	d.renewing(registrar)
	old := registrar
	old.Exp = d.now.Add(10 * time.Second).Unix()
	var wg sync.WaitGroup
	answers := make([]*http.Response, 8)
	for i := range answers {
		wg.Go(func() { answers[i] = d.send(&old, "GET", "/pacientes", nil) })
	}
	wg.Wait()
	for _, resp := range answers {
		wants(t, readPage(t, resp, 200), "Ana Admisiones")
		c := cookies(resp)
		if c[refreshCookie] == nil || c[refreshCookie].Value != "refresco+" || c[accessCookie] == nil {
			t.Fatalf("the browser keeps %v", c)
		}
		for _, name := range []string{accessCookie, refreshCookie} {
			if k := c[name]; !k.HttpOnly || !k.Secure || k.Path != "/" || k.Domain != "" || k.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s is kept as %v", name, k)
			}
		}
	}
	if got := d.login.got(); !slices.Equal(got, []string{"POST /login"}) {
		t.Errorf("login was asked %v, want once", got)
	}
	// A request that was under way with the old token still gets the answer.
	d.now = d.now.Add(20 * time.Second)
	readPage(t, d.send(&old, "GET", "/pacientes", nil), 200)
	if n := len(d.login.got()); n != 1 {
		t.Errorf("login was asked %d times", n)
	}
	// Much later it is a token used twice, which login has to see.
	d.now = d.now.Add(time.Minute)
	leads(t, d.send(&old, "GET", "/pacientes", nil), "/ingresar?siguiente=%2Fpacientes")
}

func TestSessionThatIsOver(t *testing.T) {
	d := newDoor(t)
	d.login.on("POST /login", problem.Unauthorized("La sesión terminó."))
	old := registrar
	old.Exp = d.now.Add(-time.Hour).Unix()
	resp := d.send(&old, "GET", "/pacientes", nil)
	leads(t, resp, "/ingresar?siguiente=%2Fpacientes")
	for _, name := range []string{accessCookie, refreshCookie} {
		if c := cookies(resp)[name]; c == nil || c.Value != "" || c.MaxAge >= 0 {
			t.Errorf("the browser keeps %s", name)
		}
	}
}

// When login is down nobody is signed out: the next request tries again.
func TestLoginDownKeepsTheSession(t *testing.T) {
	d := newDoor(t)
	d.login.on("POST /login", problem.Unavailable(errors.New("down")))
	old := registrar
	old.Exp = d.now.Add(-time.Minute).Unix()
	resp := d.send(&old, "GET", "/pacientes", nil)
	readPage(t, resp, 503)
	if c := cookies(resp); c[accessCookie] != nil || c[refreshCookie] != nil {
		t.Errorf("the cookies change: %v", c)
	}
	d.send(&old, "GET", "/pacientes", nil)
	if n := len(d.login.got()); n != 2 {
		t.Errorf("login was asked %d times, want 2", n)
	}
}

func TestBrokenToken(t *testing.T) {
	d := newDoor(t)
	for _, token := range []string{"", "x", "a.b", "a.!!.c", "a.e30.c", "a.bm90anNvbg.c", strings.Repeat("a", 5000)} {
		resp := d.send(nil, "GET", "/pacientes", nil, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: accessCookie, Value: token}) })
		leads(t, resp, "/ingresar?siguiente=%2Fpacientes")
	}
}

// A page whose form is still being written keeps its session alive.
func TestRenewByScript(t *testing.T) {
	d := newDoor(t)
	d.renewing(physician)
	resp := d.send(&physician, "POST", "/sesion", nil)
	ends, err := time.Parse(time.RFC3339, resp.Header.Get(endsHeader))
	if resp.StatusCode != http.StatusNoContent || err != nil || !ends.After(d.now) {
		t.Errorf("%d, the session ends %v", resp.StatusCode, resp.Header.Get(endsHeader))
	}
	if c := cookies(resp); c[refreshCookie] == nil || c[refreshCookie].Value != "refresco+" {
		t.Errorf("the browser keeps %v", c)
	}
	if resp := d.send(nil, "POST", "/sesion", nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a session: %d, want 401", resp.StatusCode)
	}
}

func TestRenewalsAreForgotten(t *testing.T) {
	d := newDoor(t)
	d.login.on("POST /login", problem.Unauthorized("No."))
	s := d.f.sessions
	for range 3 * maxRenewals {
		s.renew(t.Context(), strings.Repeat("x", len(s.renewed)%97)+time.Now().String()) //nolint:errcheck // refused, all of them
	}
	if n := len(s.renewed); n > maxRenewals+1 {
		t.Errorf("%d renewals are remembered", n)
	}
}

// The instances with one FORM_KEY name a renewal alike, each renewal by another
// name, and no other instance by the same.
func TestInstancesNameARenewalAlike(t *testing.T) {
	key, other := base64.StdEncoding.EncodeToString(make([]byte, envelopeKey)), base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, envelopeKey))
	name := func(refresh string, env ...string) string {
		s := newDoor(t, env...).f.sessions
		got := s.name(refresh)
		if got == "" || strings.Contains(got, refresh) {
			t.Errorf("a renewal is named %q", got)
		}
		return got
	}
	one := name("uno", "FORM_KEY", key)
	if again := name("uno", "FORM_KEY", key); again != one {
		t.Error("two instances name one renewal differently")
	}
	for _, stranger := range []string{name("dos", "FORM_KEY", key), name("uno", "FORM_KEY", other), name("uno")} {
		if stranger == one {
			t.Error("two renewals, or strangers, use one name")
		}
	}
}
