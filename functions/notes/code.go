package notes

import (
	"encoding/base64"
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

// codeBeginning is what somebody types who knows the code.
var codeBeginning = regexp.MustCompile(`^[A-Za-z][0-9]{1,2}(\.?[0-9A-Za-z]{0,2})$`)

// searchCodes finds codes of CIE-10 by how they begin, or by words of their
// description in any order.
func (f *Function) searchCodes(w http.ResponseWriter, r *http.Request) error {
	page, err := service.ParsePage(r)
	if err != nil {
		return err
	}
	after, err := parseCodePlace(page.After)
	if err != nil {
		return err
	}
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if utf8.RuneCountInString(q) > maxLine {
		return problem.Invalid(map[string]string{"q": "Escriba como máximo 200 caracteres."})
	}
	sql := searchByWords
	var args []any
	if codeBeginning.MatchString(q) {
		sql, args = searchByCode, []any{strings.TrimSuffix(CanonicalCode(q), ".") + "%", after.code, page.Limit + 1}
	} else {
		folded := strings.TrimSpace(Fold(q))
		if len(folded) < 2 {
			return problem.Invalid(map[string]string{"q": "Escriba al menos dos letras, o el comienzo de un código."})
		}
		var patterns []string
		for w := range strings.FieldsSeq(folded) {
			patterns = append(patterns, "% "+w+"%") // a folded word has letters and digits only
		}
		args = []any{patterns, " " + folded + "%", after.later, after.length, after.code, page.Limit + 1}
	}
	rows, err := f.pool.Query(r.Context(), sql, args...)
	if err != nil {
		return fmt.Errorf("search codes: %w", err)
	}
	type found struct {
		api.Code
		Later bool // it does not begin as what was typed
	}
	places := []codePlace{}
	codes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (api.Code, error) {
		f, err := pgx.RowToStructByName[found](row)
		places = append(places, codePlace{f.Later, utf8.RuneCountInString(f.Descripcion), f.Codigo})
		return f.Code, err
	})
	if err != nil {
		return fmt.Errorf("search codes: %w", err)
	}
	if len(codes) > page.Limit {
		codes = codes[:page.Limit]
		page.Next(w, r, places[page.Limit-1].String())
	}
	return service.WriteJSON(w, 0, codes)
}

const (
	searchByCode = `SELECT codigo, descripcion, sexo, edad_min, edad_max, false AS later FROM historia_clinica.cie10
		WHERE codigo LIKE $1 AND codigo > $2 AND vigente ORDER BY codigo LIMIT $3`

	// A description that begins as what was typed stands first, then the short
	// ones: they are the general terms.
	searchByWords = `SELECT codigo, descripcion, sexo, edad_min, edad_max, NOT (busqueda LIKE $2) AS later FROM historia_clinica.cie10
		WHERE busqueda LIKE ALL ($1) AND vigente AND (NOT (busqueda LIKE $2), length(descripcion), codigo) > ($3, $4, $5)
		ORDER BY NOT (busqueda LIKE $2), length(descripcion), codigo LIMIT $6`
)

// codePlace is a place in what a search finds.
type codePlace struct {
	later  bool
	length int // characters of the description
	code   string
}

// String writes the place as a cursor, so that no client is tempted to read it.
func (p codePlace) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%t %d %s", p.later, p.length, p.code))
}

// parseCodePlace reads a cursor. The empty one stands before every code.
func parseCodePlace(s string) (p codePlace, err error) {
	if s == "" {
		return codePlace{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		_, err = fmt.Sscanf(string(b), "%t %d %s", &p.later, &p.length, &p.code)
	}
	if err != nil || p.String() != s || p.length < 0 || p.length > maxSection || !IsCode(p.code) {
		return p, problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
	}
	return p, nil
}

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
