// Package cie10 reads the official table of CIE-10 into the database.
package cie10

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"hce.co/functions/notes"
)

// Row is a code as the table has it.
type Row struct {
	Code        string // canonical, with the dot
	Description string
	Sex         string // 01 men only, 02 women only, "" any
	MinAge      *int
	MaxAge      *int // years
	InForce     bool
}

// columns are the names that a column may have; those of SISPRO's export first.
var columns = map[string][]string{
	"code":        {"codigo"},
	"name":        {"nombre", "descripcion"},
	"description": {"descripcion"},
	"inForce":     {"habilitado", "vigente"},
	"sex":         {"extra i aplicaasexo", "aplicaasexo", "sexo"},
	"minAge":      {"extra ii edadminima", "edadminima", "edad min"},
	"maxAge":      {"extra iii edadmaxima", "edadmaxima", "edad max"},
}

// Reader reads a table in CSV: with a header, parted by commas, semicolons or
// tabs, in UTF-8 or in Latin 1.
type Reader struct {
	csv  *csv.Reader
	at   map[string]int
	line int
}

// NewReader reads the header.
func NewReader(r io.Reader) (*Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	first, err := b.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read table: %w", err)
	}
	header, _, _ := strings.Cut(string(first), "\n")
	c := csv.NewReader(b)
	c.LazyQuotes, c.FieldsPerRecord, c.ReuseRecord = true, -1, true
	for _, comma := range ";\t|" {
		if strings.Count(header, string(comma)) > strings.Count(header, string(c.Comma)) {
			c.Comma = comma
		}
	}
	names, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	t := &Reader{csv: c, at: map[string]int{}, line: 1}
	for i, name := range names {
		name = strings.TrimSpace(notes.Fold(strings.TrimPrefix(utf8Text(name), "\ufeff")))
		for column, known := range columns {
			for _, k := range known {
				if _, taken := t.at[column]; name == k && !taken {
					t.at[column] = i
				}
			}
		}
	}
	if _, ok := t.at["code"]; !ok {
		return nil, errors.New("the table has no column Codigo")
	}
	if _, ok := t.at["name"]; !ok {
		return nil, errors.New("the table has no column Nombre or Descripcion")
	}
	return t, nil
}

// ErrLine says that a line holds no code; the ones after it can be read.
var ErrLine = errors.New("no code of CIE-10 with its description")

// Read returns the next code, io.EOF after the last.
func (t *Reader) Read() (Row, error) {
	t.line++
	record, err := t.csv.Read()
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed):
		return Row{}, fmt.Errorf("line %d: %w", t.line, ErrLine)
	case err != nil:
		return Row{}, err //nolint:wrapcheck // io.EOF is the protocol
	}
	get := func(column string) string {
		i, ok := t.at[column]
		if !ok || i >= len(record) {
			return ""
		}
		return strings.Join(strings.Fields(utf8Text(record[i])), " ")
	}
	r := Row{Code: notes.CanonicalCode(get("code")), Description: get("name"), InForce: true}
	if r.Description == "" || notes.CanonicalCode(r.Description) == r.Code {
		r.Description = get("description")
	}
	if !notes.IsCode(r.Code) || r.Description == "" {
		return Row{}, fmt.Errorf("line %d: %w", t.line, ErrLine)
	}
	switch strings.ToUpper(get("inForce")) {
	case "NO", "N", "FALSE", "0":
		r.InForce = false
	}
	switch strings.ToUpper(get("sex")) {
	case "M", "H", "01", "1", "MASCULINO", "HOMBRE":
		r.Sex = "01"
	case "F", "02", "2", "FEMENINO", "MUJER":
		r.Sex = "02"
	}
	if min := years(get("minAge")); min > 0 {
		r.MinAge = &min
	}
	if max := years(get("maxAge")); max >= 0 && max < 120 {
		r.MaxAge = &max
	}
	return r, nil
}

// years reads an age: a number of years, or three digits of which the first is
// the unit (1 to 3: hours, days, months; 4: years; 5: years past a hundred). It
// is -1 when there is none.
func years(s string) int {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil || n < 0:
		return -1
	case len(s) != 3:
		return n
	case n >= 400:
		return n - 400
	}
	return 0
}

// utf8Text reads text that is Latin 1 when it cannot be UTF-8.
func utf8Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	runes := make([]rune, 0, len(s))
	for i := range len(s) {
		runes = append(runes, rune(s[i]))
	}
	return string(runes)
}
