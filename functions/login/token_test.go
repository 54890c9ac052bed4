package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/login/api"
	"hce.co/functions/login/keys"
	"hce.co/shared/auth"
)

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Registrar)
	for _, name := range []string{a.Username, strings.ToUpper(a.Username), a.Email, strings.ToUpper(a.Email), " " + a.Username + " "} {
		got, err := w.client().Login(w.anyone(), name, secret)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		want := api.Token{
			AccessToken: got.AccessToken, RefreshToken: got.RefreshToken, TokenType: "Bearer", ExpiresIn: 900,
			Rol: auth.Registrar, Roles: []auth.Role{auth.Registrar}, Nombre: a.Nombre,
		}
		if diff := cmp.Diff(want, got); diff != "" || got.RefreshToken == "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	id := "usuario:" + a.ID.String()
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'login' AND resultado = 'exito'
		AND usuario_id = $2 AND rol = 'admisionista' AND ip = $3`, id, a.ID, w.ip); n != 5 {
		t.Errorf("%d audit rows, want 5", n)
	}
}

func TestAccessTokenClaims(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Physician, func(a *account) { a.Servicios = []string{"328", "1101"} })
	token := w.login(a).AccessToken
	parts := strings.Split(token, ".")
	var header, claims map[string]any
	for i, v := range []*map[string]any{&header, &claims} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, v); err != nil {
			t.Fatal(err)
		}
	}
	set, err := w.client().Keys(w.anyone())
	if err != nil || len(set.Keys) != 1 {
		t.Fatalf("keys: %v, %v", set, err)
	}
	if diff := cmp.Diff(map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": set.Keys[0].Kid}, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	want := []string{"aud", "exp", "iat", "iss", "jti", "nbf", "nombre", "roles", "servicios", "sid", "sub"}
	if got := slices.Sorted(maps.Keys(claims)); !slices.Equal(got, want) {
		t.Errorf("claims %v, want %v", got, want)
	}
	if claims["exp"].(float64)-claims["iat"].(float64) != 900 || claims["sub"] != a.ID.String() || claims["iss"] != "hce" {
		t.Errorf("claims %v", claims)
	}
	me, err := w.client().Me(w.from(w.ip, token))
	if err != nil {
		t.Fatal(err)
	}
	if me.ID != a.ID || me.Rol != auth.Physician || !slices.Equal(me.Servicios, a.Servicios) || me.Profesional.ClaveID == "" || len(me.Profesional.ClavePublica) != 32 {
		t.Errorf("GET /yo: %+v", me)
	}
}

func TestTokenRequests(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Operator)
	good := form("grant_type", "password", "username", a.Username, "password", secret)
	js := func(v map[string]string) string { return string(mustJSON(v)) }
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		code                    string
	}{
		{"form", formType, good, 200, ""},
		{"form with charset", formType + "; charset=UTF-8", good, 200, ""},
		{"form, unknown parameter ignored", formType, good + "&dispositivo=x", 200, ""},
		{"form, scope ignored", formType, good + "&scope=openid", 200, ""},
		{"form without grant_type", formType, form("username", a.Username, "password", secret), 200, ""},
		{"JSON", jsonType, js(map[string]string{"grant_type": "password", "username": a.Username, "password": secret}), 200, ""},
		{"JSON without grant_type", jsonType, js(map[string]string{"username": a.Username, "password": secret}), 200, ""},
		{"JSON, unknown field", jsonType, js(map[string]string{"username": a.Username, "password": secret, "clave": "x"}), 400, "invalid_request"},
		{"JSON, number for a name", jsonType, `{"username":7,"password":"x"}`, 422, "invalid_request"},
		{"JSON, broken", jsonType, `{"username":`, 400, "invalid_request"},
		{"JSON, NUL", jsonType, `{"username":"a\u0000","password":"x"}`, 400, "invalid_request"},
		{"wrong password", formType, form("grant_type", "password", "username", a.Username, "password", "otra"), 401, "invalid_grant"},
		{"no password", formType, form("grant_type", "password", "username", a.Username), 400, "invalid_request"},
		{"no user name", formType, form("grant_type", "password", "password", secret), 400, "invalid_request"},
		{"empty", formType, "", 400, "invalid_request"},
		{"no grant", formType, form("refresh_token", "x"), 400, "invalid_request"},
		{"unknown grant", formType, form("grant_type", "authorization_code", "code", "x"), 400, "unsupported_grant_type"},
		{"grant in capitals", formType, form("grant_type", "PASSWORD", "username", a.Username, "password", secret), 400, "unsupported_grant_type"},
		{"repeated parameter", formType, good + "&username=otro", 400, "invalid_request"},
		{"NUL", formType, form("grant_type", "password", "username", "a\x00b", "password", secret), 400, "invalid_request"},
		{"invalid UTF-8", formType, "grant_type=password&username=%ff&password=x", 400, "invalid_request"},
		{"bad escape", formType, "grant_type=password&username=%zz&password=x", 400, "invalid_request"},
		{"refresh without token", formType, form("grant_type", "refresh_token"), 400, "invalid_request"},
		{"refresh with nonsense", formType, form("grant_type", "refresh_token", "refresh_token", "nada"), 401, "invalid_grant"},
		{"refresh of nobody", formType, form("grant_type", "refresh_token", "refresh_token", uuid.NewString()+".AAAA"), 401, "invalid_grant"},
		{"client without secret", formType, form("grant_type", "client_credentials", "client_id", "x"), 400, "invalid_request"},
		{"unknown client", formType, form("grant_type", "client_credentials", "client_id", "nadie", "client_secret", "x"), 401, "invalid_client"},
		{"plain text", "text/plain", good, 415, "invalid_request"},
		{"no type", "", good, 415, "invalid_request"},
		{"2 MiB", formType, strings.Repeat("a", 2<<20), 413, ""},
	} {
		got := w.send("POST", "/login", tt.contentType, tt.body)
		if got.status != tt.status || tt.code != "" && got.body["error"] != tt.code {
			t.Errorf("%s: %d %v, want %d %s", tt.name, got.status, got.body, tt.status, tt.code)
		}
		if got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", tt.name, got.header.Get("Cache-Control"))
		}
		if got.status != 200 && (got.body["detail"] == nil || got.body["status"] != float64(tt.status) || got.header.Get("Content-Type") != "application/problem+json") {
			t.Errorf("%s: no problem: %v", tt.name, got.body)
		}
		if d, ok := got.body["error_description"].(string); ok && strings.ContainsFunc(d, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' }) {
			t.Errorf("%s: error_description %q is not of RFC 6749's characters", tt.name, d)
		}
	}
	if got := w.send("GET", "/login", "", ""); got.status != 405 || got.header.Get("Allow") != "POST" {
		t.Errorf("GET /login: %d, Allow %q", got.status, got.header.Get("Allow"))
	}
}

// An unknown user, a wrong password and a disabled account must look the same,
// and cost the same.
func TestRefusalsAreAlike(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Registrar)
	disabled := w.account(auth.Registrar, func(a *account) { a.Activo = false })
	var first string
	for _, tt := range []struct{ name, username, password string }{
		{"wrong password", a.Username, "una clave que no es"},
		{"unknown user", "nadie-" + a.Username, secret},
		{"unknown e-mail", "nadie@" + a.Username + ".co", secret},
		{"disabled, right password", disabled.Username, secret},
		{"disabled, wrong password", disabled.Username, "una clave que no es"},
		{"a name of 10,000 characters", strings.Repeat("a", 10_000), secret},
		{"a password of 10,000 characters", a.Username, strings.Repeat("a", 10_000)},
	} {
		before := w.hashes.Load()
		got := w.send("POST", "/login", formType, form("grant_type", "password", "username", tt.username, "password", tt.password))
		delete(got.body, "instance")
		seen := string(mustJSON(got.body))
		if first == "" {
			first = seen
		}
		if got.status != 401 || seen != first {
			t.Errorf("%s: %d %s, want %s", tt.name, got.status, seen, first)
		}
		if n := w.hashes.Load() - before; n != 1 {
			t.Errorf("%s: %d hashes were verified, want 1", tt.name, n)
		}
	}
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.auditoria WHERE resultado = 'denegado' AND tipo = 'login' AND ip = $1
		AND nombre = '' AND usuario_id IS NULL`, w.ip); n != 7 {
		t.Errorf("%d audit rows of refusals, want 7", n)
	}
}

func TestForgedTokens(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Admin)
	good := w.login(a).AccessToken
	set, err := w.f.keys.Set()
	if err != nil {
		t.Fatal(err)
	}
	key := set[0]
	claims := func(change ...func(map[string]any)) jwt.MapClaims {
		now := w.f.Now()
		c := jwt.MapClaims{
			"iss": "hce", "aud": "hce", "sub": a.ID.String(), "sid": uuid.NewString(), "jti": uuid.NewString(), "nombre": "x",
			"roles": []string{"administrador"}, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		}
		for _, f := range change {
			f(c)
		}
		return c
	}
	with := func(name string, v any) func(map[string]any) { return func(c map[string]any) { c[name] = v } }
	drop := func(name string) func(map[string]any) { return func(c map[string]any) { delete(c, name) } }
	sign := func(m jwt.SigningMethod, secret any, kid any, c jwt.Claims) string {
		tk := jwt.NewWithClaims(m, c)
		tk.Header["typ"] = auth.TokenType
		if kid != nil {
			tk.Header["kid"] = kid
		}
		s, err := tk.SignedString(secret)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ours := func(c jwt.Claims) string { return sign(jwt.SigningMethodEdDSA, key.Private(), key.ID, c) }
	if got := w.send("GET", "/yo", "", "", "Authorization: Bearer "+ours(claims())); got.status != 200 {
		t.Fatalf("a token made here like a real one is refused (%d): the cases below prove nothing", got.status)
	}
	other, err := keys.Generate(w.f.Now()).Active(w.f.Now())
	if err != nil {
		t.Fatal(err)
	}
	pub := []byte(key.Public())
	step, err := w.f.stepToken(a, proof{})
	if err != nil {
		t.Fatal(err)
	}
	typed := func(typ string, c jwt.Claims) string {
		s, err := w.f.sign(typ, c)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"alg none":                        sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, key.ID, claims()),
		"HS256 with the public key":       sign(jwt.SigningMethodHS256, pub, key.ID, claims()),
		"HS256 with the public key, JWKS": sign(jwt.SigningMethodHS256, []byte(auth.PublicJWK(key.ID, key.Public()).X), key.ID, claims()),
		"somebody's key, our kid":         sign(jwt.SigningMethodEdDSA, other.Private(), key.ID, claims()),
		"somebody's key, their kid":       sign(jwt.SigningMethodEdDSA, other.Private(), other.ID, claims()),
		"no kid":                          sign(jwt.SigningMethodEdDSA, key.Private(), nil, claims()),
		"kid is a number":                 sign(jwt.SigningMethodEdDSA, key.Private(), 7, claims()),
		"kid is a path":                   sign(jwt.SigningMethodEdDSA, key.Private(), "../../../etc/passwd", claims()),
		"kid of 3 KB":                     sign(jwt.SigningMethodEdDSA, key.Private(), strings.Repeat("k", 3000), claims()),
		"a token of 100 KB":               ours(claims(with("nombre", strings.Repeat("n", 100_000)))),
		"wrong issuer":                    ours(claims(with("iss", "otra"))),
		"no issuer":                       ours(claims(drop("iss"))),
		"wrong audience":                  ours(claims(with("aud", "otra"))),
		"audience of another use":         ours(claims(with("aud", []string{"hce/mfa"}))),
		"no audience":                     ours(claims(drop("aud"))),
		"no exp":                          ours(claims(drop("exp"))),
		"exp is text":                     ours(claims(with("exp", "mañana"))),
		"exp is null":                     ours(claims(with("exp", nil))),
		"expired":                         ours(claims(with("exp", w.f.Now().Add(-time.Minute).Unix()))),
		"not yet":                         ours(claims(with("nbf", w.f.Now().Add(time.Minute).Unix()))),
		"made tomorrow":                   ours(claims(with("iat", w.f.Now().Add(24*time.Hour).Unix()))),
		"sub is no id":                    ours(claims(with("sub", "admin"))),
		"no sid":                          ours(claims(drop("sid"))),
		"no jti":                          ours(claims(drop("jti"))),
		"roles are text":                  ours(claims(with("roles", "administrador"))),
		"no access token":                 typed("JWT", claims()),
		"of the step's type":              typed(stepType, claims()),
		"another's claims":                strings.Join([]string{parts[0], strings.Split(ours(claims()), ".")[1], parts[2]}, "."),
		"no signature":                    parts[0] + "." + parts[1] + ".",
		"signature of another alphabet":   parts[0] + "." + parts[1] + "." + strings.Repeat("+", len(parts[2])),
		"two parts":                       parts[0] + "." + parts[1],
		"the token between the two steps": step,
		"a refresh token":                 uuid.NewString() + ".AAAAAAAA",
		"nothing":                         "",
	} {
		for _, path := range []string{"/yo", "/usuarios"} {
			got := w.send("GET", path, "", "", "Authorization: Bearer "+token)
			if got.status != http.StatusUnauthorized {
				t.Errorf("%s: GET %s answered %d, want 401", name, path, got.status)
			}
		}
	}
	for name, headers := range map[string][]string{
		"no header":       nil,
		"twice":           {"Authorization: Bearer " + good, "Authorization: Bearer " + good},
		"twice, the same": {"Authorization: Bearer " + good, "Authorization: Basic eDp5"},
		"Basic":           {"Authorization: Basic " + good},
		"no scheme":       {"Authorization: " + good},
		"in a cookie":     {"Cookie: access_token=" + good},
	} {
		if got := w.send("GET", "/usuarios", "", "", headers...); got.status != 401 || got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d, want 401 with WWW-Authenticate", name, got.status)
		}
	}
	if got := w.send("GET", "/usuarios?access_token="+good, "", ""); got.status != 401 {
		t.Errorf("in the query: %d, want 401", got.status)
	}
}

func TestPublicKeys(t *testing.T) {
	w := newWorld(t)
	got := w.send("GET", "/.well-known/jwks.json", "", "")
	if got.status != 200 || got.header.Get("Cache-Control") != "public, max-age=300" || strings.Contains(got.raw, `"d"`) {
		t.Errorf("%d %q %s", got.status, got.header.Get("Cache-Control"), got.raw)
	}
	if ks, err := auth.ParseJWKS([]byte(got.raw)); err != nil || len(ks) != 1 {
		t.Errorf("keys %v, %v", ks, err)
	}
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Patient)
	first := w.login(a)
	if first.DocumentoID != a.DocumentoID {
		t.Errorf("documento_id %q, want %q", first.DocumentoID, a.DocumentoID)
	}
	second, err := c.Refresh(w.anyone(), first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken || second.DocumentoID != a.DocumentoID {
		t.Errorf("refreshed: %+v", second)
	}
	if _, err := c.Me(w.from(w.ip, second.AccessToken)); err != nil {
		t.Error(err)
	}
	sid := strings.Split(first.RefreshToken, ".")[0]
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.sesion WHERE id = $1 AND position(convert_to($2, 'UTF8') in refresco) > 0`,
		sid, strings.Split(second.RefreshToken, ".")[1]); n != 0 {
		t.Error("the database holds the refresh token itself")
	}
	// The replay of the first one ends the family.
	_, err = c.Refresh(w.anyone(), first.RefreshToken)
	if status(t, "replay", err, 401); api.OAuthError(err) != "invalid_grant" {
		t.Errorf("replay: error %q", api.OAuthError(err))
	}
	_, err = c.Refresh(w.anyone(), second.RefreshToken)
	status(t, "the current one after a replay", err, 401)
	wantRevoked(t, w, second.AccessToken)
	if n := audits(w, a, "logout", "denegado"); n != 1 {
		t.Errorf("%d audit rows of the replay, want 1", n)
	}
}

// wantRevoked wants an access token to be good for nothing: this process ended it,
// so it is over at once.
func wantRevoked(t *testing.T, w *world, token string) {
	t.Helper()
	_, err := w.client().Me(w.from(w.ip, token))
	status(t, "a token whose session just ended", err, 401)
}

func TestConcurrentRefresh(t *testing.T) {
	w := newWorld(t)
	token := w.login(w.account(auth.Operator)).RefreshToken
	const n = 16
	results := make(chan error, n)
	tokens := make(chan api.Token, n)
	for range n {
		go func() {
			next, err := w.client().Refresh(context.WithoutCancel(w.anyone()), token)
			if err == nil {
				tokens <- next
			}
			results <- err
		}()
	}
	won := 0
	for range n {
		if err := <-results; err == nil {
			won++
		} else {
			status(t, "a loser", err, 401)
		}
	}
	if won != 1 {
		t.Fatalf("%d refreshes of one token succeeded, want 1", won)
	}
	_, err := w.client().Refresh(w.anyone(), (<-tokens).RefreshToken)
	status(t, "the winner's token, after the family ended", err, 401)
}

func TestSessionsEndByTime(t *testing.T) {
	w := newWorld(t, "SESSION_LIFE=3h", "SESSION_IDLE=1h")
	c := w.client()
	tok := w.login(w.account(auth.Operator))
	var err error
	for range 3 {
		w.clock.advance(50 * time.Minute)
		if tok, err = c.Refresh(w.anyone(), tok.RefreshToken); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.advance(20 * time.Minute) // 2 h 50 min
	if tok, err = c.Refresh(w.anyone(), tok.RefreshToken); err != nil || tok.ExpiresIn > 601 {
		t.Errorf("the last token lives %d s, %v; its session ends in 600 s", tok.ExpiresIn, err)
	}
	w.clock.advance(11 * time.Minute)
	_, err = c.Refresh(w.anyone(), tok.RefreshToken)
	status(t, "after three hours", err, 401)

	idle := w.login(w.account(auth.Operator))
	w.clock.advance(61 * time.Minute)
	_, err = c.Refresh(w.anyone(), idle.RefreshToken)
	status(t, "after an idle hour", err, 401)
}

func TestLogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.account(auth.Registrar)
	first, two := w.login(a), w.login(a)
	ctx := w.from(w.ip, first.AccessToken)
	if err := w.client().Logout(ctx); err != nil {
		t.Fatal(err)
	}
	status(t, "once more", w.client().Logout(ctx), 401)
	_, err := w.client().Refresh(w.anyone(), first.RefreshToken)
	status(t, "refresh after logout", err, 401)
	wantRevoked(t, w, first.AccessToken)
	if _, err := w.client().Me(w.from(w.ip, two.AccessToken)); err != nil {
		t.Errorf("the other sign-in ended too: %v", err)
	}
	if _, err := w.client().Refresh(w.anyone(), two.RefreshToken); err != nil {
		t.Errorf("the other sign-in cannot go on: %v", err)
	}
	if n := audits(w, a, "logout", "exito"); n != 1 {
		t.Errorf("%d audit rows of one logout", n)
	}
}

// audits counts the rows of the trail about an account.
func audits(w *world, a account, typ, outcome string) int {
	return one[int](w, `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = $2 AND resultado = $3`,
		"usuario:"+a.ID.String(), typ, outcome)
}

func TestRotatedKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.account(auth.Operator)
	old := w.login(a).AccessToken
	set, err := w.f.keys.Set()
	if err != nil {
		t.Fatal(err)
	}
	w.f.keys.Path += ".nuevo"
	if err := set.Rotate(w.f.Now(), 0).Write(w.f.keys.Path, w.f.keys.Path+".jwks"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // the file is looked at once a second
	fresh := w.login(a).AccessToken
	if strings.Split(old, ".")[0] == strings.Split(fresh, ".")[0] {
		t.Error("the new key does not sign")
	}
	for name, token := range map[string]string{"old": old, "new": fresh} {
		if _, err := w.client().Me(w.from(w.ip, token)); err != nil {
			t.Errorf("token of the %s key: %v", name, err)
		}
	}
}

// An account that is disabled, or gets another password, while its password is
// being checked opens no session.
func TestChangesDuringSignIn(t *testing.T) {
	w := newWorld(t)
	for name, sql := range map[string]string{
		"disabled":     `UPDATE historia_clinica.usuario SET activo = false WHERE id = $1`,
		"new password": `UPDATE historia_clinica.usuario SET token_version = token_version + 1 WHERE id = $1`,
	} {
		a := w.account(auth.Physician)
		checked, err := w.f.accountByID(context.Background(), w.f.pool, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.exec(sql, a.ID)
		if _, err := w.f.open(context.Background(), checked, proof{}, factor{}); !errors.Is(err, errWrong) {
			t.Errorf("%s: %v", name, err)
		}
		if n := one[int](w, `SELECT count(*) FROM historia_clinica.sesion WHERE usuario_id = $1`, a.ID); n != 0 {
			t.Errorf("%s: %d sessions", name, n)
		}
	}
}

// What no longer matters is forgotten, and nothing else.
func TestSweep(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Operator)
	old := w.login(a)
	if err := w.client().Logout(w.from(w.ip, old.AccessToken)); err != nil {
		t.Fatal(err)
	}
	sid := strings.Split(old.RefreshToken, ".")[0]
	count := func() int {
		return one[int](w, `SELECT (SELECT count(*) FROM historia_clinica.sesion WHERE id = $1)
			+ (SELECT count(*) FROM historia_clinica.revocacion WHERE sesion_id = $1)`, sid)
	}
	w.f.sweep(context.Background(), w.f.Now().Add(50*time.Minute)) // not yet an hour since the sign-in's own
	if n := count(); n != 2 {
		t.Fatalf("%d rows before anything was due, want 2", n)
	}
	w.f.swept.Store(0)
	w.f.sweep(context.Background(), w.f.Now().Add(20*time.Minute))
	if n := count(); n != 2 {
		t.Errorf("%d rows while the token could live, want 2", n)
	}
	w.f.swept.Store(0)
	w.f.sweep(context.Background(), w.f.Now().Add(goodFor+13*time.Hour))
	if n := count(); n != 0 {
		t.Errorf("%d rows a month later", n)
	}
	if _, err := w.client().Me(w.as(a)); err != nil {
		t.Error(err)
	}
}
