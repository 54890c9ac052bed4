// Package authtest makes access tokens for tests: real ones, signed with a key
// of the test's own.
package authtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"hce.co/shared/auth"
)

// Issuer signs access tokens as login does.
type Issuer struct {
	Kid      string
	Private  ed25519.PrivateKey
	KeysFile string // a JWKS with the public key, for AUTH_KEYS_FILE
}

// New makes a key and the JWKS file that a function under test reads.
func New(t testing.TB) *Issuer {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(auth.JWKS{Keys: []auth.JWK{auth.PublicJWK("prueba", pub)}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(file, set, 0o600); err != nil {
		t.Fatal(err)
	}
	return &Issuer{Kid: "prueba", Private: priv, KeysFile: file}
}

// Principal returns a caller with the roles, with a session of its own.
func Principal(name string, roles ...auth.Role) auth.Principal {
	return auth.Principal{ID: uuid.Must(uuid.NewV7()), Name: name, Roles: roles, SessionID: uuid.Must(uuid.NewV7())}
}

// Token signs an access token for p, valid for fifteen minutes.
func (i *Issuer) Token(t testing.TB, p auth.Principal) string {
	t.Helper()
	now := time.Now()
	c := auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: "hce", Audience: jwt.ClaimStrings{"hce"}, Subject: p.ID.String(), ID: uuid.NewString(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(15 * time.Minute)),
		},
		SessionID: p.SessionID, Name: p.Name, Roles: p.Roles, DocumentoID: p.DocumentoID, Services: p.Services, EventTypes: p.EventTypes,
		SecondFactor: p.SecondFactor,
	}
	if !p.SteppedUp.IsZero() {
		c.AuthTime, c.ACR = jwt.NewNumericDate(p.SteppedUp), auth.ACRSecondFactor
	}
	return i.Sign(t, c)
}

// Sign signs claims as they are, for tests of what must be refused.
func (i *Issuer) Sign(t testing.TB, c jwt.Claims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	token.Header["typ"], token.Header["kid"] = auth.TokenType, i.Kid
	s, err := token.SignedString(i.Private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
