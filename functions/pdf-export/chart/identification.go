package chart

import (
	"time"

	"hce.co/functions/pdf-export/chart/typeset"
)

// age is that of the patient at an instant, or at death.
func (p *Patient) age(at time.Time) string {
	if p.Deceased && !p.DeceasedAt.IsZero() {
		return prefixed("fallecido a los ", age(p.BirthDate, DateOf(p.DeceasedAt.In(bogota))))
	}
	return age(p.BirthDate, DateOf(at.In(bogota)))
}

// identification draws every field of the patient that has a value.
func (p *printer) identification() {
	pt := &p.chart.Patient
	p.section("Identificación del paciente")
	p.fields(3,
		typeset.Field{Label: "Número de historia clínica", Value: pt.RecordID},
		typeset.Field{Label: "Tipo de documento", Value: documentTypes.withCode(pt.DocumentType)},
		typeset.Field{Label: "Número de documento", Value: pt.DocumentNumber},
		typeset.Field{Label: "Primer apellido", Value: pt.FirstSurname},
		typeset.Field{Label: "Segundo apellido", Value: pt.SecondSurname},
		typeset.Field{Label: "Nombres", Value: join(" ", pt.FirstName, pt.SecondName)},
		typeset.Field{Label: "Nombre identitario", Value: pt.PreferredName},
		typeset.Field{Label: "Fecha de nacimiento", Value: join(", ", pt.BirthDate.day(), pt.BirthTime)},
		typeset.Field{Label: "Edad", Value: pt.age(p.chart.Document.GeneratedAt)},
		typeset.Field{Label: "Sexo biológico", Value: biologicalSexes.text(pt.BiologicalSex)},
		typeset.Field{Label: "Identidad de género", Value: genderIdentities.text(pt.GenderIdentity)},
		typeset.Field{Label: "Grupo sanguíneo y RH", Value: pt.bloodType()},
		typeset.Field{Label: "Estado civil", Value: free.text(pt.MaritalStatus)},
		typeset.Field{Label: "Nacionalidad", Value: list(free, pt.Nationalities)},
		typeset.Field{Label: "Ocupación", Value: free.withCode(pt.Occupation)},
		typeset.Field{Label: "Pertenencia étnica", Value: free.text(pt.Ethnicity)},
		typeset.Field{Label: "Comunidad étnica", Value: free.text(pt.EthnicCommunity)},
		typeset.Field{Label: "Discapacidad", Value: list(disabilities, pt.Disabilities)},
		typeset.Field{Label: "Dirección de residencia", Value: pt.Address},
		typeset.Field{Label: "Barrio o vereda", Value: pt.Neighbourhood},
		typeset.Field{Label: "Zona", Value: zones.of(pt.Zone)},
		typeset.Field{Label: "Municipio", Value: free.withCode(pt.Municipality)},
		typeset.Field{Label: "Departamento", Value: free.withCode(pt.Department)},
		typeset.Field{Label: "País de residencia", Value: free.withCode(pt.Country)},
		typeset.Field{Label: "Teléfono", Value: pt.Phone},
		typeset.Field{Label: "Celular", Value: pt.Mobile},
		typeset.Field{Label: "Correo electrónico", Value: pt.Email},
		typeset.Field{Label: "Entidad a la que pertenece (EPS o EAPB)", Value: free.withCode(pt.Payer)},
		typeset.Field{Label: "Régimen de afiliación", Value: free.text(pt.AffiliationRegime)},
		typeset.Field{Label: "Tipo de usuario", Value: userTypes.withCode(pt.UserType)},
		typeset.Field{Label: "Contacto de emergencia", Value: pt.EmergencyContact.line()},
		typeset.Field{Label: "Responsable del paciente", Value: pt.Guardian.line()},
		typeset.Field{Label: "Otros documentos de identidad", Value: pt.identifiers()},
		typeset.Field{Label: "Historias unidas a esta", Value: join("\n", pt.MergedFrom...)},
		typeset.Field{Label: "Voluntad anticipada", Value: pt.AdvanceDirective.line()},
		typeset.Field{Label: "Oposición a la donación de órganos", Value: pt.DonationOpposition.line()},
		typeset.Field{Label: "Fallecimiento", Value: pt.death()},
		typeset.Field{Label: "Estado del registro", Value: pt.status()},
		typeset.Field{Label: "Registro creado", Value: minute(pt.CreatedAt)},
		typeset.Field{Label: "Última actualización", Value: pt.lastUpdate()},
	)
}

func (p *Patient) bloodType() string {
	return join(" ", p.BloodGroup, labels{"+": "positivo (+)", "-": "negativo (−)", "−": "negativo (−)"}.of(p.RhFactor))
}

func (p *Patient) identifiers() string {
	var lines []string
	for _, i := range p.OtherDocuments {
		note := prefixed("desde ", dayOf(i.Since))
		if !i.Current {
			note = join(", ", note, "no vigente")
		}
		text := join(" ", documentTypes.text(i.Type), i.Number)
		if note != "" {
			text += " (" + note + ")"
		}
		lines = append(lines, text)
	}
	return join("\n", lines...)
}

func (d *Declaration) line() string {
	if d == nil {
		return ""
	}
	answer := "No registra"
	if d.Made {
		answer = "Sí"
	}
	return join(" · ", answer, d.On.day(), d.Detail)
}

func (p *Patient) death() string {
	if !p.Deceased {
		return ""
	}
	return join(" ", "Fallecido", minute(p.DeceasedAt))
}

func (p *Patient) status() string {
	status := ""
	if p.Inactive {
		status = "Inactivo"
	}
	return join(" · ", status, prefixed("Fusionado en ", p.MergedInto))
}

func (p *Patient) lastUpdate() string {
	version := ""
	if p.Version > 0 {
		version = "versión " + decimal(float64(p.Version), 0)
	}
	return join(" · ", minute(p.UpdatedAt), p.UpdatedBy, version)
}

// list joins the texts of several codes.
func list(l labels, codes []Coded) string {
	var texts []string
	for _, c := range codes {
		texts = append(texts, l.text(c))
	}
	return join(", ", texts...)
}
