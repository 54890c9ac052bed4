package auth

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// Config is what a function needs to verify tokens.
type Config struct {
	KeysFile string `env:"AUTH_KEYS_FILE,required"` // JWKS with the public keys
	Issuer   string `env:"AUTH_ISSUER" envDefault:"hce"`
	Audience string `env:"AUTH_AUDIENCE" envDefault:"hce"`
}

// Claims are what an access token of this system carries (RFC 9068).
type Claims struct {
	jwt.RegisteredClaims
	SessionID    uuid.UUID        `json:"sid"`
	Name         string           `json:"nombre"`
	Roles        []Role           `json:"roles"`
	DocumentoID  string           `json:"documento_id,omitempty"`
	Services     []string         `json:"servicios,omitempty"`
	EventTypes   []string         `json:"tipos,omitempty"`
	SecondFactor bool             `json:"segundo_factor,omitempty"` // the account has one in force
	AuthTime     *jwt.NumericDate `json:"auth_time,omitempty"`      // when the person last confirmed who they are
	ACR          string           `json:"acr,omitempty"`            // [ACRSecondFactor] when they did so with it
}

// maxToken bounds what is worth parsing, in bytes.
const maxToken = 4096

// Leeway is how far the clocks of two machines may be apart.
const Leeway = 5 * time.Second

// Verifier checks access tokens: EdDSA only, a key of ours, our issuer and
// audience, not expired.
type Verifier struct {
	keys   Keys
	parser *jwt.Parser
	now    func() time.Time

	mu   sync.Mutex
	seen map[[sha256.Size]byte]seen // verified not long ago
}

// seen is a verified token.
type seen struct {
	caller Principal
	until  time.Time // when to verify it again
}

const (
	maxSeen = 4096        // verified tokens that are remembered (about 300 bytes each)
	seenFor = time.Minute // so that a withdrawn key soon opens nothing
)

// NewVerifier returns a Verifier for tokens signed with keys. now is the clock;
// nil means time.Now.
func NewVerifier(keys Keys, cfg Config, now func() time.Time) *Verifier {
	if now == nil {
		now = time.Now
	}
	return &Verifier{
		keys: keys,
		now:  now,
		seen: map[[sha256.Size]byte]seen{},
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
			jwt.WithIssuer(cfg.Issuer),
			jwt.WithAudience(cfg.Audience),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(Leeway),
			jwt.WithStrictDecoding(),
			jwt.WithTimeFunc(now),
		),
	}
}

// ErrToken is why a token was refused; what exactly was wrong with it is for
// the log alone.
var ErrToken = errors.New("token refused")

// Verify returns the caller that the token stands for. A token verified less
// than a minute ago is not verified again unless it has expired since.
func (v *Verifier) Verify(token string) (Principal, error) {
	if len(token) > maxToken {
		return Principal{}, fmt.Errorf("%w: too long", ErrToken)
	}
	sum := sha256.Sum256([]byte(token))
	v.mu.Lock()
	known := v.seen[sum]
	v.mu.Unlock()
	now := v.now()
	if now.Before(known.until) {
		return known.caller, nil
	}
	p, err := v.verify(token)
	if err != nil {
		return Principal{}, err
	}
	v.mu.Lock()
	if len(v.seen) >= maxSeen {
		clear(v.seen)
	}
	v.seen[sum] = seen{caller: p, until: earlier(p.Expires, now.Add(seenFor))}
	v.mu.Unlock()
	return p, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (v *Verifier) verify(token string) (Principal, error) {
	var c Claims
	_, err := v.parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if !isAccessToken(t) {
			return nil, errors.New("not an access token")
		}
		if _, ok := t.Header["crit"]; ok { // nothing that must be understood is (RFC 7515 §4.1.11)
			return nil, errors.New("critical header")
		}
		if quotedDate(t.Raw) {
			return nil, errors.New("a date is no number")
		}
		kid, _ := t.Header["kid"].(string)
		key, ok := v.keys.Key(kid)
		if !ok || len(key) != ed25519.PublicKeySize {
			return nil, errors.New("unknown key")
		}
		return key, nil
	})
	if err != nil {
		return Principal{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	id, err := uuid.Parse(c.Subject)
	if err != nil || c.SessionID == uuid.Nil || c.ID == "" {
		return Principal{}, fmt.Errorf("%w: sub, sid or jti missing", ErrToken)
	}
	p := Principal{
		ID: id, Name: c.Name, Roles: c.Roles, DocumentoID: c.DocumentoID, Services: c.Services, EventTypes: c.EventTypes,
		SessionID: c.SessionID, TokenID: c.ID, Expires: c.ExpiresAt.Time, SecondFactor: c.SecondFactor,
	}
	if c.AuthTime != nil && c.ACR == ACRSecondFactor {
		p.SteppedUp = c.AuthTime.Time
	}
	return p, nil
}

// quotedDate reports whether a date of a token is a string, which the parser takes
// for the number that it holds (a NumericDate is a number: RFC 7519 §2).
func quotedDate(token string) bool {
	var dates struct {
		Expires   json.RawMessage `json:"exp"`
		NotBefore json.RawMessage `json:"nbf"`
		IssuedAt  json.RawMessage `json:"iat"`
		Auth      json.RawMessage `json:"auth_time"`
	}
	_, rest, _ := strings.Cut(token, ".")
	claims, _, _ := strings.Cut(rest, ".")
	b, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil || json.Unmarshal(b, &dates) != nil {
		return true
	}
	for _, d := range []json.RawMessage{dates.Expires, dates.NotBefore, dates.IssuedAt, dates.Auth} {
		if len(d) > 0 && d[0] == '"' {
			return true
		}
	}
	return false
}

// TokenType is the typ of an access token's header.
const TokenType = "at+jwt"

// isAccessToken tells an access token from other tokens of the same keys by its
// typ, a media type whose application/ may be left out (RFC 9068 §4, RFC 7515
// §4.1.9).
func isAccessToken(t *jwt.Token) bool {
	typ, _ := t.Header["typ"].(string)
	typ = strings.ToLower(typ)
	return typ == TokenType || typ == "application/"+TokenType
}
