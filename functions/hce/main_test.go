package hce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	admissionapi "hce.co/functions/admission/api"
	"hce.co/functions/hce"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/client"
	"hce.co/shared/db/dbtest"
)

const password = "una clave de pruebas larga"

// clinic is the whole program under test, behind a real port.
type clinic struct {
	*hce.Clinic
	url  string
	gate *gate

	login     loginapi.Client
	patient   patientapi.Client
	admission admissionapi.Client
	notes     notesapi.Client
	pdf       pdfapi.Client
}

// gate is a broker that can be stopped.
type gate struct {
	next   *hce.Broker
	closed atomic.Bool
}

func (g *gate) Send(ctx context.Context, e cloudevents.Event) error {
	if g.closed.Load() {
		return errors.New("the broker is stopped")
	}
	return g.next.Send(ctx, e)
}

var (
	shared  *clinic
	cleanup func()
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		runChild()
	}
	code := dbtest.Main(suite{m})
	os.Exit(code)
}

// suite stops the clinic before its database goes away.
type suite struct{ m *testing.M }

func (s suite) Run() int {
	code := s.m.Run()
	if cleanup != nil {
		cleanup()
	}
	return code
}

var open = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "hce-clinica-")
	if err != nil {
		return err
	}
	g := &gate{}
	c := hce.New()
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	g.next = c.Broker
	c.Sender = g
	srv := httptest.NewServer(http.HandlerFunc(c.Handle))
	_, port, _ := strings.Cut(strings.TrimPrefix(srv.URL, "http://"), ":")
	if err := c.Start(context.Background(), map[string]string{
		"DATABASE_URL": databaseURL, "HCE_DATA_DIR": dir, "HCE_DEMO": "1", "HCE_DEMO_PASSWORD": password, "PORT": port, "LOG_LEVEL": "error",
		"DATABASE_MAX_CONNS": "8", "SIGNIN_ADDRESS_FREE_TRIES": "100000",
	}); err != nil {
		return err
	}
	to := client.Client{Base: srv.URL, HTTP: http.DefaultClient}
	shared = &clinic{
		Clinic: c, url: srv.URL, gate: g, login: loginapi.Client{Client: to}, patient: patientapi.Client{Client: to},
		admission: admissionapi.Client{Client: to}, notes: notesapi.Client{Client: to}, pdf: pdfapi.Client{Client: to},
	}
	cleanup = func() {
		srv.Close()
		if err := c.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "stop:", err)
		}
		os.RemoveAll(dir) //nolint:errcheck // temporary
	}
	return nil
})

var databaseURL string

// theClinic opens the clinic at the first test that needs it.
func theClinic(t *testing.T) *clinic {
	t.Helper()
	databaseURL = dbtest.URL(t, "postgres")
	if err := open(); err != nil {
		t.Fatalf("open the clinic: %v", err)
	}
	return shared
}

var tokens sync.Map

// as acts for a demo account.
func (c *clinic) as(t *testing.T, username string) context.Context {
	t.Helper()
	token, ok := tokens.Load(username)
	if !ok {
		got, err := c.login.Login(t.Context(), username, password)
		if err != nil {
			t.Fatalf("sign in as %s: %v", username, err)
		}
		token = got.AccessToken
		tokens.Store(username, token)
	}
	return client.As(t.Context(), client.Caller{Token: token.(string)}) //nolint:forcetypeassert // stored four lines up
}

// send makes a raw request and returns the status, headers and body.
func (c *clinic) send(t *testing.T, token, method, path, contentType, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
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

// tokenOf returns the access token of a demo account.
func (c *clinic) tokenOf(t *testing.T, username string) string {
	t.Helper()
	c.as(t, username)
	token, _ := tokens.Load(username)
	return token.(string) //nolint:forcetypeassert // as stored it
}

// person returns somebody new.
func person() patientapi.Demographics {
	return patientapi.Demographics{
		TipoDocumento: "CC", NumeroDocumento: dbtest.DocumentoID(), PrimerNombre: "Luz", SegundoNombre: "Dary", PrimerApellido: "Peña",
		SegundoApellido: "Ibáñez", FechaNacimiento: "1984-02-29", SexoBiologico: "02", GrupoSanguineo: "O", FactorRH: "+",
	}
}

// pages turns a PDF into its text.
func pages(t *testing.T, content []byte) string {
	t.Helper()
	if !strings.HasPrefix(string(content), "%PDF-") {
		t.Fatalf("no PDF: %.80q", content)
	}
	file := filepath.Join(t.TempDir(), "historia.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext (poppler-utils): %v", err)
	}
	return string(out)
}

// problemOf reads a problem+json answer.
func problemOf(t *testing.T, h http.Header, body string) (p struct {
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
