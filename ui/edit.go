package ui

import (
	"net/http"
	"net/url"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/problem"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

func (f *Function) editForm(p *page) error {
	rec, err := f.patient.Read(p.ctx, p.r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := demographicsForm(rec.Demographics)
	if err != nil {
		return err
	}
	v.Set(view.OriginalField, v.Encode())
	return f.showEdit(p, http.StatusOK, rec, component.Form{Values: v, Version: etag(rec.Version)})
}

func (f *Function) showEdit(p *page, status int, rec patient.Patient, form component.Form) error {
	return p.render(status, view.PatientForm{
		Page: p.page(view.PatientsSection), ID: rec.DocumentoID, Name: bannerOf(rec, p.now).Name, Form: form, Codes: view.StandardPatientCodes(),
	})
}

// edit changes a patient's data, in the version that was shown.
func (f *Function) edit(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id := p.r.PathValue("id")
	if v.Get("accion") == "editar" { // from the page that shows a conflict
		rec, err := f.patient.Read(p.ctx, id)
		if err != nil {
			return err
		}
		return f.showEdit(p, http.StatusOK, rec, kept(v))
	}
	d, err := typedDemographics(v)
	if err == nil {
		_, err = f.patient.Update(p.ctx, id, versionOf(v.Get("version")), d, "")
	}
	if err != nil {
		return f.notEdited(p, id, v, err)
	}
	return p.done(link.Patient(id), "guardado")
}

// notEdited shows the form again; or, when the record changed meanwhile, adds
// what was changed here to it.
func (f *Function) notEdited(p *page, id string, v url.Values, err error) error {
	form, status, ok := refused(v, err)
	stale := problem.Status(err) == http.StatusPreconditionFailed
	if !ok && !stale {
		return err
	}
	rec, rerr := f.patient.Read(p.ctx, id)
	if rerr != nil {
		return rerr
	}
	if !stale {
		return f.showEdit(p, status, rec, form)
	}
	return f.reconcile(p, rec, v)
}

// reconcile saves what somebody changed in a version that is no longer the
// newest, where nobody else changed the same; what both changed is shown.
func (f *Function) reconcile(p *page, rec patient.Patient, v url.Values) error {
	theirs, err := demographicsForm(rec.Demographics)
	if err != nil {
		return err
	}
	original, err := url.ParseQuery(v.Get(view.OriginalField))
	if err != nil || len(original) == 0 { // nobody knows who changed what
		original = nil
	}
	merged, conflicts := view.Reconcile(original, theirs, v)
	merged.Set(view.OriginalField, theirs.Encode())
	form := component.Form{Values: merged, Version: etag(rec.Version)}
	if len(conflicts) > 0 {
		return p.render(http.StatusPreconditionFailed, view.PatientConflict{
			Page: p.page(view.PatientsSection), ID: rec.DocumentoID, Name: bannerOf(rec, p.now).Name,
			When: component.FormatTime(rec.ActualizadoEn), Changes: conflicts, Form: form,
		})
	}
	if len(view.ChangesBetween(theirs, merged)) > 0 { // else the button was pressed twice
		d, err := typedDemographics(merged)
		if err == nil {
			_, err = f.patient.Update(p.ctx, rec.DocumentoID, rec.Version, d, "")
		}
		if err != nil {
			again, status, ok := refused(merged, err)
			again.Version = form.Version
			if problem.Status(err) == http.StatusPreconditionFailed { // once more: what is shown now is still to be saved
				again.Problem, status, ok = "Estos datos están cambiando en otra parte. Guarde otra vez.", http.StatusPreconditionFailed, true
			}
			if !ok {
				return err
			}
			return f.showEdit(p, status, rec, again)
		}
	}
	return p.done(link.Patient(rec.DocumentoID), "guardado")
}
