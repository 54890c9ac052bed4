package service

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"hce.co/shared/problem"
)

// Response is an answer with a JSON body, made before it is sent so that it can
// be kept for a retry.
type Response struct {
	Status   int
	Location string
	ETag     string
	Body     []byte
}

// JSON answers v with status.
func JSON(status int, v any) (Response, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return Response{}, fmt.Errorf("encode answer: %w", err)
	}
	return Response{Status: status, Body: append(b, '\n')}, nil
}

// Created answers v as the new resource at location, in its version.
func Created(location string, version int, v any) (Response, error) {
	resp, err := JSON(http.StatusCreated, v)
	resp.Location, resp.ETag = location, ETag(version)
	return resp, err
}

// Write sends the answer.
func (resp Response) Write(w http.ResponseWriter) error {
	h := w.Header()
	if resp.Location != "" {
		h.Set("Location", resp.Location)
	}
	if resp.ETag != "" {
		h.Set("ETag", resp.ETag)
	}
	if resp.Body != nil {
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(resp.Body)))
	}
	w.WriteHeader(resp.Status)
	w.Write(resp.Body) //nolint:errcheck // the client is gone; there is nobody to tell
	return nil
}

// WriteJSON answers v with 200 and, when version is not 0, its ETag.
func WriteJSON(w http.ResponseWriter, version int, v any) error {
	resp, err := JSON(http.StatusOK, v)
	if err != nil {
		return err
	}
	if version > 0 {
		resp.ETag = ETag(version)
	}
	return resp.Write(w)
}

// Page is what a client asks of a list: how many rows, after which.
type Page struct {
	Limit int
	After string // the cursor that the last page gave; "" for the first page
}

// ParsePage reads ?limite= (default 20, 1 to 100) and ?despues=.
func ParsePage(r *http.Request) (Page, error) {
	q := r.URL.Query()
	p := Page{Limit: 20, After: q.Get("despues")}
	if s := q.Get("limite"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 100 {
			return Page{}, problem.Invalid(map[string]string{"limite": "Use un número de 1 a 100."})
		}
		p.Limit = n
	}
	if len(p.After) > 200 {
		return Page{}, problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
	}
	return p, nil
}

// Next sets the Link to the page after cursor (RFC 8288).
func (p Page) Next(w http.ResponseWriter, r *http.Request, cursor string) {
	q := r.URL.Query()
	q.Set("limite", strconv.Itoa(p.Limit))
	q.Set("despues", cursor)
	u := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
	w.Header().Add("Link", "<"+u.String()+`>; rel="next"`)
}
