package typeset

import (
	"bytes"
	"image"
	"image/png"

	"github.com/signintech/gopdf"
)

// face is that of a style.
func (s *Sheet) face(style Style) *face {
	if style.Bold {
		return s.faces.bold
	}
	return s.faces.regular
}

// put draws a clean line with its baseline at y.
func (s *Sheet) put(x, y float64, text string, style Style) {
	if s.err != nil || text == "" {
		return
	}
	if style.Bold != s.style.Bold || style.Size != s.style.Size {
		if err := s.pdf.SetFontWithStyle(s.face(style).family, gopdf.Regular, style.Size); err != nil {
			s.err = err
			return
		}
	}
	if style.Color != s.style.Color || s.style.Size == 0 {
		s.pdf.SetTextColor(style.Color.R, style.Color.G, style.Color.B)
	}
	s.style = style
	s.pdf.SetXY(x, y)
	if err := s.pdf.Text(text); err != nil {
		s.err = err
	}
}

// baseline is how far below the top of a line its letters stand.
func baseline(style Style) float64 {
	return (style.Leading-style.Size)/2 + 0.84*style.Size
}

// Align is where a line stands in its column.
type Align int

// The three alignments.
const (
	AlignLeft Align = iota
	AlignRight
	AlignCenter
)

// align gives the x of a clean line between left and right.
func (s *Sheet) align(text string, style Style, a Align, left, right float64) float64 {
	switch a {
	case AlignRight:
		return right - s.face(style).width(text, style.Size)
	case AlignCenter:
		return (left + right - s.face(style).width(text, style.Size)) / 2
	default:
		return left
	}
}

// Line draws text on one line between left and right, whose top is y, and elides what does not fit. It does not move
// the place where things come next: headers and footers are made of it.
func (s *Sheet) Line(y, left, right float64, text string, style Style, a Align) {
	text = s.face(style).elide(s.oneLine(text), style.Size, right-left)
	s.put(s.align(text, style, a, left, right), y+baseline(style), text, style)
}

// TextWidth is the width in points of text on one line.
func (s *Sheet) TextWidth(text string, style Style) float64 {
	return s.face(style).width(s.oneLine(text), style.Size)
}

// Fill draws a filled rectangle whose upper left corner is at x, y.
func (s *Sheet) Fill(x, y, width, height float64, color Color) {
	if s.err != nil || width <= 0 || height <= 0 {
		return
	}
	s.pdf.SetFillColor(color.R, color.G, color.B)
	s.pdf.RectFromUpperLeftWithStyle(x, y, width, height, "F")
}

// Rule draws a horizontal line of the given thickness, as a thin filled rectangle so that it needs no stroke state.
func (s *Sheet) Rule(y, left, right, thickness float64, color Color) {
	s.Fill(left, y, right-left, thickness, color)
}

// Image draws a picture as a square of side points.
func (s *Sheet) Image(img image.Image, x, y, side float64) {
	if s.err != nil {
		return
	}
	var encoded bytes.Buffer
	if s.err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&encoded, img); s.err != nil {
		return
	}
	holder, err := gopdf.ImageHolderByBytes(encoded.Bytes())
	if s.err = err; s.err == nil {
		s.err = s.pdf.ImageByHolder(holder, x, y, &gopdf.Rect{W: side, H: side})
	}
}

// rail is a vertical bar beside content, which may go on over several pages.
type rail struct {
	x, width, from float64
	color          Color
}

// Railed draws content indented beside a vertical bar that is as long as the content, on as many pages as it takes. Its
// first need points stay on one page.
func (s *Sheet) Railed(width, gap, need float64, color Color, content func()) {
	s.begin(need)
	left := s.left
	s.rails = append(s.rails, rail{x: left, width: width, from: s.y, color: color})
	s.left += width + gap
	content()
	s.left = left
	last := len(s.rails) - 1
	s.closeRail(s.rails[last])
	s.rails = s.rails[:last]
}

func (s *Sheet) closeRails() {
	for _, r := range s.rails {
		s.closeRail(r)
	}
}

func (s *Sheet) closeRail(r rail) {
	s.Fill(r.x, r.from, r.width, min(s.y, Bottom)-r.from, r.color)
}
