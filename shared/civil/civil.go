// Package civil keeps days as the clinic's calendar has them.
package civil

import (
	"errors"
	"time"
)

// Zone is Colombia's time, which has no daylight saving (Decreto 2707/1982).
var Zone = time.FixedZone("America/Bogota", -5*60*60)

// DateFormat is how a day is written on the wire.
const DateFormat = time.DateOnly

// ErrDate says that a text is no day of the calendar.
var ErrDate = errors.New("no such day")

// ParseDate reads a day. It comes back as midnight UTC, as pgx reads a DATE.
func ParseDate(s string) (time.Time, error) {
	t, err := time.Parse(DateFormat, s)
	if err != nil || t.Year() < 1800 || t.Year() > 9999 {
		return time.Time{}, ErrDate
	}
	return t, nil
}

// Today is the clinic's day at an instant, as midnight UTC.
func Today(now time.Time) time.Time {
	y, m, d := now.In(Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Age is how many whole years lie between a birth and a day; whoever was born on
// 29 February has their birthday on 1 March in common years.
func Age(birth, on time.Time) int { return Months(birth, on) / 12 }

// Months is how many whole months lie between a birth and a day; whoever was born
// on the 31st completes a month of 30 days on the 1st of the next.
func Months(birth, on time.Time) int {
	months := (on.Year()-birth.Year())*12 + int(on.Month()) - int(birth.Month())
	if on.Day() < birth.Day() {
		months--
	}
	return max(months, 0)
}
