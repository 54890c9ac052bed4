package component_test

import (
	"testing"
	"time"

	"hce.co/ui/view/component"
)

func TestAge(t *testing.T) {
	// 03:00 UTC is still the 28th in Bogotá.
	now := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	tests := []struct{ birth, want string }{
		{"2026-02-28", "0 días"},
		{"2026-02-27", "1 día"},
		{"2026-01-29", "30 días"},
		{"2026-01-28", "1 mes"},
		{"2024-03-01", "23 meses"},
		{"2024-02-28", "2 años"},
		{"1984-02-29", "41 años"},
		{"1926-02-28", "100 años"},
		{"2026-03-01", ""},
		{"", ""},
		{"2026-02-30", ""},
	}
	for _, tt := range tests {
		if got := component.Age(tt.birth, now); got != tt.want {
			t.Errorf("Age(%q) = %q, want %q", tt.birth, got, tt.want)
		}
	}
}

func TestFormats(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 5, 0, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{"date", component.FormatDate("1984-02-29"), "29 feb 1984"},
		{"no date", component.FormatDate("ayer"), "ayer"},
		{"instant", component.FormatTime(at), "23 nov 2026, 21:05"},
		{"no instant", component.FormatTime(time.Time{}), ""},
		{"clock", component.FormatClock(at), "21:05"},
		{"input", component.LocalInput(at), "2026-11-23T21:05"},
		{"no input", component.LocalInput(time.Time{}), ""},
		{"number", component.FormatNumber(36.8), "36,8"},
		{"whole number", component.FormatNumber(120), "120"},
		{"bytes", component.FormatBytes(950), "950 B"},
		{"kilobytes", component.FormatBytes(182_340), "182 kB"},
		{"megabytes", component.FormatBytes(1_240_000), "1,2 MB"},
		{"document", component.FormatDocument("CC", "1032456789"), "CC 1.032.456.789"},
		{"short document", component.FormatDocument("CC", "1234"), "CC 1234"},
		{"document with letters", component.FormatDocument("PA", "AV123456"), "PA AV123456"},
		{"document that begins with zero", component.FormatDocument("RC", "0012345678"), "RC 0012345678"},
		{"minutes", component.Elapsed(at.Add(-7*time.Minute), at), "7 min"},
		{"hours", component.Elapsed(at.Add(-47*time.Hour), at), "47 h"},
		{"days", component.Elapsed(at.Add(-75*time.Hour), at), "3 días"},
		{"not yet", component.Elapsed(at.Add(time.Hour), at), ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
