package ui

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/problem"
	"hce.co/shared/telemetry"
)

// remote forwards requests to a function at base. A function that is asleep is
// woken by the request, so the wait is long and a refused connection, which is
// what a pod that just went away gives, is tried again.
func remote(base string, timeout time.Duration) (http.Handler, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the URL of a function", base)
	}
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(u)
			p.Out.Host = u.Host
			p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
		},
		ModifyResponse: func(resp *http.Response) error {
			resp.Header.Del("X-Content-Type-Options") // ours says it
			return nil
		},
		Transport: telemetry.Transport(&retrying{&http.Transport{
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			MaxIdleConns:          256,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       20 * time.Second, // shorter than the functions' own, so that none closes under a request
			ResponseHeaderTimeout: timeout,
		}}),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			var tooBig *http.MaxBytesError
			if errors.As(err, &tooBig) {
				problem.Write(w, &problem.Error{
					Status: http.StatusRequestEntityTooLarge, Detail: "El contenido supera el máximo permitido de 1 MiB.",
				}, auth.From(r.Context()).RequestID)
				return
			}
			problem.Write(w, problem.Unavailable(err), auth.From(r.Context()).RequestID)
		},
	}, nil
}

// retrying repeats a request that never reached a server.
type retrying struct{ next http.RoundTripper }

func (t *retrying) RoundTrip(r *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		resp, err := t.next.RoundTrip(r)
		var op *net.OpError
		if err == nil || attempt == 4 || !errors.As(err, &op) || op.Op != "dial" || r.Context().Err() != nil {
			return resp, err
		}
		time.Sleep(time.Duration(attempt*attempt) * 50 * time.Millisecond)
	}
}

// Local returns a client whose calls are made by asking h itself.
func Local(h http.Handler) client.Client {
	return client.Client{Base: "http://hce.local", HTTP: &http.Client{
		Transport:     inProcess{h},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// doorAddress is from where the door calls a function in its own process;
// X-Forwarded-For says for whom.
const doorAddress = "127.0.0.1:0"

// inProcess answers a client's request by calling a handler.
type inProcess struct{ h http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI = in.URL.RequestURI()
	in.RemoteAddr = doorAddress
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := &answer{header: http.Header{}, status: http.StatusOK}
	if heldBack(in) {
		problem.Write(rec, errUnsent(), auth.From(in.Context()).RequestID)
	} else {
		t.h.ServeHTTP(rec, in)
	}
	return &http.Response{
		StatusCode: rec.status, Status: http.StatusText(rec.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.header, Body: io.NopCloser(&rec.body), ContentLength: int64(rec.body.Len()), Request: r,
	}, nil
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.wrote && status >= 200 {
		a.status, a.wrote = status, true
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.wrote = true
	return a.body.Write(b)
}
