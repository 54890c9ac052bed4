package login

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"hce.co/shared/problem"
)

// limit is how many failures are free and how the delay grows after them: one
// second, two, four, up to max. One failure is forgiven for each forgive that
// passes, so nobody is shut out for good.
type limit struct {
	name    string
	free    int
	max     time.Duration
	forgive time.Duration
}

// tally is what is known of a key: a row of intento_ingreso.
type tally struct {
	Key      string    `db:"clave"`
	Failures int       `db:"fallos"`
	Last     time.Time `db:"ultimo"` // when the last one was forgiven, or the first one happened; of good, when it was seen
	Until    time.Time `db:"hasta"`  // no try before
}

func (l limit) delay(failures int) time.Duration {
	if failures < l.free {
		return 0
	}
	return min(time.Second<<min(failures-l.free, 20), l.max)
}

// fail is t after one more failure.
func (l limit) fail(t tally, now time.Time) tally {
	forgiven := int(max(now.Sub(t.Last), 0) / l.forgive)
	if last := t.Last.Add(time.Duration(forgiven) * l.forgive); forgiven < t.Failures && last.Before(now) {
		t.Last = last // what passed since then goes towards the next to be forgiven
	} else {
		t.Last = now
	}
	t.Failures = max(t.Failures-forgiven, 0) + 1
	t.Until = now.Add(l.delay(t.Failures))
	return t
}

// wait is how long the next try has to wait: never longer than the limit has it,
// and not at all while failures are free, whatever another machine's clock said.
func (l limit) wait(t tally, now time.Time) time.Duration {
	return max(min(t.Until.Sub(now), l.delay(t.Failures)), 0)
}

// policy describes the limit as RateLimit-Policy does
// (draft-ietf-httpapi-ratelimit-headers).
func (l limit) policy() string {
	return fmt.Sprintf("%q;q=%d;w=%d", l.name, l.free, int((l.forgive * time.Duration(l.free)).Seconds()))
}

// limits are those of a sign-in (OWASP ASVS 5.0, 6.1.1 and 6.3.1: against
// guessing and credential stuffing, without a way to shut somebody out).
//
// The hard one is on an account from an address: whoever attacks an account from
// theirs does not keep its owner out from another. By default 5 failures are
// free, then the delay doubles up to 15 minutes and one failure is forgiven each
// hour: some 30 guesses a day, at passwords of 12 characters at least that are
// none of the common ones.
//
// That of an address is against one password tried on many accounts, and must not
// meet a clinic behind one address: at a change of shift 300 people of whom one
// in five mistypes once, and some twice, make 60 to 80 failures in minutes, so
// the first 100 in ten minutes are free. After them the delays grow to 5 minutes
// and one failure is forgiven each 6 seconds: no address gets to more than some 14,500
// guesses a day, whatever the number of accounts, where it could make 2 a second
// otherwise, and each of them leaves its row in the trail.
//
// What an account may take from everywhere is mild. Neither this nor the limit of
// the address is asked of an account that has been signed in from there: who
// shares the address with an attacker, or with a forgotten program, goes on
// working. It stays as hard to guess from there, by the first limit.
type limits struct {
	pair, address, account, secondFactor limit
}

func newLimits(t Throttle) limits {
	return limits{
		pair:    limit{"cuenta-direccion", t.Tries, t.MaxDelay, time.Hour},
		address: limit{"direccion", t.AddressTries, 5 * time.Minute, t.AddressWindow / time.Duration(t.AddressTries)},
		account: limit{"cuenta", t.AccountTries, 2 * time.Second, time.Minute},
		// Only who knows the password gets as far as a code, so this one may be
		// hard on the account.
		secondFactor: limit{"segundo-factor", t.Tries, t.MaxDelay, time.Hour},
	}
}

// tries are the keys under which a try is counted, and the one that says that
// this address has signed in to this account.
type tries struct {
	pair, address, account string // account and pair are "" where no account is named
	good                   string
}

// triesOf makes the keys for a name of some kind and an address. The database
// learns no name from them: people type passwords where the name should be.
func (f *Function) triesOf(kind, name, ip string) tries {
	addr := network(ip)
	mac := func(parts ...string) string {
		h := hmac.New(sha256.New, f.mac)
		for _, p := range parts {
			fmt.Fprintf(h, "%d:%s", len(p), p)
		}
		return hex.EncodeToString(h.Sum(nil)[:16])
	}
	return tries{
		pair: "p:" + mac(kind, name, addr), good: "b:" + mac(kind, name, addr), account: "c:" + mac(kind, name), address: "d:" + addr,
	}
}

// network is what counts as one address: an IPv4 address, or the /64 that one
// subscriber of IPv6 has.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || !a.Is6() {
		return ip
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}

// goodFor is how long an address is known by a sign-in from it.
const goodFor = 30 * 24 * time.Hour

// counted returns the keys that a failure counts against, with their limits.
func (t tries) counted(l limits) map[string]limit {
	m := map[string]limit{t.address: l.address}
	if t.account != "" {
		m[t.pair], m[t.account] = l.pair, l.account
	}
	return m
}

// wait returns how long the next try must wait, and because of which limit.
func (t tries) wait(l limits, known map[string]tally, now time.Time) (limit, time.Duration) {
	var worst limit
	var longest time.Duration
	good, ok := known[t.good]
	familiar := ok && now.Sub(good.Last) < goodFor
	for key, lim := range t.counted(l) {
		if familiar && key != t.pair {
			continue
		}
		if d := lim.wait(known[key], now); d > longest {
			worst, longest = lim, d
		}
	}
	return worst, longest
}

// slowDown is the answer for a try that comes too soon.
type slowDown struct {
	limit limit
	wait  time.Duration
}

func (s slowDown) Error() string { return "too many tries: " + s.limit.name }

// problem is the 429 that says when to come back.
func (s slowDown) problem(h http.Header) *problem.Error {
	seconds := int((s.wait + time.Second - 1) / time.Second)
	h.Set("RateLimit-Policy", s.limit.policy())
	h.Set("RateLimit", fmt.Sprintf("%q;r=0;t=%d", s.limit.name, seconds))
	return problem.TooMany(s.wait, "Demasiados intentos fallidos. Espere %s y vuelva a intentar.", inWords(seconds))
}

func inWords(seconds int) string {
	switch {
	case seconds == 1:
		return "un segundo"
	case seconds < 90:
		return fmt.Sprintf("%d segundos", seconds)
	}
	return fmt.Sprintf("%d minutos", (seconds+59)/60)
}
