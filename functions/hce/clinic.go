// Package hce is the whole clinic in one process: every function, the ui and an
// embedded PostgreSQL, wired as Knative wires them.
package hce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"hce.co/functions/admission"
	"hce.co/functions/hce/hasher"
	"hce.co/functions/login"
	"hce.co/functions/notes"
	"hce.co/functions/patient"
	pdfexport "hce.co/functions/pdf-export"
	"hce.co/shared/db/localpg"
	"hce.co/shared/db/migrate"
	"hce.co/shared/event"
	"hce.co/shared/service"
	"hce.co/ui"
)

// memoryLimit is what all of it tries to stay under, in bytes, unless GOMEMLIMIT
// says otherwise. Two passwords hashed here at once take 128 MiB of it.
const memoryLimit = 256 << 20

// Clinic is a function like the others to whoever runs it.
type Clinic struct {
	Log    *slog.Logger // slog.Default when nil
	Broker *Broker
	Sender event.Sender // takes the functions' events on; the broker when nil

	// Program is this program's own file, which hashes passwords in processes of
	// their own when it is started for that: see hasher.Asked. Without it they are
	// hashed in this one.
	Program string

	Login     *login.Function
	Patient   *patient.Function
	Admission *admission.Function
	Notes     *notes.Function
	PDFExport *pdfexport.Function
	UI        *ui.Function

	settings Settings
	secrets  secrets
	postgres *localpg.Server
	hashers  *hasher.Pool
	running  []service.Function // in the order they were started

	background sync.WaitGroup
	quit       context.CancelFunc
}

// New returns a clinic that Start opens.
func New() *Clinic {
	return &Clinic{
		Broker: &Broker{},
		Login:  login.New(), Patient: patient.New(), Admission: admission.New(), Notes: notes.New(), PDFExport: pdfexport.New(), UI: ui.New(),
	}
}

// Start brings up the database, its schema, and every function.
func (c *Clinic) Start(ctx context.Context, environ map[string]string) (err error) {
	if c.settings, err = ReadSettings(environ); err != nil {
		return err
	}
	c.Log = cmp.Or(c.Log, slog.Default())
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryLimit)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop(context.WithoutCancel(ctx)))
		}
	}()
	if c.secrets, err = openSecrets(filepath.Join(c.settings.DataDir, "secretos")); err != nil {
		return err
	}
	address, err := c.database(ctx)
	if err != nil {
		return err
	}
	if _, err := migrate.Up(ctx, address("")); err != nil {
		return err
	}
	quiet := c.Log // ui logs each request; the functions need not again
	if !c.Log.Enabled(ctx, slog.LevelDebug) {
		quiet = service.NewLogger(os.Stdout, "warn")
	}
	c.Login.Log, c.Patient.Log, c.Admission.Log, c.Notes.Log, c.PDFExport.Log = quiet, quiet, quiet, quiet, quiet
	c.UI.Log = c.Log
	if c.Program != "" {
		c.hashers = hasher.NewPool(c.Program, c.settings.Hashes)
		c.Login.Passwords = c.hashers
	}
	if c.Sender == nil {
		c.Sender = c.Broker
	}
	c.Patient.Sender, c.Admission.Sender, c.Notes.Sender, c.PDFExport.Sender = c.Sender, c.Sender, c.Sender, c.Sender
	for _, f := range []struct {
		role string
		service.Function
	}{
		{"hce_login", c.Login}, {"hce_patient", c.Patient}, {"hce_admission", c.Admission}, {"hce_notes", c.Notes}, {"hce_pdf_export", c.PDFExport},
	} {
		if err := f.Start(ctx, c.environ(environ, address(f.role), f.role)); err != nil {
			return fmt.Errorf("start %s: %w", f.role, err)
		}
		c.running = append(c.running, f.Function)
	}
	c.Broker.Subscribe(Trigger{event.ResultIssued, http.HandlerFunc(c.Notes.Handle), "/eventos/recibir"})
	c.Broker.Subscribe(Trigger{event.PDFRequested, http.HandlerFunc(c.PDFExport.Handle), "/eventos/recibir"})
	c.Broker.Bury(Trigger{Subscriber: http.HandlerFunc(c.Patient.Handle), Path: "/eventos/muertos"})
	c.UI.Backends = ui.Backends{
		Login: service.WithHealth(c.Login), Patient: service.WithHealth(c.Patient), Admission: service.WithHealth(c.Admission),
		Notes: service.WithHealth(c.Notes), PDFExport: service.WithHealth(c.PDFExport),
	}
	if err := c.UI.Start(ctx, c.environ(environ, "", "")); err != nil {
		return err
	}
	c.running = append(c.running, c.UI)
	if err := c.demonstrate(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	bg, quit := context.WithCancel(context.WithoutCancel(ctx))
	c.quit = quit
	c.background.Go(func() { c.flush(bg) })
	return nil
}

// database returns the address of the database for a role ("" for its owner):
// of the one that DATABASE_URL names, or of the embedded one.
func (c *Clinic) database(ctx context.Context) (func(role string) string, error) {
	if url := string(c.settings.DatabaseURL); url != "" {
		return func(string) string { return url }, nil
	}
	var err error
	c.postgres, err = localpg.Start(ctx, localpg.Options{
		Dir: filepath.Join(c.settings.DataDir, "postgres"), Log: c.Log, Citus: localpg.CitusMode(c.settings.Citus),
	})
	if err != nil {
		return nil, err
	}
	if err := c.postgres.Database(ctx, "hce"); err != nil {
		return nil, err
	}
	address := func(role string) string { return c.postgres.URL(cmp.Or(role, "postgres"), "hce") }
	// For psql and for verificar-auditoria, as the database's owner.
	if err := os.WriteFile(filepath.Join(c.settings.DataDir, "conexion"), []byte(address("")+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return address, nil
}

// environ is what a function finds in its environment: what the clinic was
// given, with its own database and keys.
func (c *Clinic) environ(given map[string]string, databaseURL, role string) map[string]string {
	env := map[string]string{}
	for k, v := range given {
		env[k] = v
	}
	delete(env, "K_SINK")
	env["DATABASE_URL"] = databaseURL
	if c.postgres == nil {
		env["DATABASE_ROLE"] = role
	}
	env["DATABASE_MAX_CONNS"] = c.settings.MaxConns
	env["AUTH_KEYS_FILE"] = c.secrets.publicKeys
	env["AUTH_SIGNING_KEYS_FILE"] = c.secrets.signingKeys
	env["KEY_ENCRYPTION_KEY_FILE"] = c.secrets.encryptionKey
	env["PDF_SIGNING_KEY_FILE"] = c.secrets.documentKey
	env["AUDIT_KEY_FILE"] = c.secrets.auditKey
	env["FORM_KEY_FILE"] = c.secrets.formKey
	env["PUBLIC_URL"] = c.settings.PublicURL
	env["PASSWORD_MAX_CONCURRENT"] = strconv.Itoa(c.settings.Hashes)
	if role != "" {
		env["TRUSTED_PROXIES"] = "127.0.0.1" // the ui, which says for whom it asks
	}
	return env
}

// flush does once a minute what the platform's PingSource does: it sends the
// events that could not be sent when they happened.
func (c *Clinic) flush(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		for _, h := range []http.HandlerFunc{c.Patient.Handle, c.PDFExport.Handle} {
			req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/eventos/pendientes", http.NoBody)
			h(httptest.NewRecorder(), req)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Handle answers a request at the public door.
func (c *Clinic) Handle(w http.ResponseWriter, r *http.Request) { c.UI.Handle(w, r) }

// Ready reports whether every function is.
func (c *Clinic) Ready(ctx context.Context) (bool, error) {
	for _, f := range c.running {
		if ok, err := f.Ready(ctx); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// Stop lets the functions finish, the last started first, and then the database.
func (c *Clinic) Stop(ctx context.Context) error {
	if c.quit != nil {
		c.quit()
		c.background.Wait()
	}
	var err error
	for _, f := range slices.Backward(c.running) {
		err = errors.Join(err, f.Stop(ctx))
	}
	c.running = nil
	if c.hashers != nil {
		err = errors.Join(err, c.hashers.Close())
	}
	if c.postgres != nil {
		err = errors.Join(err, c.postgres.Stop(ctx))
		c.postgres = nil
	}
	return err
}

// Serving tells whoever waits for it that the clinic is open.
func (c *Clinic) Serving() { fmt.Println("listo http://localhost:" + c.settings.Port) }
