package ui

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	notes "hce.co/functions/notes/api"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

const notesPage = 20 // notes in a page of a list

// notesOf lists the notes of a record.
func (f *Function) notesOf(p *page) error {
	f = f.asked(p)
	c, _, err := f.chart(p, p.r.PathValue("id"), view.NotesTab)
	if err != nil {
		return err
	}
	list, next, err := f.notes.Notes(p.ctx, c.Patient.ID, notesPage, p.r.URL.Query().Get("despues"))
	if err != nil {
		return err
	}
	base := link.Notes(c.Patient.ID)
	if c.Patient.MergedInto != "" {
		base = link.NotesItself(c.Patient.ID)
	}
	return p.show(view.NoteList{Chart: c, Items: noteItems(p, c.Patient.ID, list), Pager: p.pager(base, next)})
}

// pager leads to the page after cursor, and back to the first.
func (p *page) pager(base, next string) component.Pager {
	var pg component.Pager
	if next != "" {
		sep := "?"
		if strings.Contains(base, sep) {
			sep = "&"
		}
		pg.Next = base + sep + "despues=" + url.QueryEscape(next)
	}
	if p.r.URL.Query().Get("despues") != "" {
		pg.First = base
	}
	return pg
}

// noteForm asks what note to write.
func (f *Function) noteForm(p *page) error {
	form := blankForm()
	form.Values = url.Values{}
	for _, name := range []string{"admision_id", view.FieldResolve, view.FieldStop} {
		if id := p.r.URL.Query().Get(name); id != "" {
			form.Values.Set(name, id)
		}
	}
	return f.noteFormWith(p, http.StatusOK, form)
}

func (f *Function) noteFormWith(p *page, status int, form component.Form) error {
	c, _, err := f.chart(p, p.r.PathValue("id"), view.NotesTab)
	if err != nil {
		return err
	}
	open, err := f.openAdmissions(p, c.Patient.ID)
	if err != nil {
		return err
	}
	begins, err := f.changeOf(p, c.Patient.ID, form.Values)
	if gone := (*problem.Error)(nil); errors.As(err, &gone) && gone.Status == http.StatusConflict {
		form.Problem = cmp.Or(form.Problem, gone.Detail)
	} else if err != nil {
		return err
	}
	return p.render(status, view.NoteNew{
		Chart: c, Form: form, Types: catalog.NoteTypes.Options(), Admissions: open, Change: begins.view,
	})
}

// openAdmissions are the admissions that a note may belong to, as choices.
func (f *Function) openAdmissions(p *page, id string) ([]component.Option, error) {
	list, _, err := f.admission.List(p.ctx, id, 20, "")
	if err != nil {
		return nil, err
	}
	var open []component.Option
	for _, a := range list {
		if a.Estado != "finished" && a.Estado != "cancelled" {
			open = append(open, component.Option{Value: a.ID.String(), Label: admissionName(a)})
		}
	}
	return open, nil
}

// openNote begins a draft.
func (f *Function) openNote(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	in := notes.NewNote{DocumentoID: p.r.PathValue("id"), AdmisionID: v.Get("admision_id")}
	in.Tipo = v.Get("tipo")
	if id, err := uuid.Parse(v.Get("idempotencia")); err == nil {
		in.ID = id.String() // pressing the button twice begins one note
	}
	var n notes.Note
	begins, err := f.changeOf(p, in.DocumentoID, v)
	if err == nil {
		in.Structured = begins.content
		n, err = f.notes.Write(p.ctx, in, "")
	}
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		return f.noteFormWith(p, status, form)
	}
	return p.redirect(link.NoteEdit(n.DocumentoID, n.ID.String()))
}

// noteID reads the note's id from the path.
func (p *page) noteID() (uuid.UUID, error) {
	id, err := uuid.Parse(p.r.PathValue("nota"))
	if err != nil {
		return id, problem.NotFound("No existe esa nota.")
	}
	return id, nil
}

// note shows a note.
func (f *Function) note(p *page) error {
	m, err := f.noteView(p)
	if err != nil {
		return err
	}
	return p.show(m)
}

func (f *Function) noteView(p *page) (view.NoteView, error) {
	id, err := p.noteID()
	if err != nil {
		return view.NoteView{}, err
	}
	c, _, err := f.chart(p, p.r.PathValue("id"), view.NotesTab)
	if err != nil {
		return view.NoteView{}, err
	}
	n, err := f.notes.Read(p.ctx, c.Patient.ID, id)
	if err != nil {
		return view.NoteView{}, err
	}
	m := view.NoteView{Chart: c, ID: id.String(), StepUp: p.mustConfirm(), Note: p.noteContent(n), Reasons: catalog.AddendumReasons.Options()}
	m.Of = otherThan(c.Patient.ID, n.DocumentoID)
	m.CanEdit = n.Estado == "borrador" && c.Can.Write
	if n.Estado == "firmada" && c.Can.Write && m.Of == "" {
		form := blankForm()
		m.Addendum = &form
		if n.Autor.Nombre == p.s.Name { // who wrote it; notes decides by the account
			annul := blankForm()
			annul.Prefix = "anular-"
			m.Annul = &annul
		}
	}
	return m, nil
}

// annul says that a signed note no longer counts.
func (f *Function) annul(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id, err := p.noteID()
	if err != nil {
		return err
	}
	if err = f.confirm(p, v); err == nil {
		_, err = f.notes.Annul(p.ctx, p.r.PathValue("id"), id, v.Get("motivo"))
	}
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		m, verr := f.noteView(p)
		if verr != nil {
			return verr
		}
		form.Prefix = "anular-"
		m.Annul, m.StepUp = &form, m.StepUp || form.Errors[view.CodeField] != ""
		return p.render(status, m)
	}
	return p.done(link.Note(p.r.PathValue("id"), id.String()), "anulada")
}

// addendum adds to a signed note.
func (f *Function) addendum(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id, err := p.noteID()
	if err != nil {
		return err
	}
	in := notes.AddendumRequest{Motivo: v.Get("motivo"), Texto: v.Get("texto")}
	if err = f.confirm(p, v); err == nil {
		_, err = f.notes.Add(p.ctx, p.r.PathValue("id"), id, in, v.Get("idempotencia"))
	}
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		m, verr := f.noteView(p)
		if verr != nil {
			return verr
		}
		m.Addendum, m.StepUp = &form, m.StepUp || form.Errors[view.CodeField] != ""
		return p.render(status, m)
	}
	return p.done(link.Note(p.r.PathValue("id"), id.String()), "adenda")
}

// signForm shows what is about to be signed.
func (f *Function) signForm(p *page) error {
	m, _, err := f.signView(p)
	if err != nil {
		return err
	}
	return p.show(m)
}

func (f *Function) signView(p *page) (view.NoteSign, notes.Note, error) {
	id, err := p.noteID()
	if err != nil {
		return view.NoteSign{}, notes.Note{}, err
	}
	c, _, err := f.chart(p, p.r.PathValue("id"), view.NotesTab)
	if err != nil {
		return view.NoteSign{}, notes.Note{}, err
	}
	n, err := f.notes.Read(p.ctx, c.Patient.ID, id)
	if err != nil {
		return view.NoteSign{}, n, err
	}
	me, err := f.login.Me(p.ctx)
	if err != nil {
		return view.NoteSign{}, n, err
	}
	m := view.NoteSign{Chart: c, ID: id.String(), StepUp: p.mustConfirm(), Note: p.noteContent(n), Signer: signerOf(me)}
	m.Form = component.Form{Version: etag(n.Version), Values: url.Values{"firma_paciente": {n.FirmaPaciente}}}
	m.Missing = missing(n)
	for _, w := range n.Advertencias {
		m.Warnings = append(m.Warnings, w.Mensaje)
	}
	return m, n, nil
}

// missing lists what a note of its type usually has.
func missing(n notes.Note) []string {
	var out []string
	if len(n.Diagnosticos) == 0 && n.Tipo != "enfermeria" {
		out = append(out, "un diagnóstico")
	}
	if n.SignosVitales == nil && n.Tipo != "egreso" {
		out = append(out, "signos vitales")
	}
	if n.ConductaPlanManejo == "" && n.Tipo != "enfermeria" {
		out = append(out, "la conducta y el plan de manejo")
	}
	return out
}

// sign signs the draft that was shown.
func (f *Function) sign(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	m, n, err := f.signView(p)
	if err != nil {
		return err
	}
	if n.Estado == "borrador" { // signed already, the button was pressed twice
		if err := f.confirm(p, v); err != nil {
			return f.notSigned(p, m, v, err)
		}
		m.StepUp = false
	}
	version := versionOf(v.Get("version"))
	if n.Estado == "borrador" && v.Get("firma_paciente") != n.FirmaPaciente {
		d := draftOf(n)
		d.FirmaPaciente = v.Get("firma_paciente")
		saved, err := f.notes.SaveDraft(p.ctx, n.DocumentoID, n.ID, version, d)
		if err != nil {
			return f.notSigned(p, m, v, err)
		}
		version = saved.Version
	}
	if _, err := f.notes.Sign(p.ctx, n.DocumentoID, n.ID, version); err != nil {
		return f.notSigned(p, m, v, err)
	}
	return p.done(link.Note(n.DocumentoID, n.ID.String()), "firmada")
}

func (f *Function) notSigned(p *page, m view.NoteSign, v url.Values, err error) error {
	current := m.Form.Version
	form, status, ok := refused(v, err)
	if problem.Status(err) == http.StatusPreconditionFailed {
		form.Problem = "El borrador cambió mientras lo revisaba. Esto es lo que dice ahora: léalo otra vez antes de firmar."
		form.Version = current
		status, ok = http.StatusPreconditionFailed, true
	}
	if !ok {
		return err
	}
	m.Form, m.StepUp = form, m.StepUp || form.Errors[view.CodeField] != ""
	return p.render(status, m)
}

// when reads an instant that may be missing.
func when(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
