package ui

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	admission "hce.co/functions/admission/api"
	notes "hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// admissionID reads the admission's id from the path.
func (p *page) admissionID() (uuid.UUID, error) {
	id, err := uuid.Parse(p.r.PathValue("admision"))
	if err != nil {
		return id, problem.NotFound("No existe esa admisión.")
	}
	return id, nil
}

// admissionDetail shows an admission with what may be done with it now.
func (f *Function) admissionDetail(p *page) error {
	m, err := f.admissionView(p)
	if err != nil {
		return err
	}
	return p.show(m)
}

// recentNotes is among how many notes of a record those of an admission are
// looked for.
const recentNotes = 50

func (f *Function) admissionView(p *page) (view.AdmissionDetail, error) {
	var m view.AdmissionDetail
	id, err := p.admissionID()
	if err != nil {
		return m, err
	}
	c, rec, err := f.chart(p, p.r.PathValue("id"), view.AdmissionsTab)
	if err != nil {
		return m, err
	}
	var a admission.Admission
	var written []notes.Note
	var g errgroup.Group
	g.Go(func() (err error) {
		a, err = f.admission.Read(p.ctx, rec.DocumentoID, id)
		return err
	})
	readable := c.Can.ReadChart
	if readable {
		g.Go(func() (err error) {
			written, _, err = f.notes.Notes(p.ctx, rec.DocumentoID, recentNotes, "")
			readable = problem.Status(err) != http.StatusForbidden
			return optional(err)
		})
	}
	if err := g.Wait(); err != nil {
		return m, err
	}
	c.Can.ReadChart = readable
	written = slices.DeleteFunc(written, func(n notes.Note) bool { return n.AdmisionID != id })
	m = view.AdmissionDetail{
		Chart: c, Stay: stayOf(a), Number: strconv.FormatInt(a.Numero, 10), Facts: admissionFacts(a), History: historyOf(a),
		Notes: noteItems(p, rec.DocumentoID, written), Codes: view.StandardAdmissionCodes(),
	}
	stepForms(&m, a, p)
	return m, nil
}

// stepForms offers the steps that the admission's state and the person's role
// allow.
func stepForms(m *view.AdmissionDetail, a admission.Admission, p *page) {
	form := func(v url.Values) *component.Form {
		return &component.Form{Version: etag(a.Version), Values: v}
	}
	here := slices.Contains([]string{"arrived", "triaged", "in-progress"}, a.Estado)
	waits := slices.Contains([]string{"planned", "arrived", "triaged"}, a.Estado)
	if a.Estado == "planned" && p.s.may(auth.Admit) {
		m.Arrive = form(nil)
	}
	if waits && a.Estado != "planned" && p.s.may(auth.Triage) {
		m.Attend = form(nil)
	}
	if waits && (a.Clase == "EMER" || a.Clase == "OBSENC") && p.s.may(auth.Triage) {
		v := url.Values{}
		if a.Triage != nil {
			v = url.Values{"nivel": {strconv.Itoa(a.Triage.Nivel)}, "motivo": {a.Triage.Motivo}}
		}
		m.Triage = form(v)
	}
	if here && p.s.may(auth.Transfer) {
		m.Transfer = form(url.Values{"servicio": {a.Servicio}, "cama": {a.Cama}})
	}
	if here && p.s.may(auth.Discharge) {
		m.Discharge = form(url.Values{"fin": {component.LocalInput(p.now)}})
	}
	if !over(a) && p.s.may(auth.Admit) {
		m.Cancel = form(nil)
	}
}

// historyOf tells the steps of an admission, newest first.
func historyOf(a admission.Admission) []view.AdmissionEvent {
	var out []view.AdmissionEvent
	for _, e := range slices.Backward(a.Historia) {
		place := admission.ServiceName(e.Servicio)
		if e.Cama != "" {
			place = joined(", ", place, "cama "+e.Cama)
		}
		out = append(out, view.AdmissionEvent{When: e.En, What: catalog.AdmissionEvents.Label(e.Tipo), Place: place, Detail: e.Detalle, By: e.Usuario})
	}
	return out
}

// steps take an admission further, by their name in the address.
var steps = map[string]func(f *Function, ctx context.Context, id string, admission uuid.UUID, version int, v url.Values) error{
	"llegada": func(f *Function, ctx context.Context, id string, a uuid.UUID, version int, _ url.Values) error {
		_, err := f.admission.Arrive(ctx, id, a, version)
		return err
	},
	"atencion": func(f *Function, ctx context.Context, id string, a uuid.UUID, version int, _ url.Values) error {
		_, err := f.admission.Attend(ctx, id, a, version)
		return err
	},
	"triage": func(f *Function, ctx context.Context, id string, a uuid.UUID, version int, v url.Values) error {
		var in admission.TriageRequest
		if err := bind(v, &in); err != nil {
			return err
		}
		_, err := f.admission.Triage(ctx, id, a, version, in)
		return err
	},
	"traslado": func(f *Function, ctx context.Context, id string, a uuid.UUID, version int, v url.Values) error {
		var in admission.TransferRequest
		if err := bind(v, &in); err != nil {
			return err
		}
		_, err := f.admission.Transfer(ctx, id, a, version, in)
		return err
	},
	"egreso": func(f *Function, ctx context.Context, id string, a uuid.UUID, version int, v url.Values) error {
		var in admission.DischargeRequest
		if err := bind(v, &in); err != nil {
			return err
		}
		_, err := f.admission.Discharge(ctx, id, a, version, in)
		return err
	},
	"cancelacion": func(f *Function, ctx context.Context, id string, a uuid.UUID, version int, v url.Values) error {
		_, err := f.admission.Cancel(ctx, id, a, version, admission.CancelRequest{Motivo: v.Get("motivo")})
		return err
	},
}

// admissionStep takes an admission a step further.
func (f *Function) admissionStep(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	id, err := p.admissionID()
	if err != nil {
		return err
	}
	name := p.r.PathValue("paso")
	step, ok := steps[name]
	if !ok {
		return problem.NotFound("No existe ese paso.")
	}
	if err := step(f, p.ctx, p.r.PathValue("id"), id, versionOf(v.Get("version")), v); err != nil {
		return f.stepRefused(p, name, v, err)
	}
	return p.done(link.Admission(p.r.PathValue("id"), id.String()), "admision")
}

// stepRefused shows the admission as it is now, with what was typed and why it
// could not be.
func (f *Function) stepRefused(p *page, name string, v url.Values, err error) error {
	form, status, ok := refused(v, err)
	if st := problem.Status(err); st == http.StatusPreconditionFailed || st == http.StatusForbidden {
		form.Problem, status, ok = detailOf(err), st, true
	}
	if !ok {
		return err
	}
	m, verr := f.admissionView(p)
	if verr != nil {
		return verr
	}
	forms := map[string]**component.Form{
		"triage": &m.Triage, "traslado": &m.Transfer, "egreso": &m.Discharge, "cancelacion": &m.Cancel,
	}
	at, typed := forms[name]
	if !typed || *at == nil { // the step has no fields, or is no longer to be taken
		m.Flash = component.Notice{Tone: component.Danger, Text: detailOf(err)}
		return p.render(status, m)
	}
	form.Version = (*at).Version
	*at = &form
	return p.render(status, m)
}

// detailOf is what a problem tells the person.
func detailOf(err error) string {
	if pr, _ := err.(*problem.Error); pr != nil { //nolint:errorlint // the clients return it bare
		return pr.Detail
	}
	return ""
}
