package ui

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	admission "hce.co/functions/admission/api"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

const admissionsPage = 20 // admissions in a page of a record's list

// admissions lists those of a record.
func (f *Function) admissions(p *page) error {
	c, rec, err := f.chart(p, p.r.PathValue("id"), view.AdmissionsTab)
	if err != nil {
		return err
	}
	list, next, err := f.admission.List(p.ctx, rec.DocumentoID, admissionsPage, p.r.URL.Query().Get("despues"))
	if err != nil {
		return err
	}
	m := view.AdmissionList{Chart: c, Pager: p.pager(link.Admissions(rec.DocumentoID), next)}
	for _, a := range list {
		m.Items = append(m.Items, view.AdmissionItem{
			ID: a.ID.String(), Number: strconv.FormatInt(a.Numero, 10), Class: a.Clase, State: a.Estado, Start: a.Inicio, End: when(a.Fin),
			Service: admission.ServiceName(a.Servicio), Bed: a.Cama, Cause: a.CausaMotivo, Condition: a.CondicionEgreso,
			Physician: physicianOf(a),
		})
	}
	return p.show(m)
}

func (f *Function) admitForm(p *page) error {
	return f.showAdmit(p, http.StatusOK, view.AdmissionForm{Form: blankForm()})
}

func (f *Function) showAdmit(p *page, status int, m view.AdmissionForm) error {
	var g errgroup.Group
	g.Go(func() (err error) {
		m.Chart, _, err = f.chart(p, p.r.PathValue("id"), view.AdmissionsTab)
		return err
	})
	g.Go(func() (err error) {
		m.Stay, err = f.openStay(p, p.r.PathValue("id"))
		return optional(err)
	})
	if err := g.Wait(); err != nil {
		return err
	}
	m.Codes = view.StandardAdmissionCodes()
	return p.render(status, m)
}

// admit opens an admission.
func (f *Function) admit(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	in, err := typedOpening(v, p.r.PathValue("id"))
	var a admission.Admission
	if err == nil {
		a, err = f.admission.Open(p.ctx, in, v.Get("idempotencia"))
	}
	if err == nil {
		return p.done(link.Admission(a.DocumentoID, a.ID.String()), "admitido")
	}
	form, status, ok := refused(v, err)
	if !ok {
		return err
	}
	m := view.AdmissionForm{Form: form}
	if pr, _ := err.(*problem.Error); pr != nil { //nolint:errorlint // the clients return it bare
		if id, ok := pr.Members["admision_id"].(string); ok {
			m.Open = link.Admission(in.DocumentoID, id)
		}
	}
	return f.showAdmit(p, status, m)
}

// typedOpening reads the form that admits. The payer is written by name.
func typedOpening(v url.Values, id string) (admission.Opening, error) {
	var in admission.Opening
	if err := bind(v, &in); err != nil {
		return in, err
	}
	in.ID, in.DocumentoID = "", id
	if in.EAPB != nil && in.EAPB.Codigo == "" {
		in.EAPB.Codigo, _ = catalog.Payers.Find(in.EAPB.Nombre)
	}
	return in, nil
}

// openStay is the admission of a record that is open, nil when none is.
func (f *Function) openStay(p *page, id string) (*view.Stay, error) {
	list, _, err := f.admission.List(p.ctx, id, admissionsPage, "")
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if !over(a) && a.Estado != "planned" {
			s := stayOf(a)
			return &s, nil
		}
	}
	return nil, nil
}

func over(a admission.Admission) bool { return a.Estado == "finished" || a.Estado == "cancelled" }

// stayOf is an admission as its card shows it.
func stayOf(a admission.Admission) view.Stay {
	s := view.Stay{
		PatientID: a.DocumentoID, AdmissionID: a.ID.String(), Class: a.Clase, State: a.Estado, Service: admission.ServiceName(a.Servicio),
		Bed: a.Cama, Since: a.Inicio, Physician: physicianOf(a),
	}
	if a.Triage != nil {
		s.Triage, s.Reason = a.Triage.Nivel, a.Triage.Motivo
	}
	return s
}

func physicianOf(a admission.Admission) string {
	if a.Profesional == nil {
		return ""
	}
	return a.Profesional.Nombre
}

// admissionName tells admissions apart in a list of choices.
func admissionName(a admission.Admission) string {
	return joined(" · ", strconv.FormatInt(a.Numero, 10), catalog.EncounterClasses.Label(a.Clase), admission.ServiceName(a.Servicio))
}

// admissionFacts are what an admission's page says of it.
func admissionFacts(a admission.Admission) []component.Term {
	payer, companion := "", ""
	if a.EAPB != nil {
		payer = joined(" · ", a.EAPB.Nombre, a.EAPB.Codigo)
	}
	if c := a.Acompanante; c != nil {
		companion = joined(" · ", c.Nombre, c.Parentesco, c.Telefono)
	}
	return []component.Term{
		{Name: "Clase", Value: catalog.EncounterClasses.Label(a.Clase)},
		{Name: "Inicio", Value: component.FormatTime(a.Inicio)},
		{Name: "Fin", Value: component.FormatTime(when(a.Fin))},
		{Name: "Servicio", Value: admission.ServiceName(a.Servicio)},
		{Name: "Cama", Value: a.Cama},
		{Name: "Sede", Value: a.Sede},
		{Name: "Profesional", Value: physicianOf(a)},
		{Name: "Vía de ingreso", Value: catalog.EntryRoutes.Label(a.ViaIngreso)},
		{Name: "Causa", Value: catalog.Causes.Label(a.CausaMotivo)},
		{Name: "Finalidad", Value: catalog.Purposes.Label(a.Finalidad)},
		{Name: "Modalidad", Value: catalog.Modalities.Label(a.Modalidad)},
		{Name: "Grupo de servicios", Value: catalog.ServiceGroups.Label(a.GrupoServicios)},
		{Name: "Entorno", Value: catalog.Settings.Label(a.Entorno)},
		{Name: "CUPS", Value: a.CUPS},
		{Name: "Entidad", Value: payer},
		{Name: "Tipo de usuario", Value: catalog.UserTypes.Label(a.TipoUsuario)},
		{Name: "Autorización", Value: a.NumAutorizacion},
		{Name: "Acompañante", Value: companion},
		{Name: "Prestador que remite", Value: a.PrestadorRemite},
		{Name: "Condición de egreso", Value: catalog.DischargeConditions.Label(a.CondicionEgreso)},
		{Name: "Estado al egreso", Value: catalog.VitalStates.Label(a.EstadoEgreso)},
		{Name: "Prestador de destino", Value: a.PrestadorDestino},
		{Name: "Observaciones", Value: strings.TrimSpace(a.ObservacionesEgreso)},
		{Name: "Admitió", Value: a.AdmitidoPor},
	}
}
