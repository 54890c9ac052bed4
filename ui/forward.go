package ui

import (
	"net/http"
	"net/url"
	"strings"

	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// wire is what a function shows to the world.
type wire struct {
	to       http.Handler
	patterns []string
}

// forwarded is the wire of every function. What is not here cannot be reached
// from outside: the receivers of events are not.
func (f *Function) forwarded() []wire {
	b := f.Backends
	return []wire{
		{b.Login, []string{
			"POST /login", "POST /login/reforzar", "POST /logout", "GET /.well-known/jwks.json", "POST /register",
			"/yo", "/yo/", "PATCH /usuarios/{id}", "DELETE /usuarios/{id}/mfa", "/productores", "/productores/",
		}},
		{b.Patient, []string{"/paciente", "/paciente/", "/accesos-emergencia", "/accesos-emergencia/", "GET /operacion/estado"}},
		{b.Admission, []string{"/admision", "/admision/", "/censo", "/censo/"}},
		{b.Notes, []string{"/medico/", "GET /cie10", "POST /eventos"}},
		{b.PDFExport, []string{"/exportar_pdf/", "GET /operacion/exportaciones"}},
	}
}

// forward hands a request to the function that answers it. The address of the
// client is ours to say: whatever it claimed was judged by the router. A path
// that climbs, written as %2e%2e, is no route of ours, and what stands between
// us and the function could resolve it.
func forward(h http.Handler) service.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		for segment := range strings.SplitSeq(r.URL.Path, "/") {
			if segment == "." || segment == ".." {
				return problem.NotFound("No existe este recurso.")
			}
		}
		caller := auth.From(r.Context())
		r.Header.Set("X-Forwarded-For", caller.IP)
		r.Header.Set("X-Request-Id", caller.RequestID)
		r.Header.Del("Cookie")         // a page's session is not a function's business
		w.Header().Del("X-Request-Id") // the function says these too
		w.Header().Del("Cache-Control")
		h.ServeHTTP(w, r)
		return nil
	}
}

// pageOrAPI serves a path that browsers and programs share: a page to whoever
// asks for HTML without a token of their own.
func pageOrAPI(page, api service.Handler) service.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if wantsPage(r) {
			return page(w, r)
		}
		return api(w, r)
	}
}

// showRefusal answers as a page what no page of ours answered: an address that
// nobody has, or that is not opened in this way. Programs, and whoever asks at
// an address of the wire, get the problem itself.
func (f *Function) showRefusal(w http.ResponseWriter, r *http.Request, err error) bool {
	status := problem.Status(err)
	reads := r.Header.Get("Authorization") == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
	if !reads || status >= http.StatusInternalServerError || !f.forPeople(r.URL) {
		return false
	}
	p, serr := f.visit(w, r)
	if serr != nil {
		p.s = nil // the page is for anybody
	}
	return f.fault(p, &problem.Error{Status: status}) == nil
}

// forPeople reports whether an address is one of a page, or of nothing at all.
func (f *Function) forPeople(u *url.URL) bool {
	if f.opens(http.MethodGet, u) || f.opens(http.MethodPost, u) {
		return true
	}
	_, wire := f.wires.Handler(&http.Request{Method: http.MethodGet, URL: u})
	return wire == ""
}

func wantsPage(r *http.Request) bool {
	return r.Header.Get("Authorization") == "" &&
		(strings.Contains(r.Header.Get("Accept"), "text/html") || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"))
}
