package admission

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"hce.co/functions/admission/api"
	"hce.co/shared/problem"
)

// Characters that a text may have.
const (
	maxSite    = 80
	maxName    = 120
	maxKinship = 40
	maxReason  = 200
	maxRemark  = 500
)

var (
	phonePattern         = regexp.MustCompile(`^\+?[0-9 ()-]{7,20}$`)
	cupsPattern          = regexp.MustCompile(`^[0-9A-Z]{4,10}$`)
	authorizationPattern = regexp.MustCompile(`^[0-9A-Za-z-]{1,30}$`)
	payerPattern         = regexp.MustCompile(`^[0-9A-Za-z-]{2,12}$`)
	twoDigits            = regexp.MustCompile(`^[0-9]{2}$`)
	bedPattern           = regexp.MustCompile(`^[0-9A-Z-]{1,20}$`)
)

// line is a text of one line: Unicode NFC, single spaces.
func line(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// paragraph is a text that may have several lines.
func paragraph(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(norm.NFC.String(s), "\r\n", "\n"))
}

// bedName writes a bed as the census keeps it, so that 302a and 302A are one.
func bedName(s string) string { return strings.ToUpper(line(s)) }

// fields collects what is wrong with each field.
type fields struct{ problem.Fields }

func (f fields) code(name, value string, required bool) {
	if value == "" && !required {
		return
	}
	if !known(name, value) {
		f.Add(name, "Elija un valor de la lista.")
	}
}

func (f fields) match(name, value string, p *regexp.Regexp, message string) {
	if value != "" && !p.MatchString(value) {
		f.Add(name, message)
	}
}

func (f fields) text(name, value string, most int) {
	if utf8.RuneCountInString(value) > most {
		f.Add(name, fmt.Sprintf("Use como máximo %d caracteres.", most))
	}
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		f.Add(name, "El texto tiene caracteres que no se ven.")
	}
}

// id takes a UUID, of a version when it is not 0.
func (f fields) id(name, value string, version uuid.Version) {
	if value == "" {
		return
	}
	id, err := uuid.Parse(value)
	switch {
	case err != nil || len(value) != 36:
		f.Add(name, "Use un UUID.")
	case version != 0 && id.Version() != version:
		f.Add(name, fmt.Sprintf("Use un UUID de la versión %d.", version))
	}
}

// place takes a service of the REPS and, when there is one, a bed in it.
func (f fields) place(service, bed string) {
	if api.ServiceName(service) == "" {
		f.Add("servicio", "Elija un servicio del REPS.")
	}
	f.match("cama", bed, bedPattern, "Use como máximo 20 letras, números y guiones.")
}
