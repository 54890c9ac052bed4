package login

import (
	"testing"

	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestChangePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Registrar)
	here, elsewhere := w.login(a), w.login(a)
	ctx := w.from(w.ip, here.AccessToken)
	const next = "cuatro tristes tigresas"
	for name, tt := range map[string]struct {
		current, next string
		field         string
	}{
		"wrong current":  {"una clave que no es", next, "actual"},
		"too short":      {secret, "corta", "nueva"},
		"common":         {secret, "password1234", "nueva"},
		"the user name":  {secret, a.Username, "nueva"},
		"the name":       {secret, "Persona de Prueba", "nueva"},
		"the same again": {secret, secret, "nueva"},
		"too long":       {secret, string(make([]byte, 2000)), ""},
	} {
		_, err := c.ChangePassword(ctx, tt.current, tt.next)
		var p *problem.Error
		if !asProblem(err, &p) || p.Status != 422 && p.Status != 400 || tt.field != "" && p.Fields[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	tok, err := c.ChangePassword(ctx, secret, next)
	if err != nil || tok.AccessToken == "" {
		t.Fatal(err)
	}
	if _, err := c.Me(ctx); err != nil {
		t.Errorf("this sign-in ended too: %v", err)
	}
	if _, err := c.Refresh(w.anyone(), here.RefreshToken); err != nil {
		t.Errorf("this sign-in cannot be refreshed: %v", err)
	}
	_, err = c.Refresh(w.anyone(), elsewhere.RefreshToken)
	status(t, "the other sign-in", err, 401)
	wantRevoked(t, w, elsewhere.AccessToken)
	_, err = c.Login(w.anyone(), a.Username, secret)
	status(t, "the old password", err, 401)
	if _, err := c.Login(w.anyone(), a.Username, next); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestOneTimePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	a := w.account(auth.Registrar)
	before := w.login(a)
	once, err := c.ResetPassword(admin, a.ID)
	if err != nil || len(once.ClaveInicial) < 12 {
		t.Fatalf("%+v, %v", once, err)
	}
	wantRevoked(t, w, before.AccessToken)
	_, err = c.Login(w.anyone(), a.Username, secret)
	status(t, "the password before", err, 401)
	tok, err := c.Login(w.anyone(), a.Username, once.ClaveInicial)
	if err != nil || !tok.DebeCambiarClave {
		t.Fatalf("%+v, %v", tok, err)
	}
	ctx := w.from(w.ip, tok.AccessToken)
	if p := claims(t, w, tok.AccessToken); len(p.Roles) != 1 || p.Roles[0] != auth.Restricted {
		t.Errorf("roles %v before the change", p.Roles)
	}
	tok, err = c.ChangePassword(ctx, once.ClaveInicial, "cuatro tristes tigresas")
	if err != nil || tok.DebeCambiarClave {
		t.Fatalf("%+v, %v", tok, err)
	}
	if p := claims(t, w, tok.AccessToken); len(p.Roles) != 1 || p.Roles[0] != auth.Registrar {
		t.Errorf("roles %v after the change", p.Roles)
	}
	_, err = c.ResetPassword(admin, ident.NewID())
	status(t, "of nobody", err, 404)
}

func TestOutdatedHashesAreMadeAnew(t *testing.T) {
	w := newWorld(t)
	old := "$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" // of secret, by argon2id with 1 MiB and one pass
	a := w.account(auth.Operator, func(a *account) { a.Hash = old + cheapKey(secret) })
	w.login(a)
	got := one[string](w, `SELECT hash FROM historia_clinica.usuario WHERE id = $1`, a.ID)
	if got == a.Hash || got[:31] != "$argon2id$v=19$m=65536,t=2,p=1$" {
		t.Errorf("the hash is still %q", got[:31])
	}
	w.login(a)
	if again := one[string](w, `SELECT hash FROM historia_clinica.usuario WHERE id = $1`, a.ID); again != got {
		t.Error("a hash of today was made anew")
	}
}
