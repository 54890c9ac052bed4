package typeset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/signintech/gopdf"
)

// A4 and its margins, in points (1/72 inch). What lies outside Top and Bottom belongs to the running header and footer.
const (
	PageWidth  = 595.28
	PageHeight = 841.89
	Left       = 51.0
	Right      = PageWidth - 51.0
	Top        = 66.0
	Bottom     = PageHeight - 66.0
)

// MaxPages bounds the memory that one document can take: gopdf keeps every page until the end, about 60 kB of it.
const MaxPages = 1000

// ErrTooLong is the answer to content that would not fit on MaxPages.
var ErrTooLong = fmt.Errorf("document longer than %d pages", MaxPages)

// Color is an RGB colour.
type Color struct{ R, G, B uint8 }

// Style is how a run of text looks; Size and Leading (from baseline to baseline) are in points.
type Style struct {
	Size, Leading float64
	Bold          bool
	Color         Color
}

// Info is what the PDF says about itself.
type Info struct {
	Title, Author, Subject, Producer string
	Created                          time.Time
}

// Sheet is a document being composed, from the top of its first page downwards. Its methods do nothing after the first
// error, which Finish returns. A Sheet is used by one goroutine; several Sheets may be composed at once.
type Sheet struct {
	pdf     gopdf.GoPdf
	faces   *typeface
	missing map[rune]int
	pages   int
	y       float64 // top of what comes next
	left    float64 // the column that text goes into
	right   float64
	rails   []rail
	held    []held
	style   Style // what gopdf was told last
	lines   []string
	err     error
}

// New begins a document with an empty first page.
func New(info Info) (*Sheet, error) {
	faces, err := loadTypeface()
	if err != nil {
		return nil, err
	}
	s := &Sheet{faces: faces, missing: map[rune]int{}, left: Left, right: Right}
	s.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: PageWidth, H: PageHeight}})
	s.pdf.SetCompressLevel(compression)
	s.pdf.SetInfo(gopdf.PdfInfo{
		Title: s.oneLine(info.Title), Author: s.oneLine(info.Author), Subject: s.oneLine(info.Subject),
		Producer: s.oneLine(info.Producer), CreationDate: info.Created,
	})
	for _, f := range []*face{faces.regular, faces.bold} {
		if err := s.pdf.AddTTFFontFromFontContainer(f.family, faces.container); err != nil {
			return nil, fmt.Errorf("use font %s: %w", f.family, err)
		}
	}
	s.NewPage()
	return s, s.err
}

// compression is the zlib level of the pages: 1 costs a third of the time of 6, for files a fifth larger.
const compression = 1

// NewPage goes to the top of a new page.
func (s *Sheet) NewPage() {
	if s.err != nil {
		return
	}
	if s.pages == MaxPages {
		s.err = ErrTooLong
		return
	}
	s.closeRails()
	s.pdf.AddPage()
	s.pdf.SetLineWidth(0.5) // gopdf finds a page again only if there is something on it
	s.pages++
	s.y = Top
	for i := range s.rails {
		s.rails[i].from = s.y
	}
}

// Need goes to a new page unless height points are left on this one.
func (s *Sheet) Need(height float64) {
	if s.y+height > Bottom && s.y > Top {
		s.NewPage()
	}
}

// Fits reports whether height points are left on this page.
func (s *Sheet) Fits(height float64) bool { return s.y+height <= Bottom }

// held is a heading that waits for what it stands over.
type held struct {
	above, height float64
	draw          func()
}

// Hold draws something of a known height, with space above it, together with whatever comes next: a heading is never
// left alone at the foot of a page. Several may wait at once.
func (s *Sheet) Hold(above, height float64, draw func()) {
	s.held = append(s.held, held{above, height, draw})
}

// begin makes room for content that needs height points, and draws the headings that waited for it.
func (s *Sheet) begin(height float64) {
	waiting := s.held
	s.held = nil
	for _, h := range waiting {
		height += h.above + h.height
	}
	s.Need(height)
	for _, h := range waiting {
		s.Space(h.above)
		h.draw()
	}
}

// Space leaves height points free under what was drawn, but none at the top of a page or over a heading that waits.
func (s *Sheet) Space(height float64) {
	if s.y > Top && len(s.held) == 0 {
		s.y += height
	}
}

// Y is the distance from the top of the page to what comes next.
func (s *Sheet) Y() float64 { return s.y }

// SetY makes what comes next begin y points from the top of the page.
func (s *Sheet) SetY(y float64) { s.y = y }

// Width is that of the current column.
func (s *Sheet) Width() float64 { return s.right - s.left }

// Bookmark makes an entry in the outline of the document that leads here.
func (s *Sheet) Bookmark(title string) {
	if s.err != nil {
		return
	}
	s.pdf.SetXY(s.left, s.y)
	s.pdf.AddOutlineWithPosition(s.oneLine(title))
}

// Finish calls stamp once for each page, to draw its running header and footer with the number of pages now known,
// writes the document and returns the number of its pages.
func (s *Sheet) Finish(w io.Writer, stamp func(page, pages int)) (int, error) {
	s.begin(0)
	if s.err != nil {
		return 0, s.err
	}
	for page := 1; page <= s.pages; page++ {
		if err := s.pdf.SetPage(page); err != nil {
			return 0, fmt.Errorf("stamp page %d: %w", page, err)
		}
		stamp(page, s.pages)
	}
	if s.err != nil {
		return 0, s.err
	}
	// gopdf drops the errors of the writer: the buffered one remembers them.
	out := bufio.NewWriterSize(w, 32<<10)
	_, err := s.pdf.WriteTo(out)
	if err := errors.Join(err, out.Flush()); err != nil {
		return 0, fmt.Errorf("write pdf: %w", err)
	}
	return s.pages, nil
}
