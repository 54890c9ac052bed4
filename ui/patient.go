package ui

import (
	"strings"

	"golang.org/x/sync/errgroup"

	patient "hce.co/functions/patient/api"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

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
