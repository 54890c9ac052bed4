package ui

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	notes "hce.co/functions/notes/api"
	"hce.co/shared/problem"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// editor shows a draft to its author.
func (f *Function) editor(p *page) error {
	id, err := p.noteID()
	if err != nil {
		return err
	}
	n, err := f.notes.Read(p.ctx, p.r.PathValue("id"), id)
	if err != nil {
		return err
	}
	if n.Estado != "borrador" {
		return p.redirect(link.Note(n.DocumentoID, n.ID.String()))
	}
	form, err := draftForm(n)
	if err != nil {
		return err
	}
	return f.showEditor(p, http.StatusOK, n, form, extra{savedAt: n.ActualizadoEn})
}

// extra is what an action adds to the editor.
type extra struct {
	savedAt          time.Time
	allergies, drugs int // empty rows more
	query            string
	matches          []notes.Code
	searched         bool
	fresh            string // the code just added
	stale            bool   // the draft changed elsewhere
}

// showEditor draws the editor with a form, and with what is at hand while
// writing: what of that cannot be read is left out.
func (f *Function) showEditor(p *page, status int, n notes.Note, form component.Form, x extra) error {
	c, who, err := f.chart(p, n.DocumentoID, view.NotesTab)
	if err != nil {
		return err
	}
	if otherThan(who.DocumentoID, n.DocumentoID) != "" {
		c.Patient.ID = n.DocumentoID // the draft stays where it was begun
		if form.Problem == "" {
			form.Problem = "La historia " + n.DocumentoID + " se unió a la " + who.DocumentoID +
				", y este borrador ya no se puede guardar ni firmar. Copie su texto en una nota nueva, y descártelo."
		}
	}
	m := view.NoteEditor{
		CanDiscard: true, Years: &who.Edad,
		Chart: c, ID: n.ID.String(), Type: n.Tipo, SavedAt: x.savedAt, Form: form, Codes: view.StandardNoteCodes(),
		Allergies: rows(form.Values, "alergias_registradas") + x.allergies, Drugs: rows(form.Values, "medicamentos") + x.drugs,
		Diagnoses: diagnosisRows(form, n.Advertencias, x.fresh),
		Search:    component.Form{Values: url.Values{"cie10_q": {x.query}}},
	}
	m.Unsaved, m.Stale = x.savedAt.IsZero(), x.stale
	switch {
	case x.allergies > 0:
		m.FreshRow = "alergias_registradas." + strconv.Itoa(m.Allergies-1)
	case x.drugs > 0:
		m.FreshRow = "medicamentos." + strconv.Itoa(m.Drugs-1)
	}
	if form.Warnings == nil {
		m.Form.Warnings = map[string]string{}
		for _, w := range n.Advertencias {
			m.Form.Warnings[w.Campo] = w.Mensaje
		}
	}
	if x.searched {
		m.Matches = matches(c.Patient.ID, m.ID, x.query, x.matches)
	}
	g, ctx := errgroup.WithContext(p.ctx)
	g.Go(func() error {
		a, err := f.admission.Read(ctx, c.Patient.ID, n.AdmisionID)
		if err == nil {
			m.Admission = admissionName(a)
		}
		return optional(err)
	})
	g.Go(func() error {
		list, _, err := f.notes.Notes(ctx, c.Patient.ID, 2, "")
		for _, other := range list {
			if other.ID != n.ID && other.Estado != "borrador" {
				item := noteItem(p, other)
				m.LastNote = &item
				break
			}
		}
		return optional(err)
	})
	g.Go(func() error {
		list, _, err := f.notes.Vitals(ctx, c.Patient.ID, "", 60, "")
		m.LastVitals = p.series(list)
		return optional(err)
	})
	g.Go(func() error {
		list, err := f.notes.CurrentMedications(ctx, c.Patient.ID)
		m.Drug = medicationItems(c.Patient.ID, list)
		return optional(err)
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return p.render(status, m)
}

// optional drops a refusal: what the person may not see is not shown.
func optional(err error) error {
	if st := problem.Status(err); err != nil && (st == http.StatusForbidden || st == http.StatusNotFound) {
		return nil
	}
	return err
}

// diagnosisRows shows the diagnoses of a form with what is wrong or unusual
// about them.
func diagnosisRows(form component.Form, warnings []notes.Warning, fresh string) []view.DiagnosisRow {
	var out []view.DiagnosisRow
	for i := range rows(form.Values, "diagnosticos") {
		prefix := "diagnosticos." + strconv.Itoa(i)
		row := view.DiagnosisRow{
			Code: form.Values.Get(prefix + ".cie10"), Description: form.Values.Get(prefix + ".descripcion"),
			Type: form.Values.Get(prefix + ".tipo"), Role: form.Values.Get(prefix + ".rol"),
		}
		row.Fresh = fresh != "" && row.Code == fresh
		for name, message := range form.Errors {
			if strings.HasPrefix(name, prefix+".") || name == prefix {
				row.Problem = message
			}
		}
		for _, w := range warnings {
			if strings.HasPrefix(w.Campo, prefix+".") || w.Campo == prefix {
				row.Warning = w.Mensaje
			}
		}
		out = append(out, row)
	}
	return out
}

func matches(patient, note, query string, codes []notes.Code) *view.DiagnosisMatches {
	m := &view.DiagnosisMatches{PatientID: patient, NoteID: note, Query: query}
	for _, c := range codes {
		m.Items = append(m.Items, component.Option{Value: c.Codigo, Label: c.Descripcion})
	}
	return m
}

// saveNote saves the draft, whatever button was pressed, and then does what the
// button says.
func (f *Function) saveNote(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id, err := p.noteID()
	if err != nil {
		return err
	}
	patient := p.r.PathValue("id")
	if v.Get("accion") == view.ActionDiscard {
		return f.discard(p, v)
	}
	x := extra{}
	code, adds := v.Get(view.ButtonAddDiagnosis), v.Has(view.ButtonAddDiagnosis)
	if adds {
		addDiagnosis(v, code)
		x.fresh = code
	}
	if v.Has(view.ButtonRemoveDiagnosis) {
		removeDiagnosis(v, v.Get(view.ButtonRemoveDiagnosis))
	}
	if p.r.Header.Get("X-Autoguardado") != "" {
		return f.autosave(p, id, v)
	}
	d, err := typedDraft(v)
	var saved notes.Note
	if err == nil {
		saved, err = f.notes.SaveDraft(p.ctx, patient, id, versionOf(v.Get("version")), d)
	}
	failed := f.more(p, v, &x)
	if err != nil {
		return f.notSaved(p, v, x, err)
	}
	if failed != nil {
		return failed
	}
	x.savedAt = saved.ActualizadoEn
	switch v.Get("accion") {
	case view.ActionReview:
		return p.redirect(link.NoteSign(saved.DocumentoID, saved.ID.String()))
	case view.ActionSearch, view.ActionAddAllergy, view.ActionAddMedication:
	default:
		if !adds && p.r.Header.Get("HX-Request") == "" {
			return p.redirect(link.NoteEdit(saved.DocumentoID, saved.ID.String()))
		}
	}
	form, err := draftForm(saved)
	if err != nil {
		return err
	}
	return f.showEditor(p, http.StatusOK, saved, form, x)
}

// more does what a button of the editor adds to it.
func (f *Function) more(p *page, v url.Values, x *extra) (err error) {
	switch v.Get("accion") {
	case view.ActionSearch:
		x.query, x.searched = strings.TrimSpace(v.Get("cie10_q")), true
		if x.query != "" {
			x.matches, _, err = f.notes.SearchCodes(p.ctx, x.query, 0, "")
		}
	case view.ActionAddAllergy:
		x.allergies = 1
	case view.ActionAddMedication:
		x.drugs = 1
	}
	return err
}

// notSaved shows the editor again with everything that was typed.
func (f *Function) notSaved(p *page, v url.Values, x extra, err error) error {
	form, status, ok := refused(compact(v), err)
	stale := problem.Status(err) == http.StatusPreconditionFailed
	if !ok && !stale {
		return err
	}
	id, ierr := p.noteID()
	if ierr != nil {
		return ierr
	}
	n, rerr := f.notes.Read(p.ctx, p.r.PathValue("id"), id)
	if rerr != nil {
		return rerr
	}
	if n.Estado != "borrador" {
		return f.alreadySigned(p, n, v)
	}
	if stale {
		status = http.StatusPreconditionFailed
		form.Problem = "Este borrador cambió en otra ventana después de que la abrió. Su texto está aquí: si lo guarda, reemplaza lo otro."
		form.Version = etag(n.Version)
	}
	x.stale = stale
	return f.showEditor(p, status, n, form, x)
}

// alreadySigned shows the note that the draft became in another window, with what
// was typed since then in the form of an addendum.
func (f *Function) alreadySigned(p *page, n notes.Note, v url.Values) error {
	signed, err := draftForm(n)
	if err != nil {
		return err
	}
	var since []string
	for _, s := range view.NoteSections {
		typed := strings.TrimSpace(strings.ReplaceAll(v.Get(s.Name), "\r\n", "\n"))
		if typed != "" && typed != strings.TrimSpace(signed.Values.Get(s.Name)) {
			since = append(since, s.Title+":\n"+typed)
		}
	}
	m, err := f.noteView(p)
	if err != nil {
		return err
	}
	if len(since) == 0 || m.Addendum == nil {
		return p.redirect(link.Note(n.DocumentoID, n.ID.String()))
	}
	m.Addendum.Values = url.Values{"motivo": {"ampliacion"}, "texto": {strings.Join(since, "\n\n")}}
	m.Addendum.Problem = "La nota se firmó en otra ventana. Lo que escribió después está en esta adenda: fírmela solo si debe quedar."
	return p.render(http.StatusConflict, m)
}

// discard throws the draft away, in the version that was on the screen.
func (f *Function) discard(p *page, v url.Values) error {
	id, err := p.noteID()
	if err != nil {
		return err
	}
	if err := f.notes.Discard(p.ctx, p.r.PathValue("id"), id, versionOf(v.Get("version"))); err != nil {
		return err
	}
	return p.done(link.Notes(p.r.PathValue("id")), "descartada")
}

// addDiagnosis appends a code to the rows of the form: the first one is the
// principal diagnosis.
func addDiagnosis(v url.Values, code string) {
	n := rows(v, "diagnosticos")
	prefix := "diagnosticos." + strconv.Itoa(n) + "."
	role := "relacionado"
	if n == 0 {
		role = "principal"
	}
	v.Set(prefix+"cie10", code)
	v.Set(prefix+"tipo", "01")
	v.Set(prefix+"rol", role)
}

func removeDiagnosis(v url.Values, row string) {
	for name := range v {
		if strings.HasPrefix(name, "diagnosticos."+row+".") {
			v.Del(name)
		}
	}
}

// suggestions answers the search box of the editor.
func (f *Function) suggestions(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	q := strings.TrimSpace(v.Get("cie10_q"))
	var codes []notes.Code
	if q != "" {
		if codes, _, err = f.notes.SearchCodes(p.ctx, q, 0, ""); err != nil {
			return err
		}
	}
	return p.show(matches(p.r.URL.Query().Get("documento_id"), p.r.URL.Query().Get("nota"), q, codes))
}
