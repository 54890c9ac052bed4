// Package catalog holds the Spanish names of the codes that the record uses.
package catalog

import (
	"strings"
	"unicode"

	"hce.co/ui/view/component"
)

// Entry is a code with the name that its official table gives it.
type Entry struct{ Code, Label string }

// Table is a code table, in the order in which a form offers it.
type Table []Entry

// Label returns the name of code, and the code itself when the table lacks it:
// a record keeps codes that a later version of a table has dropped.
func (t Table) Label(code string) string {
	for _, e := range t {
		if e.Code == code {
			return e.Label
		}
	}
	return code
}

// Labels names every one of codes.
func (t Table) Labels(codes []string) []string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = t.Label(c)
	}
	return names
}

// Options offers the table in a form.
func (t Table) Options() []component.Option {
	options := make([]component.Option, len(t))
	for i, e := range t {
		options[i] = component.Option{Value: e.Code, Label: e.Label}
	}
	return options
}

// Coded offers the table with the code before the name, for those who know a
// table by its numbers.
func (t Table) Coded() []component.Option {
	options := make([]component.Option, len(t))
	for i, e := range t {
		options[i] = component.Option{Value: e.Code, Label: e.Code + " · " + e.Label}
	}
	return options
}

// Suggestions offers only the names, for a field that is typed with help.
func (t Table) Suggestions() []component.Option {
	options := make([]component.Option, len(t))
	for i, e := range t {
		options[i] = component.Option{Value: e.Label}
	}
	return options
}

// Find returns the code that text means: a code, or a name in any case and
// with or without its accents.
func (t Table) Find(text string) (code string, ok bool) {
	text = strings.TrimSpace(text)
	plain := fold(text)
	for _, e := range t {
		if e.Code == text || fold(e.Label) == plain {
			return e.Code, true
		}
	}
	return "", false
}

var unaccent = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n", "ç", "c", "ô", "o", "ã", "a", "å", "a", "’", "'")

func fold(s string) string {
	return strings.Join(strings.FieldsFunc(unaccent.Replace(strings.ToLower(s)), func(r rune) bool {
		return unicode.IsSpace(r) || r == '.' || r == ','
	}), " ")
}
