package pdfexport

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"hce.co/functions/pdf-export/chart"
	"hce.co/shared/civil"
)

// allergies lists each substance once, as it was last written down, and the last
// denial of any.
func allergies(s snapshot) (list []chart.Allergy, denial *chart.AllergyDenial) {
	for _, a := range s.Alergias { // oldest first
		if a.Estado == "niega" {
			denial = &chart.AllergyDenial{At: a.RegistradaEn, By: a.RegistradaPor}
			continue
		}
		list = slices.DeleteFunc(list, func(b chart.Allergy) bool { return strings.EqualFold(a.Sustancia, b.Substance) })
		list = append(list, chart.Allergy{
			Kind: chart.Coded{Code: a.Tipo}, Substance: a.Sustancia, Reaction: a.Reaccion, Criticality: criticalities.label(a.Criticidad),
			Status: a.Estado, RecordedAt: a.RegistradaEn, RecordedBy: a.RegistradaPor,
		})
	}
	return list, denial
}

// medications lists what the patient takes now. A prescription stands until a
// later note stops the medicine or prescribes the same again.
func medications(s snapshot) []chart.Medication {
	var current []medicationRow
	for _, m := range s.Medicamentos { // oldest first
		if m.Anulado {
			continue
		}
		current = slices.DeleteFunc(current, func(c medicationRow) bool { return m.replaces(c) })
		if m.Estado == "activo" {
			current = append(current, m)
		}
	}
	var list []chart.Medication
	for _, m := range current {
		list = append(list, m.medication())
	}
	return list
}

// replaces reports whether a prescription that came before no longer stands.
func (m medicationRow) replaces(before medicationRow) bool {
	if !strings.EqualFold(m.DCI, before.DCI) || m.PrescritoEn.Equal(before.PrescritoEn) {
		return false
	}
	return m.Estado != "activo" || m.Dosis == before.Dosis && m.Unidad == before.Unidad && m.Via == before.Via && m.Frecuencia == before.Frecuencia
}

func (m medicationRow) medication() chart.Medication {
	return chart.Medication{
		Name: m.DCI, CUM: m.CUM, Dose: m.Dosis, DoseUnit: m.Unidad, Route: routes.coded(m.Via), Frequency: m.Frecuencia, Duration: m.Duracion,
		Quantity: m.Cantidad, Status: m.Estado, PrescribedBy: m.PrescritoPor, PrescribedAt: m.PrescritoEn,
	}
}

// problems lists the diagnoses of the notes in force, each once as it was last
// written down, the latest first.
func problems(s snapshot) []chart.Problem {
	authors := map[string]string{}
	for _, n := range s.Notas {
		if n.Estado == "firmada" {
			authors[n.ID.String()] = n.AutorNombre
		}
	}
	var list []chart.Problem
	for _, d := range s.Diagnosticos { // oldest first
		author, inForce := authors[d.NotaID.String()]
		if !inForce {
			continue
		}
		p := chart.Problem{
			Code: d.CIE10, Description: d.Descripcion, Type: chart.Coded{Code: d.Tipo}, Role: chart.Coded{Code: d.Rol},
			FirstAt: d.En, LastAt: d.En, RecordedBy: author,
		}
		if i := slices.IndexFunc(list, func(q chart.Problem) bool { return q.Code == p.Code }); i >= 0 {
			p.FirstAt = list[i].FirstAt
			list[i] = p
		} else {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b chart.Problem) int { return b.LastAt.Compare(a.LastAt) })
	return list
}

func results(s snapshot) []chart.Result {
	before := map[uuid.UUID]string{}
	for _, c := range s.Correcciones { // oldest first
		line := "hasta el " + c.Hasta.In(civil.Zone).Format("02/01/2006 15:04") + " decía " + strings.TrimSpace(c.Valor+" "+unit(c.Unidad))
		before[c.ResultadoID] = sentence(before[c.ResultadoID], line)
	}
	var list []chart.Result
	for _, r := range s.Resultados {
		code := r.CUPS
		if r.LOINC != "" {
			code = sentence(code, "LOINC "+r.LOINC)
		}
		list = append(list, chart.Result{
			Code: code, Name: r.Nombre, Value: r.Valor, Unit: unit(r.Unidad), Range: r.Rango, Interpretation: chart.Coded{Code: r.Interpretacion},
			State: r.Estado, TakenAt: instant(r.TomadoEn), IssuedAt: r.EmitidoEn, Source: r.Emisor, SeenBy: r.VistoPor, SeenAt: instant(r.VistoEn),
			Comment: before[r.ID],
		})
	}
	return list
}
