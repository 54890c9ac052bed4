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
	"slices"
	"time"

	"hce.co/shared/auth"
	"hce.co/shared/durable"
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
// replaced longer than [Retain] ago, and those that would take over from it
// without having signed yet.
func (s Set) Rotate(now time.Time, lead time.Duration) Set {
	next := newKey(now.Add(lead))
	var rest Set
	for _, k := range s {
		if k.From.After(next.From) {
			if !k.started(now) {
				continue
			}
			next.From = k.From // of two from the same instant the first of the set signs
		}
		rest = append(rest, k)
		if k.From.Before(now.Add(-Retain)) {
			break // what is older was replaced when this one took over
		}
	}
	return append(Set{next}, rest...)
}

// Retire drops a key, and with it every token that it signed: for one that may
// be in other hands. A key must be left that has started.
func (s Set) Retire(id string, now time.Time) (Set, error) {
	i := slices.IndexFunc(s, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("signing keys: there is none with the id %q", id)
	}
	rest := slices.Delete(slices.Clone(s), i, i+1)
	if _, err := rest.Active(now); err != nil {
		return nil, fmt.Errorf("signing keys: without %s: %w", id, err)
	}
	return rest, nil
}

// started reports whether the key may have signed by now.
func (k Key) started(now time.Time) bool { return !k.From.After(now.Add(auth.Leeway)) }

// Active returns the key that signs at now: the newest that has started.
func (s Set) Active(now time.Time) (Key, error) {
	for _, k := range s {
		if k.started(now) {
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
	if err := replace(public, s.Public(), 0o644); err != nil {
		return err
	}
	return replace(private, s.file(), 0o600)
}

// file is the set as the private file holds it.
func (s Set) file() file {
	f := file{}
	for _, k := range s {
		f.Keys = append(f.Keys, privateJWK{
			JWK:  auth.PublicJWK(k.ID, k.Public()),
			D:    base64.RawURLEncoding.EncodeToString(k.private.Seed()),
			From: k.From,
		})
	}
	return f
}

// Ensure returns the set of the private file, which it makes when there is none
// yet, and brings the public file up to it. Of two who make it at once the first
// has made it for both.
func Ensure(private, public string, now time.Time) (Set, error) {
	set, err := Read(private)
	if errors.Is(err, fs.ErrNotExist) {
		if err := write(durable.Create, private, Generate(now).file(), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		set, err = Read(private)
	}
	if err != nil {
		return nil, err
	}
	return set, replace(public, set.Public(), 0o644)
}

// replace writes v as JSON in the place of the file at path.
func replace(path string, v any, mode fs.FileMode) error {
	return write(durable.Replace, path, v, mode)
}

func write(how func(string, []byte, fs.FileMode) error, path string, v any, mode fs.FileMode) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = how(path, append(b, '\n'), mode)
	}
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return nil
}
