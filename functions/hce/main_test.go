package hce_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	admissionapi "hce.co/functions/admission/api"
	"hce.co/functions/hce"
	"hce.co/functions/hce/demo"
	"hce.co/functions/hce/deployed"
	"hce.co/functions/hce/journey"
	"hce.co/functions/login"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
)

const password = "una clave de pruebas larga"

// clinic is the whole program under test, behind a real port.
type clinic struct {
	*hce.Clinic
	url  string
	dir  string // HCE_DATA_DIR
	gate *gate

	login     loginapi.Client
	patient   patientapi.Client
	admission admissionapi.Client
	notes     notesapi.Client
	pdf       pdfapi.Client

	outside *journey.Clinic // what the journeys know of it
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
	at, err := deployed.At(srv.URL, "")
	if err != nil {
		return err
	}
	shared = &clinic{
		Clinic: c, url: srv.URL, dir: dir, gate: g, login: at.Login, patient: at.Patient, admission: at.Admission, notes: at.Notes, pdf: at.PDF,
	}
	shared.outside = &journey.Clinic{
		Clinic: at, Owner: demo.OwnerID, Stranger: "CC-79345001", Staff: map[auth.Role]deployed.Account{},
		Producer: deployed.Account{Username: login.DemoProducer, Password: password}, Doctor: []string{"Marcela Ríos Cárdenas", "52874316"},
	}
	for _, u := range login.DemoUsers(demo.OwnerID) {
		shared.outside.Staff[u.Role] = deployed.Account{Username: u.Username, Password: password}
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

// as acts for a demo account.
func (c *clinic) as(t *testing.T, username string) context.Context {
	t.Helper()
	return c.outside.As(t, roleOf(username))
}

// tokenOf returns the access token of a demo account.
func (c *clinic) tokenOf(t *testing.T, username string) string {
	t.Helper()
	return c.outside.Token(t, roleOf(username))
}

// roleOf is whom the demo account of that name is there for.
func roleOf(username string) auth.Role {
	for _, u := range login.DemoUsers(demo.OwnerID) {
		if u.Username == username {
			return u.Role
		}
	}
	return ""
}

// send makes a raw request and returns the status, headers and body.
func (c *clinic) send(t *testing.T, token, method, path, contentType, body string) (int, http.Header, string) {
	t.Helper()
	return c.outside.Send(t, token, method, path, contentType, body)
}

func person() patientapi.Demographics { return journey.Person() }

func note(documentoID, admission string) notesapi.NewNote {
	return journey.Note(documentoID, admission)
}

func flat(s string) string { return journey.Flat(s) }
