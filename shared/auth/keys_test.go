package auth

import (
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newKey(t *testing.T) ed25519.PublicKey {
	t.Helper()
	pub, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

func writeKeys(t *testing.T, path string, keys map[string]ed25519.PublicKey) {
	t.Helper()
	var set JWKS
	for kid, key := range keys {
		set.Keys = append(set.Keys, PublicJWK(kid, key))
	}
	b, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// later lets d pass for what f remembers.
func later(f *FileKeys, d time.Duration) { f.read = f.read.Add(-d) }

func TestFileKeysRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	first, second := newKey(t), newKey(t)
	writeKeys(t, path, map[string]ed25519.PublicKey{"uno": first})
	f := &FileKeys{Path: path}
	if key, ok := f.Key("uno"); !ok || !key.Equal(first) {
		t.Fatal("the key of the file is not known")
	}
	if _, ok := f.Key("dos"); ok {
		t.Fatal("a key is known before it is in the file")
	}

	writeKeys(t, path, map[string]ed25519.PublicKey{"uno": first, "dos": second})
	if _, ok := f.Key("dos"); ok {
		t.Error("the file was read twice within a second: unknown keys would make it read for each token")
	}
	later(f, 1100*time.Millisecond)
	if key, ok := f.Key("dos"); !ok || !key.Equal(second) {
		t.Error("a new key does not become known without a restart")
	}
	if _, ok := f.Key("uno"); !ok {
		t.Error("the old key is gone while the file still has it")
	}

	writeKeys(t, path, map[string]ed25519.PublicKey{"dos": second})
	later(f, 61*time.Second)
	if _, ok := f.Key("uno"); ok {
		t.Error("a key that was withdrawn is known a minute later")
	}
}

func TestFileKeysOutlivesABadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	key := newKey(t)
	f := &FileKeys{Path: path}
	if _, ok := f.Key("uno"); ok {
		t.Fatal("a key is known without a file")
	}
	writeKeys(t, path, map[string]ed25519.PublicKey{"uno": key})
	later(f, 2*time.Second)
	if _, ok := f.Key("uno"); !ok {
		t.Fatal("the file that appeared later is not read")
	}
	for _, content := range []string{"", "{", `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"dos","x":"AAAA"}]}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		later(f, 2*time.Minute)
		if _, ok := f.Key("uno"); !ok {
			t.Errorf("the keys are lost while the file holds %q", content)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	later(f, 2*time.Minute)
	if _, ok := f.Key("uno"); !ok {
		t.Error("the keys are lost with the file")
	}
}

func TestParseJWKS(t *testing.T) {
	key := newKey(t)
	good, err := json.Marshal(PublicJWK("uno", key))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, in string
		keys     int
		bad      bool
	}{
		{"ours", `{"keys":[` + string(good) + `]}`, 1, false},
		{"others are passed over", `{"keys":[{"kty":"RSA","kid":"r","n":"x","e":"AQAB"},{"kty":"oct","kid":"o","k":"c2VjcmV0"},{"kty":"OKP","crv":"X25519","kid":"x","x":"AA"},` + string(good) + `]}`, 1, false},
		{"none", `{"keys":[]}`, 0, false},
		{"a short key", `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AAAA"}]}`, 0, true},
		{"a key that is no base64url", `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"` + strings.Repeat("+/", 22) + `"}]}`, 0, true},
		{"no JSON", `keys`, 0, true},
	} {
		got, err := ParseJWKS([]byte(tt.in))
		if (err != nil) != tt.bad || len(got) != tt.keys {
			t.Errorf("%s: %d keys, error %v", tt.name, len(got), err)
		}
	}
	got, err := ParseJWKS([]byte(`{"keys":[` + string(good) + `]}`))
	if err != nil || !got["uno"].Equal(key) {
		t.Errorf("the key does not come back as it went: %v", err)
	}
}
