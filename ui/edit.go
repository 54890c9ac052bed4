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

// notEdited shows the form again, or what somebody else changed meanwhile.
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
	theirs, ferr := demographicsForm(rec.Demographics)
	if ferr != nil {
		return ferr
	}
	changes := view.ChangesBetween(theirs, v)
	if len(changes) == 0 { // the button was pressed twice
		return p.done(link.Patient(id), "guardado")
	}
	form.Version = etag(rec.Version)
	return p.render(http.StatusPreconditionFailed, view.PatientConflict{
		Page: p.page(view.PatientsSection), ID: rec.DocumentoID, Name: bannerOf(rec, p.now).Name, By: "Otra persona",
		When: component.FormatTime(rec.ActualizadoEn), Changes: changes, Form: form,
	})
}
