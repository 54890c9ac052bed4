package chart

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	qrcode "github.com/skip2/go-qrcode"

	"hce.co/functions/pdf-export/chart/typeset"
)

const (
	letterheadTop = 42.0
	qrSide        = 84.0
	// qrModule is how many pixels one module of the QR code is wide, for viewers that smooth pictures.
	qrModule = 4
)

// verifyURL is where a printed copy can be checked, empty when the document cannot be.
func (d *Document) verifyURL() string {
	if d.PublicURL == "" || d.VerificationCode == "" {
		return ""
	}
	return strings.TrimRight(d.PublicURL, "/") + "/verificar/" + d.VerificationCode
}

// shortURL is verifyURL without its scheme, as people type it.
func (d *Document) shortURL() string {
	url := d.verifyURL()
	if _, rest, found := strings.Cut(url, "://"); found {
		return rest
	}
	return url
}

// subtitle says what the document holds.
func (c *Chart) subtitle() string {
	what := "Historia completa"
	switch c.Document.Kind {
	case KindEpicrisis:
		what = "Epicrisis"
	case KindNote:
		what = "Nota clínica"
	}
	from, to := c.Document.From.day(), c.Document.To.day()
	switch {
	case from != "" && to != "":
		return what + " · del " + from + " al " + to
	case from != "":
		return what + " · desde el " + from
	case to != "":
		return what + " · hasta el " + to
	}
	return what
}

// cover draws the letterhead, the title, the patient's name and how the document came about.
func (p *printer) cover() error {
	qr, err := p.qr()
	if err != nil {
		return err
	}
	right := typeset.Right
	if qr {
		right -= qrSide + 16
	}
	p.letterhead(right)
	p.patientTitle(right)
	if qr {
		p.SetY(max(p.Y(), letterheadTop+qrSide+18))
	}
	p.SetY(p.Y() + 6)
	d := &p.chart.Document
	p.fields(3,
		typeset.Field{Label: "Generado", Value: instant(d.GeneratedAt)},
		typeset.Field{Label: "Solicitado por", Value: d.RequestedBy},
		typeset.Field{Label: "Solicitado", Value: minute(d.RequestedAt)},
		typeset.Field{Label: "Motivo de la solicitud", Value: d.Reason},
		typeset.Field{Label: "Válido hasta", Value: minute(d.ExpiresAt)},
		typeset.Field{Label: "Código de verificación", Value: d.VerificationCode},
	)
	p.fields(5,
		typeset.Field{Label: "Comprobar este documento en", Value: d.verifyURL(), Span: 3},
		typeset.Field{Label: "Identificador del documento", Value: d.ID, Span: 2},
	)
	p.Text("La historia clínica es un documento privado y sometido a reserva (Resolución 1995 de 1999, artículo 1; Ley 1581 "+
		"de 2012). Las horas son las de la hora legal de Colombia (UTC−05:00).", small)
	return nil
}

func (p *printer) letterhead(right float64) {
	i := &p.chart.Institution
	p.SetY(letterheadTop)
	p.TextIn(i.Name, typeset.Style{Size: 13.5, Leading: 17, Bold: true, Color: accent}, typeset.Left, right)
	line := typeset.Style{Size: 8, Leading: 10.6, Color: muted}
	p.TextIn(join(" · ", prefixed("NIT ", i.NIT), prefixed("Código de habilitación REPS ", i.REPSCode)), line, typeset.Left, right)
	p.TextIn(join(" · ", join(", ", i.Address, i.City), prefixed("Tel. ", i.Phone), i.Email), line, typeset.Left, right)
	p.SetY(p.Y() + 5)
	p.Rule(p.Y(), typeset.Left, right, 1.4, accent)
	p.SetY(p.Y() + 9)
}

func (p *printer) patientTitle(right float64) {
	p.TextIn("Historia clínica", title, typeset.Left, right)
	p.TextIn(p.chart.subtitle(), typeset.Style{Size: 9.5, Leading: 13, Color: muted}, typeset.Left, right)
	p.SetY(p.Y() + 6)
	pt := &p.chart.Patient
	p.TextIn(pt.fullName(), name, typeset.Left, right)
	p.TextIn(join(" · ", pt.document(), pt.age(p.chart.Document.GeneratedAt), biologicalSexes.text(pt.BiologicalSex)),
		typeset.Style{Size: 10, Leading: 14, Color: ink}, typeset.Left, right)
}

// qr draws the code that leads to the verification page in the upper right corner, and tells whether there is one.
func (p *printer) qr() (bool, error) {
	url := p.chart.Document.verifyURL()
	if url == "" {
		return false, nil
	}
	img, err := qrImage(url)
	if err != nil {
		return false, err
	}
	left := typeset.Right - qrSide
	p.Image(img, left, letterheadTop-6, qrSide)
	y := letterheadTop + qrSide - 6
	p.Line(y, left-8, typeset.Right+8, "Verifique este documento", small, typeset.AlignCenter)
	return true, nil
}

// qrImage is the QR code of a text with its quiet zone, one gray byte a pixel.
func qrImage(text string) (*image.Gray, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("encode qr code: %w", err)
	}
	modules := code.Bitmap()
	img := image.NewGray(image.Rect(0, 0, len(modules)*qrModule, len(modules)*qrModule))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if !modules[y/qrModule][x/qrModule] {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return img, nil
}
