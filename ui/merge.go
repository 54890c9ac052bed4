package ui

import (
	"net/http"
	"net/url"
	"strings"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// asked is the door for a page that may be about a record merged into another,
// by itself (?fusionada=1): then what it reads is of that record alone.
func (f *Function) asked(p *page) *Function {
	if p.r.URL.Query().Get("fusionada") != "1" {
		return f
	}
	alone := *f
	alone.patient, alone.notes, alone.admission = f.patient.Merged(), f.notes.Merged(), f.admission.Merged()
	return &alone
}

// otherThan is the record that an entry of a chart stands in, where that is not
// the chart's own.
func otherThan(id, of string) string {
	if of == id {
		return ""
	}
	return of
}

// mergeForm asks which record is of the same person as the one in the path, or
// which two are of one person.
func (f *Function) mergeForm(p *page) error {
	m := view.MergeFind{Page: p.page(p.mergeSection()), ID: p.r.PathValue("id")}
	if m.ID != "" && p.s.may(auth.ReadPatient) {
		rec, err := f.patient.Read(p.ctx, m.ID)
		if err != nil {
			return err
		}
		m.ID, m.Name = rec.DocumentoID, bannerOf(rec, p.now).Name
	}
	return p.show(m)
}

// mergeSection is where merging stands in the navigation: the administrador has
// no pages of patients.
func (p *page) mergeSection() view.Section {
	if p.s.may(auth.ReadPatient) {
		return view.PatientsSection
	}
	return view.HomeSection
}

// typedDocument is the documento_id of a document as people write it, and as
// pages show it: "CC 1.032.456.789". One without its type is a cédula.
func typedDocument(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s != "" && strings.Trim(s, "0123456789. ") == "" {
		s = "CC " + s
	}
	if ids := ident.Candidates(s); len(ids) == 1 {
		return ids[0]
	}
	return s
}

// compare shows two records side by side.
func (f *Function) compare(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	one, other := typedDocument(v.Get("historia")), typedDocument(v.Get("duplicado"))
	var pre patient.MergePreview
	if err = bothTyped(one, other); err == nil {
		pre, err = f.patient.PreviewMerge(p.ctx, one, other)
	}
	if err == nil {
		return f.showCompare(p, http.StatusOK, pre, blankForm())
	}
	form, status, ok := refused(v, err)
	if problem.Status(err) == http.StatusNotFound {
		form.Errors, status, ok = map[string]string{"historia": "No existe una historia clínica con ese documento."}, http.StatusUnprocessableEntity, true
	}
	if !ok {
		return err
	}
	return p.render(status, view.MergeFind{Page: p.page(p.mergeSection()), Form: form})
}

// bothTyped reports a document that was not written.
func bothTyped(one, other string) error {
	wrong := problem.Fields{}
	if one == "" {
		wrong.Add("historia", "Escriba el documento de una historia.")
	}
	if other == "" {
		wrong.Add("duplicado", "Escriba el documento de la otra historia.")
	}
	return wrong.Err()
}

func (f *Function) showCompare(p *page, status int, pre patient.MergePreview, form component.Form) error {
	theirs, err := demographicsForm(pre.Continua.Demographics)
	if err != nil {
		return err
	}
	mine, err := demographicsForm(pre.Duplicado.Demographics)
	if err != nil {
		return err
	}
	return p.render(status, view.MergeCompare{
		Page: p.page(p.mergeSection()), Form: form, One: mergeSide(p, pre.Continua), Other: mergeSide(p, pre.Duplicado),
		Rows: view.SideBySide(theirs, mine), Grave: grave(pre.Diferencias), StepUp: p.mustConfirm() || form.Errors[view.CodeField] != "",
	})
}

func mergeSide(p *page, s patient.MergeSide) view.MergeSide {
	return view.MergeSide{
		ID: s.DocumentoID, Name: bannerOf(s.Patient, p.now).Name, Version: etag(s.Version), Notes: s.Notas, Stays: s.Admisiones,
		Open: s.AdmisionAbierta, Opened: s.CreadoEn, MergedIn: s.Incluye,
	}
}

// lasting are what one person has only one of, whatever document they show.
var lasting = map[string]string{
	"fecha_nacimiento": "la fecha de nacimiento", "sexo_biologico": "el sexo biológico", "grupo_sanguineo": "el grupo sanguíneo", "factor_rh": "el factor Rh",
}

func grave(differences []string) []string {
	var out []string
	for _, name := range differences {
		if s, ok := lasting[name]; ok {
			out = append(out, s)
		}
	}
	return out
}

// merge merges the two records that were compared, in the versions that were
// shown.
func (f *Function) merge(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	one, other := p.r.PathValue("id"), v.Get("duplicado")
	in := patient.MergeRequest{Duplicado: other, Motivo: v.Get("motivo"), VersionDuplicado: versionOf(v.Get("version_duplicado"))}
	survivor, version := one, versionOf(v.Get("version_historia"))
	if v.Get("conserva") == other {
		survivor, version, in.Duplicado, in.VersionDuplicado = other, in.VersionDuplicado, one, version
	}
	if err = checked(v); err == nil {
		err = f.confirm(p, v)
	}
	if err == nil {
		_, err = f.patient.Merge(p.ctx, survivor, version, in, v.Get("idempotencia"))
	}
	if err == nil {
		return p.done(f.afterMerge(p, survivor), "unidas")
	}
	form, status, ok := refused(v, err)
	if problem.Status(err) == http.StatusPreconditionFailed {
		form.Problem, status, ok = "Una de las historias cambió mientras las comparaba. Esto es lo que dicen ahora.", http.StatusPreconditionFailed, true
	}
	if !ok {
		return err
	}
	pre, perr := f.patient.PreviewMerge(p.ctx, one, other)
	if problem.Status(perr) == http.StatusConflict { // merged meanwhile
		return err
	}
	if perr != nil {
		return perr
	}
	return f.showCompare(p, status, pre, form)
}

// checked reports what the form of a merge lacks that the registry does not ask
// for.
func checked(v url.Values) error {
	wrong := map[string]string{}
	if c := v.Get("conserva"); c == "" {
		wrong["conserva"] = "Elija la historia que se conserva."
	}
	if v.Get("confirmo") != "si" {
		wrong["confirmo"] = "Compruebe los documentos y márquelo."
	}
	if len(wrong) > 0 {
		return problem.Invalid(wrong)
	}
	return nil
}

// afterMerge is where to go on: to the record, for who may open it.
func (f *Function) afterMerge(p *page, id string) string {
	if p.s.may(auth.ReadPatient) {
		return link.Patient(id)
	}
	return link.Merges(id)
}

// merges lists what was merged into a record.
func (f *Function) merges(p *page) error {
	return f.showMerges(p, http.StatusOK, component.Form{}, "")
}

func (f *Function) showMerges(p *page, status int, form component.Form, undo string) error {
	id := p.r.PathValue("id")
	list, err := f.patient.Merges(p.ctx, id)
	if err != nil {
		return err
	}
	m := view.MergeList{Form: form, Undo: undo, StepUp: p.mustConfirm() || form.Errors[view.CodeField] != ""}
	if p.s.may(auth.ReadPatient) {
		if m.Chart, _, err = f.chart(p, id, view.SummaryTab); err != nil {
			return err
		}
	} else {
		m.Chart = view.Chart{
			Page: p.page(p.mergeSection()), Patient: view.Patient{ID: id, Name: "Historia " + id, Document: id, Reserved: true},
		}
	}
	for _, x := range list {
		m.Items = append(m.Items, view.MergeItem{
			Duplicate: x.Duplicado, When: x.En, By: x.Por, Why: x.Motivo, Undone: when(x.DeshechaEn), UndoneBy: x.DeshechaPor, UndoneWhy: x.DeshechaMotivo,
		})
	}
	return p.render(status, m)
}

// unmerge undoes a merge.
func (f *Function) unmerge(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id, duplicate := p.r.PathValue("id"), p.r.PathValue("duplicado")
	if err = f.confirm(p, v); err == nil {
		_, err = f.patient.Unmerge(p.ctx, id, duplicate, v.Get("motivo"), v.Get("idempotencia"))
	}
	if err == nil {
		return p.done(link.Merges(id), "separadas")
	}
	form, status, ok := refused(v, err)
	if !ok {
		return err
	}
	return f.showMerges(p, status, form, duplicate)
}
