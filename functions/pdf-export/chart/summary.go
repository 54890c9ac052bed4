package chart

import "hce.co/functions/pdf-export/chart/typeset"

// allergies draws what must not be overlooked, under a bar that stands out without colour too.
func (p *printer) allergies() {
	c := p.chart
	p.Space(10)
	heading := "ALERGIAS"
	switch {
	case len(c.Allergies) > 0:
	case c.AllergyDenial != nil:
		heading = "ALERGIAS: NIEGA ALERGIAS"
	default:
		heading = "ALERGIAS: SIN INFORMACIÓN"
	}
	p.Hold(0, 0, func() { p.Bookmark("Alergias") })
	p.banner(heading, 0)
	p.Railed(3, 7, 60, ink, func() {
		p.SetY(p.Y() + 4)
		p.allergyTable()
		denial := c.AllergyDenial
		switch {
		case denial != nil && len(c.Allergies) > 0:
			p.Text(join(" · ", "También consta que el paciente negó alergias", minute(denial.At), denial.By), strong)
		case denial != nil:
			p.Text(join(" · ", "El paciente niega alergias", minute(denial.At), denial.By), body)
		case len(c.Allergies) == 0:
			p.Text("No consta que se haya preguntado al paciente por sus alergias.", body)
		}
		p.SetY(p.Y() + 2)
	})
}

func (p *printer) allergyTable() {
	var rows [][]typeset.Cell
	for _, a := range p.chart.Allergies {
		rows = append(rows, []typeset.Cell{
			{Text: a.Substance, Bold: true},
			{Text: allergyKinds.text(a.Kind)},
			{Text: a.Reaction},
			{Text: criticalities.of(a.Criticality), Bold: true},
			{Text: statuses.of(a.Status)},
			{Text: join("\n", dayOf(a.RecordedAt), a.RecordedBy)},
		})
	}
	p.table([]typeset.Column{
		{Title: "Sustancia", Share: 24}, {Title: "Tipo", Share: 13}, {Title: "Reacción", Share: 26},
		{Title: "Criticidad", Share: 11}, {Title: "Estado", Share: 12}, {Title: "Registrada", Share: 21},
	}, rows)
}

func (p *printer) medications() {
	if len(p.chart.Medications) == 0 && !p.full() {
		return
	}
	p.section("Medicamentos activos")
	if len(p.chart.Medications) == 0 {
		p.Text("Sin medicamentos activos registrados.", body)
		return
	}
	p.medicationTable(p.chart.Medications)
}

// medicationTable serves the active medication and the prescriptions of a note.
func (p *printer) medicationTable(medications []Medication) {
	var rows [][]typeset.Cell
	for _, m := range medications {
		rows = append(rows, []typeset.Cell{
			{Text: join("\n", m.Name, prefixed("CUM ", m.CUM)), Bold: true},
			{Text: join(" ", m.Dose, m.DoseUnit)},
			{Text: free.text(m.Route)},
			{Text: join("\n", m.Frequency, m.Duration)},
			{Text: m.Quantity},
			{Text: join("\n", statuses.of(m.Status), dayOf(m.PrescribedAt), m.PrescribedBy)},
		})
	}
	p.table([]typeset.Column{
		{Title: "Medicamento", Share: 28}, {Title: "Dosis", Share: 11}, {Title: "Vía", Share: 13},
		{Title: "Frecuencia y duración", Share: 23}, {Title: "Cantidad", Share: 13}, {Title: "Estado y prescripción", Share: 22},
	}, rows)
}

func (p *printer) problems() {
	if len(p.chart.Problems) == 0 && !p.full() {
		return
	}
	p.section("Lista de problemas")
	if len(p.chart.Problems) == 0 {
		p.Text("Sin diagnósticos registrados.", body)
		return
	}
	var rows [][]typeset.Cell
	for _, d := range p.chart.Problems {
		rows = append(rows, []typeset.Cell{
			{Text: d.Code, Bold: true},
			{Text: d.Description},
			{Text: diagnosisTypes.text(d.Type)},
			{Text: diagnosisRoles.text(d.Role)},
			{Text: dayOf(d.FirstAt)},
			{Text: dayOf(d.LastAt)},
			{Text: d.RecordedBy},
		})
	}
	p.table([]typeset.Column{
		{Title: "CIE-10", Share: 9}, {Title: "Diagnóstico", Share: 34}, {Title: "Tipo", Share: 18}, {Title: "Rol", Share: 14},
		{Title: "Primera vez", Share: 12}, {Title: "Última vez", Share: 12}, {Title: "Registrado por", Share: 18},
	}, rows)
}
