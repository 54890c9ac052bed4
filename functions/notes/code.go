package notes

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"hce.co/functions/notes/api"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// maxCodes is how many codes a search gives.
const maxCodes = 20

// codeBeginning is what somebody types who knows the code.
var codeBeginning = regexp.MustCompile(`^[A-Za-z][0-9]{1,2}(\.?[0-9A-Za-z]{0,2})$`)

// searchCodes finds codes of CIE-10 by how they begin, or by words of their
// description in any order.
func (f *Function) searchCodes(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if utf8.RuneCountInString(q) > maxLine {
		return problem.Invalid(map[string]string{"q": "Escriba como máximo 200 caracteres."})
	}
	sql := searchByWords
	var args []any
	if codeBeginning.MatchString(q) {
		sql, args = searchByCode, []any{strings.TrimSuffix(CanonicalCode(q), ".") + "%", maxCodes}
	} else {
		folded := strings.TrimSpace(Fold(q))
		if len(folded) < 2 {
			return problem.Invalid(map[string]string{"q": "Escriba al menos dos letras, o el comienzo de un código."})
		}
		var patterns []string
		for w := range strings.FieldsSeq(folded) {
			patterns = append(patterns, "% "+w+"%") // a folded word has letters and digits only
		}
		args = []any{patterns, " " + folded + "%", maxCodes}
	}
	rows, err := f.pool.Query(r.Context(), sql, args...)
	if err != nil {
		return fmt.Errorf("search codes: %w", err)
	}
	codes, err := pgx.CollectRows(rows, pgx.RowToStructByName[api.Code])
	if err != nil {
		return fmt.Errorf("search codes: %w", err)
	}
	return service.WriteJSON(w, 0, codes)
}

const (
	searchByCode = `SELECT codigo, descripcion, sexo, edad_min, edad_max FROM historia_clinica.cie10
		WHERE codigo LIKE $1 AND vigente ORDER BY codigo LIMIT $2`

	// A description that begins as what was typed stands first, then the short
	// ones: they are the general terms.
	searchByWords = `SELECT codigo, descripcion, sexo, edad_min, edad_max FROM historia_clinica.cie10
		WHERE busqueda LIKE ALL ($1) AND vigente
		ORDER BY NOT (busqueda LIKE $2), length(descripcion), codigo LIMIT $3`
)

// Fold writes a description as cie10.busqueda keeps it: lower case, no accents,
// words apart by one space and one in front, so that " pe" finds a word's
// beginning.
func Fold(s string) string {
	var b strings.Builder
	space := true
	b.WriteByte(' ')
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
			space = false
		case !space:
			b.WriteByte(' ')
			space = true
		}
	}
	return strings.TrimRight(b.String(), " ")
}
