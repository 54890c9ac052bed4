package view

import (
	"time"

	"github.com/a-h/templ"

	"hce.co/ui/catalog"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// ExportList lists the PDFs of a record and asks for one; it posts to
// link.Exports.
type ExportList struct {
	Chart
	Items []Export
	Pager component.Pager
	Form  component.Form // tipo, nota_id, desde, hasta, motivo
	Kinds []component.Option
	Notes []component.Option // the signed ones, for a PDF of one
}

// ExportProgress follows a PDF until it is ready. On its own, Status is the
// answer to a script that asks again.
type ExportProgress struct {
	Chart
	Export Export
	Revoke *component.Form // motivo; posts to link.ExportRevoke; nil when the user may not
}

// Verify asks for the code of a printed copy; it posts to link.Verify.
type Verify struct {
	Page
	Form component.Form // codigo
}

// Verification is what a code says of a printed copy; nothing clinical.
type Verification struct {
	Page
	Code       string
	Outcome    Outcome
	Kind       string // code of catalog.DocumentKinds
	Issued     time.Time
	Issuer     string
	Pages      int
	SHA256     string
	NewerOn    time.Time // when it was superseded
	Revoked    time.Time
	RevokedWhy string // why
}

// Outcome of a verification.
type Outcome string

// The outcomes.
const (
	Valid      Outcome = "vigente"
	Superseded Outcome = "reemplazado"
	Revoked    Outcome = "revocado"
	Unknown    Outcome = "desconocido"
)

func (m ExportList) groups() []component.Group {
	fields := []component.Field{
		{Name: "tipo", Label: "Qué documento", Kind: component.Radio, Options: m.Kinds, Required: true, Default: "historia", Width: component.Wide},
	}
	if len(m.Notes) > 0 {
		fields = append(fields, component.Field{Name: "nota_id", Label: "Nota", Kind: component.Select, Options: m.Notes, Hint: "Solo si pide una nota.", Width: component.Wide})
	}
	fields = append(fields,
		component.Field{Name: "desde", Label: "Desde", Kind: component.Date, Hint: "Vacío: todo."},
		component.Field{Name: "hasta", Label: "Hasta", Kind: component.Date},
	)
	if !m.User.Is("paciente") || m.User.staff() {
		fields = append(fields, component.Field{Name: "motivo", Label: "Motivo", Required: true, MaxLength: 200, Hint: "Queda en el registro de accesos, que el paciente puede leer.", Width: component.Wide})
	}
	return one(fields...)
}

func (m ExportProgress) page() Chart {
	c := m.Chart
	if m.Revoke != nil {
		c.Page = c.Page.with(*m.Revoke)
	}
	if m.Export.pending() {
		c.Page = c.Page.interactive().every(5)
	}
	return c
}

// href is where the PDF is followed.
func (m ExportProgress) href() string { return link.Export(m.Patient.ID, m.Export.ID) }

func (m ExportProgress) facts() []component.Term {
	e := m.Export
	return []component.Term{
		{Name: "Pedido", Value: component.FormatTime(e.Requested)},
		{Name: "Por", Value: e.By},
		{Name: "Contenido", Value: e.span()},
		{Name: "Motivo", Value: e.Reason},
		{Name: "Tamaño", Value: e.size()},
		{Name: "Listo", Value: component.FormatTime(e.Ready)},
		{Name: "Se conserva hasta", Value: component.FormatTime(e.Expires)},
		{Name: "Código de verificación", Value: e.Code},
	}
}

func (ExportProgress) groups() []component.Group {
	return one(component.Field{Name: "motivo", Label: "Motivo", Required: true, MaxLength: 200, Width: component.Wide})
}

func (Verify) groups() []component.Group {
	return one(component.Field{
		Name: "codigo", Label: "Código de verificación", Required: true, Code: true, MaxLength: 40, Autocomplete: "off",
		Hint: "Está al pie de cada página, junto al código QR.",
	})
}

func (m Verification) notice() component.Notice {
	switch m.Outcome {
	case Valid:
		return component.Notice{Tone: component.Good, Title: "Documento válido", Text: "Este código corresponde a un documento emitido por esta institución, y es su versión vigente."}
	case Superseded:
		return component.Notice{Tone: component.Caution, Title: "Hay una versión más reciente", Text: "El documento es auténtico, pero la historia cambió después de emitirlo."}
	case Revoked:
		return component.Notice{Tone: component.Danger, Title: "Documento revocado", Text: "La institución retiró este documento. No lo use."}
	}
	return component.Notice{Tone: component.Danger, Title: "Código desconocido", Text: "Ningún documento tiene este código. Revise que esté bien escrito; si lo está, el documento no es nuestro."}
}

func (m Verification) facts() []component.Term {
	terms := []component.Term{
		{Name: "Código", Value: m.Code},
		{Name: "Documento", Value: catalog.DocumentKinds.Label(m.Kind)},
		{Name: "Emitido", Value: component.FormatTime(m.Issued)},
		{Name: "Emisor", Value: m.Issuer},
		{Name: "Sustituido", Value: component.FormatTime(m.NewerOn)},
		{Name: "Revocado", Value: component.FormatTime(m.Revoked)},
		{Name: "Motivo", Value: m.RevokedWhy},
		{Name: "SHA-256", Value: m.SHA256},
	}
	if m.Pages > 0 {
		terms = append(terms, component.Term{Name: "Páginas", Value: number(m.Pages)})
	}
	return terms
}

// poll makes a script ask again while the PDF is in the making.
func (m ExportProgress) poll() templ.Attributes {
	if !m.Export.pending() {
		return nil
	}
	return templ.Attributes{
		"hx-get": m.href(), "hx-trigger": "every 2s", "hx-select": "#estado", "hx-swap": "outerHTML",
	}
}
