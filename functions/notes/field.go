package notes

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"hce.co/functions/notes/api"
	"hce.co/shared/problem"
)

// clockSkew is by how much the clock of who writes may be ahead of ours.
const clockSkew = time.Minute

// fields collects what is wrong with each field.
type fields struct{ problem.Fields }

// text checks a text of at most limit characters.
func (f fields) text(name, value string, limit int) {
	switch {
	case utf8.RuneCountInString(value) > limit:
		f.Add(name, fmt.Sprintf("Use como máximo %d caracteres.", limit))
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		f.Add(name, "El texto contiene caracteres de control, que no se admiten.")
	}
}

// oneOf checks a coded value, which may be missing.
func (f fields) oneOf(name, value string, allowed ...string) {
	if value == "" {
		return
	}
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	f.Add(name, "Elija un valor de la lista.")
}

// id checks a UUID that may be missing, of one version when that is not 0.
func (f fields) id(name, value string, version uuid.Version) uuid.UUID {
	if value == "" {
		return uuid.Nil
	}
	id, err := uuid.Parse(value)
	if err != nil || len(value) != 36 || version != 0 && id.Version() != version {
		f.Add(name, "El identificador no es válido.")
		return uuid.Nil
	}
	return id
}

// past checks an instant that may be missing and must not lie in the future.
func (f fields) past(name string, t *time.Time, now time.Time) {
	if t != nil && t.After(now) {
		f.Add(name, "La fecha no puede estar en el futuro.")
	}
}

// warnings collects what is unusual but possible.
type warnings []api.Warning

func (w *warnings) add(name, message string) {
	*w = append(*w, api.Warning{Campo: name, Mensaje: message})
}

// line brings a short text into one line of single spaces, in NFC.
func line(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n")

// paragraph brings a long text into NFC with \n between its lines. Nothing else
// of what somebody wrote about a patient is touched.
func paragraph(s string) string {
	if strings.ContainsAny(s, "\r\v\f") {
		s = breaks.Replace(s)
	}
	return strings.TrimRight(strings.TrimLeft(norm.NFC.String(s), "\n"), " \t\n")
}

// instant is what people mean by an instant that they wrote: in UTC, as finely
// as the database keeps it, and now when their clock is a little ahead.
func instant(t, now time.Time) time.Time {
	t = t.UTC().Truncate(time.Microsecond)
	if t.After(now) && !t.After(now.Add(clockSkew)) {
		return now
	}
	return t
}
