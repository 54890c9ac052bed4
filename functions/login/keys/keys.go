// Package keys holds the Ed25519 keys that sign access tokens.
package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hce.co/shared/auth"
)

const (
	// Lead is how long before it signs a new key is published, so that every
	// function knows it by then.
	Lead = 10 * time.Minute
	// Retain is how long a key stays published after the next one took over:
	// longer than the tokens live that it signed.
	Retain = time.Hour
)

// Key signs tokens from an instant on.
type Key struct {
	ID      string
	From    time.Time
	private ed25519.PrivateKey
}

// Private returns the signing key.
func (k Key) Private() ed25519.PrivateKey { return k.private }

// Public returns the verifying key.
func (k Key) Public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) } //nolint:forcetypeassert // an ed25519.PrivateKey's is

// Set is the keys that are published, newest first; one of them signs.
type Set []Key

// privateJWK is a key in the private file (RFC 8037), with when it starts to
// sign.
type privateJWK struct {
	auth.JWK
	D    string    `json:"d"`
	From time.Time `json:"desde"`
}

type file struct {
	Keys []privateJWK `json:"keys"`
}

// Generate makes a set of one key that signs from now on.
func Generate(now time.Time) Set { return Set{newKey(now)} }

// newKey makes a key whose id is its thumbprint (RFC 7638).
func newKey(from time.Time) Key {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil { // crypto/rand never fails
		panic(err)
	}
	x := base64.RawURLEncoding.EncodeToString(pub)
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return Key{ID: base64.RawURLEncoding.EncodeToString(sum[:]), From: from.UTC().Truncate(time.Second), private: priv}
}

// Rotate adds a key that takes over after lead, and drops those that were
// replaced longer than [Retain] ago.
func (s Set) Rotate(now time.Time, lead time.Duration) Set {
	out := Set{newKey(now.Add(lead))}
	for _, k := range s {
		out = append(out, k)
		if k.From.Before(now.Add(-Retain)) {
			break // what is older was replaced when this one took over
		}
	}
	return out
}

// Active returns the key that signs at now: the newest that has started.
func (s Set) Active(now time.Time) (Key, error) {
	for _, k := range s {
		if !k.From.After(now.Add(auth.Leeway)) {
			return k, nil
		}
	}
	return Key{}, errors.New("no signing key has started yet")
}

// Key implements auth.Keys.
func (s Set) Key(kid string) (ed25519.PublicKey, bool) {
	for _, k := range s {
		if k.ID == kid {
			return k.Public(), true
		}
	}
	return nil, false
}

// Public returns the set as every function reads it.
func (s Set) Public() auth.JWKS {
	set := auth.JWKS{Keys: []auth.JWK{}}
	for _, k := range s {
		set.Keys = append(set.Keys, auth.PublicJWK(k.ID, k.Public()))
	}
	return set
}

// Parse reads a private file. Its errors never show it.
func Parse(b []byte) (Set, error) {
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, errors.New("signing keys: the file is no JSON Web Key Set")
	}
	var set Set
	for i, j := range f.Keys {
		seed, err := base64.RawURLEncoding.DecodeString(j.D)
		if err != nil || len(seed) != ed25519.SeedSize || j.Kty != "OKP" || j.Crv != "Ed25519" || j.Kid == "" {
			return nil, fmt.Errorf("signing keys: key %d is no private Ed25519 key with an id", i+1)
		}
		k := Key{ID: j.Kid, From: j.From, private: ed25519.NewKeyFromSeed(seed)}
		if j.X != auth.PublicJWK(k.ID, k.Public()).X {
			return nil, fmt.Errorf("signing keys: the halves of key %d are of two keys", i+1)
		}
		set = append(set, k)
	}
	if len(set) == 0 {
		return nil, errors.New("signing keys: the file holds none")
	}
	slices.SortStableFunc(set, func(a, b Key) int { return b.From.Compare(a.From) })
	return set, nil
}

// Read reads the private file at path.
func Read(path string) (Set, error) {
	b, err := os.ReadFile(path) // #nosec G304 -- the mounted secret
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	return Parse(b)
}

// Write writes the public file, then the private one, which only its owner may
// read. Whoever reads them meanwhile finds the old or the new, never a part.
func (s Set) Write(private, public string) error {
	f := file{}
	for _, k := range s {
		f.Keys = append(f.Keys, privateJWK{
			JWK:  auth.PublicJWK(k.ID, k.Public()),
			D:    base64.RawURLEncoding.EncodeToString(k.private.Seed()),
			From: k.From,
		})
	}
	if err := replace(public, s.Public(), 0o644); err != nil {
		return err
	}
	return replace(private, f, 0o600)
}

// Ensure returns the set of the private file, which it makes when there is none
// yet, and brings the public file up to it.
func Ensure(private, public string, now time.Time) (Set, error) {
	set, err := Read(private)
	if errors.Is(err, fs.ErrNotExist) {
		set, err = Generate(now), nil
		if err := set.Write(private, public); err != nil {
			return nil, err
		}
		return set, nil
	}
	if err != nil {
		return nil, err
	}
	return set, replace(public, set.Public(), 0o644)
}

// replace writes v as JSON to a file beside path and renames that.
func replace(path string, v any, mode fs.FileMode) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".llaves-*")
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // renamed by then, or worthless
	_, err = tmp.Write(append(b, '\n'))
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return nil
}
