package hce_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hce.co/functions/hce/demo"
)

// tab is a browser without scripts: it keeps cookies, follows links and sends
// forms.
type tab struct {
	t       *testing.T
	base    string
	cookies map[string]string
}

// visit makes a request and follows where it is sent.
func (b *tab) visit(method, target string, form url.Values) (status int, at string, page *html.Node) {
	b.t.Helper()
	for range 5 {
		req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+target, strings.NewReader(form.Encode()))
		if err != nil {
			b.t.Fatal(err)
		}
		req.Header.Set("Accept", "text/html,application/xhtml+xml")
		if method == http.MethodPost {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		for name, value := range b.cookies { // by hand: they are for secure connections, and localhost counts as one
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, c := range resp.Cookies() {
			if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
				delete(b.cookies, c.Name)
			}
		}
		if resp.StatusCode == http.StatusSeeOther {
			resp.Body.Close()
			method, target, form = http.MethodGet, resp.Header.Get("Location"), nil
			continue
		}
		if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			page, err = html.Parse(resp.Body)
		} else {
			_, err = io.Copy(io.Discard, resp.Body)
		}
		resp.Body.Close()
		if err != nil {
			b.t.Fatal(err)
		}
		return resp.StatusCode, target, page
	}
	b.t.Fatalf("%s is sent from page to page", target)
	return 0, "", nil
}

// signedIn returns a tab of a demo account.
func (c *clinic) signedIn(t *testing.T, username string) *tab {
	t.Helper()
	b := &tab{t: t, base: c.url, cookies: map[string]string{}}
	status, at, _ := b.visit("POST", "/ingresar", url.Values{"username": {username}, "password": {password}})
	if status != http.StatusOK || at != "/" {
		t.Fatalf("%s signs in to %d %s", username, status, at)
	}
	return b
}

// addresses lists where the links of a page lead on this server.
func addresses(page *html.Node) []string {
	var out []string
	for n := range page.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "href" && strings.HasPrefix(a.Val, "/") {
				path, _, _ := strings.Cut(a.Val, "#")
				out = append(out, path)
			}
		}
	}
	return out
}

const maxPages = 150 // of one role

// TestNoLinkLeadsAstray follows, for each role, every link from the home page
// on: whatever a page offers must be there for who sees it.
func TestNoLinkLeadsAstray(t *testing.T) {
	c := theClinic(t)
	for username, also := range map[string][]string{
		"paciente":     nil,
		"admisionista": {"/pacientes/" + demo.OwnerID, "/pacientes/" + demo.OwnerID + "/codigo", "/pacientes/nuevo"},
		"medico":       {"/pacientes/" + demo.OwnerID, "/pacientes/" + demo.OwnerID + "/acceso-emergencia"},
		"resultados":   {"/pacientes/" + demo.OwnerID, "/documentos/" + demo.OwnerID},
		"admin":        {"/pacientes/" + demo.OwnerID + "/accesos"},
		"operador":     nil,
	} {
		t.Run(username, func(t *testing.T) {
			b := c.signedIn(t, username)
			queue := append([]string{"/"}, also...)
			seen := map[string]bool{}
			for len(queue) > 0 && len(seen) < maxPages {
				target := queue[0]
				queue = queue[1:]
				if seen[target] {
					continue
				}
				seen[target] = true
				status, at, page := b.visit("GET", target, nil)
				if status != http.StatusOK {
					t.Errorf("a link to %s leads to %d", target, status)
					continue
				}
				if strings.HasPrefix(at, "/ingresar") {
					t.Fatalf("%s signs %s out", target, username)
				}
				if page != nil {
					queue = append(queue, slices.DeleteFunc(addresses(page), func(a string) bool { return seen[a] })...)
				}
			}
			t.Logf("%d pages", len(seen))
			if len(seen) < 4 {
				t.Errorf("only %d pages were found", len(seen))
			}
		})
	}
}

// TestPagesOfOthers asks for pages that a role is not offered.
func TestPagesOfOthers(t *testing.T) {
	c := theClinic(t)
	for username, targets := range map[string][]string{
		"paciente":     {"/pacientes/CC-9999999999", "/notas/CC-9999999999", "/documentos/CC-9999999999", "/camas", "/triage", "/usuarios", "/operacion", "/revision"},
		"admisionista": {"/usuarios", "/operacion", "/revision", "/pacientes/" + demo.OwnerID + "/signos", "/documentos/" + demo.OwnerID, "/pacientes/" + demo.OwnerID + "/accesos"},
		"medico":       {"/usuarios", "/operacion", "/revision", "/pacientes/" + demo.OwnerID + "/accesos"},
		"resultados":   {"/usuarios", "/operacion", "/revision"},
		"admin":        {"/pacientes/" + demo.OwnerID, "/notas/" + demo.OwnerID, "/documentos/" + demo.OwnerID, "/camas"},
		"operador":     {"/pacientes/" + demo.OwnerID, "/usuarios", "/revision", "/camas"},
	} {
		b := c.signedIn(t, username)
		for _, target := range targets {
			if status, _, page := b.visit("GET", target, nil); status != http.StatusForbidden || page == nil {
				t.Errorf("%s at %s: %d, want a page that says 403", username, target, status)
			}
		}
	}
}
