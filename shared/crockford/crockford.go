// Package crockford makes the codes that people read on paper or a screen and type, in Crockford's base32.
package crockford

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// alphabet has no I, L, O or U to mistake.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

const length = 16 // characters: 80 bits

// New makes a code that nobody can guess.
func New() string {
	raw := make([]byte, length*5/8)
	rand.Read(raw) //nolint:errcheck // crypto/rand never fails
	return alphabet.EncodeToString(raw)
}

// Show writes a code as people read it: in groups of four.
func Show(code string) string {
	if len(code) != length {
		return code
	}
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]
}

var mistaken = strings.NewReplacer("-", "", " ", "", "\u00a0", "", "I", "1", "L", "1", "O", "0")

// Read undoes what happens to a code on its way from paper: case, dashes, spaces,
// and letters taken for digits. ok is false for what can be no code.
func Read(s string) (code string, ok bool) {
	if len(s) > 4*length {
		return "", false
	}
	code = mistaken.Replace(strings.ToUpper(s))
	if len(code) != length {
		return "", false
	}
	if _, err := alphabet.DecodeString(code); err != nil {
		return "", false
	}
	return code, true
}
