package login

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

// RFC 6238, appendix B, SHA-1, the last six of eight digits.
func TestStepsOfTheClock(t *testing.T) {
	const rfc = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // 12345678901234567890
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		for _, skew := range []int64{-30, 0, 30} {
			got, err := matchStep(rfc, code, time.Unix(at+skew, 0))
			if err != nil || got != at/30 {
				t.Errorf("at %d%+d: step %d, %v; want %d", at, skew, got, err, at/30)
			}
		}
		if got, err := matchStep(rfc, code, time.Unix(at+90, 0)); err != nil || got != 0 {
			t.Errorf("at %d and 90 s: step %d, %v", at, got, err)
		}
	}
}

func TestSecondFactor(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	ctx := w.as(a)
	_, err := c.ConfirmMFA(ctx, "123456")
	status(t, "confirming nothing", err, 409)
	e, err := c.BeginMFA(ctx)
	if err != nil || !strings.HasPrefix(e.URI, "otpauth://totp/HCE:") || !strings.Contains(e.URI, "secret="+e.Secreto) {
		t.Fatalf("enrolment %+v, %v", e, err)
	}
	if stored := one[[]byte](w, `SELECT mfa_pendiente FROM historia_clinica.usuario WHERE id = $1`, a.ID); bytes.Contains(stored, []byte(e.Secreto)) {
		t.Error("the secret is kept in clear")
	}
	w.login(a) // not asked before it is confirmed
	_, err = c.ConfirmMFA(ctx, other(w.totp(e.Secreto)))
	status(t, "confirming with a wrong code", err, 422)
	done, err := c.ConfirmMFA(ctx, w.totp(e.Secreto))
	if err != nil || len(done.CodigosRecuperacion) != recoveryCodes || done.AccessToken == "" {
		t.Fatalf("confirmed %+v, %v", done, err)
	}
	if me, err := c.Me(w.from(w.ip, done.AccessToken)); err != nil || !me.MFA {
		t.Errorf("GET /yo: %+v, %v", me, err)
	}

	// The password alone is not enough, and says so only when it is right.
	_, err = c.Login(w.anyone(), a.Username, secret)
	status(t, "password alone", err, 401)
	step := api.SecondFactorToken(err)
	if api.OAuthError(err) != api.ErrorSecondFactor || step == "" {
		t.Fatalf("problem %+v", err)
	}
	_, err = c.Login(w.anyone(), a.Username, "una clave que no es")
	if api.OAuthError(err) != api.ErrorGrant {
		t.Errorf("wrong password: %v", err)
	}
	// The code that confirmed is used up; the next one works once.
	code := w.totp(e.Secreto)
	_, err = c.LoginSecondFactor(w.anyone(), step, code)
	if api.OAuthError(err) != api.ErrorSecondFactor {
		t.Errorf("the code that confirmed, again: %v", err)
	}
	w.clock.advance(period * time.Second)
	code = w.totp(e.Secreto)
	in, err := c.LoginSecondFactor(w.anyone(), step, code[:3]+" "+code[3:])
	if err != nil || in.RefreshToken == "" {
		t.Fatalf("second step: %v", err)
	}
	if p := claims(t, w, in.AccessToken); !p.SecondFactor || !p.SteppedUp.Equal(w.f.Now().Truncate(time.Second)) {
		t.Errorf("the token does not say that the second factor was given: %+v", p)
	}
	_, err = c.Token(w.anyone(), api.TokenRequest{GrantType: "password", Username: a.Username, Password: secret, CodigoMFA: code})
	if api.OAuthError(err) != api.ErrorSecondFactor {
		t.Errorf("the same code twice: %v", err)
	}
	var p *problem.Error
	if asProblem(err, &p); p.Fields["codigo_mfa"] == "" {
		t.Errorf("a wrong code has no message at its field: %+v", p)
	}
	// Both at once.
	w.clock.advance(period * time.Second)
	if _, err := c.Token(w.anyone(), api.TokenRequest{GrantType: "password", Username: a.Username, Password: secret, CodigoMFA: w.totp(e.Secreto)}); err != nil {
		t.Errorf("password and code at once: %v", err)
	}
	// A recovery code works once, however it is typed.
	_, err = c.Login(w.anyone(), a.Username, secret)
	step = api.SecondFactorToken(err)
	typed := strings.ToLower(strings.ReplaceAll(done.CodigosRecuperacion[3], "-", " "))
	if _, err := c.LoginSecondFactor(w.anyone(), step, typed); err != nil {
		t.Errorf("recovery code %q: %v", typed, err)
	}
	_, err = c.LoginSecondFactor(w.anyone(), step, done.CodigosRecuperacion[3])
	status(t, "the recovery code again", err, 401)
	// The first step runs out, and a new password ends it.
	w.clock.advance(stepLife + time.Minute)
	_, err = c.LoginSecondFactor(w.anyone(), step, w.totp(e.Secreto))
	if api.OAuthError(err) != api.ErrorGrant {
		t.Errorf("after the first step ran out: %v", err)
	}
	_, err = c.Login(w.anyone(), a.Username, secret)
	step = api.SecondFactorToken(err)
	if _, err := c.ChangePassword(w.from(w.ip, in.AccessToken), secret, "otra frase muy distinta 27"); err != nil {
		t.Fatal(err)
	}
	_, err = c.LoginSecondFactor(w.anyone(), step, w.totp(e.Secreto))
	if api.OAuthError(err) != api.ErrorGrant {
		t.Errorf("after the password was changed: %v", err)
	}
}

// other returns a code of six digits that is not this one.
func other(code string) string {
	if code == "111111" {
		return "222222"
	}
	return "111111"
}

// claims reads an access token as every function does.
func claims(t *testing.T, w *world, token string) auth.Principal {
	t.Helper()
	p, err := auth.NewVerifier(w.f.keys, auth.Config{Issuer: "hce", Audience: "hce"}, w.f.Now).Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCodesCannotBeGuessed(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	key, _ := w.enrol(w.as(a))
	w.clock.advance(period * time.Second)
	_, err := c.Login(w.anyone(), a.Username, secret)
	step := api.SecondFactorToken(err)
	var mu sync.Mutex
	seen := map[int]int{}
	var wg sync.WaitGroup
	for range 40 { // each from an address of its own, at once
		ctx := w.from(address(), "")
		wg.Go(func() {
			_, err := c.LoginSecondFactor(ctx, step, other(w.totp(key)))
			mu.Lock()
			defer mu.Unlock()
			seen[problem.Status(err)]++
		})
	}
	wg.Wait()
	if seen[401] != 5 || seen[429] != 35 {
		t.Errorf("40 guesses at once: %v, want 5 answered with 401 and the rest refused", seen)
	}
	w.clock.advance(time.Minute)
	if _, err := c.LoginSecondFactor(w.anyone(), step, w.totp(key)); err != nil {
		t.Errorf("the right code a minute later: %v", err)
	}
}

func TestConcurrentUseOfOneCode(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	key, done := w.enrol(w.as(a))
	w.clock.advance(period * time.Second)
	_, err := c.Login(w.anyone(), a.Username, secret)
	step := api.SecondFactorToken(err)
	for name, of := range map[string]func() string{
		"of the app":  func() string { return w.totp(key) },
		"of recovery": func() string { return done.CodigosRecuperacion[0] },
	} {
		code := of()
		var won atomic.Int64
		var wg sync.WaitGroup
		for range w.f.cfg.Throttle.Tries {
			wg.Go(func() {
				if _, err := c.LoginSecondFactor(w.anyone(), step, code); err == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("one code %s opened %d sessions", name, won.Load())
		}
		w.clock.advance(time.Minute)
	}
}

func TestRequiredSecondFactor(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Admin, func(a *account) { a.Demo = false })
	tok := w.login(a)
	if !tok.MFAPorActivar || tok.Rol != auth.Admin {
		t.Errorf("token %+v", tok)
	}
	ctx := w.from(w.ip, tok.AccessToken)
	_, _, err := c.Users(ctx, api.UserSearch{})
	status(t, "administering without a second factor", err, 403)
	if p := claims(t, w, tok.AccessToken); len(p.Roles) != 1 || p.Roles[0] != auth.Restricted {
		t.Errorf("roles %v", p.Roles)
	}
	for perm := auth.SignedIn; perm <= auth.WatchSystem; perm++ {
		if perm != auth.SignedIn && perm != auth.OwnAccount && auth.Allows(perm, []auth.Role{auth.Restricted}) {
			t.Errorf("permission %d is open to a restricted token", perm)
		}
	}
	_, err = c.Register(ctx, api.Registration{NewUser: api.NewUser{Username: "intruso", Rol: auth.Admin, Password: "una clave larga y propia"}}, "")
	status(t, "registering an administrador", err, 403)
	if _, err := c.Refresh(w.anyone(), tok.RefreshToken); err != nil {
		t.Fatal(err)
	} else if _, _, err := c.Users(ctx, api.UserSearch{}); problem.Status(err) != 403 {
		t.Errorf("a refresh lifted the restriction: %v", err)
	}
	_, done := w.enrol(ctx)
	ctx = w.from(w.ip, done.AccessToken)
	if _, _, err := c.Users(ctx, api.UserSearch{}); err != nil || done.MFAPorActivar {
		t.Errorf("after enrolling: %v", err)
	}
	status(t, "removing what the role asks for", c.RemoveMFA(ctx), 403)
}

func TestReplacingAndRemovingNeedsThePerson(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	in := w.login(a)
	key, _ := w.enrol(w.from(w.ip, in.AccessToken))
	w.clock.advance(auth.StepUpLife - time.Minute)
	tok, err := c.Refresh(w.anyone(), in.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	ctx := w.from(w.ip, tok.AccessToken)
	w.clock.advance(time.Minute)
	_, err = c.BeginMFA(ctx)
	status(t, "replacing, long after the last code", err, 401)
	status(t, "removing, likewise", c.RemoveMFA(ctx), 401)
	_, err = c.Reinforce(ctx, api.Reinforce{Clave: secret})
	status(t, "reinforcing by password where there is a second factor", err, 422)
	_, err = c.Reinforce(ctx, api.Reinforce{Codigo: other(w.totp(key))})
	status(t, "reinforcing with a wrong code", err, 422)
	tok, err = c.Reinforce(ctx, api.Reinforce{Codigo: w.totp(key)})
	if err != nil || tok.RefreshToken != "" {
		t.Fatalf("reinforce: %+v, %v", tok, err)
	}
	ctx = w.from(w.ip, tok.AccessToken)
	// A replacement that is not confirmed leaves the one in force.
	if _, err := c.BeginMFA(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = c.Login(w.anyone(), a.Username, secret)
	w.clock.advance(period * time.Second)
	if _, err := c.LoginSecondFactor(w.anyone(), api.SecondFactorToken(err), w.totp(key)); err != nil {
		t.Errorf("the factor in force, with another one begun: %v", err)
	}
	if err := c.RemoveMFA(ctx); err != nil {
		t.Fatal(err)
	}
	w.login(a)
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.codigo_recuperacion WHERE usuario_id = $1`, a.ID); n != 0 {
		t.Errorf("%d recovery codes stay", n)
	}
}

// A token left at an open screen must not set up a factor that its owner has not.
func TestTheFirstFactorNeedsThePassword(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	in := w.login(w.account(auth.Physician))
	w.clock.advance(auth.StepUpLife)
	tok, err := c.Refresh(w.anyone(), in.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	ctx := w.from(w.ip, tok.AccessToken)
	_, err = c.BeginMFA(ctx)
	var p *problem.Error
	if asProblem(err, &p); p.Status != 401 || p.Members["error"] != auth.InsufficientAuthentication || !strings.Contains(p.Detail, "clave") {
		t.Errorf("long after the sign-in: %+v", p)
	}
	_, err = c.ConfirmMFA(ctx, "123456")
	status(t, "confirming, likewise", err, 401)
	if tok, err = c.Reinforce(ctx, api.Reinforce{Clave: secret}); err != nil {
		t.Fatal(err)
	}
	w.enrol(w.from(w.ip, tok.AccessToken))
}

func TestReinforceByPassword(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	ctx := w.as(a)
	_, err := c.Reinforce(ctx, api.Reinforce{})
	status(t, "with nothing", err, 422)
	_, err = c.Reinforce(ctx, api.Reinforce{Clave: "una clave que no es"})
	status(t, "with a wrong password", err, 422)
	tok, err := c.Reinforce(ctx, api.Reinforce{Clave: secret})
	if err != nil {
		t.Fatal(err)
	}
	var c9068 auth.Claims
	if _, _, err := jwt.NewParser().ParseUnverified(tok.AccessToken, &c9068); err != nil || c9068.AuthTime == nil ||
		!c9068.AuthTime.Equal(w.f.Now().Truncate(time.Second)) || c9068.ACR != "" {
		t.Errorf("confirmed with a password: claims %+v, %v", c9068, err)
	}
	for range 6 {
		_, err = c.Reinforce(ctx, api.Reinforce{Clave: "una clave que no es"})
	}
	status(t, "guessing with a stolen token", err, 429)
}

func TestResetOfALostSecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	_, done := w.enrol(w.as(a))
	admin := w.as(w.account(auth.Admin))
	if err := c.ResetMFA(admin, a.ID); err != nil {
		t.Fatal(err)
	}
	w.login(a)
	wantRevoked(t, w, done.AccessToken)
	status(t, "of nobody", c.ResetMFA(admin, ident.NewID()), 404)
	if role := one[string](w, `SELECT rol FROM historia_clinica.auditoria WHERE recurso = $1 AND accion = 'D'`, "usuario/"+a.ID.String()+"/mfa"); role != string(auth.Admin) {
		t.Errorf("the trail says that it was done as %s", role)
	}
}

// What an administrador proves who they are by is changed where that is asked
// for, and that of others only by whoever is at the screen.
func TestResetsNeedThePerson(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	boss, a := w.account(auth.Admin), w.account(auth.Physician)
	in := w.login(boss)
	w.enrol(w.from(w.ip, in.AccessToken))
	w.clock.advance(auth.StepUpLife)
	tok, err := c.Refresh(w.anyone(), in.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	ctx := w.from(w.ip, tok.AccessToken)
	_, err = c.ResetPassword(ctx, boss.ID)
	status(t, "one's own password", err, 409)
	status(t, "one's own second factor", c.ResetMFA(ctx, boss.ID), 409)
	_, err = c.ResetPassword(ctx, a.ID)
	status(t, "a password, long after the last code", err, 401)
	status(t, "a second factor, likewise", c.ResetMFA(ctx, a.ID), 401)
}
