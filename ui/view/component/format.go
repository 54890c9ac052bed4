package component

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bogota is the time zone of Colombia, which keeps no summer time; fixed, so
// that a container without zone data shows the right hour.
var Bogota = time.FixedZone("America/Bogota", -5*60*60)

var months = [...]string{"", "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"}

// FormatDate writes a civil date (2006-01-02) as "29 feb 1984"; what is not a
// date stays as it is.
func FormatDate(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()], t.Year())
}

// FormatTime writes an instant as "23 nov 2026, 10:32" in Colombian time, and
// a zero one as nothing.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(Bogota)
	return fmt.Sprintf("%d %s %d, %02d:%02d", t.Day(), months[t.Month()], t.Year(), t.Hour(), t.Minute())
}

// FormatClock writes the Colombian hour of an instant as "10:32".
func FormatClock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Bogota).Format("15:04")
}

// LocalInput writes an instant as the value of a DateTime field, in Colombian
// time.
func LocalInput(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Bogota).Format("2006-01-02T15:04")
}

// Age writes the age on the day now of who was born on birth (2006-01-02): in
// days until the first month, in months until two years, then in years. It is
// empty for a date that is not one or is to come.
func Age(birth string, now time.Time) string {
	b, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		return ""
	}
	local := now.In(Bogota)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	if b.After(today) {
		return ""
	}
	months := (today.Year()-b.Year())*12 + int(today.Month()-b.Month())
	if today.Day() < b.Day() {
		months--
	}
	switch {
	case months < 1:
		return count(int(today.Sub(b).Hours()/24), "día", "días")
	case months < 24:
		return count(months, "mes", "meses")
	}
	return count(months/12, "año", "años")
}

// Elapsed writes how long ago since was: "12 min", "3 h", "4 días".
func Elapsed(since, now time.Time) string {
	d := now.Sub(since)
	switch {
	case since.IsZero() || d < 0:
		return ""
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return strconv.Itoa(int(d.Hours()/24)) + " días"
}

// FormatNumber writes a decimal the Colombian way: "36,8".
func FormatNumber(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
}

// FormatBytes writes a size as "48 kB" or "1,2 MB".
func FormatBytes(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1_000_000:
		return strconv.FormatInt((n+500)/1000, 10) + " kB"
	}
	return strings.Replace(strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64), ".", ",", 1) + " MB"
}

// FormatDocument writes an identity document with the thousands of an
// all-digit number apart: "CC 1.032.456.789".
func FormatDocument(kind, number string) string {
	if strings.Trim(number, "0123456789") != "" || strings.HasPrefix(number, "0") || len(number) < 5 {
		return strings.TrimSpace(kind + " " + number)
	}
	var b strings.Builder
	for i, digit := range number {
		if i > 0 && (len(number)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(digit)
	}
	return strings.TrimSpace(kind + " " + b.String())
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
