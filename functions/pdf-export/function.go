// Package pdfexport gives records out as PDF documents that anyone who holds a
// printed copy can verify.
package pdfexport

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/revocation"
	"hce.co/shared/service"
)

// Function is the exports as the platform runs them. What is set before Start
// replaces what Start would make.
type Function struct {
	Sender event.Sender     // takes events on; the sink of K_SINK when nil
	Now    func() time.Time // the clock; time.Now when nil
	Log    *slog.Logger     // slog.Default when nil

	cfg    Config
	key    ed25519.PrivateKey
	pool   *pgxpool.Pool
	outbox *event.Outbox
	router *service.Router
	slots  chan struct{} // one for each document that may be built at once
}

// New returns a function that Start brings to life.
func New() *Function { return &Function{Now: time.Now} }

// Start reads the configuration. It opens no connection: the first request does.
func (f *Function) Start(ctx context.Context, env map[string]string) error {
	if err := config.Parse(env, &f.cfg); err != nil {
		return err
	}
	if err := f.cfg.validate(); err != nil {
		return err
	}
	if f.Log == nil {
		f.Log = slog.Default()
	}
	trail, err := audit.NewKey(f.cfg.Audit)
	if err != nil {
		return err
	}
	if f.key, err = f.cfg.signingKey(); err != nil {
		return err
	}
	if f.pool, err = db.Open(ctx, f.cfg.DB, trail.Tracer()); err != nil {
		return err
	}
	if f.Sender == nil {
		f.Sender = event.NewSink(f.cfg.Event.Sink)
	}
	f.outbox = event.NewOutbox(f.pool, f.Sender, f.Log)
	f.slots = make(chan struct{}, f.cfg.MaxConcurrent)
	f.router = service.NewRouter(f.cfg.Service, service.Guard{
		Verifier: auth.NewVerifier(&auth.FileKeys{Path: f.cfg.Auth.KeysFile}, f.cfg.Auth, f.Now),
		Revoked:  revocation.NewList(f.pool).Revoked,
		MapError: db.Problem,
		Context:  trail.Context,
	}, f.Log)
	f.routes()
	return nil
}

// routes is the whole function on one screen.
func (f *Function) routes() {
	on := f.router.On
	on("GET /exportar_pdf/{id}", auth.ExportChart, f.current)
	on("POST /exportar_pdf/{id}", auth.ExportChart, f.ask)
	on("GET /exportar_pdf/{id}/trabajos", auth.ExportChart, f.list)
	on("GET /exportar_pdf/{id}/{trabajo}", auth.ExportChart, f.follow)
	on("GET /exportar_pdf/{id}/{trabajo}/archivo", auth.ExportChart, f.download)
	on("POST /exportar_pdf/{id}/{trabajo}/revocacion", auth.RevokeExport, f.revoke)
	on("GET /verificar/{codigo}", auth.Public, f.verify)
	on("GET /operacion/exportaciones", auth.WatchSystem, f.pending)
	on("POST /eventos/recibir", auth.Internal, f.receive)
	on("POST /eventos/pendientes", auth.Internal, f.flush)
}

// Handle answers a request.
func (f *Function) Handle(w http.ResponseWriter, r *http.Request) { f.router.ServeHTTP(w, r) }

// Routes returns the routing table.
func (f *Function) Routes() []service.Route { return f.router.Routes() }

// Ready reports whether the database can serve this version of the code.
func (f *Function) Ready(ctx context.Context) (bool, error) { return db.Ready(ctx, f.pool) }

// Stop sends what is on its way and closes the pool.
func (f *Function) Stop(ctx context.Context) error {
	err := f.outbox.Drain(ctx)
	f.pool.Close()
	return err
}
