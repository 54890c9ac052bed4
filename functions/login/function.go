// Package login is the clinic's door: it keeps accounts, checks who somebody is,
// and issues the tokens with which they call every other function.
package login

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hce.co/functions/login/keys"
	"hce.co/functions/login/password"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/config"
	"hce.co/shared/db"
	"hce.co/shared/revocation"
	"hce.co/shared/seal"
	"hce.co/shared/service"
)

// Function is login as the platform runs it. What is set before Start replaces
// what Start would make.
type Function struct {
	Now       func() time.Time // the clock; time.Now when nil
	Log       *slog.Logger     // slog.Default() when nil
	Passwords password.Hasher  // checks passwords; password.Here when nil

	cfg    Config
	pool   *pgxpool.Pool
	router *service.Router
	keys   *keys.Mounted
	box    *seal.Box
	trail  *audit.Key
	mac    []byte // blinds names and bodies in the database
	own    []byte // tells refresh tokens of ours
	gate   *password.Gate
	limits limits
	steps  *jwt.Parser // reads the token between the two steps of a sign-in

	swept atomic.Int64 // when the last sweep began, in Unix seconds
}

// New returns a function that Start brings to life.
func New() *Function { return &Function{} }

// Start reads the configuration. It opens no connection and reads no key: the
// first request does.
func (f *Function) Start(ctx context.Context, env map[string]string) error {
	if f.Now == nil {
		f.Now = time.Now
	}
	if f.Log == nil {
		f.Log = slog.Default()
	}
	if f.Passwords == nil {
		f.Passwords = password.Here{}
	}
	if err := config.Parse(env, &f.cfg); err != nil {
		return err
	}
	if err := f.cfg.validate(); err != nil {
		return err
	}
	var err error
	if f.box, err = seal.New(f.cfg.Seal); err != nil {
		return err
	}
	if f.trail, err = audit.NewKey(f.cfg.Audit); err != nil {
		return err
	}
	if f.pool, err = db.Open(ctx, f.cfg.DB, f.trail.Tracer()); err != nil {
		return err
	}
	f.mac, f.own = f.box.Derive("login/mac"), f.box.Derive("login/refresco")
	f.keys = &keys.Mounted{Path: f.cfg.SigningKeysFile}
	f.gate = password.NewGate(f.cfg.PasswordConcurrent, f.cfg.PasswordQueue)
	f.limits = newLimits(f.cfg.Throttle)
	f.steps = f.stepParser()
	f.router = service.NewRouter(f.cfg.Service, service.Guard{
		Verifier: auth.NewVerifier(f.keys, auth.Config{Issuer: f.cfg.Issuer, Audience: f.cfg.Audience}, f.Now),
		Revoked:  revocation.NewList(f.pool).Revoked,
		MapError: db.Problem,
		Context:  f.trail.Context,
	}, f.Log)
	f.routes()
	return nil
}

// routes is the whole function on one screen.
func (f *Function) routes() {
	on := f.router.On
	on("POST /login", auth.Public, f.token)
	on("POST /login/reforzar", auth.OwnAccount, f.reinforce)
	on("POST /logout", auth.SignedIn, f.logout)
	on("GET /.well-known/jwks.json", auth.Public, f.publicKeys)
	on("POST /register", auth.Public, f.register)
	on("GET /yo", auth.SignedIn, f.me)
	on("POST /yo/clave", auth.OwnAccount, f.changePassword)
	on("POST /yo/mfa", auth.OwnAccount, f.beginMFA)
	on("POST /yo/mfa/confirmar", auth.OwnAccount, f.confirmMFA)
	on("DELETE /yo/mfa", auth.OwnAccount, f.removeMFA)
	on("GET /usuarios", auth.ManageUsers, f.listUsers)
	on("POST /usuarios", auth.ManageUsers, f.createUser)
	on("GET /usuarios/{id}", auth.ManageUsers, f.readUser)
	on("PATCH /usuarios/{id}", auth.ManageUsers, f.updateUser)
	on("POST /usuarios/{id}/clave", auth.ManageUsers, f.resetPassword)
	on("DELETE /usuarios/{id}/mfa", auth.ManageUsers, f.resetMFA)
	on("GET /productores", auth.ManageProducers, f.listProducers)
	on("POST /productores", auth.ManageProducers, f.createProducer)
	on("GET /productores/{client_id}", auth.ManageProducers, f.readProducer)
	on("PATCH /productores/{client_id}", auth.ManageProducers, f.updateProducer)
}

// Handle answers a request.
func (f *Function) Handle(w http.ResponseWriter, r *http.Request) { f.router.ServeHTTP(w, r) }

// Routes returns the routing table.
func (f *Function) Routes() []service.Route { return f.router.Routes() }

// Ready reports whether the keys are there and the database can serve this
// version of the code.
func (f *Function) Ready(ctx context.Context) (bool, error) {
	if _, err := f.keys.Set(); err != nil {
		return false, err
	}
	return db.Ready(ctx, f.pool)
}

// Stop closes the pool.
func (f *Function) Stop(context.Context) error {
	f.pool.Close()
	return nil
}
