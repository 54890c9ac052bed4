package crockford_test

import (
	"strings"
	"testing"

	"hce.co/shared/crockford"
)

func TestRead(t *testing.T) {
	for in, want := range map[string]string{
		"7K3M-9QXZ-T2H4-VBNA": "7K3M9QXZT2H4VBNA", "7k3m9qxzt2h4vbna": "7K3M9QXZT2H4VBNA", "7K3M 9QXZ T2H4 VBNA": "7K3M9QXZT2H4VBNA",
		"7K3M\u00a09QXZ T2H4-VBNA": "7K3M9QXZT2H4VBNA", "oOiI-lL00-0000-0000": "0011110000000000",
	} {
		if got, ok := crockford.Read(in); !ok || got != want {
			t.Errorf("Read(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "7K3M-9QXZ-T2H4-VBN", "7K3M-9QXZ-T2H4-VBNAA", "7K3M-9QXZ-T2H4-VBNU", strings.Repeat("-", 100), "ñ7K3M9QXZT2H4VBN"} {
		if got, ok := crockford.Read(in); ok {
			t.Errorf("Read(%q) = %q, want none", in, got)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		code := crockford.New()
		if got, ok := crockford.Read(crockford.Show(code)); !ok || got != code || seen[code] {
			t.Fatalf("%s is read as %s, seen %v", code, got, seen[code])
		}
		seen[code] = true
	}
}
