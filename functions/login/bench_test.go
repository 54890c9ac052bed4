package login

import (
	"testing"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
)

// What a sign-in costs over HTTP, nearly all of it the password's hash.
func BenchmarkSignIn(b *testing.B) {
	w := newWorld(b)
	a := w.account(auth.Registrar)
	for b.Loop() {
		w.login(a)
	}
}

// What a refresh costs: two statements and a signature.
func BenchmarkRefresh(b *testing.B) {
	w := newWorld(b)
	tok := w.login(w.account(auth.Registrar))
	for b.Loop() {
		var err error
		if tok, err = w.client().Refresh(w.anyone(), tok.RefreshToken); err != nil {
			b.Fatal(err)
		}
	}
}

// What a guess costs that comes too soon: no hash.
func BenchmarkThrottledGuess(b *testing.B) {
	w := newWorld(b)
	a := w.account(auth.Registrar)
	for range 16 { // up to the longest delay
		w.clock.advance(w.f.cfg.Throttle.MaxDelay)
		w.client().Login(w.anyone(), a.Username, "una clave que no es") //nolint:errcheck // it is wrong on purpose
	}
	before := w.hashes.Load()
	for b.Loop() {
		if _, err := w.client().Login(w.anyone(), a.Username, secret); api.OAuthError(err) != api.ErrorSlowDown {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(w.hashes.Load()-before), "hashes")
}
