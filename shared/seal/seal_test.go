package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"hce.co/shared/config"
)

func key(b byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, KeySize))
}

func box(t *testing.T, keys ...string) *Box {
	t.Helper()
	b, err := New(Config{Keys: config.Secret(strings.Join(keys, ","))})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpensOnlyWhatItSealedForTheSamePurpose(t *testing.T) {
	b := box(t, key(1))
	owner, other := uuid.New(), uuid.New()
	sealed := b.Seal([]byte("semilla"), SigningKey(owner))
	if got, err := b.Open(sealed, SigningKey(owner)); err != nil || string(got) != "semilla" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("semilla")) {
		t.Error("the sealed value shows the plaintext")
	}
	if bytes.Equal(sealed, b.Seal([]byte("semilla"), SigningKey(owner))) {
		t.Error("sealing twice gives the same bytes")
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, try := range map[string]struct{ sealed, associated []byte }{
		"another account":  {sealed, SigningKey(other)},
		"another purpose":  {sealed, SecondFactor(owner)},
		"changed":          {flipped, SigningKey(owner)},
		"cut":              {sealed[:8], SigningKey(owner)},
		"empty":            {nil, SigningKey(owner)},
		"unknown version":  {append([]byte{9}, sealed[1:]...), SigningKey(owner)},
		"key of somebody":  {box(t, key(2)).Seal([]byte("semilla"), SigningKey(owner)), SigningKey(owner)},
		"nothing but head": {sealed[:overhead], SigningKey(owner)},
	} {
		if got, err := b.Open(try.sealed, try.associated); !errors.Is(err, ErrOpen) {
			t.Errorf("%s: Open = %q, %v", name, got, err)
		}
	}
}

func TestANewKeyInFrontOpensWhatTheOldOneSealed(t *testing.T) {
	before := box(t, key(1))
	sealed := before.Seal([]byte("semilla"), nil)
	after := box(t, key(2), key(1))
	if got, err := after.Open(sealed, nil); err != nil || string(got) != "semilla" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	if _, err := before.Open(after.Seal([]byte("semilla"), nil), nil); !errors.Is(err, ErrOpen) {
		t.Errorf("the old key opens what the new one sealed: %v", err)
	}
}

func TestDeriveGivesEachPurposeItsOwnKey(t *testing.T) {
	b := box(t, key(1))
	a := b.Derive("a")
	if !bytes.Equal(a, b.Derive("a")) || bytes.Equal(a, b.Derive("b")) || bytes.Equal(a, box(t, key(2)).Derive("a")) || len(a) != KeySize {
		t.Error("Derive does not tell purposes and keys apart")
	}
}

func TestNewRefusesKeysThatAreNone(t *testing.T) {
	for _, bad := range []string{"", "secreto-en-claro", key(1) + ",", base64.StdEncoding.EncodeToString([]byte("corta")), key(1) + " " + key(2)} {
		if _, err := New(Config{Keys: config.Secret(bad)}); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("New(%q) = %v", bad, err)
		}
	}
}
