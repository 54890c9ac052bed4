package chart

import (
	"slices"
	"strings"
	"unicode/utf8"

	"hce.co/functions/pdf-export/chart/typeset"
)

// longValue is the number of characters from which the value of a result is set under its row, across the page.
const longValue = 60

func (p *printer) results() {
	if len(p.chart.Results) == 0 && !p.full() {
		return
	}
	p.section("Resultados")
	if len(p.chart.Results) == 0 {
		p.Text("Sin resultados registrados.", body)
		return
	}
	sorted := slices.Clone(p.chart.Results)
	slices.SortStableFunc(sorted, func(a, b Result) int { return a.TakenAt.Compare(b.TakenAt) })
	rows := make([][]typeset.Cell, 0, len(sorted))
	for i := range sorted {
		rows = append(rows, sorted[i].rows()...)
	}
	p.table([]typeset.Column{
		{Title: "Examen", Share: 27}, {Title: "Valor", Share: 18}, {Title: "Unidad", Share: 10}, {Title: "Rango", Share: 12},
		{Title: "Interpretación", Share: 13}, {Title: "Estado", Share: 11}, {Title: "Fechas", Share: 25},
	}, rows)
}

// rows is a result in the table, with a second row for a report or comment; what is not normal stands in bold.
func (r *Result) rows() [][]typeset.Cell {
	mark := ""
	switch r.Interpretation.Code {
	case "H", "HH", "HU":
		mark = "▲"
	case "L", "LL", "LU":
		mark = "▼"
	}
	abnormal := !slices.Contains([]string{"", "N", "NEG", "ND", "NR", "S"}, r.Interpretation.Code)
	value, report := join(" ", r.Value, mark), ""
	if utf8.RuneCountInString(r.Value) >= longValue || strings.Contains(r.Value, "\n") {
		value, report = "Informe abajo", r.Value
	}
	rows := [][]typeset.Cell{{
		{Text: join("\n", r.Name, r.Code, r.Source)},
		{Text: value, Bold: abnormal},
		{Text: r.Unit},
		{Text: r.Range},
		{Text: interpretations.text(r.Interpretation), Bold: abnormal},
		{Text: resultStates.of(r.State)},
		{Text: join("\n", prefixed("Toma ", minute(r.TakenAt)), prefixed("Emisión ", minute(r.IssuedAt)),
			prefixed("Visto ", join(" · ", minute(r.SeenAt), r.SeenBy)))},
	}}
	if below := join("\n", report, prefixed("Comentario: ", r.Comment)); below != "" {
		rows = append(rows, []typeset.Cell{{Text: below}})
	}
	return rows
}
