// Package seal keeps small secrets unreadable to whoever has only the database:
// AES-256-GCM under a key that the functions hold.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"hce.co/shared/config"
)

// Config holds the key-encryption keys: base64 of 32 bytes each, parted by
// commas. The first one seals; all of them open, so that a new one can be put
// in front without losing what the old one sealed.
type Config struct {
	Keys config.Secret `env:"KEY_ENCRYPTION_KEY,required"`
}

// KeySize is the length of a key-encryption key, in bytes.
const KeySize = 32

const (
	version  = 1
	idSize   = 4 // bytes of a key's SHA-256 that name it
	overhead = 1 + idSize
)

// ErrOpen says that something was not sealed with a key of ours for this
// purpose.
var ErrOpen = errors.New("sealed value cannot be opened")

// Box seals and opens. Its zero value is of no use; see [New].
type Box struct {
	first  [idSize]byte
	master []byte
	open   map[[idSize]byte]cipher.AEAD
}

// New reads the keys. Its errors never show them.
func New(cfg Config) (*Box, error) {
	b := &Box{open: map[[idSize]byte]cipher.AEAD{}}
	for i, text := range strings.Split(string(cfg.Keys), ",") {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil || len(key) != KeySize {
			return nil, fmt.Errorf("KEY_ENCRYPTION_KEY: key %d is not base64 of %d bytes", i+1, KeySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("key-encryption key: %w", err)
		}
		gcm, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("key-encryption key: %w", err)
		}
		id := keyID(key)
		if i == 0 {
			b.first, b.master = id, key
		}
		b.open[id] = gcm
	}
	return b, nil
}

func keyID(key []byte) [idSize]byte {
	sum := sha256.Sum256(key)
	return [idSize]byte(sum[:idSize])
}

// Seal encrypts plaintext. Only [Box.Open] with the same associated data, which
// says whose and what it is, gets it back: a sealed value moved to another row
// stays shut.
func (b *Box) Seal(plaintext, associated []byte) []byte {
	out := make([]byte, 0, overhead+len(plaintext)+28)
	out = append(out, version)
	out = append(out, b.first[:]...)
	return b.open[b.first].Seal(out, nil, plaintext, associated)
}

// Open decrypts what Seal returned.
func (b *Box) Open(sealed, associated []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != version {
		return nil, ErrOpen
	}
	gcm, ok := b.open[[idSize]byte(sealed[1:overhead])]
	if !ok {
		return nil, ErrOpen
	}
	plaintext, err := gcm.Open(nil, nil, sealed[overhead:], associated)
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// Derive returns a key of its own for a purpose (HKDF, RFC 5869), of KeySize
// bytes: for a MAC that must not be guessable from the database.
func (b *Box) Derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, b.master, nil, "hce/"+purpose, KeySize)
	if err != nil { // only for a length beyond what HKDF can give
		panic(err)
	}
	return key
}

// SigningKey is the associated data of a professional's signing key: what is
// sealed under it, in profesional.clave_privada, is the 32-byte seed of an
// Ed25519 key (RFC 8032).
func SigningKey(user uuid.UUID) []byte { return []byte("profesional:" + user.String()) }

// SecondFactor is the associated data of an account's TOTP secret.
func SecondFactor(user uuid.UUID) []byte { return []byte("mfa:" + user.String()) }
