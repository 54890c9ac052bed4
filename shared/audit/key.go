package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"hce.co/shared/config"
)

// Config holds the keys of the trail: base64 of 32 bytes each, parted by
// commas. The first one writes; all of them verify, so that a new one can be put
// in front.
type Config struct {
	Keys config.Secret `env:"AUDIT_KEY,required"`
}

// KeySize is the length of a key of the trail, in bytes.
const KeySize = 32

// macSize is that of HMAC-SHA-256-128 (RFC 4868): half of it leaves a reason of
// usual length whole within the 400 bytes of a row.
const macSize = 16

// Key makes and checks what proves that the trail is whole. The functions hold
// it and the database does not. Its zero value is of no use; see [NewKey].
type Key struct {
	rows    [][]byte             // of the rows' MACs
	signing []ed25519.PrivateKey // of seals and anchors
	witness *witness
}

// NewKey reads the keys. Its errors never show them.
func NewKey(cfg Config) (*Key, error) {
	k := &Key{witness: &witness{}}
	for i, text := range strings.Split(string(cfg.Keys), ",") {
		master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(master) != KeySize {
			return nil, fmt.Errorf("AUDIT_KEY: key %d is not base64 of %d bytes", i+1, KeySize)
		}
		k.rows = append(k.rows, derive(master, "hce/auditoria/fila"))
		k.signing = append(k.signing, ed25519.NewKeyFromSeed(derive(master, "hce/auditoria/sello")))
	}
	return k, nil
}

// derive returns a key of its own for a purpose (HKDF, RFC 5869).
func derive(master []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, master, nil, purpose, KeySize)
	if err != nil { // only for a length beyond what HKDF can give
		panic(err)
	}
	return key
}

type contextKey struct{}

// Context returns ctx with the key in it, for [Queue] and [Write]. Without one,
// the row has no MAC and the database refuses it.
func (k *Key) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, k)
}

func sum(key []byte, r Row) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(r.encode())
	return h.Sum(nil)[:macSize]
}

// Check reports whether the row is as a function wrote it.
func (k *Key) Check(r Row) bool {
	for _, key := range k.rows {
		if hmac.Equal(r.MAC, sum(key, r)) {
			return true
		}
	}
	return false
}

// Sign signs a seal or an anchor (Ed25519, RFC 8032).
func (k *Key) Sign(message []byte) []byte { return ed25519.Sign(k.signing[0], message) }

// Verify reports whether Sign made the signature of the message.
func (k *Key) Verify(message, signature []byte) bool {
	for _, key := range k.signing {
		if ed25519.Verify(key.Public().(ed25519.PublicKey), message, signature) { //nolint:errcheck // it is one
			return true
		}
	}
	return false
}
