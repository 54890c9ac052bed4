package chart

import (
	"slices"
	"strconv"

	"hce.co/functions/pdf-export/chart/typeset"
)

func (p *printer) admissions() {
	if len(p.chart.Admissions) == 0 && !p.full() {
		return
	}
	p.section("Admisiones")
	if len(p.chart.Admissions) == 0 {
		p.Text("Sin admisiones registradas.", body)
		return
	}
	sorted := slices.Clone(p.chart.Admissions)
	slices.SortStableFunc(sorted, func(a, b Admission) int { return a.Start.Compare(b.Start) })
	for i := range sorted {
		p.admission(&sorted[i])
	}
}

func (p *printer) admission(a *Admission) {
	p.heading(join(" ", "Admisión", a.Number), admissionClasses.text(a.Class), minute(a.Start), admissionStates.of(a.State))
	p.fields(3,
		typeset.Field{Label: "Inicio", Value: minute(a.Start)},
		typeset.Field{Label: "Fin", Value: minute(a.End)},
		typeset.Field{Label: "Servicio (REPS)", Value: free.withCode(a.Service)},
		typeset.Field{Label: "Sede", Value: a.Site},
		typeset.Field{Label: "Vía de ingreso", Value: entryRoutes.withCode(a.EntryRoute)},
		typeset.Field{Label: "Causa o motivo", Value: causes.withCode(a.Cause)},
		typeset.Field{Label: "Finalidad", Value: free.withCode(a.Purpose)},
		typeset.Field{Label: "Modalidad", Value: modalities.withCode(a.Modality)},
		typeset.Field{Label: "Grupo de servicios", Value: serviceGroups.withCode(a.ServiceGroup)},
		typeset.Field{Label: "Entorno", Value: settings.withCode(a.Setting)},
		typeset.Field{Label: "Procedimiento (CUPS)", Value: free.withCode(a.Procedure)},
		typeset.Field{Label: "Profesional responsable", Value: a.Professional.line()},
		typeset.Field{Label: "Entidad pagadora", Value: free.withCode(a.Payer)},
		typeset.Field{Label: "Tipo de usuario", Value: userTypes.withCode(a.UserType)},
		typeset.Field{Label: "Número de autorización", Value: a.Authorization},
		typeset.Field{Label: "Acompañante", Value: a.Companion.line()},
		typeset.Field{Label: "Admitido por", Value: a.AdmittedBy},
		typeset.Field{Label: "Prestador que remite", Value: free.withCode(a.ReferredFrom)},
		typeset.Field{Label: "Prestador de destino", Value: free.withCode(a.ReferredTo)},
		typeset.Field{Label: "Triage", Value: a.Triage.line()},
		typeset.Field{Label: "Condición y destino al egreso", Value: dischargeConditions.withCode(a.DischargeCondition)},
		typeset.Field{Label: "Estado al egreso", Value: dischargeStates.of(a.DischargeState)},
		typeset.Field{Label: "De la historia", Value: a.RecordID},
		typeset.Field{Label: "Identificador", Value: a.identifier(), Span: 2},
	)
	p.stayTable(a.Stays)
	p.stateTable(a.States)
}

// identifier is the id of the admission with its version.
func (a *Admission) identifier() string {
	if a.ID == "" || a.Version == 0 {
		return a.ID
	}
	return a.ID + " · versión " + strconv.Itoa(a.Version)
}

func (t *Triage) line() string {
	if t == nil {
		return ""
	}
	level := strconv.Itoa(t.Level)
	if t.Level > 0 && t.Level < len(triageLevels) {
		level = triageLevels[t.Level]
	}
	return join(" · ", "Nivel "+level, minute(t.At), t.By, t.Note)
}

func (p *printer) stayTable(stays []Stay) {
	if len(stays) == 0 {
		return
	}
	p.subsection("Servicios y camas")
	var rows [][]typeset.Cell
	for _, s := range stays {
		rows = append(rows, []typeset.Cell{
			{Text: s.Service}, {Text: s.Bed}, {Text: minute(s.From)}, {Text: minute(s.To)}, {Text: s.By},
		})
	}
	p.table([]typeset.Column{
		{Title: "Servicio", Share: 32}, {Title: "Cama", Share: 14}, {Title: "Desde", Share: 18}, {Title: "Hasta", Share: 18},
		{Title: "Registrado por", Share: 24},
	}, rows)
}

func (p *printer) stateTable(states []StateChange) {
	if len(states) == 0 {
		return
	}
	p.subsection("Historia de estados")
	var rows [][]typeset.Cell
	for _, s := range states {
		rows = append(rows, []typeset.Cell{{Text: admissionStates.of(s.State)}, {Text: minute(s.At)}, {Text: s.By}})
	}
	p.table([]typeset.Column{
		{Title: "Estado", Share: 32}, {Title: "Fecha y hora", Share: 32}, {Title: "Registrado por", Share: 42},
	}, rows)
}
