package login

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/ident"
)

// A write that is sent again with its key is answered as the first time and done
// once; with another body the key is refused. The database shows no secret of
// the answer.
func TestRetries(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	admin := "Authorization: Bearer " + w.login(w.account(auth.Admin)).AccessToken
	bearer := func(a account) string { return "Authorization: Bearer " + w.login(a).AccessToken }
	producer := func() string {
		p, err := c.CreateProducer(w.as(w.account(auth.Admin)), api.NewProducer{ClientID: unique("lab")}, "")
		if err != nil {
			t.Fatal(err)
		}
		return p.ClientID
	}
	const passwords = `{"actual":"` + secret + `","nueva":"cuatro tristes tigresas"}`
	// Somebody about to confirm a second factor, and somebody who just gave theirs.
	confirming := w.login(w.account(auth.Registrar)).AccessToken
	begun, err := c.BeginMFA(w.from(w.ip, confirming))
	if err != nil {
		t.Fatal(err)
	}
	_, enrolled := w.enrol(w.as(w.account(auth.Physician)))
	for _, tt := range []struct {
		method, path, as string
		body, other      string
		status           int
		secret           string // the member of the answer that is one
	}{
		{"POST", "/usuarios", admin, `{"username":"` + unique("n") + `","rol":"operador"}`, `{"username":"otra","rol":"operador"}`, 201, "clave_inicial"},
		{"PATCH", "/usuarios/" + w.account(auth.Registrar).ID.String(), admin, `{"nombre":"Otro Nombre"}`, `{"nombre":"Y Otro"}`, 200, ""},
		{"POST", "/usuarios/" + w.account(auth.Registrar).ID.String() + "/clave", admin, ``, `{}`, 200, "clave_inicial"},
		{"DELETE", "/usuarios/" + w.account(auth.Registrar).ID.String() + "/mfa", admin, ``, `{}`, 204, ""},
		{"POST", "/productores", admin, `{"nombre":"Laboratorio X"}`, `{"nombre":"Laboratorio Y"}`, 201, "client_secret"},
		{"PATCH", "/productores/" + producer(), admin, `{"nombre":"Otro Nombre"}`, `{"activo":false}`, 200, ""},
		{"POST", "/yo/clave", bearer(w.account(auth.Registrar)), passwords, strings.Replace(passwords, "cuatro", "cinco", 1), 200, "access_token"},
		{"POST", "/yo/mfa", bearer(w.account(auth.Registrar)), ``, `{}`, 200, "secreto"},
		{"POST", "/yo/mfa/confirmar", "Authorization: Bearer " + confirming, `{"codigo":"` + w.totp(begun.Secreto) + `"}`, `{"codigo":"000000"}`, 200, "access_token"},
		{"DELETE", "/yo/mfa", "Authorization: Bearer " + enrolled.AccessToken, ``, `{}`, 204, ""},
		{"POST", "/login/reforzar", bearer(w.account(auth.Registrar)), `{"clave":"` + secret + `"}`, `{"clave":"otra"}`, 200, "access_token"},
	} {
		t.Run(tt.method+" "+strings.NewReplacer("/", " ").Replace(tt.path), func(t *testing.T) {
			key := ident.NewID().String()
			ask := func(body string) answered {
				headers := []string{tt.as, "Idempotency-Key: " + key}
				if tt.method == "PATCH" {
					headers = append(headers, `If-Match: "1"`)
				}
				return w.send(tt.method, tt.path, jsonType, body, headers...)
			}
			trail := func() int { return one[int](w, `SELECT count(*) FROM historia_clinica.auditoria`) }
			first := ask(tt.body)
			if first.status != tt.status {
				t.Fatalf("%d %s", first.status, first.raw)
			}
			done := trail()
			again := ask(tt.body)
			if diff := cmp.Diff(first.raw, again.raw); diff != "" || again.status != first.status {
				t.Errorf("the retry is answered %d\n%s", again.status, diff)
			}
			for _, h := range []string{"Location", "ETag", "Content-Type"} {
				if first.header.Get(h) != again.header.Get(h) {
					t.Errorf("%s: %q, then %q", h, first.header.Get(h), again.header.Get(h))
				}
			}
			if other := ask(tt.other); other.status != 422 {
				t.Errorf("the key with another body: %d %s", other.status, other.raw)
			}
			if n := trail() - done; n != 0 {
				t.Errorf("the retries left %d rows in the trail", n)
			}
			kept := one[[]byte](w, `SELECT cuerpo FROM historia_clinica.idempotencia WHERE clave LIKE '%' || $1`, key)
			if tt.secret != "" {
				shown, _ := first.body[tt.secret].(string)
				if shown == "" || strings.Contains(string(kept), shown) {
					t.Errorf("%s is %q, and kept as %q", tt.secret, shown, kept)
				}
			}
			if stranger := w.send(tt.method, tt.path, jsonType, tt.body, "Idempotency-Key: "+key); stranger.status != 401 {
				t.Errorf("nobody, with the key: %d", stranger.status)
			}
		})
	}
}

// Clients pass the key as an option.
func TestRetryOfAClient(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	a := w.account(auth.Registrar)
	key := client.IdempotencyKey(ident.NewID().String())
	first, err := c.ResetPassword(admin, a.ID, key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.ResetPassword(admin, a.ID, key); err != nil || again != first {
		t.Errorf("%+v and then %+v, %v", first, again, err)
	}
	if other, err := c.ResetPassword(admin, a.ID); err != nil || other == first {
		t.Errorf("without the key: %+v, %v", other, err)
	}
	_, err = c.UpdateUser(admin, a.ID, 1, api.UserChange{Nombre: ptr("Otra")}, key)
	status(t, "the key for another write", err, 422)
	if u, err := c.User(admin, a.ID); err != nil || u.Nombre == "Otra" {
		t.Errorf("%+v, %v", u, err)
	}
}
