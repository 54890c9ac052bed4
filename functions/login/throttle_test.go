package login

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hce.co/functions/login/api"
	"hce.co/functions/login/password"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

func TestDelaysGrow(t *testing.T) {
	l := newLimits(Throttle{Tries: 5, MaxDelay: 15 * time.Minute, AddressTries: 100, AddressWindow: 10 * time.Minute, AccountTries: 50})
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	grow := func(lim limit, failures int) (delays []time.Duration) {
		at, row := now, tally{Last: now}
		for range failures {
			row = lim.fail(row, at)
			delays = append(delays, row.Until.Sub(at))
			at = row.Until
		}
		return delays
	}
	s := time.Second
	want := []time.Duration{0, 0, 0, 0, 1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 512 * s, 900 * s, 900 * s}
	if diff := cmp.Diff(want, grow(l.pair, 16)); diff != "" {
		t.Errorf("an account from an address (-want +got):\n%s", diff)
	}
	for i, d := range grow(l.address, 99) {
		if d != 0 {
			t.Errorf("failure %d from an address costs %s", i+1, d)
		}
	}
	if all := grow(l.account, 400); all[48] != 0 || all[399] > 2*time.Second || all[49] == 0 {
		t.Errorf("an account from anywhere: %v", all[45:60])
	}
	row := tally{Failures: 12, Last: now}
	if got := l.pair.fail(row, now.Add(5*time.Hour+time.Minute)); got.Failures != 8 {
		t.Errorf("five hours later 12 failures and one are %d, want 8", got.Failures)
	}
	if got := l.pair.fail(row, now.Add(100*24*time.Hour)); got.Failures != 1 || !got.Until.Equal(got.Last) {
		t.Errorf("a hundred days later: %+v", got)
	}
	if got := l.pair.fail(row, now.Add(-time.Hour)); got.Failures != 13 {
		t.Errorf("with a clock that went back: %+v", got)
	}
	// What is left of an hour counts towards the next: slow failures are forgiven one an hour too.
	row = tally{Last: now}
	for i := range 13 {
		row = l.pair.fail(row, now.Add(time.Duration(i)*59*time.Minute))
	}
	if row.Failures != 2 {
		t.Errorf("13 failures in 11 hours and 48 minutes count for %d, want 2", row.Failures)
	}
	if ahead := (tally{Failures: 3, Last: now.Add(1000 * time.Hour)}); !l.pair.fail(ahead, now).Last.Equal(now) {
		t.Error("a clock that was ahead keeps failures from being forgiven")
	}
	// One failure each 6 s from an address never meets a delay.
	row = tally{Last: now}
	for i := range 1000 {
		if row = l.address.fail(row, now.Add(time.Duration(i)*6*time.Second)); row.Until.After(row.Last) {
			t.Fatalf("slow failure %d waits", i)
		}
	}
}

func TestNetworks(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64", "": "", "fe80::1%eth0": "fe80::/64",
	} {
		if got := network(in); got != want {
			t.Errorf("network(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAnAttackedAccountStaysUsableFromElsewhere(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	attacker, owner := w.from(address(), ""), w.from(address(), "")
	refused := 0
	for range 60 {
		_, err := c.Login(attacker, a.Username, "una clave que no es")
		switch problem.Status(err) {
		case 401:
		case 429:
			refused++
		default:
			t.Fatal(err)
		}
	}
	if hashed := w.hashes.Load(); hashed > 8 || refused < 50 {
		t.Errorf("60 guesses cost %d hashes and %d were refused", hashed, refused)
	}
	if _, err := c.Login(owner, a.Username, secret); err != nil {
		t.Errorf("the owner, from elsewhere: %v", err)
	}
	// The attacker does not learn that a guess is right while it has to wait.
	_, err := c.Login(attacker, a.Username, secret)
	status(t, "the right password within the delay", err, 429)
	var p *problem.Error
	if !asProblem(err, &p) || p.RetryAfter < time.Second || p.RetryAfter > time.Minute || p.Members["error"] != api.ErrorSlowDown {
		t.Errorf("refusal: %+v", p)
	}
	w.clock.advance(p.RetryAfter)
	if _, err := c.Login(attacker, a.Username, secret); err != nil {
		t.Errorf("after the delay: %v", err)
	}
	// A sign-in makes the address free again.
	for range 4 {
		_, err := c.Login(attacker, a.Username, "una clave que no es")
		status(t, "a wrong password after a right one", err, 401)
	}
	if _, err := c.Login(attacker, a.Username, secret); err != nil {
		t.Errorf("after four wrong ones: %v", err)
	}
}

// quick replaces the slow check of passwords, for tests that try very many.
func (w *world) quick() {
	w.f.Passwords = counted{known{}, &w.hashes}
}

// known takes one password for right, whatever the hash.
type known struct{ password.Here }

func (known) Verify(_ context.Context, _, tried string) (ok, outdated bool, err error) {
	return tried == secret, false, nil
}

// A thousand wrong passwords, one each second, come to a dozen that are looked
// at; and nobody is shut out for good, from anywhere.
func TestAThousandWrongPasswords(t *testing.T) {
	w := newWorld(t)
	w.quick()
	c := w.client()
	a := w.account(auth.Physician)
	attacker := w.from(address(), "")
	seen := map[int]int{}
	var longest time.Duration
	for range 1000 {
		_, err := c.Login(attacker, a.Username, "una clave que no es")
		seen[problem.Status(err)]++
		var p *problem.Error
		if asProblem(err, &p) {
			longest = max(longest, p.RetryAfter)
		}
		w.clock.advance(time.Second)
	}
	if seen[401] < 10 || seen[401] > 15 || seen[401]+seen[429] != 1000 || int(w.hashes.Load()) != seen[401] {
		t.Errorf("answered with %v at %d checks, want a dozen of 401 and the rest 429", seen, w.hashes.Load())
	}
	if longest < 5*time.Minute || longest > 15*time.Minute {
		t.Errorf("the longest wait is %s", longest)
	}
	if _, err := c.Login(w.from(address(), ""), a.Username, secret); err != nil {
		t.Errorf("the right one from another address: %v", err)
	}
	_, err := c.Login(attacker, a.Username, secret)
	status(t, "the right one from the attacker's, at once", err, 429)
	var p *problem.Error
	if !asProblem(err, &p) || p.RetryAfter > 15*time.Minute {
		t.Fatalf("refusal %+v", p)
	}
	w.clock.advance(p.RetryAfter)
	if _, err := c.Login(attacker, a.Username, secret); err != nil {
		t.Errorf("and when its wait is over: %v", err)
	}
}

// The same from a thousand addresses: each is free to try, all of them together
// are slowed down, and the owner waits two seconds at most.
func TestAThousandAddresses(t *testing.T) {
	w := newWorld(t)
	w.quick()
	c := w.client()
	a := w.account(auth.Physician)
	seen := map[int]int{}
	for i := range 1000 {
		_, err := c.Login(w.from(fmt.Sprintf("198.18.%d.%d", i/256, i%256), ""), a.Username, "una clave que no es")
		seen[problem.Status(err)]++
		w.clock.advance(time.Second / 2)
	}
	// Fifty, and one in each two seconds of the other 475.
	if seen[401] < 200 || seen[401] > 320 || seen[401]+seen[429] != 1000 {
		t.Errorf("answered with %v", seen)
	}
	owner := w.from(address(), "")
	_, err := c.Login(owner, a.Username, secret)
	var p *problem.Error
	if asProblem(err, &p) {
		if p.Status != 429 || p.RetryAfter > 2*time.Second {
			t.Fatalf("the owner, meanwhile: %v", err)
		}
		w.clock.advance(p.RetryAfter)
		_, err = c.Login(owner, a.Username, secret)
	}
	if err != nil {
		t.Errorf("the owner: %v", err)
	}
}

func TestRefusalSaysWhenToComeBack(t *testing.T) {
	w := newWorld(t, "SIGNIN_FREE_TRIES=2", "SIGNIN_MAX_DELAY=30s")
	body := form("grant_type", "password", "username", "nadie", "password", "x")
	seen := map[int]int{}
	for range 12 {
		got := w.send("POST", "/login", formType, body)
		if seen[got.status]++; got.status == 429 {
			wait, err := strconv.Atoi(got.header.Get("Retry-After"))
			if err != nil || wait < 1 || wait > 30 {
				t.Fatalf("Retry-After %q", got.header.Get("Retry-After"))
			}
			if want := fmt.Sprintf(`"cuenta-direccion";r=0;t=%d`, wait); got.header.Get("RateLimit") != want || got.header.Get("RateLimit-Policy") != `"cuenta-direccion";q=2;w=7200` {
				t.Errorf("RateLimit %q, want %q; policy %q", got.header.Get("RateLimit"), want, got.header.Get("RateLimit-Policy"))
			}
			w.clock.advance(time.Duration(wait) * time.Second)
		}
	}
	// Two are free, and then each has to wait once.
	if n := w.hashes.Load(); seen[401] != 7 || seen[429] != 5 || n != 7 {
		t.Errorf("12 requests are answered with %v and cost %d hashes", seen, n)
	}
}

// From a thousand addresses at once an account is tried slowly, and whoever
// signed in from theirs before does not notice.
func TestDistributedAttack(t *testing.T) {
	w := newWorld(t, "SIGNIN_ACCOUNT_FREE_TRIES=6")
	c := w.client()
	a := w.account(auth.Registrar)
	home := w.from(address(), "")
	if _, err := c.Login(home, a.Username, secret); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		_, err := c.Login(w.from(address(), ""), a.Username, "una clave que no es")
		status(t, "a bot", err, 401)
	}
	elsewhere := w.from(address(), "")
	_, err := c.Login(elsewhere, a.Username, "una clave que no es")
	status(t, "one bot more", err, 429)
	var p *problem.Error
	if asProblem(err, &p); p.RetryAfter > 2*time.Second {
		t.Errorf("an attack from everywhere shuts the account for %s", p.RetryAfter)
	}
	if _, err := c.Login(home, a.Username, secret); err != nil {
		t.Errorf("the owner, from their usual address: %v", err)
	}
	w.clock.advance(2 * time.Second)
	if _, err := c.Login(elsewhere, a.Username, secret); err != nil {
		t.Errorf("the owner, from elsewhere two seconds later: %v", err)
	}
}

// Guesses made at once are no way around the delays.
func TestConcurrentGuesses(t *testing.T) {
	w := newWorld(t, "PASSWORD_MAX_CONCURRENT=2", "PASSWORD_MAX_QUEUE=100")
	a := w.account(auth.Registrar)
	ctx := w.anyone()
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() {
			_, err := w.client().Login(context.WithoutCancel(ctx), a.Username, "una clave que no es")
			if s := problem.Status(err); s != 401 && s != 429 {
				t.Errorf("a guess: %v", err)
			}
		})
	}
	wg.Wait()
	if n := w.hashes.Load(); n < 5 || n > 6 { // the other of two that are checked at once may not know of the fifth
		t.Errorf("60 guesses at once cost %d hashes, want 5 or one more", n)
	}
}

func TestManyRightSignInsAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Registrar)
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			if _, err := w.client().Login(w.anyone(), a.Username, secret); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAFullQueueIsRefused(t *testing.T) {
	w := newWorld(t, "PASSWORD_MAX_CONCURRENT=1", "PASSWORD_MAX_QUEUE=1")
	inside, release := make(chan struct{}), make(chan struct{})
	go w.f.gate.Do(context.Background(), func() error { close(inside); <-release; return nil }) //nolint:errcheck // returns nil
	<-inside
	waiting := make(chan struct{})
	go func() {
		defer close(waiting)
		for errors.Is(w.f.gate.Do(context.Background(), func() error { return nil }), password.ErrBusy) {
			time.Sleep(time.Millisecond) // this test's own try stood in the queue
		}
	}()
	var got answered
	for range 100 { // until the other one stands in the queue
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, err := w.f.hash(ctx, secret)
		cancel()
		time.Sleep(5 * time.Millisecond)
		if problem.Status(err) == 503 {
			got = w.send("POST", "/login", formType, form("username", "nadie", "password", "x"))
			break
		}
	}
	if got.status != 503 || got.header.Get("Retry-After") == "" || got.body["error"] != "temporarily_unavailable" {
		t.Errorf("%d %v", got.status, got.body)
	}
	close(release)
	<-waiting
}
