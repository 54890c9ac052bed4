package service

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"sync"
	"time"

	"hce.co/shared/problem"
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

// WithHealth answers the platform's probes in front of the function. The first
// time that it is ready stands in the log: a cold start ends there, of which the
// function waited a part to be asked.
func WithHealth(f Function) http.Handler {
	var once sync.Once
	made := time.Now()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		probe := r.URL.Path == LivenessPath || r.URL.Path == ReadinessPath
		switch {
		case !probe:
			f.Handle(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			problem.Write(w, notAllowed(r), "")
		case r.URL.Path == LivenessPath:
			w.WriteHeader(http.StatusOK)
		default:
			asked := time.Now()
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
			once.Do(func() { slog.InfoContext(ctx, "ready", "ms", ms(time.Since(asked)), "waited_ms", ms(asked.Sub(made))) })
			w.WriteHeader(http.StatusOK)
		}
	})
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

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

// program is the name of the command that was built.
func program() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Path != "" {
		return path.Base(info.Path)
	}
	return "hce"
}
