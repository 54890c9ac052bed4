// Package admission is the front desk: it opens admissions, takes them from
// triage to discharge, and knows who lies in which bed.
package admission

import (
	"context"
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

// Function is the front desk as the platform runs it. What is set before Start
// replaces what Start would make.
type Function struct {
	Sender event.Sender     // takes events on; the sink of K_SINK when nil
	Now    func() time.Time // the clock; time.Now when nil
	Log    *slog.Logger     // slog.Default() when nil

	cfg    Config
	pool   *pgxpool.Pool
	outbox *event.Outbox
	router *service.Router
}

// New returns a function that Start brings to life.
func New() *Function { return &Function{Now: time.Now} }

// Start reads the configuration. It opens no connection: the first request does.
func (f *Function) Start(ctx context.Context, env map[string]string) error {
	if err := config.Parse(env, &f.cfg); err != nil {
		return err
	}
	if err := f.cfg.Service.Validate(); err != nil {
		return err
	}
	trail, err := audit.NewKey(f.cfg.Audit)
	if err != nil {
		return err
	}
	if f.pool, err = db.Open(ctx, f.cfg.DB, trail.Tracer()); err != nil {
		return err
	}
	if f.Sender == nil {
		f.Sender = event.NewSink(f.cfg.Event.Sink)
	}
	f.outbox = event.NewOutbox(f.pool, f.Sender, f.Log)
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
	on("POST /admision", auth.Admit, f.open)
	on("GET /admision/{documento_id}", auth.ReadAdmissions, f.list)
	on("GET /admision/{documento_id}/{admision}", auth.ReadAdmissions, f.read)
	on("POST /admision/{documento_id}/{admision}/llegada", auth.Admit, act(f, auth.Admit, arrive))
	on("POST /admision/{documento_id}/{admision}/triage", auth.Triage, act(f, auth.Triage, classify))
	on("POST /admision/{documento_id}/{admision}/atencion", auth.Triage, act(f, auth.Triage, attend))
	on("POST /admision/{documento_id}/{admision}/traslado", auth.Transfer, act(f, auth.Transfer, move))
	on("POST /admision/{documento_id}/{admision}/egreso", auth.Discharge, act(f, auth.Discharge, discharge))
	on("POST /admision/{documento_id}/{admision}/cancelacion", auth.Admit, act(f, auth.Admit, cancel))
	on("GET /censo", auth.ReadCensus, f.census)
	on("GET /censo/triage", auth.ReadCensus, f.queue)
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
