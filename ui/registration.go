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

func (f *Function) registerForm(p *page) error {
	form := blankForm()
	form.Values = f.soughtDocument(p)
	return f.showRegistration(p, http.StatusOK, view.PatientForm{Form: form})
}

func (f *Function) showRegistration(p *page, status int, m view.PatientForm) error {
	m.Page, m.Codes = p.page(view.PatientsSection), view.StandardPatientCodes()
	return p.render(status, m)
}

// register opens a record, after it has shown who might be the same person.
func (f *Function) register(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	d, err := typedDemographics(v)
	if err != nil {
		return f.notRegistered(p, v, err)
	}
	if v.Get("confirmar_nuevo") != "si" {
		alike, err := f.alike(p, d)
		if err != nil {
			return err
		}
		if len(alike) > 0 {
			return f.showRegistration(p, http.StatusConflict, view.PatientForm{Form: kept(v), Duplicates: alike})
		}
	}
	rec, err := f.patient.Register(p.ctx, d, v.Get("idempotencia"))
	if err != nil {
		return f.notRegistered(p, v, err)
	}
	return p.done(link.Patient(rec.DocumentoID), "registrado")
}

// alike lists who might be the person about to be registered. What is wrong
// with the form is for the registration to say.
func (f *Function) alike(p *page, d patient.Demographics) ([]view.PatientItem, error) {
	found, err := f.patient.LikelyDuplicates(p.ctx, d)
	if err != nil {
		if st := problem.Status(err); st == http.StatusBadRequest || st == http.StatusUnprocessableEntity {
			return nil, nil
		}
		return nil, err
	}
	var items []view.PatientItem
	for _, s := range found {
		items = append(items, patientItem(s, p.now))
	}
	return items, nil
}

// notRegistered shows the form again: with what is wrong in it, or with the
// record that has the document already.
func (f *Function) notRegistered(p *page, v url.Values, err error) error {
	form, status, ok := refused(v, err)
	if !ok {
		return err
	}
	m := view.PatientForm{Form: form}
	if pr, _ := err.(*problem.Error); pr != nil { //nolint:errorlint // the clients return it bare
		if id, ok := pr.Members["documento_id"].(string); ok && status == http.StatusConflict {
			rec, err := f.patient.Read(p.ctx, id)
			if err != nil {
				return err
			}
			item := recordItem(rec, p)
			m.Existing = &item
		}
	}
	if m.Existing == nil && v.Get("confirmar_nuevo") == "si" {
		if d, err := typedDemographics(v); err == nil {
			if m.Duplicates, err = f.alike(p, d); err != nil {
				return err
			}
		}
	}
	return f.showRegistration(p, status, m)
}

// recordItem is a record that was read, as a list shows it.
func recordItem(rec patient.Patient, p *page) view.PatientItem {
	b := bannerOf(rec, p.now)
	return view.PatientItem{
		ID: b.ID, Name: b.Name, Document: b.Document, BirthDate: b.BirthDate, Age: b.Age, Sex: b.Sex, Inactive: b.Inactive,
		Why: "Mismo documento",
	}
}

// kept is a form with what was typed in it.
func kept(v url.Values) component.Form {
	return component.Form{Values: v, Key: v.Get("idempotencia"), Version: v.Get("version")}
}
