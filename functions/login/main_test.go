package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/argon2"

	"hce.co/functions/login/api"
	"hce.co/functions/login/keys"
	"hce.co/functions/login/password"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/crockford"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const secret = "tres tristes tigres" // of every account that a test makes

// secretHash is made once: a hash costs what a sign-in does.
var secretHash = sync.OnceValue(func() string { return password.Hash(secret) })

// clock is time that stands still until a test moves it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

// newClock returns one that shows about now: what ended is read by the time of
// the machine. It stands in the middle of a step of the second factor, so that
// no code changes between two lines of a test.
func newClock() *clock {
	return &clock{at: time.Now().Truncate(period * time.Second).Add(period * time.Second / 2)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is login under test, reached over HTTP from an address of its own.
type world struct {
	t      testing.TB
	f      *Function
	url    string
	clock  *clock
	root   *pgxpool.Pool // as the superuser, for what only other functions write
	ip     string
	hashes atomic.Int64 // verified so far
}

var addresses atomic.Int64

// address returns one that no other test uses: failures are counted by address.
func address() string {
	n := addresses.Add(1)
	return fmt.Sprintf("10.%d.%d.%d", rand.IntN(256), rand.IntN(256), n%256)
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// counted counts the passwords that are checked.
type counted struct {
	password.Hasher
	checks *atomic.Int64
}

func (c counted) Verify(ctx context.Context, hash, secret string) (ok, outdated bool, err error) {
	c.checks.Add(1)
	return c.Hasher.Verify(ctx, hash, secret)
}

func newWorld(t testing.TB, settings ...string) *world {
	t.Helper()
	dir := t.TempDir()
	private := filepath.Join(dir, "privadas.json")
	clock := newClock()
	if err := keys.Generate(clock.now()).Write(private, filepath.Join(dir, "jwks.json")); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, f: New(), clock: clock, root: dbtest.Pool(t, "postgres"), ip: address()}
	w.f.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	w.f.Now = w.clock.now
	w.f.Passwords = counted{password.Here{}, &w.hashes}
	env := map[string]string{
		"DATABASE_URL": dbtest.URL(t, "hce_login"), "DATABASE_MAX_CONNS": "16", "AUTH_SIGNING_KEYS_FILE": private,
		"KEY_ENCRYPTION_KEY": base64.StdEncoding.EncodeToString(make([]byte, 32)), "AUDIT_KEY": audittest.Key, "TRUSTED_PROXIES": "127.0.0.1",
	}
	for _, s := range settings {
		k, v, _ := strings.Cut(s, "=")
		env[k] = v
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

// from returns a context in which calls come from an address, with a token if
// there is one.
func (w *world) from(ip, token string) context.Context {
	return client.As(context.Background(), client.Caller{Token: token, ForwardedFor: ip})
}

func (w *world) anyone() context.Context { return w.from(w.ip, "") }

func (w *world) client() api.Client {
	return api.Client{Client: client.Client{Base: w.url, HTTP: http.DefaultClient}}
}

// account makes an account with the secret, and returns its user name.
func (w *world) account(role auth.Role, change ...func(*account)) account {
	w.t.Helper()
	name := "u" + strings.ReplaceAll(ident.NewID().String()[9:], "-", "")
	a, err := newAccount(api.NewUser{
		Username: name, Email: name + "@clinica.co", Nombre: "Persona de Prueba", Password: "una clave que cambia", Rol: roleOr(role),
	}, w.f.Now().UTC())
	if err != nil {
		w.t.Fatal(err)
	}
	a.Hash = secretHash()
	if role == auth.Admin {
		a.Demo = true // no second factor is asked
	}
	if role == auth.Patient {
		a.Roles, a.DocumentoID = []auth.Role{auth.Patient}, w.patient()
	}
	for _, c := range change {
		c(&a)
	}
	tx, err := w.f.pool.Begin(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.f.insertAccount(context.Background(), tx, a); err != nil {
		w.t.Fatal(err)
	}
	if err := tx.Commit(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// roleOr gives newAccount a role that needs no record.
func roleOr(role auth.Role) auth.Role {
	if role == auth.Patient {
		return auth.Operator
	}
	return role
}

// patient opens a record, as the registry would, and returns its documento_id.
func (w *world) patient() string {
	w.t.Helper()
	id := "CC-" + dbtest.DocumentoID()
	w.exec(`INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $1, $2)`, id, w.f.Now())
	w.exec(`INSERT INTO historia_clinica.paciente (documento_id, creado_en, actualizado_en, actualizado_por, tipo_documento, numero_documento,
		primer_apellido, segundo_apellido, primer_nombre, fecha_nacimiento, sexo_biologico, nombre_busqueda, nombre_orden)
		VALUES ($1, $2, $2, $3, 'CC', $4, 'Peña', 'Ávila', 'Luz', '1984-02-29', '02', 'luz pena avila', 'pena avila luz')`,
		id, w.f.Now(), uuid.New(), strings.TrimPrefix(id, "CC-"))
	return id
}

// code gives a record a registration code, as reception would.
func (w *world) code(documentoID string) string {
	w.t.Helper()
	shown := crockford.Show(crockford.New())
	w.exec(`INSERT INTO historia_clinica.codigo_registro (documento_id, id, huella, creado_en, expira, creado_por) VALUES ($1, $2, $3, $4, $5, $6)`,
		documentoID, ident.NewID(), hashCode(shown), w.f.Now(), w.f.Now().Add(7*24*time.Hour), uuid.New())
	return shown
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.root.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// one reads one value.
func one[T any](w *world, sql string, args ...any) (v T) {
	w.t.Helper()
	if err := w.root.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// login signs an account in from the world's address.
func (w *world) login(a account) api.Token {
	w.t.Helper()
	t, err := w.client().Login(w.anyone(), a.Username, secret)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// as signs an account in and returns a context with its token.
func (w *world) as(a account) context.Context { return w.from(w.ip, w.login(a).AccessToken) }

// enrol gives the caller a second factor, and returns its secret and recovery
// codes.
func (w *world) enrol(ctx context.Context) (string, api.Enrolled) {
	w.t.Helper()
	e, err := w.client().BeginMFA(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	done, err := w.client().ConfirmMFA(ctx, w.totp(e.Secreto))
	if err != nil {
		w.t.Fatal(err)
	}
	return e.Secreto, done
}

// totp is the code that an authenticator shows now.
func (w *world) totp(secret string) string {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.f.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// answered is a raw answer.
type answered struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// send makes a raw request; headers are "Name: value".
func (w *world) send(method, path, contentType, body string, headers ...string) answered {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", w.ip)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		req.Header.Add(k, v)
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
	a := answered{status: resp.StatusCode, header: resp.Header, raw: string(b)}
	json.Unmarshal(b, &a.body) //nolint:errcheck // not every answer is an object
	return a
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// status wants an error to be a problem of that status.
func status(t testing.TB, what string, err error, want int) {
	t.Helper()
	if problem.Status(err) != want || err == nil {
		t.Errorf("%s: %v, want %d", what, err, want)
	}
}

// asProblem finds the problem in err.
func asProblem(err error, p **problem.Error) bool { return errors.As(err, p) }

func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }

// cheapKey is the key part of an argon2id hash of 1 MiB and one pass, under a
// salt of zeros.
func cheapKey(secret string) string {
	return base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(secret), make([]byte, 16), 1, 1024, 1, 32))
}
