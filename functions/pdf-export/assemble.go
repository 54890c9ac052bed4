package pdfexport

import (
	"slices"
	"time"

	patient "hce.co/functions/patient/api"
	"hce.co/functions/pdf-export/api"
	"hce.co/functions/pdf-export/chart"
	"hce.co/shared/civil"
	"hce.co/shared/crockford"
)

// kinds are the names by which the printer knows the kinds of document.
var kinds = map[string]chart.Kind{api.Full: chart.KindFull, api.Epicrisis: chart.KindEpicrisis, api.Note: chart.KindNote}

// assemble puts a record together as it is printed.
func assemble(s snapshot, j job, in Institution, publicURL string, now time.Time) chart.Chart {
	c := chart.Chart{
		Institution: chart.Institution{
			Name: in.Name, NIT: in.NIT, REPSCode: in.REPS, Address: in.Address, City: in.City, Phone: in.Phone, Email: in.Email,
		},
		Document: chart.Document{
			ID: j.ID.String(), Kind: kinds[j.Tipo], From: date(j.Filtros.Desde), To: date(j.Filtros.Hasta), GeneratedAt: now,
			VerificationCode: crockford.Show(j.Codigo), PublicURL: publicURL,
		},
		Patient:    person(s),
		Admissions: admissions(s),
		Notes:      notes(s),
		Problems:   problems(s),
		Results:    results(s),
	}
	c.Allergies, c.AllergyDenial = allergies(s)
	c.Medications = medications(s)
	// Without a reason the document is served to whoever may read the chart,
	// and names nobody.
	if j.Motivo != "" {
		c.Document.RequestedBy, c.Document.RequestedAt, c.Document.Reason = j.SolicitadoPorNombre, j.Creado, j.Motivo
	}
	return c
}

func person(s snapshot) chart.Patient {
	p := s.Paciente
	out := chart.Patient{
		RecordID: p.DocumentoID, Version: p.Version, CreatedAt: p.CreadoEn, UpdatedAt: p.ActualizadoEn,
		DocumentType: chart.Coded{Code: p.TipoDocumento}, DocumentNumber: p.NumeroDocumento,
		FirstSurname: p.PrimerApellido, SecondSurname: p.SegundoApellido, FirstName: p.PrimerNombre, SecondName: p.SegundoNombre,
		PreferredName: p.NombreIdentitario, BirthDate: date(p.FechaNacimiento), BirthTime: p.HoraNacimiento,
		BiologicalSex: chart.Coded{Code: p.SexoBiologico}, GenderIdentity: chart.Coded{Code: p.IdentidadGenero},
		Address: p.Direccion, Neighbourhood: p.Barrio, Municipality: municipalities.coded(p.Municipio),
		Department: departments.coded(p.Departamento), Country: country(p.Pais), Zone: p.Zona,
		Ethnicity: ethnicities.coded(p.Etnia), EthnicCommunity: chart.Coded{Text: p.ComunidadEtnica}, Occupation: chart.Coded{Text: p.Ocupacion},
		MaritalStatus: maritalStatuses.coded(p.EstadoCivil), Phone: p.Telefono, Mobile: p.Celular, Email: p.CorreoElectronico,
		BloodGroup: p.GrupoSanguineo, RhFactor: p.FactorRH, Payer: chart.Coded{Code: p.EntidadCodigo, Text: p.EntidadPertenece},
		AffiliationRegime: regimes.coded(p.RegimenAfiliacion), UserType: chart.Coded{Code: p.TipoUsuario},
		EmergencyContact: contact(p.ContactoEmergencia), Guardian: contact(p.Responsable),
		AdvanceDirective: declaration(p.VoluntadAnticipada), DonationOpposition: declaration(p.OposicionDonacion),
		Deceased: p.Fallecido, DeceasedAt: instant(p.FechaFallecimiento), Inactive: !p.Activo,
	}
	if p.FusionadoEn != nil {
		// Only its own patient still gets a document of it alone, who is not told
		// which other: by mistake that may be somebody else's.
		out.MergedInto = "otra historia"
	}
	out.MergedFrom = s.unidas
	for _, n := range p.Nacionalidades {
		out.Nationalities = append(out.Nationalities, country(n))
	}
	for _, d := range p.Discapacidades {
		out.Disabilities = append(out.Disabilities, chart.Coded{Code: d})
	}
	for i, d := range s.Documentos {
		if (d.Tipo != p.TipoDocumento || d.Numero != p.NumeroDocumento) && !slices.Contains(s.Documentos[:i], d) {
			out.OtherDocuments = append(out.OtherDocuments, chart.Identifier{Type: chart.Coded{Code: d.Tipo}, Number: d.Numero})
		}
	}
	return out
}

func contact(c *patient.Contact) chart.Contact {
	if c == nil {
		return chart.Contact{}
	}
	return chart.Contact{Name: c.Nombre, Relationship: kinships.label(c.Parentesco), Phone: c.Telefono}
}

func declaration(w *patient.Will) *chart.Declaration {
	if w == nil {
		return nil
	}
	return &chart.Declaration{Made: w.Manifiesta, On: date(w.Fecha), Detail: w.Detalle}
}

// date reads a day of the wire; one that is missing stays unknown.
func date(s string) chart.Date {
	day, err := civil.ParseDate(s)
	if err != nil {
		return chart.Date{}
	}
	return chart.DateOf(day)
}
