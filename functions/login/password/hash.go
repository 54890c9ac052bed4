// Package password keeps passwords as argon2id hashes (RFC 9106) that cost an
// attacker as much as the clinic can afford.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// What one hash costs: 64 MiB and two passes, 60 to 90 ms of one core of the
// machines this was tuned on; above the least that OWASP asks for (19 MiB, two
// passes). A sign-in brings older hashes up to it.
const (
	memory  = 64 * 1024 // KiB
	passes  = 2
	threads = 1
)

const (
	saltSize = 16
	keySize  = 32
)

// MaxBytes is the longest password that is looked at.
const MaxBytes = 1024

// ErrHash says that a stored hash is none of ours.
var ErrHash = errors.New("malformed password hash")

var encoding = base64.RawStdEncoding.Strict()

type parameters struct {
	memory, passes uint32
	threads        uint8
}

var current = parameters{memory, passes, threads}

// normal is what is hashed: NFC, so that the same keys on another system give
// the same password (RFC 8265 §4.2).
func normal(password string) []byte { return norm.NFC.Bytes([]byte(password)) }

// Hash returns the password's hash as a PHC string.
func Hash(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt) //nolint:errcheck // crypto/rand never fails
	return format(current, salt, argon2.IDKey(normal(password), salt, passes, memory, threads, keySize))
}

// Dummy is a hash that no password has, to be verified against where there is no
// account, so that its absence costs the same.
func Dummy() string { return format(current, make([]byte, saltSize), make([]byte, keySize)) }

// Verify reports whether the password has the hash, and whether the hash should
// be made anew because it cost less than one of today. It returns [ErrHash] for a
// spoilt one.
func Verify(hash, password string) (ok, outdated bool, err error) {
	p, salt, want, err := parse(hash)
	if err != nil {
		return false, false, err
	}
	got := argon2.IDKey(normal(password), salt, p.passes, p.memory, p.threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, p.cost() < current.cost(), nil
}

// cost is how much memory a guess fills, in KiB, over all its passes.
func (p parameters) cost() uint64 { return uint64(p.memory) * uint64(p.passes) }

func format(p parameters, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.threads,
		encoding.EncodeToString(salt), encoding.EncodeToString(key))
}

// parse reads a PHC string, within bounds that keep a spoilt row from taking the
// machine's memory.
func parse(hash string) (p parameters, salt, key []byte, err error) {
	var version int
	var tail string
	if _, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &p.memory, &p.passes, &p.threads, &tail); err != nil {
		return p, nil, nil, ErrHash
	}
	for i := range len(tail) {
		if tail[i] == '$' {
			salt, err = encoding.DecodeString(tail[:i])
			if err == nil {
				key, err = encoding.DecodeString(tail[i+1:])
			}
			break
		}
	}
	if err != nil || version != argon2.Version || len(salt) < 8 || len(key) != keySize ||
		p.memory < 8 || p.memory > 4*memory || p.passes < 1 || p.passes > 16 || p.threads < 1 || p.threads > 16 {
		return p, nil, nil, ErrHash
	}
	return p, salt, key, nil
}
