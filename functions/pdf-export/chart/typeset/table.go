package typeset

import "strings"

// Column is one of a table: its title, which may have several lines, and its share of the width.
type Column struct {
	Title string
	Share float64
	Align Align
}

// Cell is a text in a table.
type Cell struct {
	Text string
	Bold bool
}

// Table is rows under a head that is repeated on each page. Rows are as tall as their content; one that is taller than
// half a page goes over to the next. A row of a single cell spans all columns and belongs to the row above it.
type Table struct {
	Columns []Column
	Rows    [][]Cell
	Head    Style
	Body    Style
	// Note is a text under the last row, on the same page.
	Note      string
	NoteStyle Style
	// Line is the colour of the rules under the head, Hairline of those between rows.
	Line, Hairline Color
}

const (
	cellGap = 5.0 // between columns
	cellPad = 2.2 // above and below the text of a row
)

// tableLayout is a table with its columns placed on the sheet.
type tableLayout struct {
	Table
	columns   []place
	span      []place // the one column of a spanning row
	head      [][]string
	headLines int
}

// place is where a column stands.
type place struct {
	left, right float64
	align       Align
}

// tableRow is a row with its cells broken into lines.
type tableRow struct {
	cells   []Cell
	places  []place
	lines   [][]string
	tallest int
}

// Table draws t in the current column.
func (s *Sheet) Table(t Table) {
	if len(t.Rows) == 0 {
		return
	}
	l := s.layout(t)
	var row, next tableRow // their slices are used again for each row
	s.wrapRow(l, t.Rows[0], &row)
	for i := range t.Rows {
		if s.err != nil {
			return
		}
		follow := 0.0 // what must stay on the page under this row
		spanned := i+1 < len(t.Rows) && l.spans(t.Rows[i+1])
		if i+1 < len(t.Rows) {
			s.wrapRow(l, t.Rows[i+1], &next)
		}
		switch {
		case spanned:
			follow = float64(min(next.tallest, 2))*t.Body.Leading + cellPad
		case i == len(t.Rows)-1:
			follow = s.noteHeight(t)
		case i == len(t.Rows)-2 && next.tallest <= longField: // the last row is not left alone on a page
			follow = l.height(next.tallest) + s.noteHeight(t)
		}
		if i == 0 {
			s.begin(l.headHeight() + min(l.height(row.tallest), s.splitAt()) + follow)
			s.tableHead(l)
		}
		s.tableRow(l, &row, follow)
		if !spanned {
			s.Rule(s.y-0.3, s.left, s.right, 0.3, t.Hairline)
		}
		row, next = next, row
	}
	s.Rule(s.y-0.3, s.left, s.right, 0.6, t.Line)
	s.y++
	s.Text(t.Note, t.NoteStyle)
}

// noteHeight is how much of the note must stand on the page of the last row.
func (s *Sheet) noteHeight(t Table) float64 {
	if t.Note == "" {
		return 0
	}
	s.lines = s.face(t.NoteStyle).wrap(s.lines[:0], t.Note, t.NoteStyle.Size, s.Width())
	return float64(min(len(s.lines), 5))*t.NoteStyle.Leading + 1
}

// splitAt is the height from which a row is cut rather than moved to the next page.
func (s *Sheet) splitAt() float64 { return (Bottom - Top) / 2 }

func (l *tableLayout) headHeight() float64 {
	return float64(l.headLines)*l.Head.Leading + 2*cellPad
}

func (l *tableLayout) height(lines int) float64 {
	return float64(lines)*l.Body.Leading + 2*cellPad
}

func (l *tableLayout) spans(row []Cell) bool { return len(row) == 1 && len(l.Columns) > 1 }

func (s *Sheet) layout(t Table) *tableLayout {
	l := &tableLayout{Table: t, span: []place{{left: s.left, right: s.right}}}
	total := 0.0
	for _, c := range t.Columns {
		total += c.Share
	}
	space := s.Width() - cellGap*float64(len(t.Columns)-1)
	x := s.left
	for _, c := range t.Columns {
		width := space * c.Share / total
		l.columns = append(l.columns, place{left: x, right: x + width, align: c.Align})
		x += width + cellGap
		lines := s.face(t.Head).wrap(nil, s.Clean(c.Title), t.Head.Size, width)
		l.head = append(l.head, lines)
		l.headLines = max(l.headLines, len(lines))
	}
	return l
}

// wrapRow breaks the cells of a row into lines, in the memory that row already has.
func (s *Sheet) wrapRow(l *tableLayout, cells []Cell, row *tableRow) {
	row.cells, row.places, row.tallest = cells, l.columns, 1
	if l.spans(cells) {
		row.places = l.span
	}
	for len(row.lines) < len(row.places) {
		row.lines = append(row.lines, nil)
	}
	for i, p := range row.places {
		row.lines[i] = row.lines[i][:0]
		if i >= len(cells) || cells[i].Text == "" {
			continue
		}
		style := l.Body
		style.Bold = cells[i].Bold
		text := strings.Trim(s.Clean(cells[i].Text), "\n")
		row.lines[i] = s.face(style).wrap(row.lines[i], text, style.Size, p.right-p.left)
		row.tallest = max(row.tallest, len(row.lines[i]))
	}
}
