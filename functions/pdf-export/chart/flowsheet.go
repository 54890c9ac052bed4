package chart

import (
	"slices"
	"strings"

	"hce.co/functions/pdf-export/chart/typeset"
	"hce.co/shared/vital"
)

const vitalSignsTitle = "Signos vitales"

// vitalSigns draws the measurements of a note: one row for each time, one column for each sign that was measured, with
// a mark on what lies outside its reference interval. The title is left to the text of the section when there is one.
func (p *printer) vitalSigns(n *Note, titled bool) {
	sets := make([]VitalSigns, 0, len(n.VitalSigns))
	for _, set := range n.VitalSigns {
		if len(set.Measures) > 0 {
			sets = append(sets, set)
		}
	}
	if len(sets) == 0 {
		return
	}
	slices.SortStableFunc(sets, func(a, b VitalSigns) int { return a.TakenAt.Compare(b.TakenAt) })
	if titled {
		p.subsection(vitalSignsTitle)
	}
	var measured [vital.Count]bool
	for _, set := range sets {
		for _, m := range set.Measures {
			if m.Sign >= 0 && m.Sign < vital.Count {
				measured[m.Sign] = true
			}
		}
	}
	columns := []typeset.Column{{Title: "Tomados", Share: 2.9}}
	for sign, present := range measured {
		if present {
			info := vital.Sign(sign).Info()
			title := info.Short + "\n" + vital.UnitLabel(info.Unit) + "\n" + info.LOINC
			columns = append(columns, typeset.Column{Title: title, Share: 1, Align: typeset.AlignRight})
		}
	}
	if rest := int(vital.Count) + 1 - len(columns); rest > 0 {
		columns = append(columns, typeset.Column{Share: float64(rest)}) // columns are as wide however many there are
	}
	months := monthsOld(p.chart.Patient.BirthDate, DateOf(n.CareAt.In(bogota)))
	var rows [][]typeset.Cell
	for _, set := range sets {
		rows = append(rows, vitalRow(set, &measured, months))
	}
	head, cells := tableHead, tableBody
	head.Size, head.Leading, cells.Size = 6.6, 8, 8
	p.Table(typeset.Table{
		Columns: columns, Rows: rows, Head: head, Body: cells, Line: accent, Hairline: hairline,
		Note: legend(sets, &measured, months), NoteStyle: small,
	})
	p.SetY(p.Y() + 2)
}

func vitalRow(set VitalSigns, measured *[vital.Count]bool, months int) []typeset.Cell {
	row := []typeset.Cell{{Text: join("\n", minute(set.TakenAt), set.TakenBy)}}
	for sign, present := range measured {
		if !present {
			continue
		}
		var cell typeset.Cell
		for _, m := range set.Measures {
			if m.Sign != vital.Sign(sign) {
				continue
			}
			mark := m.mark(months)
			cell.Text = join("\n", cell.Text, join(" ", decimal(m.Value, m.Sign.Info().Decimals), mark))
			cell.Bold = cell.Bold || mark != ""
		}
		row = append(row, cell)
	}
	return row
}

// interval is the reference interval of the measure, false when it has none.
func (m Measure) interval(months int) (vital.Range, bool) {
	if m.Range != nil {
		return *m.Range, true
	}
	return m.Sign.Reference(months)
}

// mark is the sign of a value outside its interval.
func (m Measure) mark(months int) string {
	interval, known := m.interval(months)
	if !known {
		return ""
	}
	return interval.Side(m.Value).Mark()
}

// legend explains the marks with the intervals that were used; where they differ between sets, each is named once.
func legend(sets []VitalSigns, measured *[vital.Count]bool, months int) string {
	var intervals []string
	for sign := range measured {
		for _, set := range sets {
			for _, m := range set.Measures {
				if m.Sign != vital.Sign(sign) {
					continue
				}
				text := m.intervalText(months)
				if text != "" && !slices.Contains(intervals, text) {
					intervals = append(intervals, text)
				}
			}
		}
	}
	if len(intervals) == 0 {
		return ""
	}
	return "▼ por debajo y ▲ por encima del intervalo de referencia: " + strings.Join(intervals, "; ") + "."
}

func (m Measure) intervalText(months int) string {
	interval, known := m.interval(months)
	if !known {
		return ""
	}
	low, high := decimal(interval.Low, 2), decimal(interval.High, 2)
	if low != high {
		low += "–" + high
	}
	return m.Sign.Info().Short + " " + low
}
