// Package deployed reaches a clinic that runs elsewhere.
package deployed

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	admissionapi "hce.co/functions/admission/api"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/client"
)

// patience is how long an answer may take: functions that sleep have to wake,
// one after the other.
const patience = time.Minute

// Clinic is a clinic behind a URL, with a client for each of its functions.
type Clinic struct {
	URL  string
	HTTP *http.Client

	Login     loginapi.Client
	Patient   patientapi.Client
	Admission admissionapi.Client
	Notes     notesapi.Client
	PDF       pdfapi.Client
}

// At returns the clinic at a URL. host, unless it is "", is the host to ask for
// there: an ingress serves many. Names under localhost lead to this machine (RFC
// 6761 §6.3), whatever its resolver makes of them.
func At(address, host string) (*Clinic, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q is not the URL of a clinic", address)
	}
	base := strings.TrimRight(address, "/")
	hc := &http.Client{Timeout: patience, Transport: asking(host), CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	to := client.Client{Base: base, HTTP: hc}
	return &Clinic{
		URL: base, HTTP: hc, Login: loginapi.Client{Client: to}, Patient: patientapi.Client{Client: to},
		Admission: admissionapi.Client{Client: to}, Notes: notesapi.Client{Client: to}, PDF: pdfapi.Client{Client: to},
	}, nil
}

// Loopback reports whether the clinic is on this machine.
func (c *Clinic) Loopback() bool {
	u, err := url.Parse(c.URL)
	if err != nil {
		return false
	}
	name := u.Hostname()
	ip := net.ParseIP(name)
	return underLocalhost(name) || ip != nil && ip.IsLoopback()
}

func underLocalhost(name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// asking returns a transport that names a host in each request.
func asking(host string) http.RoundTripper {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	t := &http.Transport{
		MaxIdleConnsPerHost: 128, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if name, port, err := net.SplitHostPort(address); err == nil && underLocalhost(name) {
				address = net.JoinHostPort("127.0.0.1", port)
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
	if host == "" {
		return t
	}
	return hosted{t, host}
}

// hosted sends requests to one place for another.
type hosted struct {
	next http.RoundTripper
	host string
}

func (h hosted) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = h.host
	return h.next.RoundTrip(r)
}
