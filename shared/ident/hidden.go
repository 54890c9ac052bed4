package ident

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// notSeen are characters that leave no mark: those that format the text around
// them (zero-width ones and the bidi controls, U+202A–202E and U+2066–2069,
// which make a name read as another), and the ones that are ignored or blank
// although Unicode counts them as letters, marks or symbols.
var notSeen = []*unicode.RangeTable{
	unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Pattern_White_Space,
	{R16: []unicode.Range16{{Lo: 0x2800, Hi: 0x2800, Stride: 1}}}, // the braille pattern without dots
}

// Hidden reports whether a person's name has characters that nobody sees: two
// names that look alike must be alike.
func Hidden(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && unicode.In(r, notSeen...) })
}

// Length counts the characters of a text that somebody sees, and one space
// between its words: a reason of ten characters that nobody sees says nothing.
func Length(text string) int {
	seen := strings.Map(func(r rune) rune {
		if !unicode.IsSpace(r) && (unicode.IsControl(r) || unicode.In(r, notSeen...)) {
			return -1
		}
		return r
	}, text)
	return utf8.RuneCountInString(strings.Join(strings.Fields(seen), " "))
}

// Blank reports whether nobody sees anything of a text: it says no more than an
// empty one.
func Blank(text string) bool { return Length(text) == 0 }
