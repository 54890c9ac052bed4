package auth_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

var config = auth.Config{Issuer: "hce", Audience: "hce"}

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// forge makes tokens of every kind, good and bad.
type forge struct {
	t        *testing.T
	issuer   *authtest.Issuer
	verifier *auth.Verifier
	clock    *clock
}

func newForge(t *testing.T) *forge {
	issuer, c := authtest.New(t), &clock{noon}
	keys := auth.StaticKeys{issuer.Kid: issuer.Private.Public().(ed25519.PublicKey)}
	return &forge{t: t, issuer: issuer, clock: c, verifier: auth.NewVerifier(keys, config, c.now)}
}

// claims are those of a good token.
func (f *forge) claims() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "hce", "aud": []string{"hce"}, "sub": "0192f0c4-0000-7000-8000-000000000001", "jti": "t1",
		"sid": "0192f0c4-0000-7000-8000-000000000002", "iat": noon.Unix(), "exp": noon.Add(15 * time.Minute).Unix(),
		"nombre": "Mario Médico", "roles": []string{"medico"},
	}
}

// with changes claims of a good token; nil removes one.
func (f *forge) with(changes map[string]any) string {
	c := f.claims()
	for k, v := range changes {
		c[k] = v
		if v == nil {
			delete(c, k)
		}
	}
	return f.issuer.Sign(f.t, c)
}

// sign makes a token with any header, method and key.
func (f *forge) sign(method jwt.SigningMethod, key any, header map[string]any) string {
	f.t.Helper()
	tok := jwt.NewWithClaims(method, f.claims())
	tok.Header["typ"], tok.Header["kid"] = auth.TokenType, f.issuer.Kid
	maps.Copy(tok.Header, header)
	s, err := tok.SignedString(key)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func segment(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func TestVerify(t *testing.T) {
	f := newForge(t)
	token := f.with(map[string]any{
		"documento_id": "CC-1", "servicios": []string{"urgencias", "uci"}, "segundo_factor": true,
		"auth_time": noon.Add(-time.Minute).Unix(), "acr": auth.ACRSecondFactor,
	})
	want := auth.Principal{
		ID: uuid.MustParse("0192f0c4-0000-7000-8000-000000000001"), Name: "Mario Médico", Roles: []auth.Role{auth.Physician},
		DocumentoID: "CC-1", Services: []string{"urgencias", "uci"}, SessionID: uuid.MustParse("0192f0c4-0000-7000-8000-000000000002"),
		TokenID: "t1", Expires: noon.Add(15 * time.Minute), SecondFactor: true, SteppedUp: noon.Add(-time.Minute),
	}
	for _, again := range []string{"verified", "remembered"} {
		got, err := f.verifier.Verify(token)
		if err != nil {
			t.Fatal(again, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", again, diff)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	f := newForge(t)
	good := f.with(nil)
	if _, err := f.verifier.Verify(good); err != nil {
		t.Fatalf("the good token that the bad ones are made of: %v", err)
	}
	parts := strings.Split(good, ".")
	public := f.issuer.Private.Public().(ed25519.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	foreignJWK := auth.PublicJWK(f.issuer.Kid, foreign.Public().(ed25519.PublicKey))
	unix := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	eddsa := jwt.SigningMethodEdDSA

	for name, token := range map[string]string{
		"alg none":                  f.sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"alg None":                  segment(map[string]any{"typ": auth.TokenType, "alg": "None", "kid": f.issuer.Kid}) + "." + parts[1] + ".",
		"alg none with a signature": segment(map[string]any{"typ": auth.TokenType, "alg": "none", "kid": f.issuer.Kid}) + "." + parts[1] + "." + parts[2],
		"alg missing":               segment(map[string]any{"typ": auth.TokenType, "kid": f.issuer.Kid}) + "." + parts[1] + "." + parts[2],
		"HS256 with the public key": f.sign(jwt.SigningMethodHS256, []byte(public), nil),
		"HS256 with its PEM":        f.sign(jwt.SigningMethodHS256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil),
		"HS512 with its DER":        f.sign(jwt.SigningMethodHS512, der, nil),
		"HS256 with its base64url":  f.sign(jwt.SigningMethodHS256, []byte(base64.RawURLEncoding.EncodeToString(public)), nil),

		"another key":                f.sign(eddsa, foreign, nil),
		"another key in a jwk":       f.sign(eddsa, foreign, map[string]any{"jwk": foreignJWK}),
		"another key behind a jku":   f.sign(eddsa, foreign, map[string]any{"jku": "http://127.0.0.1:1/jwks.json", "x5u": "http://127.0.0.1:1/c.pem"}),
		"kid unknown":                f.sign(eddsa, foreign, map[string]any{"kid": "otra"}),
		"kid missing":                f.sign(eddsa, foreign, map[string]any{"kid": nil}),
		"kid empty":                  f.sign(eddsa, foreign, map[string]any{"kid": ""}),
		"kid a path":                 f.sign(eddsa, foreign, map[string]any{"kid": "../../../../dev/null"}),
		"kid SQL":                    f.sign(eddsa, foreign, map[string]any{"kid": "prueba' UNION SELECT 'x' --"}),
		"kid a number":               f.sign(eddsa, foreign, map[string]any{"kid": 0}),
		"kid a list":                 f.sign(eddsa, foreign, map[string]any{"kid": []string{f.issuer.Kid}}),
		"kid huge":                   f.sign(eddsa, foreign, map[string]any{"kid": strings.Repeat("k", 1<<20)}),
		"kid unknown, our signature": f.sign(eddsa, f.issuer.Private, map[string]any{"kid": "otra"}),

		"typ missing":          f.sign(eddsa, f.issuer.Private, map[string]any{"typ": nil}),
		"typ empty":            f.sign(eddsa, f.issuer.Private, map[string]any{"typ": ""}),
		"typ JWT":              f.sign(eddsa, f.issuer.Private, map[string]any{"typ": "JWT"}),
		"typ of another token": f.sign(eddsa, f.issuer.Private, map[string]any{"typ": "mfa+jwt"}),
		"typ of an ID token":   f.sign(eddsa, f.issuer.Private, map[string]any{"typ": "id_token+jwt"}),
		"typ with a suffix":    f.sign(eddsa, f.issuer.Private, map[string]any{"typ": "at+jwt; x"}),
		"typ of another tree":  f.sign(eddsa, f.issuer.Private, map[string]any{"typ": "text/at+jwt"}),
		"typ a list":           f.sign(eddsa, f.issuer.Private, map[string]any{"typ": []string{auth.TokenType}}),
		"typ in cty":           f.sign(eddsa, f.issuer.Private, map[string]any{"typ": nil, "cty": auth.TokenType}),
		"typ of a like letter": f.sign(eddsa, f.issuer.Private, map[string]any{"typ": "at+jw\u0442"}),

		"exp missing":         f.with(map[string]any{"exp": nil}),
		"exp null":            f.issuer.Sign(t, withNull(f.claims(), "exp")),
		"exp a text":          f.with(map[string]any{"exp": "mañana"}),
		"exp a quoted number": f.with(map[string]any{"exp": fmt.Sprint(unix(time.Hour))}),
		"nbf a quoted number": f.with(map[string]any{"nbf": fmt.Sprint(unix(-time.Hour))}),
		"iat a quoted number": f.with(map[string]any{"iat": fmt.Sprint(unix(-time.Hour))}),
		"crit":                f.sign(jwt.SigningMethodEdDSA, f.issuer.Private, map[string]any{"crit": []string{"exp"}}),
		"exp a date":          f.with(map[string]any{"exp": "2126-01-01T00:00:00Z"}),
		"exp past":            f.with(map[string]any{"exp": unix(-auth.Leeway - time.Second)}),
		"exp now less leeway": f.with(map[string]any{"exp": unix(-auth.Leeway)}),
		"exp negative":        f.with(map[string]any{"exp": -1}),
		"nbf future":          f.with(map[string]any{"nbf": unix(auth.Leeway + time.Second)}),
		"iat future":          f.with(map[string]any{"iat": unix(auth.Leeway + time.Second)}),

		"iss wrong":           f.with(map[string]any{"iss": "otra"}),
		"iss missing":         f.with(map[string]any{"iss": nil}),
		"iss a prefix":        f.with(map[string]any{"iss": "hce.evil"}),
		"aud wrong":           f.with(map[string]any{"aud": "otra"}),
		"aud missing":         f.with(map[string]any{"aud": nil}),
		"aud empty":           f.with(map[string]any{"aud": []string{}}),
		"sub missing":         f.with(map[string]any{"sub": nil}),
		"sub no UUID":         f.with(map[string]any{"sub": "admin"}),
		"sid missing":         f.with(map[string]any{"sid": nil}),
		"sid no UUID":         f.with(map[string]any{"sid": "1"}),
		"sid zero":            f.with(map[string]any{"sid": uuid.Nil}),
		"jti missing":         f.with(map[string]any{"jti": nil}),
		"roles no list":       f.with(map[string]any{"roles": "administrador"}),
		"claims no object":    parts[0] + "." + segment("claims") + "." + parts[2],
		"claims of another":   parts[0] + "." + segment(map[string]any{"roles": []string{"administrador"}}) + "." + parts[2],
		"truncated":           good[:len(good)-5],
		"without signature":   parts[0] + "." + parts[1] + ".",
		"two parts":           parts[0] + "." + parts[1],
		"four parts":          good + "." + parts[2],
		"padded":              good + "==",
		"empty":               "",
		"dots":                "..",
		"too long":            f.with(map[string]any{"nombre": strings.Repeat("a", 5000)}),
		"too long and no JWT": strings.Repeat("a.", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			p, err := f.verifier.Verify(token)
			if !errors.Is(err, auth.ErrToken) {
				t.Errorf("Verify = %v, %v; want ErrToken", p, err)
			}
			if !cmp.Equal(p, auth.Principal{}) {
				t.Errorf("a refused token comes with the caller %v", p)
			}
		})
	}
	if _, err := f.verifier.Verify(good); err != nil {
		t.Errorf("the good token after all the bad ones: %v", err)
	}
}

func withNull(c jwt.MapClaims, name string) jwt.MapClaims {
	c[name] = nil
	return c
}

// A header that offers a key is signed like any other: it changes nothing.
func TestVerifyIgnoresKeysInTheHeader(t *testing.T) {
	f := newForge(t)
	_, foreign, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	token := f.sign(jwt.SigningMethodEdDSA, f.issuer.Private, map[string]any{
		"jwk": auth.PublicJWK("x", foreign.Public().(ed25519.PublicKey)), "jku": "http://127.0.0.1:1/jwks.json",
	})
	if _, err := f.verifier.Verify(token); err != nil {
		t.Errorf("a good token that also names other keys: %v", err)
	}
}

// The type of a token is a media type: its case says nothing, and application/
// may be left out.
func TestVerifyReadsTheType(t *testing.T) {
	f := newForge(t)
	for _, typ := range []string{"at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"} {
		if _, err := f.verifier.Verify(f.sign(jwt.SigningMethodEdDSA, f.issuer.Private, map[string]any{"typ": typ})); err != nil {
			t.Errorf("typ %q: %v", typ, err)
		}
	}
}

func TestVerifyLeeway(t *testing.T) {
	f := newForge(t)
	for name, changes := range map[string]map[string]any{
		"exp just past":   {"exp": noon.Add(-auth.Leeway + time.Second).Unix()},
		"nbf soon":        {"nbf": noon.Add(auth.Leeway).Unix()},
		"iat soon":        {"iat": noon.Add(auth.Leeway).Unix()},
		"aud as a string": {"aud": "hce"},
		"aud one of two":  {"aud": []string{"otra", "hce"}},
	} {
		if _, err := f.verifier.Verify(f.with(changes)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRememberedTokenExpires(t *testing.T) {
	f := newForge(t)
	token := f.with(map[string]any{"exp": noon.Add(30 * time.Second).Unix()})
	if _, err := f.verifier.Verify(token); err != nil {
		t.Fatal(err)
	}
	f.clock.t = noon.Add(30*time.Second + auth.Leeway + time.Second)
	if _, err := f.verifier.Verify(token); !errors.Is(err, auth.ErrToken) {
		t.Errorf("a token verified before it expired is still good: %v", err)
	}
}

func TestRememberedTokenFallsWithItsKey(t *testing.T) {
	issuer, c := authtest.New(t), &clock{noon}
	keys := auth.StaticKeys{issuer.Kid: issuer.Private.Public().(ed25519.PublicKey)}
	f := &forge{t: t, issuer: issuer, clock: c, verifier: auth.NewVerifier(keys, config, c.now)}
	token := f.with(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()})
	if _, err := f.verifier.Verify(token); err != nil {
		t.Fatal(err)
	}
	delete(keys, issuer.Kid)
	if _, err := f.verifier.Verify(token); err != nil {
		t.Errorf("a token verified a moment ago is verified again: %v", err)
	}
	c.t = noon.Add(time.Minute)
	if _, err := f.verifier.Verify(token); !errors.Is(err, auth.ErrToken) {
		t.Errorf("a token of a withdrawn key is good a minute later: %v", err)
	}
}

func TestVerifyRemembersABoundedNumber(t *testing.T) {
	f := newForge(t)
	f.verifier.Fill()
	before, token := f.verifier.Remembered(), f.with(nil)
	for range 2 {
		if _, err := f.verifier.Verify(token); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.verifier.Remembered(); n < 1 || n > before {
		t.Errorf("%d tokens are remembered where there was room for %d", n, before)
	}
}

func TestAuthtestTokenIsAccepted(t *testing.T) {
	issuer := authtest.New(t)
	v := auth.NewVerifier(&auth.FileKeys{Path: issuer.KeysFile}, config, nil)
	want := authtest.Principal("Ana", auth.Registrar, auth.Physician)
	got, err := v.Verify(issuer.Token(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != want.ID || got.SessionID != want.SessionID || !cmp.Equal(got.Roles, want.Roles) {
		t.Errorf("the token stands for %v, want %v", got, want)
	}
}
