package ui

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

const searchPage = 20 // records in a page of what a search found

// searchForm is where staff look for a patient; a patient has but one record to
// look at.
func (f *Function) searchForm(p *page) error {
	if !p.s.may(auth.SearchPatients) {
		if p.s.DocumentoID != "" {
			return p.redirect(link.Patient(p.s.DocumentoID))
		}
		return &problem.Error{Status: http.StatusForbidden}
	}
	return p.show(view.PatientSearch{Page: p.page(view.PatientsSection), CanAdd: p.s.may(auth.RegisterPatient)})
}

// search finds patients by name or document. It is posted, so that no name
// stands in an address.
func (f *Function) search(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	m := view.PatientSearch{Page: p.page(view.PatientsSection), CanAdd: p.s.may(auth.RegisterPatient)}
	m.Form.Values = v
	in := patient.Search{Q: strings.TrimSpace(v.Get("q")), Limite: searchPage, Despues: v.Get("despues")}
	found, next, err := f.patient.Search(p.ctx, in)
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		m.Form = form
		return p.render(status, m)
	}
	m.Done, m.More = true, next
	for _, s := range found {
		m.Items = append(m.Items, patientItem(s, p.now))
	}
	return p.show(m)
}

// patientItem is a record in a list of matches.
func patientItem(s patient.Summary, now time.Time) view.PatientItem {
	item := view.PatientItem{
		ID: s.DocumentoID, Name: listName(s.PrimerApellido, s.SegundoApellido, s.PrimerNombre, s.SegundoNombre),
		Document: component.FormatDocument(s.TipoDocumento, s.NumeroDocumento), BirthDate: s.FechaNacimiento,
		Age: component.Age(s.FechaNacimiento, now), Sex: catalog.Sexes.Label(s.SexoBiologico),
	}
	if s.Parecido > 0 {
		item.Why = "Parecido " + strconv.Itoa(s.Parecido) + " %"
		item.Likely = s.Parecido >= likely
	}
	return item
}

const likely = 80 // per cent of resemblance from which two records are probably one person

// summary is the first page of a record.
func (f *Function) summary(p *page) error {
	f = f.asked(p)
	c, rec, err := f.chart(p, p.r.PathValue("id"), view.SummaryTab)
	if err != nil {
		return err
	}
	m := view.ChartSummary{
		Chart: c, Identity: identityTerms(rec), Contact: contactTerms(rec), Coverage: coverageTerms(rec),
	}
	id := rec.DocumentoID
	var g errgroup.Group
	g.Go(func() (err error) {
		m.Documents, err = f.identityDocuments(p, id)
		return err
	})
	if c.Can.Admissions {
		g.Go(func() (err error) {
			m.Stay, err = f.openStay(p, id)
			return err
		})
	}
	if c.Can.ReadChart {
		g.Go(func() error { return f.clinicalSummary(p, &m) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return p.show(m)
}

func identityTerms(rec patient.Patient) []component.Term {
	born := component.FormatDate(rec.FechaNacimiento)
	if rec.HoraNacimiento != "" {
		born += ", " + rec.HoraNacimiento
	}
	return []component.Term{
		{Name: "Nacimiento", Value: born},
		{Name: "Sexo biológico", Value: catalog.Sexes.Label(rec.SexoBiologico)},
		{Name: "Identidad de género", Value: catalog.GenderIdentities.Label(rec.IdentidadGenero)},
		{Name: "Nacionalidad", Value: strings.Join(catalog.Countries.Labels(rec.Nacionalidades), ", ")},
		{Name: "Estado civil", Value: catalog.MaritalStatuses.Label(rec.EstadoCivil)},
		{Name: "Ocupación", Value: rec.Ocupacion},
		{Name: "Pertenencia étnica", Value: joined(", ", catalog.Ethnicities.Label(rec.Etnia), rec.ComunidadEtnica)},
		{Name: "Discapacidad", Value: strings.Join(catalog.Disabilities.Labels(rec.Discapacidades), ", ")},
		{Name: "Voluntad anticipada", Value: willText(rec.VoluntadAnticipada)},
		{Name: "Oposición a la donación", Value: willText(rec.OposicionDonacion)},
	}
}

func willText(w *patient.Will) string {
	if w == nil || !w.Manifiesta {
		return ""
	}
	return joined(". ", joined(", ", "Sí", component.FormatDate(w.Fecha)), w.Detalle)
}

func contactTerms(rec patient.Patient) []component.Term {
	place := joined(", ", catalog.Municipalities.Label(rec.Municipio), catalog.Departments.Label(rec.Departamento))
	if rec.Pais != colombia {
		place = joined(", ", place, catalog.Countries.Label(rec.Pais))
	}
	return []component.Term{
		{Name: "Celular", Value: rec.Celular},
		{Name: "Teléfono", Value: rec.Telefono},
		{Name: "Correo", Value: rec.CorreoElectronico},
		{Name: "Dirección", Value: joined(", ", rec.Direccion, rec.Barrio)},
		{Name: "Residencia", Value: place},
		{Name: "Zona", Value: catalog.Zones.Label(rec.Zona)},
		{Name: "Contacto de emergencia", Value: contactText(rec.ContactoEmergencia)},
		{Name: "Responsable", Value: contactText(rec.Responsable)},
	}
}

const colombia = "170" // ISO 3166-1

func contactText(c *patient.Contact) string {
	if c == nil {
		return ""
	}
	return joined(" · ", c.Nombre, c.Parentesco, c.Telefono)
}

func coverageTerms(rec patient.Patient) []component.Term {
	return []component.Term{
		{Name: "Entidad", Value: joined(" · ", rec.EntidadPertenece, rec.EntidadCodigo)},
		{Name: "Régimen", Value: catalog.Regimes.Label(rec.RegimenAfiliacion)},
		{Name: "Tipo de usuario", Value: catalog.UserTypes.Label(rec.TipoUsuario)},
	}
}
