package typeset

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func faces(tb testing.TB) *typeface {
	tb.Helper()
	t, err := loadTypeface()
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// TestWrap uses a size at which the digit, 556 thousandths of an em, is 5.56 points wide.
func TestWrap(t *testing.T) {
	f := faces(t).regular
	const digit = 5.56
	for _, test := range []struct {
		name, text string
		digits     float64 // the width of the column
		want       []string
	}{
		{"fits", "12345", 5, []string{"12345"}},
		{"empty", "", 5, []string{""}},
		{"at a space", "123 456", 5, []string{"123", "456"}},
		{"several spaces", "123    456", 4, []string{"123", "456"}},
		{"indentation", "  12 345", 5, []string{"  12", "345"}},
		{"newlines", "1\n\n2", 5, []string{"1", "", "2"}},
		{"long word", "123456789", 4, []string{"1234", "5678", "9"}},
		{"long word after a short one", "12 3456789", 4, []string{"12", "3456", "789"}},
		{"narrower than a letter", "123", 0.1, []string{"1", "2", "3"}},
		{"not in a blood pressure", "1 120/80", 6, []string{"1", "120/80"}},
		{"not in a date", "1 2026-11-23", 10, []string{"1", "2026-11-23"}},
		{"between letters at a hyphen", "aa-aa", 3.5, []string{"aa-", "aa"}},
		{"between letters at a slash", "aa/aa", 3.5, []string{"aa/", "aa"}},
		{"not at a space that does not break", "11\u00a022 3", 5, []string{"11\u00a022", "3"}},
		{"spaces at the end hang", "12345     ", 5, []string{"12345     "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := f.wrap(nil, test.text, 10, test.digits*digit+0.001)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("wrap(%q) (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func FuzzWrap(f *testing.F) {
	for _, seed := range []string{"Luz Peña", "a-b/c", "  x  y  ", strings.Repeat("ñ", 99), "\n\n", "\xff", "e\u0301\u0301\u0301", "□ □"} {
		f.Add(seed, 40.0)
	}
	f.Fuzz(func(t *testing.T, text string, width float64) {
		if !(width >= 0 && width < 1e6) || len(text) > 1<<16 {
			t.Skip("no column is like that")
		}
		face := faces(t).regular
		lines := face.wrap(nil, text, 9, width)
		if got, want := squeeze(strings.Join(lines, "")), squeeze(text); got != want {
			t.Errorf("wrap(%q) lost something: %q", text, lines)
		}
		for _, line := range lines {
			ink := strings.TrimRight(line, " ")
			if w := face.width(ink, 9); w > width+0.001 && len([]rune(ink)) > 1 && !combines(face, ink) {
				t.Errorf("line %q is %.2f wide, the column %.2f", ink, w, width)
			}
		}
	})
}

// combines tells that only the first character of a line has a width.
func combines(f *face, line string) bool {
	runes := []rune(line)
	return f.width(string(runes[1:]), 9) == 0
}

func squeeze(text string) string {
	return strings.NewReplacer(" ", "", "\n", "").Replace(text)
}

func TestElide(t *testing.T) {
	f := faces(t).regular
	text := "Hospital Universitario de la Sabana"
	if got := f.elide(text, 9, f.width(text, 9)); got != text {
		t.Errorf("elide of what fits = %q", got)
	}
	got := f.elide(text, 9, 80)
	if !strings.HasSuffix(got, "…") || !strings.HasPrefix(text, strings.TrimSuffix(got, "…")) || f.width(got, 9) > 80 {
		t.Errorf("elide = %q, %.1f points wide", got, f.width(got, 9))
	}
}

func TestFontCoverage(t *testing.T) {
	for _, f := range []*face{faces(t).regular, faces(t).bold} {
		for _, r := range "ÁÉÍÓÚÜÑáéíóúüñ¿¡ºª°µμ≤≥≠±×÷→←↑↓€²³½¼«»“”‘’–—…•·▲▼□αβγΩΔ½ØøçãõẽĩũîâêŵЖя₂⁴−√∞≈" {
			if !f.has(r) || f.advance(r) <= 0 {
				t.Errorf("%s lacks %c (%U)", f.family, r, r)
			}
		}
	}
}
