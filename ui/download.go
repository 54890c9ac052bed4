package ui

import (
	"bytes"
	"io"
	"net/http"
	"net/url"

	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/view/link"
)

// download gives the file of a PDF as it comes from the function: its name
// tells a kind and a day, never a patient.
func (f *Function) download(p *page) error {
	id, err := p.jobID()
	if err != nil {
		return err
	}
	caller := auth.From(p.r.Context())
	file := "http://hce.local/exportar_pdf/" + url.PathEscape(p.r.PathValue("id")) + "/" + id.String() + "/archivo"
	req, err := http.NewRequestWithContext(p.r.Context(), http.MethodGet, file, http.NoBody)
	if err != nil {
		return err
	}
	req.RemoteAddr, req.RequestURI = doorAddress, req.URL.RequestURI()
	req.Header.Set("Authorization", "Bearer "+p.s.Access)
	req.Header.Set("X-Request-Id", caller.RequestID)
	req.Header.Set("X-Forwarded-For", caller.IP)
	if match := p.r.Header.Get("If-None-Match"); match != "" {
		req.Header.Set("If-None-Match", match)
	}
	w := &passing{ResponseWriter: p.w}
	f.Backends.PDFExport.ServeHTTP(w, req)
	if w.refusal == nil {
		return nil
	}
	answer := &http.Response{StatusCode: w.status, Header: w.refused}
	pr := problem.Read(answer, w.refusal.Bytes())
	if pr.Status == http.StatusConflict { // it is not ready: show how far it is
		return p.redirect(link.Export(p.r.PathValue("id"), id.String()))
	}
	return pr
}

// passing lets an answer through to the client as it is written, but for an
// error, which it keeps to be shown as a page.
type passing struct {
	http.ResponseWriter
	own     http.Header // of the answer, until it is known to be no error
	refused http.Header
	refusal *bytes.Buffer
	status  int
}

const maxRefusal = 64 << 10 // bytes of an error that are read

// Header returns the answer's own headers: those of an error are not the page's.
func (w *passing) Header() http.Header {
	if w.own == nil {
		w.own = http.Header{}
	}
	return w.own
}

// WriteHeader implements http.ResponseWriter.
func (w *passing) WriteHeader(status int) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	if status >= 400 {
		w.refused, w.refusal = w.Header(), &bytes.Buffer{}
		return
	}
	out := w.ResponseWriter.Header()
	for _, name := range passed {
		if v := w.Header().Get(name); v != "" {
			out.Set(name, v)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// passed are the headers of a file that the client gets.
var passed = []string{"Content-Type", "Content-Length", "Content-Disposition", "ETag", "Vary"}

// Write implements http.ResponseWriter.
func (w *passing) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.refusal != nil {
		return io.Discard.Write(b[copyInto(w.refusal, b):])
	}
	return w.ResponseWriter.Write(b)
}

func copyInto(to *bytes.Buffer, b []byte) int {
	n, _ := to.Write(b[:min(len(b), max(0, maxRefusal-to.Len()))]) // a buffer never fails
	return n
}
