package hce_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/functions/hce"
	"hce.co/functions/hce/deployed"
	"hce.co/functions/hce/journey"
	"hce.co/functions/patient"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/event"
	"hce.co/shared/service"
	"hce.co/shared/telemetry/telemetrytest"
	"hce.co/ui"
)

// serve starts a function as a cluster does, behind a port of its own. stop
// waits for what is under way: a step ends a little after its answer.
func serve(t *testing.T, f service.Function, env map[string]string) (url string, stop func()) {
	t.Helper()
	if err := f.Start(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(service.WithHealth(f))
	stop = sync.OnceFunc(func() {
		srv.Close()
		if err := f.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return srv.URL, stop
}

// lineage is the way from the first step of a trace to the last: who is whose
// parent.
func lineage(c *telemetrytest.Collector, last telemetrytest.Span) (names []string) {
	spans := c.Spans()
	for s, ok := last, true; ok; {
		names = append([]string{s.Kind + " " + s.Name}, names...)
		i := slices.IndexFunc(spans, func(p telemetrytest.Span) bool { return p.ID == s.Parent && p.Trace == s.Trace })
		if ok = i >= 0; ok {
			s = spans[i]
		}
	}
	return names
}

// One request through the ui and a function to PostgreSQL, each where a cluster
// has it, is one trace, be it a program's or that of a person with a page.
func TestOneTraceFromTheDoorToTheDatabase(t *testing.T) {
	shared := theClinic(t)
	cookies, _ := shared.atDesk(t, "admisionista", "")
	p, err := shared.patient.Register(shared.as(t, "admisionista"), person(), "")
	if err != nil {
		t.Fatal(err)
	}
	token := shared.tokenOf(t, "admisionista")

	c := telemetrytest.Start(t, "prueba")
	secrets := filepath.Join(shared.dir, "secretos")
	quiet := slog.New(slog.DiscardHandler)
	f := patient.New()
	f.Log, f.Sender = quiet, shared.gate
	functionURL, stopFunction := serve(t, f, map[string]string{
		"DATABASE_URL": dbtest.URL(t, "hce_patient"), "AUTH_KEYS_FILE": filepath.Join(secrets, "jwks.json"), "AUDIT_KEY_FILE": filepath.Join(secrets, "auditoria"),
	})
	rest := httptest.NewServer(http.HandlerFunc(shared.Login.Handle)) // the others are not asked
	t.Cleanup(rest.Close)
	door := ui.New()
	door.Log = quiet
	doorURL, stopDoor := serve(t, door, map[string]string{
		"PATIENT_URL": functionURL, "LOGIN_URL": rest.URL, "ADMISSION_URL": rest.URL, "NOTES_URL": rest.URL, "PDF_EXPORT_URL": rest.URL,
	})
	ask := func(path string, change func(*http.Request)) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, doorURL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, resp.StatusCode)
		}
	}
	ask("/paciente/"+p.DocumentoID+"?motivo=Luz", func(r *http.Request) { // a program, with a trace of its own
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		r.Header.Set("Baggage", "paciente=Luz")
	})
	ask("/pacientes/"+p.DocumentoID+"/editar", func(r *http.Request) { // a person's browser
		r.Header.Set("Accept", "text/html")
		for _, k := range cookies {
			r.AddCookie(k)
		}
	})
	stopDoor()
	stopFunction()
	c.Stop()

	var ways [][]string
	for _, s := range c.Spans() {
		if s.Attributes["db.system.name"] == "" || s.Name == "CONNECT" {
			continue
		}
		if way := lineage(c, s); !slices.ContainsFunc(ways, func(w []string) bool { return cmp.Equal(w, way) }) {
			ways = append(ways, way)
		}
		if s.Trace == "0af7651916cd43dd8448eb211c80319c" {
			t.Error("somebody outside chose the trace")
		}
	}
	for _, first := range []string{"SERVER GET /paciente/", "SERVER GET /pacientes/{id}/editar"} {
		if !slices.ContainsFunc(ways, func(w []string) bool {
			return len(w) == 4 && cmp.Equal(w[:3], []string{first, "CLIENT GET", "SERVER GET /paciente/{id}"}) && strings.HasPrefix(w[3], "CLIENT ")
		}) {
			t.Errorf("no way from %s to the database: %v", first, ways)
		}
	}
	if doors := c.Named("SERVER", "GET /paciente/"); !slices.Equal(doors.Links, []string{"0af7651916cd43dd8448eb211c80319c"}) {
		t.Errorf("the door's step is linked with %v", doors.Links)
	}
	tellsOfNobody(t, c, p.DocumentoID, token)
}

var (
	numbers = regexp.MustCompile(`\d{5,}`)
	ids     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-`)
	token   = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.`)
)

// tellsOfNobody searches all that was sent out for documents, ids, tokens,
// names and what was written.
func tellsOfNobody(t *testing.T, c *telemetrytest.Collector, secrets ...string) {
	t.Helper()
	secrets = append(secrets, "Luz", "Peña", "Ibáñez", "Tos", "J209", "Glucosa", "CC-", "script", "127.0.0.1:", "http://", password)
	words := c.Words()
	if len(words) == 0 {
		t.Fatal("nothing was sent out")
	}
	for _, w := range words {
		if strings.HasPrefix(w, "hce_test_") { // the database of the tests
			continue
		}
		if numbers.MatchString(w) || ids.MatchString(w) || token.MatchString(w) {
			t.Errorf("%q was sent out", w)
		}
		for _, s := range secrets {
			if strings.Contains(w, s) {
				t.Errorf("%q was sent out: it holds %q", w, s)
			}
		}
	}
}

// What a whole day of a clinic makes goes out without a word about anybody; and
// the event that asks for a document builds it in the trace of who asked.
func TestTelemetryTellsOfNobody(t *testing.T) {
	shared := theClinic(t)
	c := telemetrytest.Start(t, "hce")
	clinic := hce.New()
	clinic.Log = slog.New(slog.DiscardHandler)
	srv := httptest.NewServer(http.HandlerFunc(clinic.Handle))
	defer srv.Close()
	if err := clinic.Start(t.Context(), map[string]string{
		"DATABASE_URL": databaseURL, "HCE_DATA_DIR": shared.dir, "LOG_LEVEL": "error", "SIGNIN_ADDRESS_FREE_TRIES": "100000",
		"HCE_DEMO": "1", "HCE_DEMO_PASSWORD": password,
	}); err != nil {
		t.Fatal(err)
	}
	at, err := deployed.At(srv.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	outside := &journey.Clinic{
		Clinic: at, Staff: shared.outside.Staff, Producer: shared.outside.Producer, Owner: shared.outside.Owner, Stranger: shared.outside.Stranger,
		Doctor: shared.outside.Doctor,
	}
	journey.Whole(t, outside)
	journey.LaboratoryResult(t, outside)
	srv.Close()
	if err := clinic.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	c.Stop()

	tellsOfNobody(t, c)
	built := false
	for _, s := range c.Spans() {
		if s.Name != "POST /eventos/recibir" || s.Attributes["cloudevents.event_type"] != event.PDFRequested {
			continue
		}
		if got, want := lineage(c, s), []string{
			"SERVER POST /exportar_pdf/", "INTERNAL POST /exportar_pdf/{id}", "PRODUCER send " + event.PDFRequested, "SERVER POST /eventos/recibir",
		}; cmp.Equal(got, want) {
			built = true
		} else {
			t.Errorf("a document is built below %v, want %v", got, want)
		}
	}
	if !built {
		t.Errorf("no document was built by an event: %v", c.Names())
	}
	counted := func(name string, labels ...string) (n uint64) {
		for _, p := range c.Points(name) {
			same := true
			for i := 0; i+1 < len(labels); i += 2 {
				same = same && p.Attributes[labels[i]] == labels[i+1]
			}
			if same {
				n += p.Count
			}
		}
		return n
	}
	for _, want := range [][]string{
		{"hce.pdf.build.duration", "hce.outcome", "ready"},
		{"http.server.request.duration", "http.route", "/login", "hce.grant", "password", "hce.outcome", "ok"},
		{"http.server.request.duration", "http.route", "/login", "hce.grant", "client_credentials", "hce.outcome", "ok"},
		{"http.server.request.duration", "cloudevents.event_type", event.ResultIssued, "http.response.status_code", "204"},
	} {
		if counted(want[0], want[1:]...) == 0 {
			t.Errorf("nothing was counted of %v", want)
		}
	}
}
