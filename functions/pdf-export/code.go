package pdfexport

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// crockford is Crockford's base32: no I, L, O or U to mistake on paper.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

const codeLength = 16 // characters: 80 bits

// newCode makes the code by which a printed copy is checked.
func newCode() string {
	raw := make([]byte, codeLength*5/8)
	rand.Read(raw) //nolint:errcheck // crypto/rand never fails
	return crockford.EncodeToString(raw)
}

// showCode writes a code as people read it: in groups of four.
func showCode(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]
}

var mistaken = strings.NewReplacer("-", "", " ", "", "I", "1", "L", "1", "O", "0")

// readCode undoes what happens to a code on its way from paper: case, dashes,
// and letters taken for digits. It reports false for what can be no code.
func readCode(s string) (string, bool) {
	if len(s) > 4*codeLength {
		return "", false
	}
	code := mistaken.Replace(strings.ToUpper(s))
	if len(code) != codeLength {
		return "", false
	}
	_, err := crockford.DecodeString(code)
	return code, err == nil
}
