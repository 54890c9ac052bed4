package patient

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"hce.co/functions/patient/api"
)

// foldName writes a name as search compares it: lower case, no accents, words
// apart by one space and one in front, so that " pe" finds a word's beginning.
// keepEnye leaves ñ as it is: search finds peña under both spellings and ranks
// the one that was typed first.
func foldName(s string, keepEnye bool) string {
	var b strings.Builder
	space := true
	b.WriteByte(' ')
	for _, r := range norm.NFC.String(strings.ToLower(s)) {
		if keepEnye && r == 'ñ' {
			b.WriteRune(r)
			space = false
			continue
		}
		for _, d := range norm.NFD.String(string(r)) {
			switch {
			case unicode.Is(unicode.Mn, d):
			case unicode.IsLetter(d) || unicode.IsDigit(d):
				b.WriteRune(d)
				space = false
			case !space:
				b.WriteByte(' ')
				space = true
			}
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// fullName is the name by which people are listed: surnames first.
func fullName(d api.Demographics) string {
	return strings.Join([]string{d.PrimerApellido, d.SegundoApellido, d.PrimerNombre, d.SegundoNombre, d.NombreIdentitario}, " ")
}

// patterns turns what was typed into LIKE patterns, one for each word.
func patterns(q string, keepEnye bool) []string {
	var ps []string
	for _, w := range strings.Fields(foldName(q, keepEnye)) {
		ps = append(ps, "% "+w+"%") // a folded word has letters and digits only
	}
	return ps
}
