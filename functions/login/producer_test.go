package login

import (
	"context"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		"bad type":           {ClientID: unique("a"), Nombre: "x", Tipos: []string{"Lo Que Sea"}},
		"our own type":       {ClientID: unique("a"), Nombre: "x", Tipos: []string{"co.hce.nota.firmada.v1"}},
		"one of two":         {ClientID: unique("a"), Nombre: "x", Tipos: []string{"co.hce.resultado.emitido.v1", "co.hce.pdf.listo.v1"}},
		"nothing":            {},
		"types alone":        {Tipos: in.Tipos},
		"a name of none":     {Nombre: " "},
		"bad id":             {ClientID: "Con Espacio", Nombre: "x", Tipos: in.Tipos},
		"a long name":        {Nombre: strings.Repeat("n", 121)},
		"an id too long":     {ClientID: strings.Repeat("n", 61)},
		"a control char.":    {ClientID: unique("a"), Nombre: "a\x07b"},
		"a hidden character": {ClientID: unique("a"), Nombre: "a\u200bb"},
	} {
		_, err := c.CreateProducer(admin, bad, "")
		status(t, name, err, 422)
	}
}

// The least that says which system it is is enough.
func TestSmallestProducers(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	token := w.login(w.account(auth.Admin)).AccessToken
	admin := "Authorization: Bearer " + token
	id := unique("solo")
	for name, tt := range map[string]struct {
		body, client, nombre string
	}{
		"a name":      {`{"nombre":"Laboratorio  Ñandú & Cía."}`, `^laboratorio-nandu-cia-[a-z0-9]{6}$`, "Laboratorio Ñandú & Cía."},
		"no letters":  {`{"nombre":"检验科"}`, `^productor-[a-z0-9]{6}$`, "检验科"},
		"a long name": {`{"nombre":"` + strings.Repeat("laboratorio ", 10) + `"}`, `^(laboratorio-){4}[a-z0-9-]+-[a-z0-9]{6}$`, strings.TrimSpace(strings.Repeat("laboratorio ", 10))},
		"an id":       {`{"client_id":"` + id + `"}`, "^" + id + "$", id},
		"null types":  {`{"nombre":"X","tipos":null}`, `^x-[a-z0-9]{6}$`, "X"},
	} {
		got := w.send("POST", "/productores", jsonType, tt.body, admin)
		client, _ := got.body["client_id"].(string)
		if got.status != 201 || !regexp.MustCompile(tt.client).MatchString(client) || len(client) > 60 || got.body["nombre"] != tt.nombre ||
			got.header.Get("Location") != "/productores/"+client {
			t.Errorf("%s: %d %v", name, got.status, got.body)
			continue
		}
		p, err := c.Producer(w.from(w.ip, token), client)
		if err != nil || p.ClientID != client || !slices.Equal(p.Tipos, auth.EventTypes()) || p.Version != 1 {
			t.Errorf("%s: GET: %+v, %v", name, p, err)
		}
		if _, err := c.LoginClient(w.anyone(), client, got.body["client_secret"].(string)); err != nil {
			t.Errorf("%s: signing in: %v", name, err)
		}
	}
	if got := w.send("POST", "/productores", jsonType, `{"nombre":"X","tipos":[]}`, admin); got.status != 422 {
		t.Errorf("no types at all: %d", got.status)
	}
	got := w.send("GET", "/productores/"+id, "", "", admin)
	if got.status != 200 || got.header.Get("ETag") != `"1"` || strings.Contains(got.raw, "secret") || strings.Contains(got.raw, "argon2") {
		t.Errorf("GET: %d %s", got.status, got.raw)
	}
	_, err := c.Producer(w.from(w.ip, token), unique("nadie"))
	status(t, "GET of nobody", err, 404)
	// One that was let post more than is taken today can still be shut out.
	w.exec(`UPDATE historia_clinica.productor SET tipos = '{co.hce.antiguo.v1}' WHERE client_id = $1`, id)
	off := false
	if p, err := c.UpdateProducer(w.from(w.ip, token), id, 1, api.ProducerChange{Activo: &off}); err != nil || p.Activo {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = c.UpdateProducer(w.from(w.ip, token), id, 2, api.ProducerChange{Tipos: []string{"co.hce.nota.firmada.v1"}})
	status(t, "a type of ours", err, 422)
}

// A producer's token says whose it is, and can be ended by itself.
func TestTokenOfAProducer(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	in := api.NewProducer{ClientID: unique("lab"), Nombre: "Laboratorio"}
	made, err := c.CreateProducer(admin, in, "")
	if err != nil {
		t.Fatal(err)
	}
	signIn := func() (context.Context, string) {
		t.Helper()
		tok, err := c.LoginClient(w.anyone(), in.ClientID, made.ClientSecret)
		if err != nil {
			t.Fatal(err)
		}
		return w.from(w.ip, tok.AccessToken), tok.AccessToken
	}
	first, token := signIn()
	second, _ := signIn()
	me, err := c.Me(first)
	want := api.Me{ID: made.ID, Username: in.ClientID, Nombre: in.Nombre, Rol: auth.Producer, Roles: []auth.Role{auth.Producer}, Tipos: auth.EventTypes()}
	if diff := cmp.Diff(want, me); err != nil || diff != "" {
		t.Errorf("GET /yo: %v\n%s", err, diff)
	}
	_, err = c.ChangePassword(first, made.ClientSecret, "cuatro tristes tigresas")
	status(t, "what only a person has", err, 403)
	if err := c.Logout(first); err != nil {
		t.Fatal(err)
	}
	wantRevoked(t, w, token)
	status(t, "logout again", c.Logout(first), 401)
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'logout'`, "usuario:"+made.ID.String()); n != 1 {
		t.Errorf("%d audit rows of one logout", n)
	}
	if _, err := c.Me(second); err != nil {
		t.Errorf("the other token of the same system ended too: %v", err)
	}
	third, _ := signIn()
	if _, err := c.Me(third); err != nil {
		t.Errorf("a token after the logout: %v", err)
	}
	// Other processes learn of it from the database.
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.revocacion WHERE sesion_id = $1`, claims(t, w, token).TokenID); n != 1 {
		t.Error("the database does not hold the end of the token")
	}
	off := false
	if _, err := c.UpdateProducer(admin, in.ClientID, 1, api.ProducerChange{Activo: &off}); err != nil {
		t.Fatal(err)
	}
	for _, ctx := range []context.Context{second, third} {
		_, err := c.Me(ctx)
		status(t, "a token of a system that was shut out", err, 401)
	}
}

// A system's secret is guessed no faster than a person's password, and who
// guesses does not shut it out.
func TestGuessingASecret(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	in := api.NewProducer{ClientID: unique("lab"), Nombre: "Laboratorio", Tipos: []string{"co.hce.resultado.emitido.v1"}}
	made, err := c.CreateProducer(w.as(w.account(auth.Admin)), in, "")
	if err != nil {
		t.Fatal(err)
	}
	attacker := w.from(address(), "")
	before := w.hashes.Load()
	for i := range 40 {
		want := 401
		if i >= w.f.cfg.Throttle.Tries {
			want = 429
		}
		_, err := c.LoginClient(attacker, in.ClientID, "no es este")
		status(t, "a guess", err, want)
	}
	if n := w.hashes.Load() - before; n != int64(w.f.cfg.Throttle.Tries) {
		t.Errorf("40 guesses cost %d hashes", n)
	}
	_, err = c.LoginClient(attacker, in.ClientID, made.ClientSecret)
	status(t, "the right secret within the delay", err, 429)
	if _, err := c.LoginClient(w.anyone(), in.ClientID, made.ClientSecret); err != nil {
		t.Errorf("the right secret from elsewhere: %v", err)
	}
	w.clock.advance(time.Second)
	if _, err := c.LoginClient(attacker, in.ClientID, made.ClientSecret); err != nil {
		t.Errorf("the right secret after the delay: %v", err)
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
		"SESSION_IDLE": "ayer", "PASSWORD_MAX_CONCURRENT": "0", "PASSWORD_MAX_QUEUE": "-1", "SIGNIN_FREE_TRIES": "0", "SIGNIN_ADDRESS_WINDOW": "99ns", "TRUSTED_PROXIES": "casa",
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
