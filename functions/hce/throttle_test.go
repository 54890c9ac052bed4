package hce_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hce.co/functions/hce/demo"
	loginapi "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
)

// signInFrom signs in as ui does for a browser at an address.
func (c *clinic) signInFrom(address, username, secret string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/login", strings.NewReader(url.Values{
		"grant_type": {"password"}, "username": {username}, "password": {secret},
	}.Encode()))
	r.RemoteAddr = "127.0.0.1:40000" // ui's
	r.Header.Set("X-Forwarded-For", address)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	c.Login.Handle(rec, r)
	return rec
}

// A thousand wrong passwords from one address are nearly all refused unread, and
// keep the owner of the account out from that address alone.
func TestThousandWrongPasswords(t *testing.T) {
	c := theClinic(t)
	u, _ := c.hire(t, loginapi.NewUser{Rol: auth.Registrar, Nombre: "Admisionista de Turno", Password: password})
	const tries, attacker = 1000, "203.0.113.66"
	began := time.Now()
	answers := map[int]int{}
	for range tries {
		rec := c.signInFrom(attacker, u.Username, "no es esta clave")
		answers[rec.Code]++
		if rec.Code == http.StatusTooManyRequests && rec.Header().Get("Retry-After") == "" {
			t.Fatal("a refusal does not say when to come back")
		}
	}
	took := time.Since(began)
	t.Logf("%d tries took %s: %v", tries, took.Round(time.Millisecond), answers)
	if read := answers[http.StatusUnauthorized]; read < 5 || read > 20 || read+answers[http.StatusTooManyRequests] != tries {
		t.Errorf("the answers were %v: want a few 401 and the rest 429", answers)
	}
	if rec := c.signInFrom(attacker, u.Username, password); rec.Code != http.StatusTooManyRequests {
		t.Errorf("then the right password is %d, want 429 from that address", rec.Code)
	}
	if rec := c.signInFrom("198.51.100.7", u.Username, password); rec.Code != http.StatusOK {
		t.Errorf("the right password from another address: %d %s", rec.Code, rec.Body)
	}
}

// BenchmarkReadWhileOthersSignIn measures reading a record, over HTTP through
// ui, alone and while 32 people sign in without a pause: what passwords cost must
// not stand in the way of care.
func BenchmarkReadWhileOthersSignIn(b *testing.B) {
	databaseURL = dbtest.URL(b, "postgres")
	if err := open(); err != nil {
		b.Fatal(err)
	}
	c := shared
	token, err := c.login.Login(b.Context(), "admisionista", password)
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name    string
		signIns int
	}{{"alone", 0}, {"32 sign-ins", 32}} {
		b.Run(bench.name, func(b *testing.B) {
			stop := make(chan struct{})
			var wg sync.WaitGroup
			var signedIn atomic.Int64
			for range bench.signIns {
				wg.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
							if _, err := c.login.Login(b.Context(), "resultados", password); err == nil {
								signedIn.Add(1)
							}
						}
					}
				})
			}
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				req, err := http.NewRequestWithContext(b.Context(), "GET", c.url+"/paciente/"+demo.OwnerID, http.NoBody)
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+token.AccessToken)
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				resp.Body.Close() //nolint:errcheck // its status is enough
				if resp.StatusCode != http.StatusOK {
					b.Fatalf("the record is %d", resp.StatusCode)
				}
				took = append(took, time.Since(began))
			}
			during := float64(signedIn.Load())
			close(stop)
			wg.Wait()
			slices.Sort(took)
			b.ReportMetric(during/b.Elapsed().Seconds(), "sign-ins/s")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms/p99")
		})
	}
}
