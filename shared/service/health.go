package service

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Where the platform's probes ask (func's contract).
const (
	ReadinessPath = "/health/readiness"
	LivenessPath  = "/health/liveness"
)

// VersionHeader is the header of an answer about readiness that names the
// commit of which the function was built.
const VersionHeader = "X-Hce-Version"

const readyTimeout = 4 * time.Second

// WithHealth answers the platform's probes in front of the function.
func WithHealth(f Function) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case LivenessPath:
			w.WriteHeader(http.StatusOK)
		case ReadinessPath:
			ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
			defer cancel()
			if v := version(); v != "" {
				w.Header().Set(VersionHeader, v)
			}
			if ok, err := f.Ready(ctx); !ok || err != nil {
				slog.WarnContext(ctx, "not ready", "error", err)
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.WriteHeader(http.StatusOK)
		default:
			f.Handle(w, r)
		}
	})
}

const shortHash = 12 // hexadecimal digits

// version is the commit that was built, as the go command noted it.
var version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(len(s.Value), shortHash)]
		}
	}
	return ""
})
