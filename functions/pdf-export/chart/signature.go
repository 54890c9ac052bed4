package chart

import "hce.co/functions/pdf-export/chart/typeset"

// signature draws who signed what is above, with what is needed to check it.
func (p *printer) signature(s *Signature, state NoteState) {
	if s == nil {
		if state == NoteSigned {
			p.Space(6)
			p.Text("La firma de esta nota no está disponible en este documento.", small)
		}
		return
	}
	p.signed("Firma electrónica", s)
}

func (p *printer) signed(title string, s *Signature) {
	p.Space(7)
	p.Railed(1.4, 8, h3.Leading+strong.Leading+3*(label.Leading+value.Leading)+14, accent, func() {
		p.Text(title, h3)
		p.Text(s.Author.signed(), strong)
		p.SetY(p.Y() + 2)
		p.fields(3,
			typeset.Field{Label: "Firmado", Value: instant(s.At)},
			typeset.Field{Label: "Identificador de la llave", Value: join(" · ", s.KeyID, s.Algorithm)},
			typeset.Field{Label: "Cierre", Value: instant(s.ClosedAt)},
			typeset.Field{Label: "Huella SHA-256 del contenido", Value: s.SHA256, Span: 3},
			typeset.Field{Label: "Responsable del registro", Value: s.RecordedBy},
			typeset.Field{Label: "Firma del paciente", Value: s.PatientSignature, Span: 2},
		)
	})
}

// addendum draws what was added to the note above, and its own signature.
func (p *printer) addendum(a *Addendum) {
	p.Space(9)
	p.Railed(3, 9, strong.Leading+small.Leading+3+3*body.Leading, muted, func() {
		p.Text(join(" · ", "Adenda", addendumReasons.of(a.Reason), minute(a.At)), strong)
		p.Text(a.Author.signed(), small)
		p.SetY(p.Y() + 3)
		p.Text(a.Text, body)
		p.SetY(p.Y() + 3)
		p.fields(3,
			typeset.Field{Label: "Huella SHA-256 de lo anterior", Value: a.PreviousHash, Span: 3},
			typeset.Field{Label: "Identificador de la adenda", Value: a.ID, Span: 3},
		)
		if a.Signature != nil {
			p.signed("Firma electrónica de la adenda", a.Signature)
		}
	})
}
