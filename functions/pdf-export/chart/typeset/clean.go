package typeset

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Missing is what is printed in place of a character that the typeface lacks.
const Missing = '□'

// substitutes gives characters that the typeface lacks a spelling that reads the same. A superscript keeps its rank, for
// the exponent of 10⁻³ must not become a subtraction.
var substitutes = map[rune]string{
	'‑': "‐", '⁰': "^0", '⁺': "^+", '⁻': "^−", '₊': "_+", '₋': "_−", '℃': "°C", '℉': "°F", '℞': "Rx",
	'⁃': "-", '∣': "|", '⩽': "≤", '⩾': "≥", '≦': "≤", '≧': "≥",
}

// Clean makes text printable: NFC, line ends as "\n", tabs as four spaces, without control or invisible format
// characters. What the typeface lacks becomes a near spelling or else Missing, and is counted for MissingRunes.
// Each byte of invalid UTF-8 counts as U+FFFD.
func (s *Sheet) Clean(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	previous := rune(-1)
	for _, r := range norm.NFC.String(text) {
		afterReturn := previous == '\r'
		previous = r
		switch {
		case r == '\n' && afterReturn:
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			b.WriteByte('\n')
		case r == '\t':
			b.WriteString("    ")
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
		case s.faces.regular.has(r):
			b.WriteRune(r)
		case r != '\u00A0' && unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case substitutes[r] != "":
			b.WriteString(substitutes[r])
		case r >= '！' && r <= '～': // full-width ASCII
			b.WriteRune(r - '！' + '!')
		default:
			b.WriteRune(Missing)
			s.missing[r]++
		}
	}
	return b.String()
}

// oneLine is Clean for a place that has a single line.
func (s *Sheet) oneLine(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(s.Clean(text)), "\n", " ")
}

// isPlain tells that text is ASCII without control characters other than "\n", as most text is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' && c != '\n') || c >= utf8.RuneSelf-1 {
			return false
		}
	}
	return true
}

// MissingRune is a character that was asked for and that the typeface lacks.
type MissingRune struct {
	Rune  rune
	Count int
}

// MissingRunes lists what was replaced by Missing so far, by code point.
func (s *Sheet) MissingRunes() []MissingRune {
	list := make([]MissingRune, 0, len(s.missing))
	for r, count := range s.missing {
		list = append(list, MissingRune{Rune: r, Count: count})
	}
	slices.SortFunc(list, func(a, b MissingRune) int { return int(a.Rune) - int(b.Rune) })
	return list
}
