package chart_test

import (
	"encoding/xml"
	"reflect"
	"strings"
	"testing"
	"time"

	"hce.co/functions/pdf-export/chart"
	"hce.co/functions/pdf-export/chart/typeset"
)

// word is one on paper with its box in points from the upper left corner.
type word struct {
	XMin float64 `xml:"xMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMin float64 `xml:"yMin,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

// overlaps tells that two words share more than the slack that their boxes have around the ink.
func (w word) overlaps(o word) bool {
	const dx, dy = 0.6, 3.2
	return w.XMin+dx < o.XMax && o.XMin+dx < w.XMax && w.YMin+dy < o.YMax && o.YMin+dy < w.YMax
}

// words asks poppler where each word of each page stands.
func words(tb testing.TB, pdf []byte) [][]word {
	tb.Helper()
	var doc struct {
		Pages []struct {
			Words []word `xml:"word"`
		} `xml:"body>doc>page"`
	}
	out := poppler(tb, pdf, "pdftotext", "-enc", "UTF-8", "-bbox", "PDF", "-")
	if err := xml.NewDecoder(strings.NewReader(out)).Decode(&doc); err != nil {
		tb.Fatal(err)
	}
	var pages [][]word
	for _, p := range doc.Pages {
		pages = append(pages, p.Words)
	}
	return pages
}

// TestPlacement checks that every word stands within the margins and on no other, in the sample and in a chart full of
// texts that fit nowhere.
func TestPlacement(t *testing.T) {
	crowded := sample()
	overlong(reflect.ValueOf(&crowded).Elem())
	for name, c := range map[string]chart.Chart{"sample": sample(), "long": long(12), "crowded": crowded} {
		t.Run(name, func(t *testing.T) {
			pdf, pages := render(t, c)
			all := words(t, pdf)
			if len(all) != pages {
				t.Fatalf("%d pages, want %d", len(all), pages)
			}
			for i, page := range all {
				for j, w := range page {
					// Advances are rounded to a thousandth of an em: half a point on a line at most.
					if w.XMin < typeset.Left-0.5 || w.XMax > typeset.Right+0.5 || w.YMin < 30 || w.YMax > typeset.PageHeight-30 {
						t.Errorf("page %d: %q stands at %.1f–%.1f × %.1f–%.1f", i+1, w.Text, w.XMin, w.XMax, w.YMin, w.YMax)
					}
					for _, o := range page[:j] {
						if w.overlaps(o) {
							t.Errorf("page %d: %q stands on %q", i+1, w.Text, o.Text)
						}
					}
				}
			}
		})
	}
}

// overlong makes every text of a chart one that fits nowhere, but for what selects a way of printing.
func overlong(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			overlong(v.Elem())
		}
	case reflect.Struct:
		if _, isTime := v.Interface().(time.Time); isTime {
			return
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "PublicURL" && name != "VerificationCode" {
				overlong(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			overlong(v.Index(i))
		}
	case reflect.String:
		v.SetString(v.String() + strings.Repeat("WÑ", 60) + " y más palabras de relleno")
	}
}
