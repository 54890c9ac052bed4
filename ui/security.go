package ui

import (
	"net/http"
	"strings"

	"hce.co/shared/problem"
	"hce.co/ui/view"
)

// secured puts the headers that every answer carries in front of h, and refuses
// writes that another site's page makes with a user's cookies.
func (f *Function) secured(h http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		problem.Write(w, problem.Forbidden("La solicitud viene de otro sitio."), "")
	}))
	https := strings.HasPrefix(f.cfg.PublicURL, "https://")
	guarded := guard.Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hd := w.Header()
		hd.Set("Content-Security-Policy", view.ContentSecurityPolicy)
		hd.Set("Referrer-Policy", "same-origin")
		hd.Set("Cross-Origin-Opener-Policy", "same-origin")
		hd.Set("Cross-Origin-Resource-Policy", "same-origin")
		hd.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		hd.Set("X-Content-Type-Options", "nosniff")
		if https {
			hd.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		guarded.ServeHTTP(w, r)
	})
}
