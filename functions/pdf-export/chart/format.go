package chart

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hce.co/shared/civil"
)

// bogota is Colombia's legal time, without a time-zone database at hand: UTC−05:00 all year round since 1993.
var bogota = time.FixedZone("America/Bogota", -5*60*60)

// day prints a date as it is written in Colombia, "23/11/2026", and nothing for an unknown one.
func (d Date) day() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, int(d.Month), d.Year)
}

// minute prints an instant in legal time to the minute, and nothing for an unknown one.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(bogota).Format("02/01/2006 15:04")
}

// dayOf prints the day of an instant in legal time.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(bogota).Format("02/01/2006")
}

// instant prints an instant in legal time to the second with its offset, for what must be checked exactly.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(bogota).Format("02/01/2006 15:04:05 -07:00")
}

// monthsOld is a person's age in completed months on a day, -1 when it is unknown or the day lies before the birth.
func monthsOld(birth, on Date) int {
	if birth.IsZero() || on.IsZero() || on.time().Before(birth.time()) {
		return -1
	}
	return civil.Months(birth.time(), on.time())
}

// age prints a person's age on a day: in years from two on, in months before, in days in the first month.
func age(birth, on Date) string {
	months := monthsOld(birth, on)
	switch {
	case months < 0:
		return ""
	case months >= 24:
		return strconv.Itoa(months/12) + " años"
	case months == 1:
		return "1 mes"
	case months > 0:
		return strconv.Itoa(months) + " meses"
	}
	days := int(on.time().Sub(birth.time()).Hours() / 24)
	if days == 1 {
		return "1 día"
	}
	return strconv.Itoa(days) + " días"
}

func (d Date) time() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// decimal prints a number with at most so many decimals and a decimal comma.
func decimal(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return strings.Replace(text, ".", ",", 1)
}

// join puts separator between the parts that are not empty.
func join(separator string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

// prefixed puts a prefix before a text that is not empty.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// fullName is first names then surnames.
func (p *Patient) fullName() string {
	return join(" ", p.FirstName, p.SecondName, p.FirstSurname, p.SecondSurname)
}

// document is the type and number of the current identity document, else the number of the record.
func (p *Patient) document() string {
	if p.DocumentNumber == "" {
		return p.RecordID
	}
	return join(" ", p.DocumentType.Code, p.DocumentNumber)
}

// line is a professional on one line.
func (p Professional) line() string {
	return join(" · ", p.Name, p.Kind, p.Speciality, prefixed("Registro médico ", p.Registration), p.Position)
}

// signed is line of somebody who writes in a record, of whom it has to say that
// their registration is not known.
func (p Professional) signed() string {
	if p.Name != "" && p.Registration == "" {
		p.Position = join(" · ", "Registro médico: "+unregistered, p.Position)
	}
	return p.line()
}

// registered is the number of registration of somebody who writes in a record.
func (p Professional) registered() string {
	if p.Name != "" && p.Registration == "" {
		return unregistered
	}
	return p.Registration
}

const unregistered = "sin registrar"

// line is a contact with the telephone number under the name.
func (c Contact) line() string {
	return join("\n", join(" · ", c.Name, c.Relationship), c.Phone)
}

func pageOf(page, pages int) string {
	return "Página " + strconv.Itoa(page) + " de " + strconv.Itoa(pages)
}
