package chart

import (
	"fmt"
	"io"
	"strings"

	"hce.co/functions/pdf-export/chart/typeset"
)

// ErrTooLong is the error of Render for a chart that does not fit on typeset.MaxPages: ask for a shorter period.
var ErrTooLong = typeset.ErrTooLong

// producer is what made the PDF, as its metadata says.
const producer = "HCE"

// Render writes c as a PDF and returns the number of its pages. It does no I/O but to w, reads no clock, and writes the
// same bytes for the same chart. Any text is safe: see typeset.Sheet.Clean for what becomes of characters that cannot
// be printed. Its errors are ErrTooLong, a verification address too long for a QR code, and those of w.
func Render(w io.Writer, c Chart) (pages int, err error) {
	s, err := typeset.New(typeset.Info{
		Title:    join(" · ", "Historia clínica", c.Patient.document(), c.Patient.fullName()),
		Author:   c.Institution.Name,
		Subject:  c.subtitle(),
		Producer: producer,
		Created:  c.Document.GeneratedAt.In(bogota),
	})
	if err != nil {
		return 0, fmt.Errorf("render chart: %w", err)
	}
	p := &printer{Sheet: s, chart: &c}
	if err := p.cover(); err != nil {
		return 0, fmt.Errorf("render chart: %w", err)
	}
	p.allergies()
	p.identification()
	p.medications()
	p.problems()
	p.admissions()
	p.notes()
	p.results()
	p.end()
	pages, err = s.Finish(w, p.stamp)
	if err != nil {
		return 0, fmt.Errorf("render chart: %w", err)
	}
	return pages, nil
}

// printer puts a chart on a sheet.
type printer struct {
	*typeset.Sheet
	chart *Chart
	// fresh is true from the title of a section to its first heading, which stands close to it.
	fresh bool
}

// full tells that the document claims to hold everything, so that an empty section must say that it is.
func (p *printer) full() bool {
	kind := p.chart.Document.Kind
	return kind == "" || kind == KindFull
}

// section begins a part of the record.
func (p *printer) section(title string) {
	height := h1.Leading + 7
	p.Hold(16, height, func() {
		p.Bookmark(title)
		p.Line(p.Y(), typeset.Left, typeset.Right, title, h1, typeset.AlignLeft)
		p.Rule(p.Y()+h1.Leading+1, typeset.Left, typeset.Right, 1, accent)
		p.SetY(p.Y() + height)
	})
	p.fresh = true
}

// heading is the band that begins an admission or a note: a title on the left, the rest on the right.
func (p *printer) heading(title string, details ...string) {
	const height = 20
	above := 12.0
	if p.fresh {
		above, p.fresh = 0, false
	}
	right := h2
	right.Bold, right.Size, right.Color = false, 8.6, muted
	text := join(" · ", details...)
	p.Hold(above, height+6, func() {
		p.Bookmark(join(" · ", title, text))
		p.Fill(typeset.Left, p.Y(), typeset.Right-typeset.Left, height, band)
		p.Fill(typeset.Left, p.Y(), 3, height, accent)
		y := p.Y() + (height-h2.Leading)/2
		edge := typeset.Right - 8 - min(p.TextWidth(text, right), 280)
		p.Line(y, typeset.Left+10, edge-10, title, h2, typeset.AlignLeft)
		p.Line(y, edge, typeset.Right-8, text, right, typeset.AlignRight)
		p.SetY(p.Y() + height + 6)
	})
}

// banner is a dark bar that cannot be overlooked, in black and white too.
func (p *printer) banner(text string, below float64) {
	const height = 18
	p.Hold(0, height+below, func() {
		p.Fill(typeset.Left, p.Y(), typeset.Right-typeset.Left, height, ink)
		p.Line(p.Y()+(height-inverted.Leading)/2, typeset.Left+10, typeset.Right-8, text, inverted, typeset.AlignLeft)
		p.SetY(p.Y() + height + below)
	})
}

// subsection is a title within a section or note.
func (p *printer) subsection(title string) {
	p.Hold(5, h3.Leading+1, func() {
		p.Line(p.Y(), typeset.Left, typeset.Right, title, h3, typeset.AlignLeft)
		p.SetY(p.Y() + h3.Leading + 1)
	})
}

// table draws a table in the style of the record.
func (p *printer) table(columns []typeset.Column, rows [][]typeset.Cell) {
	p.Table(typeset.Table{Columns: columns, Rows: rows, Head: tableHead, Body: tableBody, Line: accent, Hairline: hairline})
	p.SetY(p.Y() + 4)
}

// fields draws labelled values in so many columns.
func (p *printer) fields(columns int, fields ...typeset.Field) {
	p.Fields(typeset.Grid{Columns: columns, Label: label, Value: value, Gap: 14, Below: 3.5}, fields)
}

// end closes the record, with what could not be printed. A page is not begun
// for the closing line alone.
func (p *printer) end() {
	if missing := p.MissingRunes(); len(missing) > 0 {
		p.Space(14)
		p.Text(missingNotice(missing), small)
	}
	if !p.Fits(14 + small.Leading) {
		return
	}
	p.Space(14)
	p.TextAligned("Fin del documento", small, typeset.AlignCenter)
}

// missingNotice tells which characters stand behind the replacement sign; a long list is cut after fifty.
func missingNotice(missing []typeset.MissingRune) string {
	var b strings.Builder
	fmt.Fprintf(&b, "El signo %c ocupa el lugar de caracteres que la tipografía de este documento no tiene:", typeset.Missing)
	for i, m := range missing {
		if i == 50 {
			fmt.Fprintf(&b, " y %d más", len(missing)-i)
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %U", m.Rune)
		if m.Count > 1 {
			fmt.Fprintf(&b, " (%d veces)", m.Count)
		}
	}
	return b.String() + ". El registro electrónico los conserva."
}
