// Package patient is the registry: it opens records, finds them, keeps their
// demographic data, and tells whom they were shown to.
package patient

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/functions/patient/trail"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/revocation"
	"hce.co/shared/service"
)

// Function is the registry as the platform runs it. What is set before Start
// replaces what Start would make.
type Function struct {
	Sender event.Sender     // takes events on; the sink of K_SINK when nil
	Now    func() time.Time // the clock; time.Now when nil
	Log    *slog.Logger     // slog.Default when nil

	cfg    Config
	pool   *pgxpool.Pool
	outbox *event.Outbox
	sealer *trail.Sealer
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
	key, err := audit.NewKey(f.cfg.Audit)
	if err != nil {
		return err
	}
	if f.pool, err = db.Open(ctx, f.cfg.DB, key.Tracer()); err != nil {
		return err
	}
	if f.Sender == nil {
		f.Sender = event.NewSink(f.cfg.Event.Sink)
	}
	f.Log = cmp.Or(f.Log, slog.Default())
	f.outbox = event.NewOutbox(f.pool, f.Sender, f.Log)
	f.sealer = &trail.Sealer{Pool: f.pool, Key: key, Now: f.Now, Log: f.Log}
	f.router = service.NewRouter(f.cfg.Service, service.Guard{
		Verifier: auth.NewVerifier(&auth.FileKeys{Path: f.cfg.Auth.KeysFile}, f.cfg.Auth, f.Now),
		Revoked:  revocation.NewList(f.pool).Revoked,
		MapError: db.Problem,
		Context:  key.Context,
	}, f.Log)
	f.routes()
	return nil
}

// routes is the whole function on one screen.
func (f *Function) routes() {
	on := f.router.On
	on("POST /paciente", auth.RegisterPatient, f.register)
	on("GET /paciente", auth.SearchPatients, f.searchByQuery)
	on("POST /paciente/buscar", auth.SearchPatients, f.search)
	on("POST /paciente/parecidos", auth.RegisterPatient, f.likelyDuplicates)
	on("GET /paciente/{id}", auth.ReadPatient, f.read)
	on("PUT /paciente/{id}", auth.UpdatePatient, f.update)
	on("GET /paciente/{id}/documentos", auth.ReadPatient, f.documents)
	on("POST /paciente/{id}/documentos", auth.UpdatePatient, f.addDocument)
	on("POST /paciente/{id}/documentos/{documento}/retiro", auth.UpdatePatient, f.withdrawDocument)
	on("POST /paciente/{id}/codigo", auth.IssueCode, f.issueCode)
	on("GET /paciente/{id}/accesos", auth.ReadTrail, f.trail)
	on("POST /paciente/{id}/acceso-emergencia", auth.BreakGlass, f.breakGlass)
	on("GET /accesos-emergencia", auth.ReviewAccess, f.emergencies)
	on("POST /accesos-emergencia/{id}/{acceso}/revision", auth.ReviewAccess, f.reviewEmergency)
	on("GET /paciente/{id}/fusion", auth.MergeRecords, f.previewMerge)
	on("POST /paciente/{id}/fusion", auth.MergeRecords, f.merge)
	on("POST /paciente/{id}/fusion/{duplicado}/reversion", auth.MergeRecords, f.unmerge)
	on("GET /paciente/{id}/fusiones", auth.MergeRecords, f.merges)
	on("GET /operacion/estado", auth.WatchSystem, f.state)
	on("POST /eventos/pendientes", auth.Internal, f.flush)
	on("POST /eventos/muertos", auth.Internal, f.bury)
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
