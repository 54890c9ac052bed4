package ui

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	login "hce.co/functions/login/api"
	"hce.co/shared/problem"
	"hce.co/ui/view/component"
)

func TestSecondFactor(t *testing.T) {
	d := newDoor(t)
	d.login.on("GET /yo", login.Me{Nombre: "Mario"})
	d.login.on("POST /yo/mfa", login.Enrolment{Secreto: "ABCDEFGHIJ", URI: "otpauth://totp/HCE:mario?secret=ABCDEFGHIJ"})
	d.login.on("POST /yo/mfa/confirmar", problem.Invalid(map[string]string{"codigo": "El código no es correcto."}))
	page := readPage(t, d.send(&physician, "GET", "/segundo-factor", nil), 200)
	if sent := writes(d.login); len(sent) > 0 { // any site can send somebody to a page
		t.Errorf("looking begins a second factor: %v", sent)
	}
	page = readPage(t, d.send(&physician, "POST", "/segundo-factor/nuevo", fieldsOf(form(t, page, "/segundo-factor/nuevo"))), 200)
	wants(t, page, "ABCD EFGH IJ")
	v := fieldsOf(form(t, page, "/segundo-factor"))
	v.Set("codigo", "000000")
	page = readPage(t, d.send(&physician, "POST", "/segundo-factor", v), 422)
	wants(t, page, "El código no es correcto.", "ABCD EFGH IJ") // the same secret: the phone has it already
	if !links(page, "otpauth://totp/HCE:mario?secret=ABCDEFGHIJ") {
		t.Error("the way into the phone's app is gone")
	}
	if drawn := component.NewQR("otpauth://totp/HCE:mario?secret=ABCDEFGHIJ").Dark; !draws(page, drawn) {
		t.Error("the code for the phone's camera is gone")
	}
	v.Set("uri", "javascript:alert(1)")
	for c := range readPage(t, d.send(&physician, "POST", "/segundo-factor", v), 422).Descendants() {
		if href, _ := attr(c, "href"); strings.HasPrefix(href, "javascript") {
			t.Error("the form can plant a script")
		}
	}

	d = newDoor(t)
	d.login.on("POST /yo/mfa/confirmar", login.Enrolled{CodigosRecuperacion: []string{"AAAA-BBBB"}, Token: login.Token{AccessToken: d.token(physician)}})
	resp := d.send(&physician, "POST", "/segundo-factor", url.Values{"codigo": {" 123456 "}})
	if c := cookies(resp); c[accessCookie] == nil || c[refreshCookie] != nil {
		t.Errorf("the browser keeps %v", c)
	}
	wants(t, readPage(t, resp, 200), "AAAA-BBBB")
	if got := d.login.last(t, "POST /yo/mfa/confirmar").body; got != `{"codigo":"123456"}` {
		t.Errorf("sent %s", got)
	}
}

// draws reports whether a page has a path of this shape.
func draws(page *html.Node, shape string) bool {
	for c := range page.Descendants() {
		if d, _ := attr(c, "d"); c.Data == "path" && d == shape {
			return true
		}
	}
	return false
}

// What asks for a second factor given just now leads there and back.
func TestReinforceFirst(t *testing.T) {
	d := newDoor(t)
	d.login.on("GET /yo", login.Me{Nombre: "Mario", MFA: true})
	not := challenge()
	d.login.on("POST /yo/mfa", not)
	d.login.on("DELETE /yo/mfa", not)
	d.login.on("POST /login/reforzar", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := newBackend()
		b.on("/", login.Token{AccessToken: d.token(physician)})
		b.ServeHTTP(w, r)
	}))
	wants(t, readPage(t, d.send(&physician, "GET", "/segundo-factor", nil), 200), "Su cuenta tiene un segundo factor activo.")
	leads(t, d.send(&physician, "POST", "/segundo-factor/nuevo", url.Values{}), "/reforzar?siguiente=%2Fsegundo-factor")
	leads(t, d.send(&physician, "POST", "/segundo-factor/retiro", url.Values{}), "/reforzar?siguiente=%2Fsegundo-factor")
	v := fieldsOf(form(t, readPage(t, d.send(&physician, "GET", "/reforzar?siguiente=%2Fsegundo-factor", nil), 200), "/reforzar"))
	v.Set("codigo", "123456")
	leads(t, d.send(&physician, "POST", "/reforzar", v), "/segundo-factor")
	if got := d.login.last(t, "POST /login/reforzar").body; got != `{"codigo":"123456"}` {
		t.Errorf("sent %s", got)
	}
	v.Set("siguiente", "//evil.example")
	leads(t, d.send(&physician, "POST", "/reforzar", v), "/")

	d = newDoor(t)
	d.login.on("DELETE /yo/mfa", problem.Forbidden("Su rol exige el segundo factor."))
	wants(t, readPage(t, d.send(&physician, "POST", "/segundo-factor/retiro", url.Values{}), 403), "Su rol exige el segundo factor.")
}
