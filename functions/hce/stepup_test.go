package hce_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/pquerna/otp/totp"

	"hce.co/functions/hce/deployed"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// aged makes of an access token the one that its session has a while after the
// second factor was given.
func (c *clinic) aged(t *testing.T, access string, by time.Duration) string {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(access, claims); err != nil {
		t.Fatal(err)
	}
	given, err := claims.GetIssuedAt()
	if err != nil {
		t.Fatal(err)
	}
	return c.resign(t, access, jwt.MapClaims{"sid": claims["sid"], "auth_time": given.Add(-by).Unix()})
}

// enrolled is a médico of their own with a second factor, given just now.
func (c *clinic) enrolled(t *testing.T) (access string, recovery []string) {
	t.Helper()
	_, access = c.hire(t, loginapi.NewUser{Rol: auth.Physician, Nombre: "Sara Firmante", Password: password})
	ctx := deployed.As(t.Context(), access)
	e, err := c.login.BeginMFA(ctx)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(e.Secreto, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.login.ConfirmMFA(ctx, code)
	if err != nil {
		t.Fatal(err)
	}
	return done.AccessToken, done.CodigosRecuperacion
}

// A médico with a second factor signs with a code of theirs, over the wire: the
// challenge says how, and what answers it signs.
func TestSigningOverTheWireStepsUp(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	fresh, codes := c.enrolled(t)
	in := note(id, "")
	in.Firmar = true
	if _, err := c.notes.Write(deployed.As(t.Context(), fresh), in, ""); err != nil {
		t.Fatalf("right after a code: %v", err)
	}
	stale := c.aged(t, fresh, auth.StepUpLife)
	ctx := deployed.As(t.Context(), stale)
	_, err := c.notes.Write(ctx, in, "")
	pr, ok := err.(*problem.Error) //nolint:errorlint // the clients return it bare
	if !ok || pr.Status != 401 || pr.Members["error"] != auth.InsufficientAuthentication || pr.Members["max_age"] != auth.StepUpLife.Seconds() {
		t.Fatalf("long after it: %v", err)
	}
	status, h, _ := c.send(t, stale, "POST", "/medico/nota", "application/json", `{"documento_id":"`+id+`","tipo":"evolucion","motivo_consulta":"Tos","firmar":true}`)
	if status != 401 || !strings.Contains(h.Get("WWW-Authenticate"), `error="insufficient_user_authentication"`) {
		t.Errorf("through the door: %d %q", status, h.Get("WWW-Authenticate"))
	}
	up, err := c.login.Reinforce(ctx, loginapi.Reinforce{Codigo: codes[0]})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.notes.Write(deployed.As(t.Context(), up.AccessToken), in, ""); err != nil {
		t.Errorf("after another code: %v", err)
	}
}

// The same at a browser without scripts: the code stands in the form of what it
// signs, and what was written stays when it is wrong.
func TestSigningPagesStepUp(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	fresh, codes := c.enrolled(t)
	draft, err := c.notes.Write(deployed.As(t.Context(), fresh), note(id, ""), "")
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{t: t, base: c.url, cookies: map[string]string{"__Host-acceso": c.aged(t, fresh, auth.StepUpLife)}}
	at := "/notas/" + id + "/" + draft.ID.String()
	page := b.get(at + "/firma")
	if !strings.Contains(says(page), "Código de verificación") {
		t.Fatalf("the sheet asks for no code:\n%s", says(page))
	}
	_, page = b.send(page, at+"/firma", url.Values{"codigo": {"000000"}, "firma_paciente": {"Rosa Núñez"}}, 422, "no es correcto o ya se usó")
	b.send(page, at+"/firma", url.Values{"codigo": {codes[0]}}, 200, "La nota quedó firmada.", "Rosa Núñez")

	b.cookies["__Host-acceso"] = c.aged(t, b.cookies["__Host-acceso"], auth.StepUpLife)
	_, page = b.send(b.get(at), at+"/adenda", url.Values{"motivo": {"aclaracion"}, "texto": {"Era de ayer."}}, 422, "Escriba el código", "Era de ayer.")
	_, page = b.send(page, at+"/adenda", url.Values{"codigo": {codes[1]}}, 200, "La adenda quedó firmada.")
	if strings.Contains(says(page), "Código de verificación") {
		t.Error("a code given a moment ago is asked for again")
	}
	b.send(page, at+"/anulacion", url.Values{"motivo": {"Es de otra paciente."}}, 200, "La nota quedó anulada.")

	n, err := c.notes.Read(deployed.As(t.Context(), fresh), id, draft.ID)
	if err != nil || n.Estado != "anulada" || len(n.Adendas) != 1 || n.Adendas[0].Texto != "Era de ayer." || n.FirmaPaciente != "Rosa Núñez" {
		t.Errorf("the note is %+v, %v", notesapi.Note{Status: n.Status}, err)
	}
}
