package ui

import (
	"net/http"
	"strconv"

	"hce.co/shared/problem"
	"hce.co/shared/service"
	"hce.co/ui/openapi"
	"hce.co/ui/static"
)

// asset gives a file that pages are made of.
func (f *Function) asset(w http.ResponseWriter, r *http.Request) error {
	if !static.Has(r.URL.Path) {
		return problem.NotFound("No existe este recurso.")
	}
	static.Handler().ServeHTTP(w, r)
	return nil
}

// icon leads browsers that ask for the icon at its old address to where it is.
func (f *Function) icon(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.Redirect(w, r, static.Path("favicon.svg"), http.StatusFound)
	return nil
}

// robots asks search engines to stay away from all of it (RFC 9309).
func (f *Function) robots(w http.ResponseWriter, _ *http.Request) error {
	return document(w, "text/plain; charset=utf-8", []byte("User-agent: *\nDisallow: /\n"))
}

// openAPI describes the wire to programs.
func (f *Function) openAPI(w http.ResponseWriter, _ *http.Request) error {
	return document(w, "application/json", openapi.Document)
}

// document answers with something that changes only with the program.
func document(w http.ResponseWriter, mediaType string, content []byte) error {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("Cache-Control", "public, max-age=300")
	w.WriteHeader(http.StatusOK)
	w.Write(content) //nolint:errcheck // the client is gone; there is nobody to tell
	return nil
}

// redirectTo sends the browser to a page of ours.
func redirectTo(path string) service.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, path, http.StatusSeeOther)
		return nil
	}
}
