package pdfexport

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/client"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/event"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// world is the exports under test, reached over HTTP, with a broker in the same
// process and a superuser who writes what other functions would.
type world struct {
	t      testing.TB
	f      *Function
	url    string
	issuer *authtest.Issuer
	broker *broker
	root   *pgxpool.Pool
	clock  *clock
}

func newWorld(t testing.TB, settings ...string) *world {
	t.Helper()
	issuer := authtest.New(t)
	w := &world{t: t, issuer: issuer, root: dbtest.Pool(t, "postgres"), clock: &clock{}}
	w.f, w.broker = New(), &broker{}
	w.f.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	w.f.Sender, w.f.Now = w.broker, w.clock.now
	w.broker.receiver = w.f
	env := map[string]string{
		"DATABASE_URL": dbtest.URL(t, "hce_pdf_export"), "AUTH_KEYS_FILE": issuer.KeysFile, "DATABASE_MAX_CONNS": "16", "AUDIT_KEY": audittest.Key,
		"PUBLIC_URL": "https://hce.example.co", "INSTITUTION_NAME": "Hospital de la Prueba", "EXPORT_WAIT": "5s",
		"INSTITUTION_NIT": "899.999.123-4", "INSTITUTION_REPS": "110010912301", "INSTITUTION_ADDRESS": "Carrera 8 # 0-55",
	}
	for i := 0; i < len(settings); i += 2 {
		env[settings[i]] = settings[i+1]
	}
	if err := w.f.Start(context.Background(), env); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(w.f.Handle))
	w.url = srv.URL
	t.Cleanup(func() {
		srv.Close()
		if err := w.f.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// clock is the time, moved on at will.
type clock struct {
	mu  sync.Mutex
	off time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.off)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off += d
}

// broker delivers events as a Knative broker with a trigger for this function
// would, and may be down.
type broker struct {
	receiver *Function

	mu    sync.Mutex
	down  bool
	taken []cloudevents.Event
}

func (b *broker) setDown(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

func (b *broker) events(typ string) []cloudevents.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []cloudevents.Event
	for _, e := range b.taken {
		if e.Type() == typ {
			out = append(out, e)
		}
	}
	return out
}

func (b *broker) Send(ctx context.Context, e cloudevents.Event) error {
	b.mu.Lock()
	down := b.down
	if !down {
		b.taken = append(b.taken, e)
	}
	b.mu.Unlock()
	if down {
		return errors.New("the broker is down")
	}
	if e.Type() != event.PDFRequested {
		return nil
	}
	status, err := deliver(ctx, b.receiver, e)
	if err == nil && status >= 500 {
		err = errors.New("the receiver asks to retry")
	}
	return err
}

// deliver hands an event to a function's receiver and returns what it answers.
func deliver(ctx context.Context, f *Function, e cloudevents.Event) (int, error) {
	req, err := event.Request(ctx, "http://pdf-export.local/eventos/recibir", e)
	if err != nil {
		return 0, err
	}
	req.RemoteAddr = "127.0.0.1:0"
	rec := httptest.NewRecorder()
	f.Handle(rec, req)
	return rec.Code, nil
}

// as returns a client, and a context in which it acts for p.
func (w *world) as(p auth.Principal) (api.Client, context.Context) {
	ctx := client.As(context.Background(), client.Caller{Token: w.issuer.Token(w.t, p)})
	return api.Client{Client: client.Client{Base: w.url, HTTP: http.DefaultClient}}, ctx
}

// answer is what came back of a raw request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return v
}

// send makes a raw request as p, without a token for the zero Principal.
func (w *world) send(p auth.Principal, method, path, body string, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if p.Roles != nil {
		req.Header.Set("Authorization", "Bearer "+w.issuer.Token(w.t, p))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, b}
}

// count asks the database for a number.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.root.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// exec changes the database behind the functions' backs.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.root.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 400 {
		if ok() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

var (
	clerk     = authtest.Principal("Rita Resultados", auth.RecordsClerk)
	physician = authtest.Principal("Mario Médico", auth.Physician)
	registrar = authtest.Principal("Ana Admisiones", auth.Registrar)
	admin     = authtest.Principal("Alba Administra", auth.Admin)
)

// patientOf returns the patient of a record.
func patientOf(documentoID string) auth.Principal {
	p := authtest.Principal("Luz Peña", auth.Patient)
	p.DocumentoID = documentoID
	return p
}
