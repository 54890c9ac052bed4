package ident_test

import (
	"strings"
	"testing"

	"hce.co/shared/ident"
)

func TestLength(t *testing.T) {
	unseen := strings.Repeat("\u200b", 12)
	for text, want := range map[string]int{
		"": 0, " \t\n\u00a0\u2003\u3000": 0, unseen: 0, unseen + " \u2060 \ufeff\u00ad": 0, "\u2800\u3164\u115f\ufe0f\u202e": 0, "\x1b\x07": 0,
		"Luz": 3, "  Luz \n Peña ": 8, "L" + unseen + "uz": 3, unseen + " Luz " + unseen + " Peña": 8, "38,5 °C": 7, "-": 1, "👍🏽": 2, "李": 1,
	} {
		if got := ident.Length(text); got != want || ident.Blank(text) != (want == 0) {
			t.Errorf("%+q has %d characters, blank %v; want %d", text, got, ident.Blank(text), want)
		}
	}
}

func TestHidden(t *testing.T) {
	for _, name := range []string{"", "Luz", "Peña Núñez", "María José", "D'Angelo", "O’Neil", "Jean-Luc", "محمد", "李", "Zoë"} {
		if ident.Hidden(name) {
			t.Errorf("%q has nothing hidden", name)
		}
	}
	for _, r := range []rune{
		0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069,
		0xFEFF, 0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x180E, 0x2028, 0x2800, 0x3164, 0xFE0F, 0xFFA0, 0xE0061, 0xE0100, '\n',
	} {
		for _, name := range []string{string(r), "Luz" + string(r), string(r) + "Luz", "L" + string(r) + "uz"} {
			if !ident.Hidden(name) {
				t.Errorf("%U in %+q goes unseen", r, name)
			}
		}
	}
}
