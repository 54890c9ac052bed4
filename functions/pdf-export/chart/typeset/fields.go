package typeset

import "strings"

// Field is a value under its label. One without value is left out.
type Field struct {
	Label, Value string
	// Span is how many columns of the grid it takes, 1 when it is 0.
	Span int
}

// Grid is how labelled values are set side by side.
type Grid struct {
	Columns      int
	Label, Value Style
	// Gap is the space between columns and Below the space under each row, in points.
	Gap, Below float64
}

// longField is the number of lines from which a value gets the whole width and may go over to the next page.
const longField = 8

// placed is a field on its way to the page.
type placed struct {
	label       string
	lines       []string
	left, width float64
}

// Fields sets labelled values row by row; a row stays on one page.
func (s *Sheet) Fields(g Grid, fields []Field) {
	width := (s.Width() - g.Gap*float64(g.Columns-1)) / float64(g.Columns)
	var row []placed
	used := 0
	for _, f := range fields {
		value := strings.Trim(s.Clean(f.Value), " \n")
		if value == "" {
			continue
		}
		span := min(max(f.Span, 1), g.Columns)
		if used+span > g.Columns {
			s.fieldRow(g, row)
			row, used = row[:0], 0
		}
		p := placed{
			label: s.oneLine(f.Label),
			left:  s.left + float64(used)*(width+g.Gap),
			width: width*float64(span) + g.Gap*float64(span-1),
		}
		p.lines = s.face(g.Value).wrap(nil, value, g.Value.Size, p.width)
		if len(p.lines) > longField {
			s.fieldRow(g, row)
			row, used = row[:0], 0
			s.longField(g, p.label, value)
			continue
		}
		row, used = append(row, p), used+span
	}
	s.fieldRow(g, row)
}

func (s *Sheet) fieldRow(g Grid, row []placed) {
	if len(row) == 0 {
		return
	}
	height := 0.0
	for _, p := range row {
		height = max(height, g.Label.Leading+float64(len(p.lines))*g.Value.Leading)
	}
	s.begin(height)
	for _, p := range row {
		s.put(p.left, s.y+baseline(g.Label), s.face(g.Label).elide(p.label, g.Label.Size, p.width), g.Label)
		for i, line := range p.lines {
			s.put(p.left, s.y+g.Label.Leading+float64(i)*g.Value.Leading+baseline(g.Value), line, g.Value)
		}
	}
	s.y += height + g.Below
}

func (s *Sheet) longField(g Grid, label, value string) {
	s.begin(g.Label.Leading + 2*g.Value.Leading)
	s.put(s.left, s.y+baseline(g.Label), label, g.Label)
	s.y += g.Label.Leading
	s.column(value, g.Value, s.left, s.right, AlignLeft)
	s.y += g.Below
}
