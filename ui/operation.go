package ui

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/problem"
	"hce.co/shared/service"
	"hce.co/ui/view"
)

const (
	healthTimeout = 10 * time.Second // of a probe: a function that is asleep has to wake first
	lateAfter     = 2 * time.Minute  // that an event waits, when each minute sends those that do
)

// operation shows the state of the system.
func (f *Function) operation(p *page) error {
	s, err := f.system(p)
	if err != nil {
		return err
	}
	return p.show(view.Operation{Page: p.page(view.OperationSection), System: s})
}

// system asks every function how it is, and what waits to be done. What does
// not answer is shown so.
func (f *Function) system(p *page) (view.System, error) {
	if !p.s.may(auth.WatchSystem) {
		return view.System{}, problem.Forbidden("Su rol no permite esta acción.")
	}
	functions := []struct {
		name string
		client.Client
	}{
		{"login", f.login.Client}, {"patient", f.patient.Client}, {"admission", f.admission.Client}, {"notes", f.notes.Client},
		{"pdf-export", f.pdf.Client},
	}
	s := view.System{At: p.now, Functions: make([]view.Function, len(functions))}
	var g errgroup.Group
	for i, fn := range functions {
		g.Go(func() error {
			s.Functions[i] = probe(p.ctx, fn.name, fn.Client)
			return nil
		})
	}
	g.Go(func() error {
		state, err := f.patient.System(p.ctx)
		for _, b := range state.Eventos {
			s.Backlog = append(s.Backlog, view.Backlog{
				Type: b.Tipo, Waiting: b.EnEspera, Oldest: b.MasAntiguo, Late: p.now.Sub(b.MasAntiguo) > lateAfter,
			})
		}
		s.BacklogUnknown = err != nil
		return refusal(err)
	})
	g.Go(func() error {
		jobs, err := f.pdf.Pending(p.ctx)
		for _, j := range jobs {
			s.Jobs = append(s.Jobs, view.Job{ID: j.ID.String(), State: j.Estado, Attempts: j.Intentos, Requested: j.Creado, Failure: j.Error})
		}
		s.JobsUnknown = err != nil
		return refusal(err)
	})
	err := g.Wait()
	return s, err
}

// probe asks a function whether it is ready, and how long it takes to say so.
func probe(ctx context.Context, name string, c client.Client) view.Function {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	start := time.Now()
	_, h, err := c.Send(ctx, http.MethodGet, service.ReadinessPath, nil)
	out := view.Function{Name: name, Healthy: err == nil, Latency: time.Since(start), Version: h.Get(service.VersionHeader)}
	if err != nil {
		out.Detail = "No responde"
		if problem.Status(err) == http.StatusServiceUnavailable {
			out.Detail = "No está lista"
		}
	}
	return out
}

// refusal lets through that the person may not see something. That a function
// does not answer, or is too old to know, is what the page shows.
func refusal(err error) error {
	switch problem.Status(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		return err
	}
	return nil
}
