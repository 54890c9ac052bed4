// Package ident names records and people: identity documents and the ids that
// are made from them.
package ident

import (
	"errors"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// DocumentType is a kind of Colombian identity document (RIPS, Res. 2275/2023,
// and RDA, Res. 1888/2025).
type DocumentType struct {
	Code   string
	Name   string // in Spanish
	number *regexp.Regexp
}

var (
	digits       = regexp.MustCompile(`^[0-9]{3,11}$`)
	alphanumeric = regexp.MustCompile(`^[A-Z0-9]{3,20}$`)
)

var documentTypes = []DocumentType{
	{"CC", "Cédula de ciudadanía", digits},
	{"TI", "Tarjeta de identidad", digits},
	{"RC", "Registro civil", alphanumeric},
	{"CE", "Cédula de extranjería", alphanumeric},
	{"PA", "Pasaporte", alphanumeric},
	{"PT", "Permiso por protección temporal", alphanumeric},
	{"PE", "Permiso especial de permanencia", alphanumeric},
	{"CN", "Certificado de nacido vivo", alphanumeric},
	{"CD", "Carné diplomático", alphanumeric},
	{"SC", "Salvoconducto", alphanumeric},
	{"DE", "Documento extranjero", alphanumeric},
	{"NV", "Nacido vivo", alphanumeric},
	{"AS", "Adulto sin identificar", alphanumeric},
	{"MS", "Menor sin identificar", alphanumeric},
	{"NI", "NIT", alphanumeric},
	{"SI", "Sin identificación", alphanumeric},
}

// alsoCalled are other codes of the same documents.
var alsoCalled = map[string]string{
	"NIT": "NI", // as the system that this one replaces wrote it
	"PPT": "PT", // as RDA writes it
}

// DocumentTypes lists the kinds of document, the commonest first.
func DocumentTypes() []DocumentType { return documentTypes }

// Document is an identity document, normalised.
type Document struct {
	Type   string
	Number string
}

// ID returns TIPO-NUMERO: the documento_id of the record opened under this
// document, and the key of the document in the registry.
func (d Document) ID() string { return d.Type + "-" + d.Number }

var (
	// ErrType says that there is no such kind of document.
	ErrType = errors.New("unknown document type")
	// ErrNumber says that the number cannot be one of that kind.
	ErrNumber = errors.New("malformed document number")
)

var separators = strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "")

// NewDocument normalises a document as people write it: upper case, without
// spaces, dots or dashes in the number.
func NewDocument(tipo, numero string) (Document, error) {
	d := Document{
		Type:   strings.ToUpper(strings.TrimSpace(tipo)),
		Number: strings.ToUpper(separators.Replace(norm.NFC.String(numero))),
	}
	if code, ok := alsoCalled[d.Type]; ok {
		d.Type = code
	}
	for _, t := range documentTypes {
		if t.Code == d.Type {
			if !t.number.MatchString(d.Number) {
				return Document{}, ErrNumber
			}
			return d, nil
		}
	}
	return Document{}, ErrType
}

// ParseID reads TIPO-NUMERO, with the freedom that NewDocument allows.
func ParseID(s string) (Document, error) {
	tipo, numero, ok := strings.Cut(s, "-")
	if !ok {
		return Document{}, ErrType
	}
	return NewDocument(tipo, numero)
}

// NewID makes an id for a row: a UUIDv7 (RFC 9562), which sorts by the time it
// was made.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// LooksLikeNumber reports whether s, typed into a search box, is the number of a
// document rather than a name: mostly digits.
func LooksLikeNumber(s string) bool {
	n := strings.ToUpper(separators.Replace(s))
	count := 0
	for _, r := range n {
		if r >= '0' && r <= '9' {
			count++
		}
	}
	return count >= 3 && count*2 >= len(n)
}

// Candidates returns the ids that a document may have which somebody typed with
// its kind (CC-123, CC 123) or without (123).
func Candidates(s string) []string {
	var ids []string
	if d, err := ParseID(s); err == nil {
		return []string{d.ID()}
	}
	if tipo, numero, ok := strings.Cut(strings.TrimSpace(s), " "); ok {
		if d, err := NewDocument(tipo, numero); err == nil {
			return []string{d.ID()}
		}
	}
	for _, t := range documentTypes {
		if d, err := NewDocument(t.Code, s); err == nil {
			ids = append(ids, d.ID())
		}
	}
	return ids
}
