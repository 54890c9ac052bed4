package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	patient "hce.co/functions/patient/api"
)

func TestWritesOfOtherSites(t *testing.T) {
	written := url.Values{"primer_nombre": {"Luz"}}
	for _, tt := range []struct {
		name    string
		headers map[string]string
		refused bool
	}{
		{"of ours", map[string]string{"Sec-Fetch-Site": "same-origin"}, false},
		{"typed in the address bar", map[string]string{"Sec-Fetch-Site": "none"}, false},
		{"of an old browser, ours", map[string]string{"Origin": "http://example.com"}, false},
		{"of a program", nil, false},
		{"of another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		{"of a neighbour on the same site", map[string]string{"Sec-Fetch-Site": "same-site"}, true},
		{"of an old browser, another site", map[string]string{"Origin": "https://evil.example"}, true},
		{"of a sandboxed frame", map[string]string{"Origin": "null"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t)
			d.patient.on("POST /paciente/parecidos", []patient.Summary{namesake})
			d.login.on("POST /login", map[string]string{})
			for target, b := range map[string]*backend{"/pacientes": d.patient, "/login": d.login} {
				resp := d.send(&registrar, "POST", target, written, func(r *http.Request) {
					for k, v := range tt.headers {
						r.Header.Set(k, v)
					}
				})
				want := map[string]int{"/pacientes": http.StatusConflict, "/login": http.StatusOK}[target]
				if tt.refused {
					want = http.StatusForbidden
				}
				if resp.StatusCode != want || tt.refused != (len(b.got()) == 0) {
					t.Errorf("%s: %d, want %d; asked %v", target, resp.StatusCode, want, b.got())
				}
				if tt.refused && resp.Header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s is refused as %s", target, resp.Header.Get("Content-Type"))
				}
			}
			// Reading is for everybody who has the cookies; what it shows, no other site can see.
			if resp := d.send(&registrar, "GET", "/pacientes", nil, header("Sec-Fetch-Site", "cross-site")); resp.StatusCode != 200 {
				t.Errorf("a link from another site leads to %d", resp.StatusCode)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	d := newDoor(t)
	for _, target := range []string{"/", "/ingresar", "/pacientes", "/nada", "/static/nada", "/openapi.json", "/paciente/CC-1", "/eventos/recibir", "/a%00b"} {
		h := d.send(&registrar, "GET", target, nil).Header
		for name, want := range map[string]string{
			"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
		} {
			if got := h.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q, want %q once", target, name, got, want)
			}
		}
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q lacks %s", target, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", target, policy)
		}
	}
	if h := d.send(&registrar, "GET", "/pacientes", nil).Header; h.Get("Cache-Control") != "no-store" {
		t.Errorf("a page is kept: %q", h.Get("Cache-Control"))
	}
	plain := newDoor(t, "PUBLIC_URL", "http://localhost:8080")
	if got := plain.send(nil, "GET", "/ingresar", nil).Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without TLS the browser is told %q", got)
	}
}
