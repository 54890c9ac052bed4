package civil_test

import (
	"errors"
	"testing"
	"time"

	"hce.co/shared/civil"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

func TestParseDate(t *testing.T) {
	for s, want := range map[string]time.Time{
		"2026-03-02": time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		"1984-02-29": time.Date(1984, 2, 29, 0, 0, 0, 0, time.UTC),
		"1800-01-01": time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC),
		"9999-12-31": time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		got := day(t, s)
		if !got.Equal(want) || got.Location() != time.UTC || got.Format(civil.DateFormat) != s {
			t.Errorf("%s is %v, want %v", s, got, want)
		}
	}
	for _, s := range []string{
		"", "2026-02-30", "1985-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "1799-12-31", "0000-01-01",
		"02/03/2026", "2026-3-2", "26-03-02", "2026-03-02T00:00:00Z", " 2026-03-02", "2026-03-02 ", "+2026-03-02", "12026-03-02", "２０２６-03-02",
	} {
		if got, err := civil.ParseDate(s); !errors.Is(err, civil.ErrDate) {
			t.Errorf("%q is read as %v, %v", s, got, err)
		}
	}
}

func TestTodayIsTheClinics(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-02T04:59:59Z":      "2026-03-01", // 23:59:59 in Bogotá
		"2026-03-02T05:00:00Z":      "2026-03-02",
		"2026-03-02T23:59:59-05:00": "2026-03-02",
		"2026-01-01T00:00:00+09:00": "2025-12-31",
		"2024-03-01T03:00:00Z":      "2024-02-29",
	} {
		now, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := civil.Today(now); !got.Equal(day(t, want)) || got.Location() != time.UTC {
			t.Errorf("at %s it is %v, want %s", in, got, want)
		}
	}
}

func TestAge(t *testing.T) {
	for _, tt := range []struct {
		birth, on string
		want      int
	}{
		{"1984-02-29", "2026-02-28", 41},
		{"1984-02-29", "2026-03-01", 42},
		{"1984-02-29", "2024-02-28", 39},
		{"1984-02-29", "2024-02-29", 40},
		{"2008-03-02", "2026-03-01", 17},
		{"2008-03-02", "2026-03-02", 18},
		{"2008-12-31", "2026-01-01", 17},
		{"2026-03-02", "2026-03-02", 0},
		{"2026-03-02", "2027-03-01", 0},
		{"2026-03-03", "2026-03-02", 0}, // not born yet
		{"1900-01-01", "2026-01-01", 126},
	} {
		if got := civil.Age(day(t, tt.birth), day(t, tt.on)); got != tt.want {
			t.Errorf("born %s is %d on %s, want %d", tt.birth, got, tt.on, tt.want)
		}
	}
}

func TestMonths(t *testing.T) {
	for _, tt := range []struct {
		birth, on string
		want      int
	}{
		{"2026-01-31", "2026-02-28", 0},
		{"2026-01-31", "2026-03-01", 1},
		{"2025-11-24", "2026-11-23", 11},
		{"2025-11-24", "2026-11-24", 12},
		{"2026-11-25", "2026-11-24", 0},
	} {
		if got := civil.Months(day(t, tt.birth), day(t, tt.on)); got != tt.want {
			t.Errorf("Months(%s, %s) = %d, want %d", tt.birth, tt.on, got, tt.want)
		}
	}
}
