package login

import (
	"testing"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
)

// Whoever knows the demonstration's password is out once the clinic is none,
// with what they hold already, and in again when it is one again.
func TestDemoCloses(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	w.exec(`DELETE FROM historia_clinica.productor WHERE client_id = $1`, DemoProducer)
	users := DemoUsers(w.patient())
	if err := w.f.EnsureDemo(t.Context(), "demo", users); err != nil {
		t.Fatal(err)
	}
	other := w.account(auth.Operator)
	others := w.login(other)
	held := map[string]api.Token{}
	for _, u := range users {
		tok, err := c.Login(w.anyone(), u.Username, "demo")
		if err != nil {
			t.Fatal(err)
		}
		held[u.Username] = tok
	}
	lab, err := c.LoginClient(w.anyone(), DemoProducer, "demo")
	if err != nil {
		t.Fatal(err)
	}
	held[DemoProducer] = lab

	state := func() string {
		return one[string](w, `
			SELECT string_agg(id::text || version || token_version, ',' ORDER BY id) FROM historia_clinica.usuario WHERE demo`) +
			one[string](w, `SELECT version::text FROM historia_clinica.productor WHERE client_id = $1`, DemoProducer)
	}
	if err := w.f.CloseDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := state()
	if err := w.f.CloseDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if state() != before {
		t.Error("closing what is closed changed it")
	}
	for name, tok := range held {
		_, err := c.Me(w.from(w.ip, tok.AccessToken))
		status(t, name+" with a token from before", err, 401)
		if tok.RefreshToken != "" {
			_, err = c.Refresh(w.anyone(), tok.RefreshToken)
			status(t, name+" with a refresh token from before", err, 401)
		}
	}
	for _, u := range users {
		_, err := c.Login(w.from(address(), ""), u.Username, "demo")
		status(t, u.Username, err, 401)
	}
	_, err = c.LoginClient(w.from(address(), ""), DemoProducer, "demo")
	status(t, DemoProducer, err, 401)
	if _, err := c.Me(w.from(w.ip, others.AccessToken)); err != nil {
		t.Errorf("somebody who is no demo account: %v", err)
	}
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.auditoria WHERE motivo = $1 AND recurso LIKE 'usuario/' ||
		(SELECT id FROM historia_clinica.usuario WHERE username = 'admin') || '/%'`, demoOver); n != 1 {
		t.Errorf("%d rows of the trail tell of it, want 1", n)
	}

	if err := w.f.EnsureDemo(t.Context(), "demo", users); err != nil {
		t.Fatal(err)
	}
	for name, tok := range held {
		_, err := c.Me(w.from(w.ip, tok.AccessToken))
		status(t, name+" with a token from before, when it is open again", err, 401)
	}
	for _, u := range users {
		if _, err := c.Login(w.from(address(), ""), u.Username, "demo"); err != nil {
			t.Errorf("%s when it is open again: %v", u.Username, err)
		}
	}
	if _, err = c.LoginClient(w.from(address(), ""), DemoProducer, "demo"); err != nil {
		t.Errorf("%s when it is open again: %v", DemoProducer, err)
	}
}

// A laboratory that only has the demonstration's client_id stays.
func TestDemoClosesNoOtherProducer(t *testing.T) {
	w := newWorld(t)
	w.exec(`DELETE FROM historia_clinica.productor WHERE client_id = $1`, DemoProducer)
	made, err := w.client().CreateProducer(w.as(w.account(auth.Admin)), api.NewProducer{ClientID: DemoProducer, Nombre: "Laboratorio Central"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.f.CloseDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client().LoginClient(w.anyone(), DemoProducer, made.ClientSecret); err != nil {
		t.Error(err)
	}
	w.exec(`DELETE FROM historia_clinica.productor WHERE client_id = $1`, DemoProducer)
}
