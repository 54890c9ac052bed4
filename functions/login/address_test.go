package login

import (
	"fmt"
	"testing"
	"time"

	"hce.co/shared/auth"
	"hce.co/shared/config"
)

// However an address paces its guesses, of as many accounts as it likes, it does
// not get to more of them in a day than the limit says.
func TestGuessesOfAnAddressInADay(t *testing.T) {
	var cfg Config
	if err := config.Parse(map[string]string{
		"DATABASE_URL": "postgres://x", "AUTH_SIGNING_KEYS_FILE": "x", "KEY_ENCRYPTION_KEY": "x", "AUDIT_KEY": "x",
	}, &cfg); err != nil {
		t.Fatal(err)
	}
	l := newLimits(cfg.Throttle).address
	begin := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, pace := range []time.Duration{0, time.Second, 2 * time.Second, 5 * time.Second, 6 * time.Second, 7 * time.Second, time.Minute} {
		row, guesses := tally{Last: begin}, 0
		for at := begin; at.Sub(begin) < 24*time.Hour; guesses++ {
			row = l.fail(row, at)
			if at = at.Add(pace); at.Before(row.Until) {
				at = row.Until
			}
		}
		if guesses > 14_510 { // 100 free ones, 14,400 forgiven, and those on the way
			t.Errorf("with %s between them: %d guesses in a day", pace, guesses)
		}
	}
	if l.free < 100 || l.forgive*time.Duration(l.free) > 10*time.Minute {
		t.Errorf("a clinic behind one address has %d failures free, forgiven each %s", l.free, l.forgive)
	}
}

// Behind an address that has failed too often, whoever signed in from there before
// goes on signing in, and is no easier to guess.
func TestKnownAccountsBehindABusyAddress(t *testing.T) {
	w := newWorld(t, "SIGNIN_ADDRESS_FREE_TRIES=10", "SIGNIN_ADDRESS_WINDOW=10m")
	w.quick()
	c := w.client()
	known, unknown := w.account(auth.Physician), w.account(auth.Physician)
	clinic := w.from(address(), "")
	if _, err := c.Login(clinic, known.Username, secret); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		_, err := c.Login(clinic, fmt.Sprintf("rociado%d", i), "Verano2026Verano")
		status(t, "a sprayed password", err, 401)
	}
	_, err := c.Login(clinic, unknown.Username, secret)
	status(t, "an account that is new there", err, 429)
	if _, err := c.Login(clinic, known.Username, secret); err != nil {
		t.Errorf("an account that signed in from there: %v", err)
	}
	before := w.hashes.Load()
	for i := range 40 {
		want := 401
		if i >= w.f.cfg.Throttle.Tries {
			want = 429
		}
		_, err := c.Login(clinic, known.Username, "una clave que no es")
		status(t, "a guess of that account from there", err, want)
	}
	if n := w.hashes.Load() - before; n != int64(w.f.cfg.Throttle.Tries) {
		t.Errorf("40 guesses cost %d hashes", n)
	}
	_, err = c.Login(clinic, known.Username, secret)
	status(t, "the right password within the delay of its own", err, 429)
}

// With what is set out of the box a whole clinic behind one address may mistype.
func TestAClinicMistypes(t *testing.T) {
	w := newWorld(t)
	w.quick()
	c := w.client()
	clinic := w.from(address(), "")
	for i := range 80 {
		_, err := c.Login(clinic, fmt.Sprintf("personal%d", i), "una clave que no es")
		status(t, fmt.Sprintf("mistake %d", i), err, 401)
		w.clock.advance(time.Second)
	}
	if _, err := c.Login(clinic, w.account(auth.Physician).Username, secret); err != nil {
		t.Errorf("somebody who never signed in from there: %v", err)
	}
}

func TestManyAccountsFromOneAddress(t *testing.T) {
	w := newWorld(t, "SIGNIN_ADDRESS_FREE_TRIES=10", "SIGNIN_ADDRESS_WINDOW=10m")
	c := w.client()
	a := w.account(auth.Operator)
	at := w.from(address(), "")
	var err error
	for i := range 10 {
		_, err = c.Login(at, fmt.Sprintf("rociado%d", i), "Verano2026Verano")
		status(t, "a sprayed password", err, 401)
	}
	_, err = c.Login(at, "rociado11", "Verano2026Verano")
	status(t, "the next account", err, 429)
	if _, err := c.Login(w.anyone(), a.Username, secret); err != nil {
		t.Errorf("from another address: %v", err)
	}
	w.clock.advance(10 * time.Minute)
	if _, err := c.Login(at, a.Username, secret); err != nil {
		t.Errorf("ten minutes later: %v", err)
	}
}
