package typeset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wrap appends to lines the lines of text when set at size points in a column of width points. Newlines are kept, lines
// break after spaces or between letters around a hyphen or slash (never inside 120/80 or a date), and a word longer
// than the column is cut where it must be. Nothing is lost but the spaces that a line break replaces.
func (f *face) wrap(lines []string, text string, size, width float64) []string {
	limit := int(width * 1000 / size)
	for {
		paragraph, rest, more := strings.Cut(text, "\n")
		lines = f.wrapParagraph(lines, paragraph, limit)
		if !more {
			return lines
		}
		text = rest
	}
}

// wrapParagraph does the work of wrap on a text without newlines; limit is in thousandths of an em.
func (f *face) wrapParagraph(lines []string, text string, limit int) []string {
	var (
		start    int       // where the current line begins
		used     int       // its width so far
		inked    bool      // it holds something other than spaces
		end      int       // where it would end at the last opportunity to break
		next     = -1      // where the next line would begin then, -1 without opportunity
		usedNext int       // the width up to next
		previous rune = -1 // the rune before
	)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		advance := f.advance(r)
		if r == ' ' {
			if inked && previous != ' ' {
				end = i
			}
			i += size
			used += advance
			if inked {
				next, usedNext = i, used
			}
			previous = r
			continue
		}
		if used+advance > limit && i > start {
			if next > start {
				lines = append(lines, text[start:end])
				start, used = next, used-usedNext
			} else {
				lines = append(lines, text[start:i])
				start, used = i, 0
			}
			inked, next = start < i, -1
			continue
		}
		i += size
		used += advance
		inked = true
		if (r == '-' || r == '/') && unicode.IsLetter(previous) && letterAt(text, i) {
			end, next, usedNext = i, i, used
		}
		previous = r
	}
	return append(lines, text[start:])
}

func letterAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return unicode.IsLetter(r)
}

// elide shortens text to one line of width points, with an ellipsis where something is left out.
func (f *face) elide(text string, size, width float64) string {
	if f.width(text, size) <= width+0.01 {
		return text
	}
	limit := int(width*1000/size) - f.advance('…')
	used := 0
	for i, r := range text {
		if used += f.advance(r); used > limit {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}
