package component

import (
	"fmt"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// QR is a text as a QR code (ISO/IEC 18004, correction level M), drawn for a
// phone's camera. The zero QR draws nothing; what it holds stands beside it, to
// be read or typed.
type QR struct {
	Side int // modules, with the quiet zone of four at each side
	Dark string
}

// NewQR encodes a text; the zero QR for one too long for any code.
func NewQR(text string) QR {
	code, err := qrcode.New(text, qrcode.Medium)
	if text == "" || err != nil {
		return QR{}
	}
	modules := code.Bitmap()
	var path strings.Builder
	for y, row := range modules {
		for x := 0; x < len(row); x++ {
			run := 0
			for x+run < len(row) && row[x+run] {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x, y, run, run)
				x += run
			}
		}
	}
	return QR{Side: len(modules), Dark: path.String()}
}

func (q QR) viewBox() string { return fmt.Sprintf("0 0 %d %d", q.Side, q.Side) }
