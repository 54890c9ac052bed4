package chart

import "hce.co/functions/pdf-export/chart/typeset"

// One accent colour, dark enough to print as black; everything it marks is also marked by weight, rule or sign.
var (
	accent   = typeset.Color{R: 23, G: 78, B: 112}
	ink      = typeset.Color{R: 24, G: 28, B: 32}
	muted    = typeset.Color{R: 92, G: 99, B: 106}
	hairline = typeset.Color{R: 200, G: 206, B: 211}
	band     = typeset.Color{R: 237, G: 242, B: 246}
	paper    = typeset.Color{R: 255, G: 255, B: 255}
)

// The scale of type, in points.
var (
	title     = typeset.Style{Size: 21, Leading: 26, Bold: true, Color: ink}
	name      = typeset.Style{Size: 13, Leading: 17, Bold: true, Color: ink}
	h1        = typeset.Style{Size: 12.5, Leading: 16, Bold: true, Color: accent}
	h2        = typeset.Style{Size: 10.5, Leading: 14, Bold: true, Color: ink}
	h3        = typeset.Style{Size: 8.8, Leading: 12, Bold: true, Color: accent}
	body      = typeset.Style{Size: 9.4, Leading: 13, Color: ink}
	strong    = typeset.Style{Size: 9.4, Leading: 13, Bold: true, Color: ink}
	value     = typeset.Style{Size: 9, Leading: 11.6, Color: ink}
	label     = typeset.Style{Size: 7.1, Leading: 9.2, Color: muted}
	small     = typeset.Style{Size: 7.4, Leading: 9.8, Color: muted}
	tableHead = typeset.Style{Size: 7.4, Leading: 9, Bold: true, Color: accent}
	tableBody = typeset.Style{Size: 8.4, Leading: 10.8, Color: ink}
	inverted  = typeset.Style{Size: 9.4, Leading: 13, Bold: true, Color: paper}
)
