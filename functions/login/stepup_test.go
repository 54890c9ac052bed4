package login

import (
	"testing"
	"time"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// signs reports whether what a person signs is open to a token.
func signs(t *testing.T, w *world, token string) bool {
	t.Helper()
	err := auth.RequireStepUp(claims(t, w, token), w.f.Now())
	if err != nil && problem.Status(err) != 401 {
		t.Fatal(err)
	}
	return err == nil
}

// A token must not say longer than it lives that its second factor is recent,
// and the one that says so must not lose it.
func TestStepUpLastsAsLongAsAToken(t *testing.T) {
	if auth.StepUpLife != accessLife {
		t.Errorf("a step-up lasts %s, an access token %s", auth.StepUpLife, accessLife)
	}
}

func TestStepUp(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	if !signs(t, w, w.login(a).AccessToken) {
		t.Fatal("an account without a second factor cannot sign")
	}
	first := w.login(a)
	key, done := w.enrol(w.from(w.ip, first.AccessToken))
	if p := claims(t, w, done.AccessToken); !p.SecondFactor || !signs(t, w, done.AccessToken) {
		t.Errorf("the code that confirmed does not count: %+v", p)
	}

	// A sign-in with the code is a step-up, whichever way the code came.
	w.clock.advance(period * time.Second)
	_, err := c.Login(w.anyone(), a.Username, secret)
	two, err := c.LoginSecondFactor(w.anyone(), api.SecondFactorToken(err), w.totp(key))
	if err != nil || !signs(t, w, two.AccessToken) {
		t.Errorf("in two steps: %v", err)
	}
	w.clock.advance(period * time.Second)
	tok, err := c.Token(w.anyone(), api.TokenRequest{GrantType: "password", Username: a.Username, Password: secret, CodigoMFA: w.totp(key)})
	if err != nil || !signs(t, w, tok.AccessToken) {
		t.Errorf("in one step: %v", err)
	}

	// A refresh keeps it until it is too old, and does not make it younger.
	w.clock.advance(auth.StepUpLife - time.Second)
	if tok, err = c.Refresh(w.anyone(), tok.RefreshToken); err != nil || !signs(t, w, tok.AccessToken) {
		t.Errorf("refreshed a second before it is too old: %v", err)
	}
	w.clock.advance(time.Second)
	if signs(t, w, tok.AccessToken) {
		t.Error("a code of a quarter of an hour ago signs")
	}
	if tok, err = c.Refresh(w.anyone(), tok.RefreshToken); err != nil || signs(t, w, tok.AccessToken) {
		t.Errorf("a refresh stands for a code: %v", err)
	}

	// The code again, and the refresh after it.
	ctx := w.from(w.ip, tok.AccessToken)
	up, err := c.Reinforce(ctx, api.Reinforce{Codigo: w.totp(key)})
	if err != nil || !signs(t, w, up.AccessToken) {
		t.Fatalf("reinforced: %v", err)
	}
	if tok, err = c.Refresh(w.anyone(), tok.RefreshToken); err != nil || !signs(t, w, tok.AccessToken) {
		t.Errorf("a refresh loses the code: %v", err)
	}
	_, err = c.Reinforce(ctx, api.Reinforce{Codigo: w.totp(key)})
	status(t, "the same code again", err, 422)
}

// Sign-ins from before there was a second factor, or from the one before, have
// not given it: whatever changes the factor ends them, and their tokens with them.
func TestChangeOfFactorEndsOtherSignIns(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Physician)
	here := w.login(a)
	ended := func(what string, other api.Token) {
		t.Helper()
		if _, err := c.Me(w.from(w.ip, other.AccessToken)); problem.Status(err) != 401 {
			t.Errorf("%s: the token of another sign-in answers %v", what, err)
		}
		_, err := c.Refresh(w.anyone(), other.RefreshToken)
		if api.OAuthError(err) != api.ErrorGrant {
			t.Errorf("%s: another sign-in is refreshed: %v", what, err)
		}
	}
	other := w.login(a)
	key, done := w.enrol(w.from(w.ip, here.AccessToken))
	ended("enrolled", other)

	w.clock.advance(period * time.Second)
	other, err := c.Token(w.anyone(), api.TokenRequest{GrantType: "password", Username: a.Username, Password: secret, CodigoMFA: w.totp(key)})
	if err != nil {
		t.Fatal(err)
	}
	again, done := w.enrol(w.from(w.ip, done.AccessToken))
	if again == key {
		t.Fatal("the factor was not replaced")
	}
	ended("replaced", other)

	w.clock.advance(period * time.Second)
	other, err = c.Token(w.anyone(), api.TokenRequest{GrantType: "password", Username: a.Username, Password: secret, CodigoMFA: w.totp(again)})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.RemoveMFA(w.from(w.ip, done.AccessToken)); err != nil {
		t.Fatal(err)
	}
	ended("removed", other)
	if here, err = c.Refresh(w.anyone(), here.RefreshToken); err != nil || !signs(t, w, here.AccessToken) {
		t.Errorf("the sign-in that changed it cannot sign: %v", err)
	}
}
