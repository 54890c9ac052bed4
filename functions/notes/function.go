// Package notes is the chart: what médicos write and sign about a patient, what
// laboratories send, and the reading of both.
package notes

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
	"hce.co/shared/seal"
	"hce.co/shared/service"
)

// Function is the chart as the platform runs it. What is set before Start
// replaces what Start would make.
type Function struct {
	Sender event.Sender     // takes events on; the sink of K_SINK when nil
	Now    func() time.Time // the clock; time.Now when nil
	Log    *slog.Logger     // slog.Default when nil

	cfg    Config
	pool   *pgxpool.Pool
	outbox *event.Outbox
	keys   *keyring
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
	box, err := seal.New(f.cfg.Seal)
	if err != nil {
		return err
	}
	f.keys = newKeyring(box)
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
		MapError: problemOf,
		Context:  trail.Context,
	}, f.Log)
	f.routes()
	return nil
}

// routes is the whole function on one screen.
func (f *Function) routes() {
	on := f.router.On
	on("POST /medico/nota", auth.WriteNote, f.write)
	on("PUT /medico/nota/{documento_id}/{nota}", auth.WriteNote, f.saveDraft)
	on("DELETE /medico/nota/{documento_id}/{nota}", auth.WriteNote, f.discard)
	on("GET /medico/nota/{documento_id}/{nota}", auth.ReadChart, f.read)
	on("GET /medico/nota/{documento_id}/{nota}/contenido", auth.ReadChart, f.readContent)
	on("POST /medico/nota/{documento_id}/{nota}/firma", auth.WriteNote, f.sign)
	on("POST /medico/nota/{documento_id}/{nota}/adenda", auth.WriteNote, f.add)
	on("GET /medico/nota/{documento_id}/{nota}/adenda/{adenda}", auth.ReadChart, f.readAddendum)
	on("POST /medico/nota/{documento_id}/{nota}/anulacion", auth.WriteNote, f.annul)
	on("GET /medico/borradores", auth.WriteNote, f.drafts)
	on("GET /medico/notas/{id}", auth.ReadChart, f.list)
	on("GET /medico/signos/{id}", auth.ReadChart, f.vitals)
	on("GET /medico/diagnosticos/{id}", auth.ReadChart, f.diagnoses)
	on("GET /medico/alergias/{id}", auth.ReadChart, f.allergies)
	on("GET /medico/medicamentos/{id}", auth.ReadChart, f.medications)
	on("GET /medico/resultados-sin-ver", auth.WriteNote, f.unseen)
	on("GET /medico/resultados/{id}", auth.ReadChart, f.results)
	on("GET /medico/resultados/{documento_id}/{resultado}", auth.ReadChart, f.readResult)
	on("POST /medico/resultado", auth.WriteNote, f.addResult)
	on("POST /medico/resultados/{documento_id}/{resultado}/visto", auth.WriteNote, f.markSeen)
	on("GET /cie10", auth.SearchCodes, f.searchCodes)
	on("POST /eventos", auth.PostEvents, f.takeEvents)
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
