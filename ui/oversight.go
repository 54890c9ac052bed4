package ui

import (
	"net/http"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

func (f *Function) emergencyForm(p *page) error {
	return f.showEmergency(p, http.StatusOK, blankForm())
}

func (f *Function) showEmergency(p *page, status int, form component.Form) error {
	c, _, err := f.chart(p, p.r.PathValue("id"), view.SummaryTab)
	if err != nil {
		return err
	}
	return p.render(status, view.Emergency{Chart: c, Form: form})
}

// breakGlass opens a record for an hour to a médico who is in no relation to it.
func (f *Function) breakGlass(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id := p.r.PathValue("id")
	if _, err := f.patient.BreakGlass(p.ctx, id, v.Get("motivo"), v.Get("idempotencia")); err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		return f.showEmergency(p, status, form)
	}
	return p.done(link.Patient(id), "emergencia")
}

const (
	trailPage  = 50  // rows in a page of the trail
	reviewPage = 100 // emergency accesses in a page of those to judge, as many as there may be in one
)

// trail shows who saw a record: to its patient, and to the administrador, who
// may not open the record itself.
func (f *Function) trail(p *page) error {
	id := p.r.PathValue("id")
	m := view.Trail{Own: p.s.owns(id)}
	var next string
	var g errgroup.Group
	g.Go(func() (err error) {
		var rows []patient.Access
		rows, next, err = f.patient.Trail(p.ctx, id, trailPage, p.r.URL.Query().Get("despues"))
		m.Items = accessItems(rows)
		return err
	})
	if p.s.may(auth.ReadPatient) {
		g.Go(func() (err error) {
			m.Chart, _, err = f.chart(p, id, view.TrailTab)
			return err
		})
	} else {
		m.Chart = view.Chart{
			Page: p.page(view.ReviewSection), Tab: view.TrailTab,
			Patient: view.Patient{ID: id, Name: "Historia " + id, Document: id, Reserved: true},
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	m.Pager = p.pager(link.Trail(id), next)
	return p.show(m)
}

// accessItems lists a trail, what was read for one page as one access.
func accessItems(rows []patient.Access) []view.Access {
	type action struct{ request, name, role, kind, result string }
	var items []view.Access
	read := map[action]int{} // where it stands in items
	for _, a := range rows {
		key := action{a.Peticion, a.Nombre, a.Rol, a.Tipo, a.Resultado}
		what := catalog.ResourceLabel(a.Recurso)
		if i, ok := read[key]; ok {
			if !slices.Contains(items[i].Resources, what) {
				items[i].Resources = append(items[i].Resources, what)
			}
			continue
		}
		if a.Tipo == "read" && a.Peticion != "" {
			read[key] = len(items)
		}
		items = append(items, view.Access{
			When: a.En, Name: a.Nombre, Role: a.Rol, Type: a.Tipo, Resources: []string{what}, Reason: a.Motivo,
			Refused: a.Resultado != "exito", Emergency: a.Tipo == "break-glass",
		})
	}
	return items
}

// review lists the emergency accesses that nobody has judged yet.
func (f *Function) review(p *page) error {
	list, next, err := f.patient.Emergencies(p.ctx, reviewPage, p.r.URL.Query().Get("despues"))
	if err != nil {
		return err
	}
	m := view.Review{Page: p.page(view.ReviewSection), Pager: p.pager(link.Review, next)}
	for _, e := range list {
		m.Items = append(m.Items, view.EmergencyItem{
			PatientID: e.DocumentoID, ID: e.ID.String(), PatientName: e.DocumentoID, Who: e.Nombre, Why: e.Motivo, From: e.Desde, Until: e.Hasta,
			Decision: e.Decision, Decided: when(e.RevisadoEn), Own: e.UsuarioID.String() == p.s.ID,
		})
	}
	return p.show(m)
}

// decide records the administrador's word on an emergency access.
func (f *Function) decide(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	access, err := uuid.Parse(p.r.PathValue("acceso"))
	if err != nil {
		return problem.NotFound("No existe ese acceso.")
	}
	if _, err := f.patient.ReviewEmergency(p.ctx, p.r.PathValue("id"), access, v.Get("decision"), v.Get("idempotencia")); err != nil {
		return err
	}
	return p.done(link.Review, "revision")
}
