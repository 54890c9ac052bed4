package ui

import (
	"time"

	admission "hce.co/functions/admission/api"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

const (
	stayPage  = 100 // patients in an answer of the census
	stayPages = 10  // answers that one page of ours puts together
)

// allStays puts together the pages of the census or of a queue, up to a bound;
// next is not empty when there is more.
func allStays(read func(after string) ([]admission.Stay, string, error)) (list []admission.Stay, next string, err error) {
	for range stayPages {
		var part []admission.Stay
		if part, next, err = read(next); err != nil {
			return nil, "", err
		}
		if list = append(list, part...); next == "" {
			break
		}
	}
	return list, next, nil
}

// census shows who is here, by service and bed.
func (f *Function) census(p *page) error {
	service := p.r.URL.Query().Get("servicio")
	list, next, err := allStays(func(after string) ([]admission.Stay, string, error) {
		return f.admission.Census(p.ctx, service, stayPage, after)
	})
	if err != nil {
		return err
	}
	m := view.Census{
		Page: p.page(view.CensusSection), At: p.now, Services: catalog.Services.Options(), Truncated: next != "",
		Filter: component.Form{Values: map[string][]string{"servicio": {service}}},
	}
	for _, s := range list {
		if n := len(m.Groups); n == 0 || m.Groups[n-1].Count.Service != s.ServicioNombre {
			m.Groups = append(m.Groups, view.Ward{Count: view.ServiceCount{Service: s.ServicioNombre}})
		}
		w := &m.Groups[len(m.Groups)-1]
		w.Count.Occupied++
		w.Stays = append(w.Stays, stayItem(s, p.now))
	}
	return p.show(m)
}

// triage shows who waits in urgencias, the most urgent first.
func (f *Function) triage(p *page) error {
	list, err := f.waiting(p)
	if err != nil {
		return err
	}
	m := view.TriageQueue{Page: p.page(view.TriageSection), At: p.now}
	for _, s := range list {
		if s.Triage == 0 {
			m.Unclassified = append(m.Unclassified, s)
		} else {
			m.Levels[s.Triage-1] = append(m.Levels[s.Triage-1], s)
		}
	}
	return p.show(m)
}

func (f *Function) waiting(p *page) ([]view.Stay, error) {
	list, _, err := allStays(func(after string) ([]admission.Stay, string, error) {
		return f.admission.TriageQueue(p.ctx, stayPage, after)
	})
	return stayItems(list, p.now), err
}

func stayItems(list []admission.Stay, now time.Time) []view.Stay {
	out := make([]view.Stay, len(list))
	for i, s := range list {
		out[i] = stayItem(s, now)
	}
	return out
}

// stayItem is a present patient in a list.
func stayItem(s admission.Stay, now time.Time) view.Stay {
	out := view.Stay{
		PatientID: s.DocumentoID, Name: s.Nombre, Document: component.FormatDocument(s.TipoDocumento, s.NumeroDocumento),
		Age: component.Age(s.FechaNacimiento, now), Sex: catalog.Sexes.Label(s.SexoBiologico), AdmissionID: s.AdmisionID.String(),
		Class: s.Clase, State: s.Estado, Service: s.ServicioNombre, Bed: s.Cama, Since: s.Inicio,
		Waited: component.Elapsed(s.Inicio, now), Physician: s.Profesional,
	}
	if s.TriageNivel != nil && *s.TriageNivel >= 1 && *s.TriageNivel <= 5 {
		out.Triage = *s.TriageNivel
	}
	limit, bounded := triageLimit[out.Triage]
	if s.TriageHora != nil && bounded && (s.Estado == "arrived" || s.Estado == "triaged") {
		out.Late = now.Sub(*s.TriageHora) > limit
	}
	return out
}

// triageLimit is how long a patient may wait for the médico after being
// classified (Res. 5596/2015, art. 5): at once in level I, half an hour in
// level II. What the other levels may wait, each institution says.
var triageLimit = map[int]time.Duration{1: time.Minute, 2: 30 * time.Minute}
