package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// JWK is an Ed25519 public key (RFC 8037) as /.well-known/jwks.json shows it.
type JWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Kid string `json:"kid"`
	Use string `json:"use"`
	Alg string `json:"alg"`
	X   string `json:"x"`
}

// JWKS is a set of public keys (RFC 7517).
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// PublicJWK describes a public key.
func PublicJWK(kid string, key ed25519.PublicKey) JWK {
	return JWK{Kty: "OKP", Crv: "Ed25519", Kid: kid, Use: "sig", Alg: "EdDSA", X: base64.RawURLEncoding.EncodeToString(key)}
}

// ParseJWKS reads the Ed25519 keys of a set, by key id.
func ParseJWKS(b []byte) (map[string]ed25519.PublicKey, error) {
	var set JWKS
	if err := json.Unmarshal(b, &set); err != nil {
		return nil, fmt.Errorf("parse JWKS: %w", err)
	}
	keys := make(map[string]ed25519.PublicKey, len(set.Keys))
	for _, k := range set.Keys {
		if k.Kty != "OKP" || k.Crv != "Ed25519" {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("parse JWKS: key %q is no Ed25519 key", k.Kid)
		}
		keys[k.Kid] = x
	}
	return keys, nil
}

// Keys finds the public key with which a token says it was signed.
type Keys interface {
	Key(kid string) (ed25519.PublicKey, bool)
}

// StaticKeys are keys that never change.
type StaticKeys map[string]ed25519.PublicKey

// Key implements Keys.
func (k StaticKeys) Key(kid string) (ed25519.PublicKey, bool) {
	key, ok := k[kid]
	return key, ok
}

// FileKeys are the keys of a mounted JWKS file. The file is read at first use
// and again, at most once a second, when a token names a key that it did not
// hold: that is how a new key becomes known without a restart.
type FileKeys struct {
	Path string

	mu   sync.Mutex
	read time.Time
	keys map[string]ed25519.PublicKey
}

// Key implements Keys.
func (f *FileKeys) Key(kid string) (ed25519.PublicKey, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if key, ok := f.keys[kid]; ok && time.Since(f.read) < time.Minute {
		return key, true
	}
	if time.Since(f.read) > time.Second {
		f.read = time.Now()
		if b, err := os.ReadFile(f.Path); err == nil {
			if keys, err := ParseJWKS(b); err == nil {
				f.keys = keys
			}
		}
	}
	key, ok := f.keys[kid]
	return key, ok
}
