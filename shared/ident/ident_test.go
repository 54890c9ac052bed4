package ident_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/ident"
)

func TestNewDocument(t *testing.T) {
	for _, tt := range []struct {
		tipo, numero string
		want         string // ID
		err          error
	}{
		{"CC", "1032456789", "CC-1032456789", nil},
		{"cc", " 1.032.456.789 ", "CC-1032456789", nil},
		{" Cc ", "1032-456-789", "CC-1032456789", nil},
		{"CC", "1\u00a0032\u00a0456", "CC-1032456", nil},
		{"PA", "ax 123-456", "PA-AX123456", nil},
		{"NIT", "900.123.456-7", "NI-9001234567", nil},
		{"PPT", "1234567", "PT-1234567", nil},
		{"RC", "0001234567", "RC-0001234567", nil}, // leading zeros are part of it
		{"CC", "123", "CC-123", nil},
		{"CC", "12345678901", "CC-12345678901", nil},
		{"PA", "A2345678901234567890", "PA-A2345678901234567890", nil},

		{"CC", "12", "", ident.ErrNumber},
		{"CC", "123456789012", "", ident.ErrNumber},
		{"CC", "12A456", "", ident.ErrNumber},
		{"TI", "AB123456", "", ident.ErrNumber},
		{"PA", "A23456789012345678901", "", ident.ErrNumber},
		{"PA", "Ñ12345", "", ident.ErrNumber},
		{"PA", "12_34", "", ident.ErrNumber},
		{"CC", "", "", ident.ErrNumber},
		{"CC", "...", "", ident.ErrNumber},
		{"CC", "1032456789\n", "", ident.ErrNumber},
		{"CC", "123\x00456", "", ident.ErrNumber},
		{"CC", "١٢٣٤٥٦", "", ident.ErrNumber},
		{"CC", "123';DROP TABLE paciente", "", ident.ErrNumber},
		{"CC", "\xff123456", "", ident.ErrNumber},

		{"", "123456", "", ident.ErrType},
		{"XX", "123456", "", ident.ErrType},
		{"C C", "123456", "", ident.ErrType},
		{"usuario:", "123456", "", ident.ErrType},
	} {
		d, err := ident.NewDocument(tt.tipo, tt.numero)
		if !errors.Is(err, tt.err) {
			t.Errorf("%q %q: error %v, want %v", tt.tipo, tt.numero, err, tt.err)
			continue
		}
		if err != nil {
			if d != (ident.Document{}) {
				t.Errorf("%q %q: refused and yet %v", tt.tipo, tt.numero, d)
			}
		} else if d.ID() != tt.want {
			t.Errorf("%q %q: %s, want %s", tt.tipo, tt.numero, d.ID(), tt.want)
		}
	}
}

func FuzzNewDocument(f *testing.F) {
	for _, d := range ident.DocumentTypes() {
		f.Add(d.Code, "1.032-456 789")
	}
	f.Add("NIT", "900123456-7")
	f.Add("pa", "ſtraße1")
	f.Add("\u0131", "ﬁ12")
	f.Fuzz(func(t *testing.T, tipo, numero string) {
		d, err := ident.NewDocument(tipo, numero)
		if err != nil {
			return
		}
		again, err := ident.NewDocument(d.Type, d.Number)
		if err != nil || again != d {
			t.Errorf("normalised again, %v is %v, %v", d, again, err)
		}
		parsed, err := ident.ParseID(d.ID())
		if err != nil || parsed != d {
			t.Errorf("%s is read as %v, %v", d.ID(), parsed, err)
		}
		if len(d.ID()) > 23 {
			t.Errorf("%s is longer than a documento_id may be", d.ID())
		}
		for _, r := range d.ID() {
			if !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r == '-') {
				t.Fatalf("%q holds %q, which a path would have to escape", d.ID(), r)
			}
		}
	})
}

func TestParseID(t *testing.T) {
	for s, want := range map[string]ident.Document{
		"CC-1032456789":    {Type: "CC", Number: "1032456789"},
		"cc-1.032.456.789": {Type: "CC", Number: "1032456789"},
		"NIT-900123456-7":  {Type: "NI", Number: "9001234567"},
	} {
		if got, err := ident.ParseID(s); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-", "CC", "1032456789", "CC-", "-123", "CC--", "XX-123456", "usuario:0192f0c4-0000-7000-8000-000000000001"} {
		if got, err := ident.ParseID(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

func TestDocumentTypes(t *testing.T) {
	var codes []string
	for _, d := range ident.DocumentTypes() {
		if d.Name == "" {
			t.Errorf("%s has no name", d.Code)
		}
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	want := []string{"AS", "CC", "CD", "CE", "CN", "DE", "MS", "NI", "NV", "PA", "PE", "PT", "RC", "SC", "SI", "TI"} // RIPS, Res. 2275/2023
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("the types of RIPS (-want +got):\n%s", diff)
	}
}

func TestCandidates(t *testing.T) {
	for s, want := range map[string][]string{
		"CC-1032456789": {"CC-1032456789"},
		"cc 1032456789": {"CC-1032456789"},
		" PA ax-123 ":   {"PA-AX123"},
		"Luz Peña":      nil,
		"12":            nil,
	} {
		if diff := cmp.Diff(want, ident.Candidates(s)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", s, diff)
		}
	}
	if got := ident.Candidates("1.032.456.789"); len(got) != len(ident.DocumentTypes()) || got[0] != "CC-1032456789" {
		t.Errorf("a number without its kind may be %v", got)
	}
	if got := ident.Candidates("AX123456"); slices.Contains(got, "CC-AX123456") || !slices.Contains(got, "PA-AX123456") {
		t.Errorf("a number with letters may be %v", got)
	}
}

func TestLooksLikeNumber(t *testing.T) {
	for s, want := range map[string]bool{
		"1032456789": true, "1.032.456": true, "CC-1032": true, "CC 103": true, "AX123456": true, "123": true,
		"12": false, "Luz": false, "": false, "María 3": false, "Juan Pablo 2.000": false,
	} {
		if got := ident.LooksLikeNumber(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

func TestNewIDSorts(t *testing.T) {
	last := ident.NewID()
	for range 1000 {
		id := ident.NewID()
		if id.Version() != 7 || id.String() <= last.String() {
			t.Fatalf("%s (version %d) does not come after %s", id, id.Version(), last)
		}
		last = id
	}
}
