package password

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MinLength is the least length of a new password, in characters.
const MinLength = 12

// commonList is the 10,000 most used passwords of zxcvbn 4.4.2 by frequency
// (MIT, see common.LICENSE.txt), sorted, one a line.
//
//go:embed common.txt.gz
var commonList []byte

// common is read when the first password is set, and takes half a megabyte.
var common = sync.OnceValue(func() map[string]struct{} {
	r, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic("password: the embedded list is spoilt: " + err.Error())
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic("password: the embedded list is spoilt: " + err.Error())
	}
	set := make(map[string]struct{}, 10_100)
	for line := range strings.Lines(string(text)) {
		set[strings.TrimSuffix(line, "\n")] = struct{}{}
	}
	for _, word := range local {
		set[word] = struct{}{}
	}
	return set
})

// local are words that are as easy to guess here, folded as [fold] does.
var local = []string{
	"admin", "administrador", "antioquia", "atleticonacional", "bogota", "clave", "clinica", "colombia", "contrasena", "contrasenia",
	"deportivocali", "doctor", "enfermera", "hce", "historia", "historiaclinica", "hospital", "junior", "medellin", "medico",
	"millonarios", "miclave", "micontrasena", "paciente", "salud", "santafe", "seleccioncolombia", "teamo", "usuario",
}

// Weakness says in Spanish why a new password is refused, and "" when it is not.
// personal is what anybody knows of its owner: user name, e-mail, name. (NIST SP
// 800-63B-4 §3.1.1.2: length and a blocklist, no rules on composition.)
func Weakness(password string, personal ...string) string {
	s := norm.NFC.String(password)
	switch {
	case len(password) > MaxBytes:
		return "La clave es demasiado larga: use como máximo 1024 bytes."
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return "La clave tiene caracteres que no se admiten."
	case utf8.RuneCountInString(s) < MinLength:
		return "Use al menos 12 caracteres; una frase que recuerde sirve."
	}
	whole := fold(s)
	core := strings.TrimFunc(whole, func(r rune) bool { return !unicode.IsLetter(r) })
	if isCommon(whole) || isCommon(core) || isCommon(unit(whole)) || repetitive(whole) {
		return "Esa clave es de las más usadas o fáciles de adivinar. Use una frase propia."
	}
	for _, p := range personal {
		for _, known := range []string{fold(p), fold(strings.SplitN(p, "@", 2)[0])} {
			word := strings.TrimFunc(known, func(r rune) bool { return !unicode.IsLetter(r) })
			if known != "" && (whole == known || unit(whole) == known) || word != "" && (core == word || unit(core) == word) {
				return "La clave no puede ser su usuario, su correo ni su nombre."
			}
		}
	}
	return ""
}

func isCommon(s string) bool {
	_, ok := common()[s]
	return ok
}

// fold makes one of all the ways to write the same: lower case, no accents, no
// spaces.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// unit is the shortest text that s repeats, s itself when it repeats none.
func unit(s string) string {
	if s == "" {
		return s
	}
	n := strings.Index((s + s)[1:], s) + 1
	return s[:n]
}

// repetitive reports whether s is a few characters over and over, or runs along
// the alphabet or the digits.
func repetitive(s string) bool {
	if utf8.RuneCountInString(unit(s)) <= 4 {
		return true
	}
	steps, last := 0, rune(-2)
	for _, r := range s {
		if d := r - last; d == 1 || d == -1 || d == 0 || last == '9' && r == '0' || last == '0' && r == '9' {
			steps++
		}
		last = r
	}
	return steps >= utf8.RuneCountInString(s)-2
}
