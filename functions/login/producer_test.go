package login

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"hce.co/functions/login/api"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/seal"
)

func TestProducers(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	in := api.NewProducer{ClientID: unique("lab"), Nombre: "Laboratorio Central", Tipos: []string{"co.hce.resultado.emitido.v1"}}
	made, err := c.CreateProducer(admin, in, "k-"+in.ClientID)
	if err != nil || made.ClientSecret == "" || made.Version != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	if again, err := c.CreateProducer(admin, in, "k-"+in.ClientID); err != nil || again.ClientSecret != made.ClientSecret {
		t.Errorf("the retry: %+v, %v", again, err)
	}
	_, err = c.CreateProducer(admin, in, "")
	status(t, "the same client_id", err, 409)
	tok, err := c.LoginClient(w.anyone(), in.ClientID, made.ClientSecret)
	if err != nil || tok.RefreshToken != "" || tok.Rol != auth.Producer || tok.ExpiresIn != 900 {
		t.Fatalf("%+v, %v", tok, err)
	}
	p := claims(t, w, tok.AccessToken)
	if p.ID != made.ID || !slices.Equal(p.EventTypes, in.Tipos) || !auth.Allows(auth.PostEvents, p.Roles) || auth.Allows(auth.OwnAccount, p.Roles) {
		t.Errorf("principal %+v", p)
	}
	// The other way to send the secret (RFC 6749 §2.3.1).
	basic := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(in.ClientID+":"+made.ClientSecret))
	if got := w.send("POST", "/login", formType, "grant_type=client_credentials", basic); got.status != 200 {
		t.Errorf("Basic: %d %v", got.status, got.body)
	}
	if got := w.send("POST", "/login", formType, form("grant_type", "client_credentials", "client_secret", "x"), basic); got.status != 400 {
		t.Errorf("both ways: %d", got.status)
	}
	wrong := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(in.ClientID+":x"))
	if got := w.send("POST", "/login", formType, "grant_type=client_credentials", wrong); got.status != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic") || got.body["error"] != "invalid_client" {
		t.Errorf("a wrong secret: %d %q %v", got.status, got.header.Get("WWW-Authenticate"), got.body)
	}
	_, err = c.Login(w.anyone(), in.ClientID, made.ClientSecret)
	status(t, "a client as a person", err, 401)

	list, _, err := c.Producers(admin, 100, "")
	if err != nil || !slices.ContainsFunc(list, func(p api.Producer) bool { return p.ClientID == in.ClientID }) {
		t.Errorf("list %v, %v", list, err)
	}
	off, on := false, true
	if _, err := c.UpdateProducer(admin, in.ClientID, 2, api.ProducerChange{Activo: &off}); err == nil {
		t.Error("a stale version was taken")
	}
	if _, err := c.UpdateProducer(admin, in.ClientID, 1, api.ProducerChange{Activo: &off}); err != nil {
		t.Fatal(err)
	}
	_, err = c.LoginClient(w.anyone(), in.ClientID, made.ClientSecret)
	status(t, "a disabled client", err, 401)
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.revocacion WHERE sesion_id = $1`, p.SessionID); n != 1 {
		t.Error("the disabled client's token was not revoked")
	}
	if _, err := c.UpdateProducer(admin, in.ClientID, 2, api.ProducerChange{Activo: &on}); err != nil {
		t.Fatal(err)
	}
	tok, err = c.LoginClient(w.anyone(), in.ClientID, made.ClientSecret)
	if err != nil {
		t.Fatal(err)
	}
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.revocacion WHERE sesion_id = $1`, claims(t, w, tok.AccessToken).SessionID); n != 0 {
		t.Error("the client that is back gets revoked tokens")
	}
	for name, bad := range map[string]api.NewProducer{
		"no types":  {ClientID: unique("a"), Nombre: "x"},
		"bad type":  {ClientID: unique("a"), Nombre: "x", Tipos: []string{"Lo Que Sea"}},
		"no name":   {ClientID: unique("a"), Tipos: in.Tipos},
		"bad id":    {ClientID: "Con Espacio", Nombre: "x", Tipos: in.Tipos},
		"long type": {ClientID: unique("a"), Nombre: "x", Tipos: []string{"co." + strings.Repeat("a", 100)}},
	} {
		_, err := c.CreateProducer(admin, bad, "")
		status(t, name, err, 422)
	}
}

func TestDemo(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	ctx := context.Background()
	w.exec(`DELETE FROM historia_clinica.productor WHERE client_id = $1`, DemoProducer)
	record := w.patient()
	roles := map[string]auth.Role{
		"admin": auth.Admin, "admisionista": auth.Registrar, "medico": auth.Physician, "resultados": auth.RecordsClerk, "operador": auth.Operator,
		"paciente": auth.Patient,
	}
	if err := w.f.EnsureDemo(ctx, "demo", DemoUsers(record)); err != nil {
		t.Fatal(err)
	}
	signIn := func(pw string) {
		t.Helper()
		for name, role := range roles {
			tok, err := c.Login(w.anyone(), name, pw)
			if err != nil || tok.Rol != role || tok.DebeCambiarClave || tok.MFAPorActivar {
				t.Errorf("%s: %+v, %v", name, tok, err)
			}
			if role == auth.Patient && tok.DocumentoID != record {
				t.Errorf("the patient's record is %q", tok.DocumentoID)
			}
			if p := claims(t, w, tok.AccessToken); role == auth.Physician && !slices.Equal(p.Services, []string{"328", "1102", "129"}) {
				t.Errorf("the médico works in %v", p.Services)
			}
		}
		if _, err := c.LoginClient(w.anyone(), DemoProducer, pw); err != nil {
			t.Errorf("%s: %v", DemoProducer, err)
		}
	}
	signIn("demo")
	state := func() string {
		return one[string](w, `SELECT string_agg(id::text || hash || version, ',' ORDER BY username) FROM historia_clinica.usuario WHERE demo AND username = ANY($1)`,
			[]string{"admin", "admisionista", "medico", "resultados", "operador", "paciente"})
	}
	before := state()
	w.exec(`UPDATE historia_clinica.usuario SET demo = false WHERE demo AND hash <> (SELECT hash FROM historia_clinica.usuario WHERE username = 'medico')`)
	if err := w.f.EnsureDemo(ctx, "demo", DemoUsers(record)); err != nil {
		t.Fatal(err)
	}
	if state() != before {
		t.Error("the second start changed the accounts")
	}
	if err := w.f.EnsureDemo(ctx, "otra", DemoUsers(record)); err != nil {
		t.Fatal(err)
	}
	signIn("otra")
	if err := w.f.EnsureDemo(ctx, "", nil); err == nil {
		t.Error("an empty password is taken")
	}
}

func TestFirstAdministrator(t *testing.T) {
	w := newWorld(t)
	u, err := w.f.CreateAdministrator(context.Background(), api.NewUser{Username: unique("jefa"), Nombre: "Jefa", Password: "cien gatos sin techo"})
	if err != nil || u.Rol != auth.Admin || u.ClaveInicial != "" {
		t.Fatalf("%+v, %v", u, err)
	}
	if tok, err := w.client().Login(w.anyone(), u.Username, "cien gatos sin techo"); err != nil || !tok.MFAPorActivar {
		t.Errorf("%+v, %v", tok, err)
	}
	if _, err := w.f.CreateAdministrator(context.Background(), api.NewUser{Username: unique("jefa"), Password: "corta"}); err == nil {
		t.Error("a weak password is taken")
	}
}

func TestConfiguration(t *testing.T) {
	good := map[string]string{
		"DATABASE_URL": "postgres://nadie@127.0.0.1:1/x", "AUTH_SIGNING_KEYS_FILE": "/no/hay", "KEY_ENCRYPTION_KEY": base64.StdEncoding.EncodeToString(make([]byte, seal.KeySize)), "AUDIT_KEY": audittest.Key,
	}
	start := func(k, v string) error {
		env := map[string]string{}
		for name, value := range good {
			env[name] = value
		}
		if k != "" {
			env[k] = v
		}
		f := New()
		err := f.Start(context.Background(), env)
		if err == nil {
			err = f.Stop(context.Background())
		}
		return err
	}
	if err := start("MFA_REQUIRED_ROLES", "ninguno"); err != nil {
		t.Error(err)
	}
	for k, v := range map[string]string{
		"DATABASE_URL": "no es una dirección", "AUTH_SIGNING_KEYS_FILE": "", "KEY_ENCRYPTION_KEY": "corta", "AUDIT_KEY": "Y29ydGE=", "MFA_REQUIRED_ROLES": "dueño", "SESSION_LIFE": "1m",
		"SESSION_IDLE": "ayer", "PASSWORD_MAX_CONCURRENT": "0", "PASSWORD_MAX_QUEUE": "-1", "SIGNIN_FREE_TRIES": "0", "TRUSTED_PROXIES": "casa",
	} {
		if err := start(k, v); err == nil || len(v) > 3 && k == "KEY_ENCRYPTION_KEY" && strings.Contains(err.Error(), v) {
			t.Errorf("%s=%q: %v", k, v, err)
		}
	}
	f := New()
	if err := f.Start(context.Background(), good); err != nil {
		t.Fatal(err)
	}
	defer f.Stop(context.Background()) //nolint:errcheck // nothing to lose
	if ok, err := f.Ready(context.Background()); ok || err == nil {
		t.Error("ready without keys and database")
	}
}
