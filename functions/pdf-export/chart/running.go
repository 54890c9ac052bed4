package chart

import "hce.co/functions/pdf-export/chart/typeset"

// stamp draws the running header and the footer of a page. The first page has the letterhead for a header.
func (p *printer) stamp(page, pages int) {
	head := typeset.Style{Size: 7.8, Leading: 10, Color: muted}
	if page > 1 {
		bold := head
		bold.Bold, bold.Color = true, ink
		patient := join(" · ", p.chart.Patient.document(), p.chart.Patient.fullName())
		// The patient comes first: the institution gets what is left of the line.
		middle := max(typeset.Right-p.TextWidth(patient, bold), typeset.Left+(typeset.Right-typeset.Left)*0.3)
		p.Line(36, middle, typeset.Right, patient, bold, typeset.AlignRight)
		p.Line(36, typeset.Left, middle-12, join(" · ", "Historia clínica", p.chart.Institution.Name), head, typeset.AlignLeft)
		p.Rule(49, typeset.Left, typeset.Right, 0.6, accent)
	}

	foot := typeset.Style{Size: 7, Leading: 9.4, Color: muted}
	y := typeset.Bottom + 16.0
	p.Rule(y-5, typeset.Left, typeset.Right, 0.4, hairline)
	d := &p.chart.Document
	right := typeset.Right - 80
	p.Line(y, typeset.Left, right, join(" · ", prefixed("Generado ", instant(d.GeneratedAt)),
		prefixed("Código de verificación ", d.VerificationCode)), foot, typeset.AlignLeft)
	p.Line(y+foot.Leading, typeset.Left, right, prefixed("Compruebe este documento en ", d.shortURL()), foot, typeset.AlignLeft)
	bold := foot
	bold.Size, bold.Bold, bold.Color = 8, true, ink
	p.Line(y, right, typeset.Right, pageOf(page, pages), bold, typeset.AlignRight)
}
