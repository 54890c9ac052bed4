// Package journey is what a clinic must be able to do from end to end, asked of it
// over HTTP: of the one in a test's process, or of one that is deployed.
package journey

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"hce.co/functions/hce/deployed"
	patientapi "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
)

// Clinic is a clinic with people in it.
type Clinic struct {
	*deployed.Clinic
	Staff    map[auth.Role]deployed.Account // registrar, physician, records clerk, and the patient whose record Owner is
	Producer deployed.Account               // of events: client_id and secret
	Owner    string                         // documento_id of a record
	Stranger string                         // of a record that is not the patient's
	Doctor   []string                       // what the PDF says of the physician
	Opened   func(uuid.UUID)                // is told of accounts that a journey opens; may be nil

	tokens sync.Map
}

// Token returns an access token of somebody on the staff.
func (c *Clinic) Token(t testing.TB, role auth.Role) string {
	t.Helper()
	if token, ok := c.tokens.Load(role); ok {
		return token.(string) //nolint:forcetypeassert // stored six lines below
	}
	a := c.Staff[role]
	token, err := c.SignIn(t.Context(), &a)
	if err != nil {
		t.Fatal(err)
	}
	c.tokens.Store(role, token)
	return token
}

// As acts for somebody on the staff.
func (c *Clinic) As(t testing.TB, role auth.Role) context.Context {
	t.Helper()
	return client.As(t.Context(), client.Caller{Token: c.Token(t, role)})
}

// Send makes a raw request and returns the status, headers and body.
func (c *Clinic) Send(t testing.TB, token, method, path, contentType, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// Person returns somebody new.
func Person() patientapi.Demographics {
	return patientapi.Demographics{
		TipoDocumento: "CC", NumeroDocumento: deployed.DocumentNumber(), PrimerNombre: "Luz", SegundoNombre: "Dary", PrimerApellido: "Peña",
		SegundoApellido: "Ibáñez", FechaNacimiento: "1984-02-29", SexoBiologico: "02", GrupoSanguineo: "O", FactorRH: "+",
	}
}

// pages turns a PDF into its text.
func pages(t testing.TB, content []byte) string {
	t.Helper()
	if !strings.HasPrefix(string(content), "%PDF-") {
		t.Fatalf("no PDF: %.80q", content)
	}
	file := filepath.Join(t.TempDir(), "historia.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output() // #nosec G204 -- a test's own file
	if err != nil {
		t.Fatalf("pdftotext (poppler-utils): %v", err)
	}
	return string(out)
}

// problemOf reads a problem+json answer.
func problemOf(t testing.TB, h http.Header, body string) (p struct {
	Type, Title, Detail string
	Status              int
	Campos              map[string]string
},
) {
	t.Helper()
	if ct := h.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type is %q: %.200s", ct, body)
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Errorf("the problem is no JSON: %v: %.200s", err, body)
	}
	return p
}

// form encodes pairs of names and values.
func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
