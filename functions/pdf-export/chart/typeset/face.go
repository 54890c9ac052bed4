// Package typeset lays out text, fields and tables on A4 pages of a PDF.
package typeset

import (
	_ "embed" // for the typefaces
	"fmt"
	"sync"

	"github.com/signintech/gopdf"
)

//go:embed font/HCESans-Regular.ttf
var regularTTF []byte

//go:embed font/HCESans-Bold.ttf
var boldTTF []byte

// face is one weight of the typeface with the advance of every character it has. It is read-only once loaded, so that
// documents composed at the same time share it.
type face struct {
	// family is the PDF font name: the six letters mark an embedded subset (ISO 32000-1, 9.6.4).
	family string
	// advances holds 1 + the advance in thousandths of an em, by the two bytes of the rune; 0 means no glyph.
	advances [256]*[256]uint16
}

// typeface is the pair of weights of a document, with gopdf's own parsed copies of them.
type typeface struct {
	container     *gopdf.FontContainer
	regular, bold *face
}

// loadTypeface parses the embedded fonts at first use; gopdf would otherwise parse them again for each document.
var loadTypeface = sync.OnceValues(func() (*typeface, error) {
	t := &typeface{container: &gopdf.FontContainer{}}
	var err error
	if t.regular, err = t.load("HCEREG+HCESans-Regular", regularTTF); err != nil {
		return nil, err
	}
	if t.bold, err = t.load("HCEBLD+HCESans-Bold", boldTTF); err != nil {
		return nil, err
	}
	return t, nil
})

func (t *typeface) load(family string, ttf []byte) (*face, error) {
	if err := t.container.AddTTFFontData(family, ttf); err != nil {
		return nil, fmt.Errorf("parse font %s: %w", family, err)
	}
	// The container does not give its parsed fonts back, hence a second parse for the advances.
	var font gopdf.SubsetFontObj
	if err := font.SetTTFData(ttf); err != nil {
		return nil, fmt.Errorf("parse font %s: %w", family, err)
	}
	f := &face{family: family}
	cmap := font.GetTTFParser()
	for segment, start := range cmap.StartCount {
		end := min(cmap.EndCount[segment], 0xFFFE) // the last segment is the mandatory 0xFFFF
		for r := rune(start); r <= rune(end); r++ {
			glyph, err := font.CharCodeToGlyphIndex(r)
			if err != nil || glyph == 0 {
				continue
			}
			page := f.advances[r>>8]
			if page == nil {
				page = new([256]uint16)
				f.advances[r>>8] = page
			}
			page[r&0xFF] = 1 + uint16(font.GlyphIndexToPdfWidth(glyph))
		}
	}
	return f, nil
}

// has tells whether the face can show r.
func (f *face) has(r rune) bool {
	return r >= 0 && r <= 0xFFFF && f.advances[r>>8] != nil && f.advances[r>>8][r&0xFF] != 0
}

// advance is the width of r in thousandths of an em, 0 for what the face lacks.
func (f *face) advance(r rune) int {
	if !f.has(r) {
		return 0
	}
	return int(f.advances[r>>8][r&0xFF]) - 1
}

// width is the length of text in points when set at size points.
func (f *face) width(text string, size float64) float64 {
	total := 0
	for _, r := range text {
		total += f.advance(r)
	}
	return float64(total) * size / 1000
}
