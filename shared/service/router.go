// Package service is what every function stands on: its routes with their
// permissions, its life from start to drain, its requests and answers.
package service

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/shared/telemetry"
)

// Handler answers a request or returns the error to answer with: a
// *problem.Error as it is, anything else as a bare 500.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Guard is what the router asks before a handler runs.
type Guard struct {
	Verifier *auth.Verifier
	// Revoked reports whether a session, or the token alone, ended before the
	// token ran out.
	Revoked func(ctx context.Context, ids ...uuid.UUID) (bool, error)
	// MapError turns errors of a lower layer into problems.
	MapError func(error) error
	// Context, when there is one, adds to the context of every request.
	Context func(context.Context) context.Context
	// Show, where there is one, may answer for the router with an error: false
	// leaves it to be a problem.
	Show func(w http.ResponseWriter, r *http.Request, err error) bool
	// Door says that requests come from outside: a trace that they claim to
	// belong to is only linked with ours.
	Door bool
}

// AnswerWithin is how long a function may take over a request: when the database
// is frozen or its network gone, whoever waits is told so, and the connection is
// given up.
const AnswerWithin = 30 * time.Second

// Router holds a function's routes.
type Router struct {
	cfg     Config
	guard   Guard
	log     *slog.Logger
	mux     *http.ServeMux
	proxies proxies
	routes  []Route
}

// Route is a line of a function's routing table.
type Route struct {
	Pattern    string // method and path, as http.ServeMux reads it
	Permission auth.Permission
}

// NewRouter returns a router without routes but those of the platform's probes.
func NewRouter(cfg Config, guard Guard, log *slog.Logger) *Router {
	if log == nil {
		log = slog.Default()
	}
	rt := &Router{cfg: cfg, guard: guard, log: log, mux: http.NewServeMux(), proxies: parseProxies(cfg.TrustedProxies)}
	if rt.guard.MapError == nil {
		rt.guard.MapError = func(err error) error { return err }
	}
	return rt
}

// Routes returns the routing table.
func (rt *Router) Routes() []Route { return rt.routes }

// On adds a route. Whoever calls it must have the permission; see
// [auth.Permission] for those that need no token.
func (rt *Router) On(pattern string, perm auth.Permission, h Handler) {
	rt.routes = append(rt.routes, Route{pattern, perm})
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		err := rt.authorise(&r, perm)
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			rt.fail(w, r, err)
		}
	})
}

// authorise puts the caller into the request's context, or says why not.
func (rt *Router) authorise(r **http.Request, perm auth.Permission) error {
	if perm == auth.Public || perm == auth.Internal {
		return nil
	}
	p, err := rt.Identify(*r)
	if err != nil {
		return err
	}
	if !auth.Allows(perm, p.Roles) {
		if p.Is(auth.Restricted) {
			return problem.Forbidden("Antes de continuar debe poner una clave propia o activar el segundo factor.")
		}
		return problem.Forbidden("Su rol no permite esta acción.")
	}
	p.Permission = perm
	*r = (*r).WithContext(auth.NewContext((*r).Context(), p))
	return nil
}

// Identify returns the caller that the request's token stands for, or the 401
// to answer with: for a public route that does more for some callers.
func (rt *Router) Identify(r *http.Request) (auth.Principal, error) {
	ctx := r.Context()
	token, err := bearer(r)
	if err != nil {
		return auth.Principal{}, err
	}
	p, err := rt.guard.Verifier.Verify(token)
	if err != nil {
		return auth.Principal{}, problem.InvalidToken("La sesión no es válida o ya expiró. Inicie sesión de nuevo.").Because(err)
	}
	if rt.guard.Revoked != nil {
		token, _ := uuid.Parse(p.TokenID) // ours are UUIDs; Nil never ends
		revoked, err := rt.guard.Revoked(ctx, p.SessionID, token)
		if err != nil {
			return auth.Principal{}, err
		}
		if revoked {
			return auth.Principal{}, problem.InvalidToken("La sesión terminó. Inicie sesión de nuevo.")
		}
	}
	caller := auth.From(ctx)
	p.IP, p.RequestID = caller.IP, caller.RequestID
	return p, nil
}

// bearer reads the access token: one Authorization header (RFC 6750 §2.1), and
// nowhere else.
func bearer(r *http.Request) (string, error) {
	all := r.Header.Values("Authorization")
	if len(all) == 0 {
		return "", problem.Unauthorized("Debe iniciar sesión para continuar.")
	}
	scheme, token, ok := strings.Cut(all[0], " ")
	if len(all) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", problem.Unauthorized("El encabezado Authorization no es válido.")
	}
	return strings.TrimSpace(token), nil
}

// ServeHTTP answers a request and logs one line about it, which names the route
// and never the path.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	id := requestID(r)
	ctx := auth.NewContext(r.Context(), auth.Principal{IP: rt.clientIP(r), RequestID: id})
	if rt.guard.Context != nil {
		ctx = rt.guard.Context(ctx)
	}
	if !rt.guard.Door { // which hands on what may take its reader long
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, AnswerWithin)
		defer cancel()
	}
	rec := &recorder{ResponseWriter: w}
	h := rec.Header()
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, pattern := rt.mux.Handler(r)
	known := rt.route(pattern)
	route := known.Pattern
	ctx, seen := telemetry.Received(ctx, r, route, rt.origin(known))
	r = r.WithContext(ctx)
	defer func() {
		v := recover()
		abort := v == http.ErrAbortHandler //nolint:errorlint // the value itself is the protocol
		if v != nil && !abort {
			rt.log.ErrorContext(ctx, "panic", "request_id", id, "route", route, "panic", v, "stack", string(debug.Stack()))
			if abort = rec.status != 0; !abort {
				problem.Write(rec, errors.New("panic"), id)
			}
		}
		seen.End(rec.status, abort)
		level := slog.LevelInfo
		if route == ReadinessPath || route == LivenessPath {
			level = slog.LevelDebug
		}
		line := []any{
			"request_id", id, "method", r.Method, "route", route,
			"status", rec.status, "bytes", rec.bytes, "ms", ms(time.Since(start)),
		}
		if trace := telemetry.TraceID(ctx); trace != "" {
			line = append(line, "trace_id", trace)
		}
		rt.log.Log(ctx, level, "request", line...)
		if abort {
			panic(http.ErrAbortHandler) // closes the connection: half an answer must not look whole
		}
	}()
	if err := readable(r); err != nil {
		if problem.Status(err) == http.StatusUnsupportedMediaType {
			h.Set("Accept-Encoding", "identity")
		}
		rt.fail(rec, r, err)
		return
	}
	r.Body = http.MaxBytesReader(rec, r.Body, rt.cfg.MaxBody)
	if pattern == "" {
		rt.noRoute(rec, r)
		return
	}
	rt.mux.ServeHTTP(rec, r)
}

// route returns the route that a pattern is of, none when it is not one of ours:
// for its own redirect of /x to /x/ the mux gives the path in its place.
func (rt *Router) route(pattern string) Route {
	for _, known := range rt.routes {
		if known.Pattern == pattern {
			return known
		}
	}
	return Route{}
}

// origin says who asks for a route.
func (rt *Router) origin(known Route) telemetry.Origin {
	switch {
	case rt.guard.Door:
		return telemetry.Outside
	case known.Permission == auth.Internal:
		return telemetry.Broker
	}
	return telemetry.Ours
}

// noRoute answers 404, or 405 with Allow where the path exists with another
// method.
func (rt *Router) noRoute(w http.ResponseWriter, r *http.Request) {
	probe := &recorder{ResponseWriter: discard{http.Header{}}}
	rt.mux.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.Header().Get("Allow"))
		rt.fail(w, r, notAllowed(r))
		return
	}
	rt.fail(w, r, problem.NotFound("No existe este recurso."))
}

// notAllowed is the 405 for a request whose path exists with another method.
func notAllowed(r *http.Request) error {
	method := r.Method
	if len(method) > 10 {
		method = "solicitado"
	}
	return &problem.Error{Status: http.StatusMethodNotAllowed, Detail: "Este recurso no admite el método " + method + "."}
}

func (rt *Router) fail(w http.ResponseWriter, r *http.Request, err error) {
	err = rt.guard.MapError(err)
	caller := auth.From(r.Context())
	status := problem.Status(err)
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		status = http.StatusRequestEntityTooLarge
		err = &problem.Error{Status: status, Detail: "El contenido supera el máximo permitido de 1 MiB."}
	}
	left := errors.Is(r.Context().Err(), context.Canceled)
	if left && (errors.Is(err, context.Canceled) || status == http.StatusServiceUnavailable) {
		return // the client left, and what it asked for was given up
	}
	begun := false
	if rec, ok := w.(*recorder); ok {
		begun = rec.status != 0
	}
	if status >= 500 || begun {
		rt.log.ErrorContext(r.Context(), "request failed", "request_id", caller.RequestID, "route", r.Pattern, "status", status, "error", err)
	}
	if begun {
		panic(http.ErrAbortHandler)
	}
	if rt.guard.Show == nil || !rt.guard.Show(w, r, err) {
		problem.Write(w, err, caller.RequestID)
	}
}

// readable refuses text that no database could hold and no person could have
// meant, and a body in a coding that nobody here undoes (RFC 9110 §15.5.16).
func readable(r *http.Request) error {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") && r.ContentLength != 0 {
		return &problem.Error{Status: http.StatusUnsupportedMediaType, Detail: "Envíe el contenido sin comprimir, sin Content-Encoding."}
	}
	for _, s := range []string{r.URL.Path, r.URL.RawQuery} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return problem.BadRequest("La dirección contiene caracteres que no se admiten.")
		}
	}
	for k, vs := range r.URL.Query() {
		for _, v := range append(vs, k) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return problem.BadRequest("La dirección contiene caracteres que no se admiten.")
			}
		}
	}
	return nil
}

// requestID takes the id that the caller gave the request, when it is a UUID, or
// makes one.
func requestID(r *http.Request) string {
	if id, err := uuid.Parse(r.Header.Get("X-Request-Id")); err == nil {
		return id.String()
	}
	return uuid.Must(uuid.NewV7()).String()
}
