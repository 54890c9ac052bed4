package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"hce.co/shared/config"
	"hce.co/shared/telemetry"
)

// Config is what every function reads for its own service.
type Config struct {
	TrustedProxies []string `env:"TRUSTED_PROXIES"` // addresses or networks whose X-Forwarded-For counts
	MaxBody        int64    `env:"MAX_BODY_BYTES" envDefault:"1048576"`
}

// Validate reports a setting that cannot be meant.
func (c Config) Validate() error {
	for _, s := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(s); err == nil {
			continue
		}
		if _, err := netip.ParseAddr(s); err != nil {
			return fmt.Errorf("TRUSTED_PROXIES: %q is neither an address nor a network", s)
		}
	}
	return nil
}

// Function is the contract of Knative Functions (func-go): what the platform
// calls in a function's life.
type Function interface {
	Start(ctx context.Context, env map[string]string) error
	Handle(w http.ResponseWriter, r *http.Request)
	Ready(ctx context.Context) (bool, error)
	Stop(ctx context.Context) error
}

const (
	readHeaderTimeout = 10 * time.Second
	requestTimeout    = 60 * time.Second
	drainTimeout      = 25 * time.Second // Kubernetes allows 30 s between SIGTERM and SIGKILL; telemetry.FlushTimeout comes after
)

// started measures each start, hence counts the instances that were needed.
var started = telemetry.Duration{
	Name: "faas.init_duration", About: "Time from a function's start until it listens.",
	Bounds: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5},
}

// Main runs a function until SIGTERM, then lets what is under way finish. It is
// the whole of a function's main.
func Main(f Function) {
	begun := time.Now()
	log := NewLogger(os.Stdout, os.Getenv("LOG_LEVEL"))
	slog.SetDefault(log)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	env := config.Environ()
	err := func() error {
		flush, err := telemetry.Start(telemetry.Program{Name: program(), Version: version()}, env, log)
		if err != nil {
			return err
		}
		defer func() { // last, so that it tells of the stop too
			if err := flush(context.WithoutCancel(ctx)); err != nil {
				log.Warn("telemetry is lost", "error", err)
			}
		}()
		return run(ctx, begun, env, f, log)
	}()
	if err != nil {
		log.Error("function stopped", "error", err)
		os.Exit(1)
	}
}

// run starts a function and serves it. The port comes first: where it is taken,
// nothing was started.
func run(ctx context.Context, begun time.Time, env map[string]string, f Function, log *slog.Logger) error {
	ln, err := net.Listen("tcp", net.JoinHostPort(env["LISTEN_ADDRESS"], cmp.Or(env["PORT"], "8080")))
	if err != nil {
		return err
	}
	if err := f.Start(ctx, env); err != nil {
		return errors.Join(err, ln.Close())
	}
	if s, ok := f.(interface{ Serving() }); ok {
		s.Serving()
	}
	started.Record(ctx, time.Since(begun))
	return Serve(ctx, ln, f, log)
}

// Serve answers on ln until ctx ends or ln breaks, then drains: no new
// connection, requests under way finish, the function stops.
func Serve(ctx context.Context, ln net.Listener, f Function, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           WithHealth(f),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	var broken error
	select {
	case err := <-failed:
		broken = fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("draining")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return errors.Join(broken, srv.Shutdown(drain), f.Stop(drain))
}

// NewLogger returns a logger of JSON lines. level is debug, info, warn or error.
func NewLogger(w *os.File, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
}
