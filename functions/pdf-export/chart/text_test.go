package chart_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hce.co/functions/pdf-export/chart"
)

// longText is so many numbered words with paragraphs, so that one that is lost can be named.
func longText(words int) string {
	var b strings.Builder
	for i := range words {
		fmt.Fprintf(&b, "p%dñ", i)
		switch {
		case i%97 == 96:
			b.WriteString("\n\n")
		case i%41 == 40:
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func TestLongTextLosesNothing(t *testing.T) {
	text, word := longText(12_000), strings.Repeat("Ⅴaβ7", 1500)
	for name, set := range map[string]func(c *chart.Chart, text string){
		"section":      func(c *chart.Chart, text string) { c.Notes[0].Sections.MedicalProgress = text },
		"addendum":     func(c *chart.Chart, text string) { c.Notes[0].Addenda = []chart.Addendum{{Text: text}} },
		"field":        func(c *chart.Chart, text string) { c.Patient.Address = text },
		"table":        func(c *chart.Chart, text string) { c.Medications[0].Frequency = text },
		"result":       func(c *chart.Chart, text string) { c.Results[0].Value = text },
		"comment":      func(c *chart.Chart, text string) { c.Results[0].Comment = text },
		"cover":        func(c *chart.Chart, text string) { c.Document.Reason = text },
		"annulment":    func(c *chart.Chart, text string) { c.Notes[0].Annulment.Reason = text },
		"allergy":      func(c *chart.Chart, text string) { c.Allergies[0].Reaction = text },
		"professional": func(c *chart.Chart, text string) { c.Notes[1].Signature.Author.Name = text },
	} {
		t.Run(name, func(t *testing.T) {
			c := sample()
			set(&c, text)
			pdf, pages := render(t, c)
			body := bodyText(t, pdf)
			if slices.Contains([]string{"table", "allergy", "result", "comment"}, name) {
				// In a table its head comes between the parts on each page: look word for word.
				words := map[string]bool{}
				for _, w := range strings.Fields(body) {
					words[w] = true
				}
				for _, w := range strings.Fields(text) {
					if !words[w] {
						t.Fatalf("%s is lost on %d pages", w, pages)
					}
				}
			} else if !strings.Contains(squeeze(body), squeeze(text)) {
				t.Errorf("the text is not whole on its %d pages", pages)
			}
		})
	}
	c := sample()
	c.Notes[0].Sections.MedicalProgress = word
	pdf, _ := render(t, c)
	if !strings.Contains(squeeze(bodyText(t, pdf)), strings.ReplaceAll(word, "Ⅴ", "□")) {
		t.Error("a word longer than a page is not whole")
	}
}

func TestNewlinesAreKept(t *testing.T) {
	c := sample()
	c.Notes[0].Sections.MedicalProgress = "Uno\r\nDos\rTres\n\n  Cuatro\tfin"
	pdf, _ := render(t, c)
	body := bodyText(t, pdf)
	if !strings.Contains(body, "Uno\nDos\nTres\n") || !strings.Contains(body, "Cuatro fin") {
		t.Errorf("lines are not those of the text:\n%s", body)
	}
}

func TestUnprintableTextIsVisible(t *testing.T) {
	c := sample()
	c.Patient.FirstName = "Li\u202eu\x00\x07z \xff\xfe李 🙂🙂 Dvořák Ångström Ελένη Иван n\u0303andu\u0301"
	pdf, _ := render(t, c)
	body := bodyText(t, pdf)
	for _, want := range []string{"Liuz □□□ □□ Dvořák Ångström Ελένη Иван ñandú", "U+674E", "U+1F642", "veces", "U+FFFD"} {
		if !strings.Contains(squeeze(body), squeeze(want)) {
			t.Errorf("%q is not on paper:\n%s", want, body)
		}
	}
}

// TestNoHeadingAloneAtTheFoot renders many notes of different lengths and looks at the last line of each page.
func TestNoHeadingAloneAtTheFoot(t *testing.T) {
	titles := map[string]bool{"Notas clínicas": true, "Resultados": true, "Admisiones": true, "Lista de problemas": true, "Prescripciones": true,
		"Diagnósticos (CIE-10)": true, "Firma electrónica": true, "Signos vitales": true, "Enfermedad actual": true,
		"Evolución médica": true, "Conducta y plan de manejo": true}
	c := long(0)
	template := c.Notes[1]
	for i := range 120 {
		n := template
		n.CareAt = template.CareAt.Add(time.Duration(i) * time.Hour)
		line := "Línea de texto que no llega al margen.\n"
		n.Sections = chart.Sections{PresentIllness: strings.Repeat(line, i%11+1), MedicalProgress: strings.Repeat(line, i%7+1),
			ManagementPlan: strings.Repeat(line, i%5+1)}
		c.Notes = append(c.Notes, n)
	}
	pdf, pages := render(t, c)
	if pages < 60 {
		t.Fatalf("%d pages are too few to tell", pages)
	}
	for i, page := range strings.Split(bodyText(t, pdf), "\f") {
		lines := strings.Split(strings.TrimSpace(page), "\n")
		last := lines[len(lines)-1]
		if titles[last] || strings.HasPrefix(last, "Nota de") || strings.HasPrefix(last, "Código Descripción") || strings.HasPrefix(last, "Medicamento ") {
			t.Errorf("page %d ends with a heading: %q", i+1, last)
		}
	}
}
