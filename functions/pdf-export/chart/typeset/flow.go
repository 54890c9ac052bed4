package typeset

import "strings"

// Text sets a paragraph in the current column over as many pages as it takes. Of a paragraph that goes over to the next
// page at least two lines stay together on either side.
func (s *Sheet) Text(text string, style Style) {
	s.column(s.Clean(text), style, s.left, s.right, AlignLeft)
}

// TextAligned is Text with an alignment.
func (s *Sheet) TextAligned(text string, style Style, a Align) {
	s.column(s.Clean(text), style, s.left, s.right, a)
}

// TextIn is Text in a column of its own, from left to right.
func (s *Sheet) TextIn(text string, style Style, left, right float64) {
	s.column(s.Clean(text), style, left, right, AlignLeft)
}

func (s *Sheet) column(text string, style Style, left, right float64, a Align) {
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	lines := s.face(style).wrap(s.lines[:0], text, style.Size, right-left)
	s.lines = lines
	s.begin(float64(keep(len(lines))) * style.Leading)
	for len(lines) > 0 && s.err == nil {
		fit := s.fit(len(lines), style.Leading)
		for _, line := range lines[:fit] {
			s.put(s.align(line, style, a, left, right), s.y+baseline(style), line, style)
			s.y += style.Leading
		}
		if lines = lines[fit:]; len(lines) > 0 {
			s.NewPage()
		}
	}
}

// fit is how many of n lines to set on this page: all, or as many as leave neither a single first line at its foot nor
// a single last line on the next page.
func (s *Sheet) fit(n int, leading float64) int {
	room := int((Bottom - s.y + 0.01) / leading)
	if n <= room {
		return n
	}
	if room == n-1 {
		room--
	}
	if room < keep(n) && s.y > Top {
		return 0
	}
	return max(room, 1)
}

// keep is how many of the first lines of a paragraph of n stay together.
func keep(n int) int {
	if n <= 3 {
		return n
	}
	return 2
}
