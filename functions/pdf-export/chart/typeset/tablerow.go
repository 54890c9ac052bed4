package typeset

func (s *Sheet) tableHead(l *tableLayout) {
	for i, lines := range l.head {
		// Titles stand on the rule, not at the top, when their numbers of lines differ.
		y := s.y + cellPad + float64(l.headLines-len(lines))*l.Head.Leading
		p := l.columns[i]
		for _, line := range lines {
			s.put(s.align(line, l.Head, p.align, p.left, p.right), y+baseline(l.Head), line, l.Head)
			y += l.Head.Leading
		}
	}
	s.y += l.headHeight()
	s.Rule(s.y-0.8, s.left, s.right, 0.8, l.Line)
}

// tableRow draws a row with room for follow points under it, on the next page if need be, and cuts one that is too tall
// to move.
func (s *Sheet) tableRow(l *tableLayout, row *tableRow, follow float64) {
	whole := l.height(row.tallest) <= s.splitAt()
	for done := 0; done < row.tallest && s.err == nil; {
		left := row.tallest - done
		fit := min(left, int((Bottom-s.y-2*cellPad+0.01)/l.Body.Leading))
		crowded := fit < left && (whole || fit < 2) || fit == left && s.y+l.height(left)+follow > Bottom
		if crowded && s.y > Top+l.headHeight()+0.01 {
			s.NewPage()
			s.tableHead(l)
			continue
		}
		fit = max(fit, 1)
		s.tableLines(l, row, done, done+fit)
		done += fit
	}
}

func (s *Sheet) tableLines(l *tableLayout, row *tableRow, from, to int) {
	for i, p := range row.places {
		style := l.Body
		style.Bold = i < len(row.cells) && row.cells[i].Bold
		lines := row.lines[i]
		for j := from; j < min(to, len(lines)); j++ {
			x := s.align(lines[j], style, p.align, p.left, p.right)
			s.put(x, s.y+cellPad+float64(j-from)*l.Body.Leading+baseline(style), lines[j], style)
		}
	}
	s.y += l.height(to - from)
}
