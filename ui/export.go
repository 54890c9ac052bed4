package ui

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	notes "hce.co/functions/notes/api"
	pdf "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

const (
	exportPage = 20 // PDFs in a page of a record's list
	noteChoice = 50 // notes to choose one from
)

// exports lists the PDFs of a record.
func (f *Function) exports(p *page) error {
	form := blankForm()
	if note := p.r.URL.Query().Get("nota"); note != "" {
		form.Values = url.Values{"tipo": {pdf.Note}, "nota_id": {note}}
	}
	return f.showExports(p, http.StatusOK, form)
}

func (f *Function) showExports(p *page, status int, form component.Form) error {
	c, rec, err := f.chart(p, p.r.PathValue("id"), view.ExportsTab)
	if err != nil {
		return err
	}
	m := view.ExportList{Chart: c, Form: form, Kinds: catalog.DocumentKinds.Options()}
	var next string
	var g errgroup.Group
	g.Go(func() (err error) {
		var jobs []pdf.Job
		jobs, next, err = f.pdf.List(p.ctx, rec.DocumentoID, exportPage, p.r.URL.Query().Get("despues"))
		m.Items = exportItems(jobs)
		return err
	})
	g.Go(func() error {
		list, _, err := f.notes.Notes(p.ctx, rec.DocumentoID, noteChoice, "")
		m.Notes = noteChoices(list)
		return optional(err)
	})
	if err := g.Wait(); err != nil {
		return err
	}
	m.Pager = p.pager(link.Exports(rec.DocumentoID), next)
	return p.render(status, m)
}

// noteChoices are the signed notes, for a PDF of one.
func noteChoices(list []notes.Note) []component.Option {
	var out []component.Option
	for _, n := range list {
		if n.Estado != "borrador" {
			label := joined(" · ", component.FormatTime(n.FechaAtencion), catalog.NoteTypes.Label(n.Tipo), n.Autor.Nombre)
			out = append(out, component.Option{Value: n.ID.String(), Label: label})
		}
	}
	return out
}

func exportItems(jobs []pdf.Job) []view.Export {
	out := make([]view.Export, len(jobs))
	for i, j := range jobs {
		out[i] = exportItem(j)
	}
	return out
}

func exportItem(j pdf.Job) view.Export {
	e := view.Export{
		PatientID: j.DocumentoID, ID: j.ID.String(), Kind: j.Tipo, State: j.Estado, Requested: j.Creado, By: j.SolicitadoPor, Reason: j.Motivo,
		From: j.Desde, To: j.Hasta, Progress: j.Progreso, SHA256: j.SHA256, Ready: when(j.Listo), Expires: when(j.Expira), Failure: j.Error,
	}
	if j.Estado == pdf.Ready || j.Estado == pdf.Revoked {
		e.Code = j.CodigoVerificacion
	}
	if j.Paginas != nil && j.Bytes != nil {
		e.Pages, e.Bytes = *j.Paginas, int64(*j.Bytes)
	}
	return e
}

// askExport asks for a PDF. Staff say what for: the patient reads it.
func (f *Function) askExport(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	var in pdf.Request
	err = bind(v, &in)
	id := p.r.PathValue("id")
	var job pdf.Job
	if err == nil && in.Motivo == "" && (p.s.staff() || !p.s.Is(string(auth.Patient))) {
		err = problem.Invalid(map[string]string{"motivo": "Escriba para qué se pide."})
	}
	if err == nil {
		job, err = f.pdf.Ask(p.ctx, id, in, v.Get("idempotencia"))
	}
	if err == nil {
		return p.redirect(link.Export(job.DocumentoID, job.ID.String()))
	}
	form, status, ok := refused(v, err)
	if !ok {
		return err
	}
	return f.showExports(p, status, form)
}

// jobID reads the PDF's id from the path.
func (p *page) jobID() (uuid.UUID, error) {
	id, err := uuid.Parse(p.r.PathValue("trabajo"))
	if err != nil {
		return id, problem.NotFound("No existe ese documento.")
	}
	return id, nil
}

// export shows how far a PDF is. A script that asks again gets only that part,
// so that waiting leaves no trail of readings.
func (f *Function) export(p *page) error {
	id, err := p.jobID()
	if err != nil {
		return err
	}
	if p.r.Header.Get("HX-Request") != "" {
		job, err := f.pdf.Follow(p.ctx, p.r.PathValue("id"), id)
		if err != nil {
			return err
		}
		m := view.ExportProgress{Export: exportItem(job)}
		m.Patient.ID = job.DocumentoID
		return p.part(m.Status())
	}
	m, err := f.exportView(p, id)
	if err != nil {
		return err
	}
	return p.show(m)
}

func (f *Function) exportView(p *page, id uuid.UUID) (view.ExportProgress, error) {
	var m view.ExportProgress
	var g errgroup.Group
	g.Go(func() error {
		job, err := f.pdf.Follow(p.ctx, p.r.PathValue("id"), id)
		m.Export = exportItem(job)
		return err
	})
	g.Go(func() (err error) {
		m.Chart, _, err = f.chart(p, p.r.PathValue("id"), view.ExportsTab)
		return err
	})
	if err := g.Wait(); err != nil {
		return m, err
	}
	mine := m.Export.By == p.s.Name || p.s.Is(string(auth.RecordsClerk)) // the function knows for sure
	if m.Export.State == pdf.Ready && mine {
		form := blankForm()
		m.Revoke = &form
	}
	return m, nil
}

// revokeExport declares a PDF void.
func (f *Function) revokeExport(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id, err := p.jobID()
	if err != nil {
		return err
	}
	if _, err := f.pdf.Revoke(p.ctx, p.r.PathValue("id"), id, v.Get("motivo"), v.Get("idempotencia")); err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		m, verr := f.exportView(p, id)
		if verr != nil {
			return verr
		}
		m.Revoke = &form
		return p.render(status, m)
	}
	return p.done(link.Export(p.r.PathValue("id"), id.String()), "revocado")
}
