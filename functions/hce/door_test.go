package hce_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browse sends the door what a browser would with these cookies; site is what it
// says of where the request comes from.
func (c *clinic) browse(method, target, site string, form url.Values, cookies []*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", site)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, k := range cookies {
		r.AddCookie(k)
	}
	rec := httptest.NewRecorder()
	c.Handle(rec, r)
	return rec
}

// atDesk signs in at a browser and returns the cookies that it keeps.
func (c *clinic) atDesk(t *testing.T, username, next string) ([]*http.Cookie, string) {
	t.Helper()
	rec := c.browse("POST", "/ingresar", "same-origin", url.Values{"username": {username}, "password": {password}, "siguiente": {next}}, nil)
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("%s signs in: %d", username, rec.Code)
	}
	return rec.Result().Cookies(), rec.Header().Get("Location")
}

// The cookies of a sign-in are this host's alone, and no script's; and it leads
// to a page of this server whatever the address asked for.
func TestSignInAtABrowser(t *testing.T) {
	c := theClinic(t)
	for next, want := range map[string]string{
		"/pacientes": "/pacientes", "": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
	} {
		kept, location := c.atDesk(t, "admisionista", next)
		if location != want {
			t.Errorf("%q leads to %q, want %q", next, location, want)
		}
		if len(kept) < 2 {
			t.Errorf("a sign-in keeps %d cookies", len(kept))
		}
		for _, k := range kept {
			if !strings.HasPrefix(k.Name, "__Host-") || !k.HttpOnly || !k.Secure || k.Path != "/" || k.Domain != "" ||
				k.SameSite != http.SameSiteLaxMode && k.SameSite != http.SameSiteStrictMode {
				t.Errorf("the browser keeps %v", k)
			}
		}
	}
}

// Every form of every page refuses to be sent by a page of another site.
func TestNoFormForOtherSites(t *testing.T) {
	c := theClinic(t)
	ch := c.newChart(t)
	kept, _ := c.atDesk(t, "medico", "")
	forms := 0
	for _, route := range c.UI.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodPost {
			continue
		}
		forms++
		target := pathParameter.ReplaceAllString(path, ch.id)
		for _, site := range []string{"cross-site", "same-site"} {
			if rec := c.browse(method, target, site, url.Values{}, kept); rec.Code != http.StatusForbidden || len(rec.Result().Cookies()) > 0 {
				t.Errorf("%s from a page that is %s: %d", route.Pattern, site, rec.Code)
			}
		}
	}
	if forms < 20 {
		t.Errorf("only %d forms were tried", forms)
	}
}

// No page is kept by the browser, none holds code of its own, and all say so.
func TestPagesAreStrict(t *testing.T) {
	c := theClinic(t)
	ch := c.newChart(t)
	seen := map[string]bool{}
	for _, username := range []string{"medico", "admisionista", "resultados", "admin", "operador"} {
		kept, _ := c.atDesk(t, username, "")
		for _, route := range c.UI.Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if method != http.MethodGet || strings.HasSuffix(path, "/") {
				continue
			}
			rec := c.browse(method, ch.fill(t, method, strings.ReplaceAll(path, "{$}", "")), "same-origin", nil, kept)
			h := rec.Header()
			if rec.Code/100 == 3 || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
				continue
			}
			if h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s for %s is kept: %q", route.Pattern, username, h.Get("Cache-Control"))
			}
			if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s for %s comes with the policy %q", route.Pattern, username, csp)
			}
			if rec.Code == http.StatusOK {
				seen[path] = true
			}
			for _, found := range inlineCode(t, rec.Body.String()) {
				t.Errorf("%s for %s has code of its own: %s", route.Pattern, username, found)
			}
		}
	}
	if len(seen) < 25 {
		t.Errorf("only %d pages were seen", len(seen))
	}
}

// inlineCode finds what the policy would stop: scripts, styles and handlers that
// stand in the page.
func inlineCode(t *testing.T, page string) (found []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		_, src := attribute(n, "src")
		if n.Data == "style" || n.Data == "script" && !src {
			found = append(found, "<"+n.Data+">")
		}
		if i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool {
			return a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Val, "javascript:")
		}); i >= 0 {
			found = append(found, "<"+n.Data+" "+n.Attr[i].Key+">")
		}
	}
	return found
}
