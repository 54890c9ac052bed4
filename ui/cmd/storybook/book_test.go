package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hce.co/ui/static"
	"hce.co/ui/view"
)

const maxPage = 100_000 // bytes of a page with all that it loads

// each runs a test on every story as it is served.
func each(t *testing.T, test func(t *testing.T, s story, page *html.Node, raw []byte)) {
	t.Helper()
	book := newBook()
	for _, c := range chapters() {
		for _, s := range c.stories {
			t.Run(s.slug, func(t *testing.T) {
				w := httptest.NewRecorder()
				book.ServeHTTP(w, httptest.NewRequest("GET", "/"+s.slug, nil))
				if w.Code != http.StatusOK {
					t.Fatalf("status %d, want 200", w.Code)
				}
				page, err := html.Parse(bytes.NewReader(w.Body.Bytes()))
				if err != nil {
					t.Fatal(err)
				}
				test(t, s, page, w.Body.Bytes())
			})
		}
	}
}

func TestStoriesHaveTheirOwnAddress(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range chapters() {
		for _, s := range c.stories {
			if seen[s.slug] {
				t.Errorf("two stories are called %q", s.slug)
			}
			seen[s.slug] = true
		}
	}
	if len(seen) < 90 {
		t.Errorf("%d stories: some screens are missing from the book", len(seen))
	}
}

func TestPagesAreFramed(t *testing.T) {
	each(t, func(t *testing.T, s story, page *html.Node, raw []byte) {
		if s.part {
			return
		}
		if !bytes.HasPrefix(raw, []byte("<!doctype html>")) {
			t.Error("no doctype")
		}
		if got := attr(first(page, "html"), "lang"); got != "es" {
			t.Errorf("html lang %q, want es", got)
		}
		for _, name := range []string{"h1", "main", "title"} {
			if n := len(all(page, name)); n != 1 {
				t.Errorf("%d <%s>, want 1", n, name)
			}
		}
		if title := text(first(page, "title")); !strings.HasSuffix(title, " · HCE") || len(title) < len("x · HCE") {
			t.Errorf("title %q", title)
		}
	})
}

func TestIDsAreUniqueAndReferencesHold(t *testing.T) {
	each(t, func(t *testing.T, _ story, page *html.Node, _ []byte) {
		ids := map[string]int{}
		for _, n := range elements(page) {
			if id, ok := lookup(n, "id"); ok {
				ids[id]++
				if id == "" || strings.ContainsAny(id, " \t\n") {
					t.Errorf("id %q", id)
				}
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("id %q stands %d times", id, n)
			}
		}
		for _, n := range elements(page) {
			for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls", "list"} {
				for id := range strings.FieldsSeq(attr(n, name)) {
					if ids[id] == 0 {
						t.Errorf("%s=%q of <%s> leads nowhere", name, id, n.Data)
					}
				}
			}
			if href := attr(n, "href"); strings.HasPrefix(href, "#") && ids[href[1:]] == 0 {
				t.Errorf("link to %s leads nowhere", href)
			}
		}
	})
}

func TestControlsHaveNames(t *testing.T) {
	each(t, func(t *testing.T, _ story, page *html.Node, _ []byte) {
		labelled := map[string]bool{}
		for _, l := range all(page, "label") {
			if text(l) != "" {
				labelled[attr(l, "for")] = true
			}
		}
		for _, n := range elements(page) {
			switch n.Data {
			case "input", "select", "textarea":
				if attr(n, "type") == "hidden" {
					continue
				}
				if id := attr(n, "id"); (id == "" || !labelled[id]) && !within(n, "label") {
					t.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
				}
				if attr(n, "name") == "" {
					t.Errorf("<%s id=%q> has no name", n.Data, attr(n, "id"))
				}
			case "a", "button", "summary", "legend", "caption", "h1", "h2", "h3", "th":
				if _, script := lookup(n, "data-shortcuts"); text(n) == "" && attr(n, "aria-label") == "" && !script {
					t.Errorf("<%s> has no text", n.Data)
				}
			case "nav":
				if attr(n, "aria-label") == "" {
					t.Error("<nav> has no name")
				}
			case "table":
				if len(all(n, "caption")) != 1 {
					t.Error("a table has no caption")
				}
			}
			if n.Data == "th" && attr(n, "scope") == "" {
				t.Errorf("<th> %q has no scope", text(n))
			}
		}
	})
}

func TestErrorsAreTiedToTheirFields(t *testing.T) {
	each(t, func(t *testing.T, _ story, page *html.Node, _ []byte) {
		described := map[string]bool{}
		invalid := 0
		for _, n := range elements(page) {
			for id := range strings.FieldsSeq(attr(n, "aria-describedby")) {
				described[id] = true
			}
			if attr(n, "aria-invalid") == "true" {
				invalid++
			}
		}
		for _, n := range elements(page) {
			if id := attr(n, "id"); strings.HasSuffix(id, "-error") && !described[id] {
				t.Errorf("no field is described by %q", id)
			}
		}
		if invalid > 0 && !slices.ContainsFunc(elements(page), func(n *html.Node) bool { return strings.Contains(attr(n, "class"), "error-summary") }) {
			t.Error("fields are wrong and there is no summary")
		}
		if strings.HasPrefix(text(first(page, "title")), "Error: ") != slices.ContainsFunc(elements(page), func(n *html.Node) bool { return strings.Contains(attr(n, "class"), "error-summary") }) {
			t.Error("the title and the summary do not agree on whether there are errors")
		}
	})
}

func TestPolicyHolds(t *testing.T) {
	each(t, func(t *testing.T, _ story, page *html.Node, _ []byte) {
		for _, n := range elements(page) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
				if (a.Key == "href" || a.Key == "src" || a.Key == "action") && (strings.HasPrefix(a.Val, "javascript:") || strings.HasPrefix(a.Val, "http")) {
					t.Errorf("<%s %s=%q> leaves the site", n.Data, a.Key, a.Val)
				}
				if strings.HasPrefix(a.Val, "about:invalid") {
					t.Errorf("<%s %s=%q>: templ refused the address", n.Data, a.Key, a.Val)
				}
			}
			switch n.Data {
			case "style":
				t.Error("there is a <style>")
			case "script":
				if src := attr(n, "src"); !strings.HasPrefix(src, "/static/") || text(n) != "" {
					t.Errorf("script src=%q", src)
				}
			}
		}
	})
}

func TestFormsPostWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, s story, page *html.Node, _ []byte) {
		for _, f := range all(page, "form") {
			action, method := attr(f, "action"), attr(f, "method")
			if !strings.HasPrefix(action, "/") {
				t.Errorf("form action %q", action)
			}
			if method != "post" && (method != "get" || action != "/camas") {
				t.Errorf("form %s has method %q", action, method)
			}
			submits := slices.ContainsFunc(all(f, "button"), func(b *html.Node) bool { return attr(b, "type") == "" || attr(b, "type") == "submit" })
			if !submits {
				t.Errorf("form %s has no button that sends it", action)
			}
		}
	})
}

func TestPagesAreLight(t *testing.T) {
	each(t, func(t *testing.T, s story, page *html.Node, raw []byte) {
		size := len(raw)
		for _, n := range elements(page) {
			address := attr(n, "src")
			if n.Data == "link" {
				address = attr(n, "href")
			}
			if !strings.HasPrefix(address, "/static/") {
				continue
			}
			r := httptest.NewRequest("GET", address, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			w := httptest.NewRecorder()
			static.Handler().ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Fatalf("%s: status %d", address, w.Code)
			}
			size += w.Body.Len()
		}
		if size > maxPage {
			t.Errorf("%d bytes, want at most %d", size, maxPage)
		}
	})
}

func TestIndexListsEveryStory(t *testing.T) {
	w := httptest.NewRecorder()
	newBook().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	for _, c := range chapters() {
		for _, s := range c.stories {
			if !strings.Contains(w.Body.String(), `href="/`+s.slug+`"`) {
				t.Errorf("the index lacks %s", s.slug)
			}
		}
	}
}

func TestPolicyIsSent(t *testing.T) {
	w := httptest.NewRecorder()
	newBook().ServeHTTP(w, httptest.NewRequest("GET", "/ingresar", nil))
	if got := w.Header().Get("Content-Security-Policy"); got != view.ContentSecurityPolicy || strings.Contains(got, "unsafe") {
		t.Errorf("Content-Security-Policy %q", got)
	}
}
