package ui

import (
	"net/http"
	"strings"

	pdf "hce.co/functions/pdf-export/api"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

func (f *Function) verifyForm(p *page) error {
	return p.show(view.Verify{Page: p.page(view.NoSection)})
}

// verifyTyped leads to what a code says, where its QR code leads too.
func (f *Function) verifyTyped(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	code := strings.ToUpper(strings.Join(strings.Fields(v.Get("codigo")), ""))
	if code == "" || len(code) > maxCode || strings.Contains(code, "/") {
		form := component.Form{Values: v, Errors: map[string]string{"codigo": "Escriba el código que está al pie de la página."}}
		return p.render(http.StatusUnprocessableEntity, view.Verify{Page: p.page(view.NoSection), Form: form})
	}
	return p.redirect(link.VerifyCode(code))
}

const maxCode = 40 // characters of a code with its dashes

// verified tells anybody whether a printed copy is ours and still the latest.
func (f *Function) verified(p *page) error {
	code := p.r.PathValue("codigo")
	found, err := f.pdf.Verify(p.ctx, code)
	if err != nil {
		return err
	}
	m := view.Verification{
		Page: p.page(view.NoSection), Code: code, Outcome: view.Outcome(found.Estado), Issued: found.Fecha, Issuer: found.Emisor, SHA256: found.SHA256,
	}
	status := http.StatusOK
	if found.Estado == pdf.Unknown {
		status = http.StatusNotFound
	}
	return p.render(status, m)
}
