package login

import (
	"context"
	"strings"
	"sync"
	"testing"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
)

// The instances of ui may renew one session at the same time: they name the
// renewal alike, as nobody else can.
func TestOneRenewalOfManyInstances(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	first := w.login(w.account(auth.Operator)).RefreshToken
	name := client.IdempotencyKey("un nombre que nadie más sabe")
	var mu sync.Mutex
	next := map[string]bool{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			tok, err := c.Refresh(context.WithoutCancel(w.anyone()), first, name)
			mu.Lock()
			defer mu.Unlock()
			if next[tok.RefreshToken] = true; err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(next) != 1 {
		t.Fatalf("%d tokens take the place of one", len(next))
	}
	var second string
	for second = range next {
	}
	third, err := c.Refresh(w.anyone(), second)
	if err != nil {
		t.Fatal(err)
	}
	// Once the next one was used, the name does not excuse a replay.
	_, err = c.Refresh(w.anyone(), first, name)
	status(t, "the first token, by its name, after the second was used", err, 401)
	wantRevoked(t, w, third.AccessToken)
}

func TestARenewalByAnotherNameIsAReplay(t *testing.T) {
	for _, key := range []string{"", "otro"} {
		w := newWorld(t)
		c := w.client()
		first := w.login(w.account(auth.Operator)).RefreshToken
		second, err := c.Refresh(w.anyone(), first, client.IdempotencyKey("el nombre"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Refresh(w.anyone(), first, client.IdempotencyKey(key))
		if api.OAuthError(err) != api.ErrorGrant {
			t.Errorf("by the name %q: %v", key, err)
		}
		wantRevoked(t, w, second.AccessToken)
	}
}

// What somebody made up for a session is no replay: it must not sign anybody out.
func TestInventedRefreshTokensEndNothing(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	in := w.login(w.account(auth.Operator))
	other := w.login(w.account(auth.Operator)).RefreshToken
	session, text, _ := strings.Cut(in.RefreshToken, ".")
	_, foreign, _ := strings.Cut(other, ".")
	last := map[bool]string{true: "A", false: "Q"}[text[0] != 'A'] // another first character: another first byte
	for _, invented := range []string{"AAAA", "", foreign, last + text[1:], strings.Repeat("A", 64), text + "AA"} {
		_, err := c.Refresh(w.anyone(), session+"."+invented)
		if status(t, "invented", err, 401); api.OAuthError(err) != api.ErrorGrant {
			t.Errorf("%q: %v", invented, err)
		}
	}
	if _, err := c.Me(w.from(w.ip, in.AccessToken)); err != nil {
		t.Errorf("the session ended: %v", err)
	}
	if _, err := c.Refresh(w.anyone(), in.RefreshToken); err != nil {
		t.Errorf("the session ended: %v", err)
	}
}

func TestRefreshOfADisabledAccount(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Operator)
	in := w.login(a)
	w.exec(`UPDATE historia_clinica.usuario SET activo = false WHERE id = $1`, a.ID) // by the database's owner: no session is ended with it
	_, err := w.client().Refresh(w.anyone(), in.RefreshToken)
	if api.OAuthError(err) != api.ErrorGrant {
		t.Errorf("refreshed: %v", err)
	}
	wantRevoked(t, w, in.AccessToken)
}
