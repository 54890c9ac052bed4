package typeset

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"plain", "Luz Pena\n2", "Luz Pena\n2"},
		{"Spanish", "¿Ñandú? «sí» 37,5 °C", "¿Ñandú? «sí» 37,5 °C"},
		{"decomposed", "n\u0303andu\u0301", "ñandú"},
		{"line ends", "a\r\nb\rc\u2028d\u0085e\vf", "a\nb\nc\nd\ne\nf"},
		{"two line ends", "a\r\n\r\nb\n\nc\r\rd", "a\n\nb\n\nc\n\nd"},
		{"tab", "a\tb", "a    b"},
		{"control characters", "a\x00b\x07c\x1b\x7fd\u0080e", "abcde"},
		{"invisible formats", "a\u200bb\u202ec\ufeffd\u00ade\u2066f\ufe0fg", "abcdefg"},
		{"invalid", "a\xff\xfe\xe2\x82b", "a□□□□b"},
		{"missing", "李 🙂", "□ □"},
		{"superscript minus", "10⁻³", "10^−³"},
		{"near spellings", "37 ℃ ‑ Ａ１", "37 °C ‐ A1"},
		{"spaces", "a\u3000b\u2003c\u00a0d", "a b\u2003c\u00a0d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := New(Info{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.Clean(test.text)); diff != "" {
				t.Errorf("Clean(%q) (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func TestMissingRunes(t *testing.T) {
	s, err := New(Info{})
	if err != nil {
		t.Fatal(err)
	}
	s.Clean("🙂 李 🙂 \xff")
	want := []MissingRune{{'李', 1}, {'\uFFFD', 1}, {'🙂', 2}}
	if diff := cmp.Diff(want, s.MissingRunes()); diff != "" {
		t.Errorf("MissingRunes (-want +got):\n%s", diff)
	}
}
