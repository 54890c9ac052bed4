package ui

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	notes "hce.co/functions/notes/api"
	"hce.co/shared/problem"
	"hce.co/shared/vital"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// clinicalSummary fills the clinical parts of a chart's first page, at once.
func (f *Function) clinicalSummary(p *page, m *view.ChartSummary) error {
	id := m.Patient.ID
	g, ctx := errgroup.WithContext(p.ctx)
	g.Go(func() error {
		list, _, err := f.notes.Notes(ctx, id, 5, "")
		m.Notes = noteItems(p, id, list)
		if problem.Status(err) == http.StatusForbidden {
			m.Can.ReadChart = false
		}
		return optional(err)
	})
	g.Go(func() error {
		list, _, err := f.notes.Diagnoses(ctx, id, 10, "")
		m.Diagnoses = diagnosisItems(id, list)
		return optional(err)
	})
	g.Go(func() error {
		list, err := f.notes.CurrentAllergies(ctx, id)
		m.Allergies = currentAllergies(id, list, m.Can.Write)
		return optional(err)
	})
	g.Go(func() error {
		list, err := f.notes.CurrentMedications(ctx, id)
		m.Medications = currentMedications(id, list, m.Can.Write)
		return optional(err)
	})
	g.Go(func() error {
		list, _, err := f.notes.Vitals(ctx, id, "", 60, "")
		m.Vitals = p.series(list)
		return optional(err)
	})
	g.Go(func() error {
		list, _, err := f.notes.Results(ctx, id, 5, "")
		m.Results = resultItems(p, id, list)
		return optional(err)
	})
	return g.Wait()
}

const listPage = 50 // rows in a page of a clinical list

// clinicalList reads the chart and a page of one of its lists.
func clinicalList[T any](f *Function, p *page, tab view.Tab, read func(id, after string) ([]T, string, error)) (view.Chart, []T, string, error) {
	c, _, err := f.chart(p, p.r.PathValue("id"), tab)
	if err != nil {
		return c, nil, "", err
	}
	list, next, err := read(c.Patient.ID, p.r.URL.Query().Get("despues"))
	return c, list, next, err
}

func (f *Function) diagnoses(p *page) error {
	c, list, next, err := clinicalList(f, p, view.DiagnosesTab, func(id, after string) ([]notes.Condition, string, error) {
		return f.notes.Diagnoses(p.ctx, id, listPage, after)
	})
	if err != nil {
		return err
	}
	return p.show(view.DiagnosisList{Chart: c, Items: diagnosisItems(c.Patient.ID, list), Pager: p.pager(link.Diagnoses(c.Patient.ID), next)})
}

func (f *Function) allergies(p *page) error {
	c, list, next, err := clinicalList(f, p, view.SummaryTab, func(id, after string) ([]notes.RegisteredAllergy, string, error) {
		return f.notes.Allergies(p.ctx, id, listPage, after)
	})
	if err != nil {
		return err
	}
	return p.show(view.AllergyList{Chart: c, Items: allergyItems(c.Patient.ID, list), Pager: p.pager(link.Allergies(c.Patient.ID), next)})
}

func (f *Function) medications(p *page) error {
	c, list, next, err := clinicalList(f, p, view.SummaryTab, func(id, after string) ([]notes.PrescribedMedication, string, error) {
		return f.notes.Medications(p.ctx, id, listPage, after)
	})
	if err != nil {
		return err
	}
	return p.show(view.MedicationList{Chart: c, Items: medicationItems(c.Patient.ID, list), Pager: p.pager(link.Medications(c.Patient.ID), next)})
}

func (f *Function) results(p *page) error {
	c, list, next, err := clinicalList(f, p, view.ResultsTab, func(id, after string) ([]notes.Result, string, error) {
		return f.notes.Results(p.ctx, id, listPage, after)
	})
	if err != nil {
		return err
	}
	return p.show(view.ResultList{Chart: c, Items: resultItems(p, c.Patient.ID, list), Pager: p.pager(link.Results(c.Patient.ID), next)})
}

// resultForm takes a result that came on paper.
func (f *Function) resultForm(p *page) error { return f.resultFormWith(p, http.StatusOK, blankForm()) }

func (f *Function) resultFormWith(p *page, status int, form component.Form) error {
	c, _, err := f.chart(p, p.r.PathValue("id"), view.ResultsTab)
	if err != nil {
		return err
	}
	open, err := f.openAdmissions(p, c.Patient.ID)
	if err != nil {
		return err
	}
	return p.render(status, view.ResultForm{
		Chart: c, Form: form, Admissions: open, Interpretations: catalog.Interpretations.Options(), States: catalog.ResultStates.Options(),
	})
}

// addResult registers it.
func (f *Function) addResult(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	var in notes.NewResult
	values := url.Values{}
	for name, vs := range v {
		if name != "valor" { // of any type: read by hand
			values[name] = vs
		}
	}
	if err = bind(values, &in); err == nil {
		in.DocumentoID, in.Valor = p.r.PathValue("id"), value(v.Get("valor"))
		_, err = f.notes.AddResult(p.ctx, in, v.Get("idempotencia"))
	}
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		return f.resultFormWith(p, status, form)
	}
	return p.done(link.Results(p.r.PathValue("id")), "resultado")
}

// value is what somebody typed as the value of a result: a number with the digits
// that it has, or a text.
func value(typed string) any {
	typed = strings.TrimSpace(typed)
	number := json.Number(strings.Replace(typed, ",", ".", 1))
	if b, err := json.Marshal(number); err == nil && string(b) == number.String() {
		return number
	}
	return typed
}

// resultSeen notes that the médico has seen a result.
func (f *Function) resultSeen(p *page) error {
	id, err := uuid.Parse(p.r.PathValue("resultado"))
	if err != nil {
		return problem.NotFound("No existe ese resultado.")
	}
	if _, err := f.notes.MarkSeen(p.ctx, p.r.PathValue("id"), id, 0); err != nil {
		return err
	}
	return p.done(link.Results(p.r.PathValue("id")), "visto")
}

// vitals shows the vital signs over time: a series for each, and a table.
func (f *Function) vitals(p *page) error {
	c, list, next, err := clinicalList(f, p, view.VitalsTab, func(id, after string) ([]notes.Vital, string, error) {
		return f.notes.Vitals(p.ctx, id, "", 100, after)
	})
	if err != nil {
		return err
	}
	m := view.VitalSeries{Chart: c, Series: p.series(list), Pager: p.pager(link.Vitals(c.Patient.ID), next)}
	for s := range vital.Count {
		info := s.Info()
		m.Columns = append(m.Columns, info.Short+" ("+vital.UnitLabel(info.Unit)+")")
	}
	for _, v := range list {
		s, known := vital.Named(v.Nombre)
		if !known {
			continue
		}
		if n := len(m.Rows); n == 0 || !m.Rows[n-1].When.Equal(v.TomadoEn) || m.Rows[n-1].NoteID != v.NotaID.String() {
			m.Rows = append(m.Rows, view.VitalRow{
				When: v.TomadoEn, By: v.TomadoPor, NoteID: v.NotaID.String(), Values: make([]view.VitalValue, len(m.Columns)),
			})
		}
		m.Rows[len(m.Rows)-1].Values[s] = view.VitalValue{Text: component.FormatNumber(s.Info().Round(v.Valor)), Side: p.side(s, v.Valor, v.TomadoEn)}
	}
	return p.show(m)
}

// side is where a measurement lies, by the patient's age at the time.
func (p *page) side(s vital.Sign, value float64, at time.Time) vital.Side {
	r, known := s.Reference(p.monthsAt(at))
	if !known {
		return vital.Within
	}
	return r.Side(value)
}

// series draws each vital sign over time; list is newest first.
func (p *page) series(list []notes.Vital) []view.Series {
	var out []view.Series
	for sign := range vital.Count {
		info := sign.Info()
		s := view.Series{Name: info.Name, Label: info.Label, Unit: vital.UnitLabel(info.Unit)}
		if r, known := sign.Reference(p.monthsAt(p.now)); known {
			s.Low, s.High = r.Low, r.High
			s.Usual = component.FormatNumber(r.Low) + "–" + component.FormatNumber(r.High)
		}
		for _, v := range list {
			if v.Nombre != info.Name {
				continue
			}
			if len(s.Points) == 0 {
				s.Last, s.When, s.Side = component.FormatNumber(info.Round(v.Valor)), v.TomadoEn, p.side(sign, v.Valor, v.TomadoEn)
			}
			s.Points = append(s.Points, v.Valor)
		}
		if len(s.Points) > 0 {
			slices.Reverse(s.Points)
			out = append(out, s)
		}
	}
	return out
}

func diagnosisItems(id string, list []notes.Condition) []view.Diagnosis {
	out := make([]view.Diagnosis, len(list))
	for i, d := range list {
		out[i] = view.Diagnosis{
			Code: d.CIE10, Description: d.Descripcion, Type: d.Tipo, Role: d.Rol, When: d.En, NoteID: d.NotaID.String(), Of: otherThan(id, d.DocumentoID),
		}
	}
	return out
}

func allergyItems(id string, list []notes.RegisteredAllergy) []view.Allergy {
	var out []view.Allergy
	for _, a := range list {
		item := view.Allergy{
			Type: a.Tipo, Substance: a.Sustancia, Reaction: a.Reaccion, Criticality: a.Criticidad, State: a.Estado,
			When: a.RegistradaEn, Author: a.RegistradaPor, NoteID: idText(a.NotaID), Of: otherThan(id, a.DocumentoID),
		}
		if a.Estado == "niega" {
			item.Substance = "Niega alergias"
		}
		out = append(out, item)
	}
	return out
}

func medicationItems(id string, list []notes.PrescribedMedication) []view.Medication {
	out := make([]view.Medication, len(list))
	for i, d := range list {
		out[i] = view.Medication{
			Name: d.DCI, CUM: d.CUM, Dose: joined(" ", d.Dosis, d.Unidad), Route: d.Via, Every: d.Frecuencia, For: d.Duracion,
			Quantity: d.Cantidad, State: d.Estado, When: d.PrescritoEn, Author: d.PrescritoPor, NoteID: idText(d.NotaID),
			Of: otherThan(id, d.DocumentoID),
		}
	}
	return out
}

func resultItems(p *page, patient string, list []notes.Result) []view.ResultItem {
	out := make([]view.ResultItem, len(list))
	for i, r := range list {
		out[i] = view.ResultItem{
			PatientID: patient, ID: r.ID.String(), Name: r.Nombre, Code: joined(" · ", r.LOINC, r.CUPS), Value: r.Valor, Unit: r.Unidad,
			Range: r.Rango, Interpretation: r.Interpretacion, State: r.Estado, Taken: when(r.TomadoEn), Issued: r.EmitidoEn,
			Issuer: joined(" · ", r.Productor, r.Emisor),
			SeenBy: r.VistoPor, Seen: when(r.VistoEn), CanMark: p.s.Is("medico") && r.VistoEn == nil, Of: otherThan(patient, r.DocumentoID),
		}
	}
	return out
}

// unseenItems are results of several patients, what is critical before all.
func unseenItems(list []notes.UnseenResult) []view.ResultItem {
	out := make([]view.ResultItem, len(list))
	for i, r := range list {
		out[i] = view.ResultItem{
			PatientID: r.DocumentoID, ID: r.ID.String(), PatientName: r.Paciente, Name: r.Nombre, Interpretation: r.Interpretacion, State: r.Estado,
			Issued: r.EmitidoEn,
		}
	}
	slices.SortStableFunc(out, func(a, b view.ResultItem) int { return b.Urgency() - a.Urgency() })
	return out
}

func idText(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}
