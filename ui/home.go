package ui

import (
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	admission "hce.co/functions/admission/api"
	login "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/ui/view"
)

// home is where everybody arrives: a part for each role that they have, read at
// once.
func (f *Function) home(p *page) error {
	m := view.Home{Page: p.page(view.HomeSection)}
	var g errgroup.Group
	if p.s.Is(string(auth.Patient)) && p.s.DocumentoID != "" {
		g.Go(func() (err error) {
			m.Patient, err = f.patientHome(p)
			return err
		})
	}
	if p.s.Is(string(auth.Physician)) {
		g.Go(func() (err error) {
			m.Physician, err = f.physicianHome(p)
			return err
		})
	}
	if p.s.Is(string(auth.Registrar)) {
		g.Go(func() (err error) {
			m.Reception, err = f.receptionHome(p)
			return err
		})
	}
	if p.s.Is(string(auth.Admin)) {
		g.Go(func() (err error) {
			m.Admin, err = f.adminHome(p)
			return err
		})
	}
	if p.s.Is(string(auth.Operator)) {
		g.Go(func() error {
			s, err := f.system(p)
			m.System = &s
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return p.show(m)
}

const (
	glance    = 3  // rows of a list that a home page shows
	homeStays = 50 // patients of a service on a home page
	maxDrafts = 20
	maxUnseen = 20
)

// patientHome is a patient's own record in short.
func (f *Function) patientHome(p *page) (*view.PatientHome, error) {
	id := p.s.DocumentoID
	h := &view.PatientHome{}
	var g errgroup.Group
	g.Go(func() (err error) {
		h.Patient, _, err = f.banner(p, id)
		return err
	})
	g.Go(func() error {
		list, _, err := f.notes.Notes(p.ctx, id, glance, "")
		h.Notes = noteItems(p, id, list)
		return err
	})
	g.Go(func() error {
		list, err := f.notes.CurrentMedications(p.ctx, id)
		h.Medications = medicationItems(id, list)
		return err
	})
	g.Go(func() error {
		list, _, err := f.pdf.List(p.ctx, id, glance, "")
		h.Exports = exportItems(list)
		return err
	})
	g.Go(func() error {
		rows, _, err := f.patient.Trail(p.ctx, id, trailPage, "")
		others := slices.DeleteFunc(accessItems(rows), func(a view.Access) bool { return a.Role == string(auth.Patient) })
		h.Accesses = others[:min(len(others), 2*glance)]
		return err
	})
	return h, g.Wait()
}

// physicianHome is what waits for a médico: who is in their services, the notes
// that they have not signed, and the results that nobody has seen.
func (f *Function) physicianHome(p *page) (*view.PhysicianHome, error) {
	h := &view.PhysicianHome{}
	stays := make([][]view.Stay, len(p.s.Services))
	var g errgroup.Group
	g.SetLimit(4)
	g.Go(func() error {
		list, _, err := f.notes.Drafts(p.ctx, maxDrafts, "")
		for _, d := range list {
			h.Drafts = append(h.Drafts, view.NoteItem{
				PatientID: d.DocumentoID, ID: d.ID.String(), PatientName: d.Paciente, Type: d.Tipo, State: "borrador", When: d.ActualizadoEn,
				Excerpt: excerpt(d.MotivoConsulta), Mine: true,
			})
		}
		return err
	})
	g.Go(func() error {
		list, next, err := f.notes.UnseenResults(p.ctx, maxUnseen, "")
		if err == nil {
			h.Unseen, h.UnseenMore = unseenItems(list), next != ""
		}
		return optional(err)
	})
	var names []string
	for i, service := range p.s.Services {
		names = append(names, admission.ServiceName(service))
		g.Go(func() error {
			list, _, err := f.admission.Census(p.ctx, service, homeStays, "")
			stays[i] = stayItems(list, p.now)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, list := range stays {
		h.Patients = append(h.Patients, list...)
	}
	h.Services = strings.Join(names, ", ")
	return h, nil
}

// receptionHome is what an admisionista has at hand.
func (f *Function) receptionHome(p *page) (*view.ReceptionHome, error) {
	h := &view.ReceptionHome{}
	var g errgroup.Group
	g.Go(func() (err error) {
		h.Waiting, err = f.waiting(p)
		return err
	})
	g.Go(func() error {
		list, _, err := allStays(func(after string) ([]admission.Stay, string, error) {
			return f.admission.Census(p.ctx, "", stayPage, after)
		})
		for _, s := range list {
			if n := len(h.Beds); n == 0 || h.Beds[n-1].Service != s.ServicioNombre {
				h.Beds = append(h.Beds, view.ServiceCount{Service: s.ServicioNombre})
			}
			h.Beds[len(h.Beds)-1].Occupied++
		}
		return err
	})
	return h, g.Wait()
}

// adminHome is what waits for an administrador.
func (f *Function) adminHome(p *page) (*view.AdminHome, error) {
	h := &view.AdminHome{}
	var g errgroup.Group
	g.Go(func() error {
		list, _, err := f.patient.Emergencies(p.ctx, reviewPage, "")
		h.Reviews = len(list)
		return err
	})
	g.Go(func() error {
		users, more, err := f.accounts(p)
		for _, u := range users {
			if u.Activo {
				h.Active++
			} else {
				h.Disabled++
			}
		}
		h.More, h.Last = more, lastSignIns(users)
		return err
	})
	return h, g.Wait()
}

// accounts reads those of the clinic, up to a bound; more when there are others.
func (f *Function) accounts(p *page) (users []login.User, more bool, err error) {
	next := ""
	for range maxAccounts / userPage {
		var part []login.User
		if part, next, err = f.login.Users(p.ctx, login.UserSearch{Limit: userPage, After: next}); err != nil {
			return nil, false, err
		}
		if users = append(users, part...); next == "" {
			break
		}
	}
	return users, next != "", nil
}
