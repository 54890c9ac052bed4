package ui

import (
	"net/http"
	"slices"
	"strings"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// identityDocuments lists the documents that the person has had.
func (f *Function) identityDocuments(p *page, id string) ([]view.IdentityDocument, error) {
	list, err := f.patient.Documents(p.ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]view.IdentityDocument, len(list))
	for i, d := range list {
		out[i] = view.IdentityDocument{
			ID: d.TipoDocumento + "-" + d.NumeroDocumento, Document: component.FormatDocument(d.TipoDocumento, d.NumeroDocumento),
			Type: catalog.DocumentTypes.Label(d.TipoDocumento), Since: d.Desde, Current: d.Vigente, Of: d.Historia,
		}
	}
	return out, nil
}

func (f *Function) identityForm(p *page) error {
	return f.showIdentity(p, http.StatusOK, view.IdentityForm{Form: blankForm()})
}

func (f *Function) showIdentity(p *page, status int, m view.IdentityForm) error {
	c, rec, err := f.chart(p, p.r.PathValue("id"), view.SummaryTab)
	if err != nil {
		return err
	}
	docs, err := f.identityDocuments(p, rec.DocumentoID)
	if err != nil {
		return err
	}
	m.Chart, m.Types, m.Documents, m.Version = c, catalog.DocumentTypes.Options(), docs, etag(rec.Version)
	return p.render(status, m)
}

// addIdentity gives a record the document that its person has now.
func (f *Function) addIdentity(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id := p.r.PathValue("id")
	var in patient.NewDocument
	if err = bind(v, &in); err == nil {
		_, err = f.patient.AddDocument(p.ctx, id, in, v.Get("idempotencia"))
	}
	if err == nil {
		return p.done(link.Patient(id), "documento")
	}
	form, status, ok := refused(v, err)
	if !ok {
		return err
	}
	if pr, _ := err.(*problem.Error); pr != nil && status == http.StatusConflict { //nolint:errorlint // the clients return it bare
		if owner, ok := pr.Members["documento_id"].(string); ok {
			again, err := f.hasDocument(p, owner, in)
			switch {
			case err != nil:
				return err
			case again && owner == id: // the button was pressed twice
				return p.done(link.Patient(id), "documento")
			}
			form.Problem = "Ese documento ya está en la historia " + owner + "."
		}
	}
	return f.showIdentity(p, status, view.IdentityForm{Form: form})
}

// withdrawIdentity takes back a document that was given to the record by
// mistake.
func (f *Function) withdrawIdentity(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id, doc := p.r.PathValue("id"), p.r.PathValue("documento")
	_, err = f.patient.WithdrawDocument(p.ctx, id, doc, versionOf(v.Get("version")), v.Get("motivo"), v.Get("idempotencia"))
	if err == nil {
		return p.done(link.Patient(id), "retirado")
	}
	form, status, ok := refused(v, err)
	if problem.Status(err) == http.StatusPreconditionFailed {
		form.Problem, status, ok = "La historia cambió mientras tanto. Revise sus documentos y vuelva a retirarlo.", http.StatusPreconditionFailed, true
		form.Version = "" // what it says now is what they see
	}
	if !ok {
		return err
	}
	return f.showIdentity(p, status, view.IdentityForm{Form: blankForm(), Withdrawal: form, Withdrawn: doc})
}

// hasDocument reports whether the record's document of now is the one in doc.
func (f *Function) hasDocument(p *page, id string, doc patient.NewDocument) (bool, error) {
	list, err := f.patient.Documents(p.ctx, id)
	plain := strings.NewReplacer(" ", "", ".", "", "-", "")
	return slices.ContainsFunc(list, func(d patient.Document) bool {
		return d.Vigente && d.TipoDocumento == doc.TipoDocumento && strings.EqualFold(d.NumeroDocumento, plain.Replace(doc.NumeroDocumento))
	}), err
}

func (f *Function) codeForm(p *page) error {
	c, _, err := f.chart(p, p.r.PathValue("id"), view.SummaryTab)
	if err != nil {
		return err
	}
	return p.show(view.CodeRequest{Chart: c})
}

// issueCode makes the code with which the patient opens an account, and shows
// it this once.
func (f *Function) issueCode(p *page) error {
	c, rec, err := f.chart(p, p.r.PathValue("id"), view.SummaryTab)
	if err != nil {
		return err
	}
	code, err := f.patient.IssueCode(p.ctx, rec.DocumentoID)
	if err != nil {
		return err
	}
	return p.render(http.StatusCreated, view.CodeSlip{
		Chart: c, Code: code.Codigo, Expires: component.FormatTime(code.Expira), Address: f.address(link.SignUp),
	})
}

// address is where a page is found by who types its address.
func (f *Function) address(path string) string {
	base := strings.TrimSuffix(f.cfg.PublicURL, "/")
	_, host, ok := strings.Cut(base, "://")
	if !ok {
		host = base
	}
	return host + path
}
