// Package ui is the public door: the pages that people use, and the way in for
// every request to the functions behind it.
package ui

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	admission "hce.co/functions/admission/api"
	login "hce.co/functions/login/api"
	notes "hce.co/functions/notes/api"
	patient "hce.co/functions/patient/api"
	pdf "hce.co/functions/pdf-export/api"
	"hce.co/shared/config"
	"hce.co/shared/service"
)

// Backends are the functions behind the door. A nil one is reached at the URL of
// the configuration; in one process they are the functions themselves.
type Backends struct {
	Login, Patient, Admission, Notes, PDFExport http.Handler
}

// Function is the door as the platform runs it. What is set before Start
// replaces what Start would make.
type Function struct {
	Backends Backends
	Now      func() time.Time // the clock; time.Now when nil
	Log      *slog.Logger     // slog.Default when nil

	cfg      Config
	router   *service.Router
	handler  http.Handler
	sessions *sessions
	envelope envelope
	pages    *http.ServeMux // only the pages, as the router has them
	wires    *http.ServeMux // only what is forwarded, whatever the method

	login     login.Client
	patient   patient.Client
	admission admission.Client
	notes     notes.Client
	pdf       pdf.Client
}

// New returns a function that Start brings to life.
func New() *Function { return &Function{Now: time.Now} }

// Start reads the configuration and reaches nobody: the first click does.
func (f *Function) Start(_ context.Context, env map[string]string) error {
	if err := config.Parse(env, &f.cfg); err != nil {
		return err
	}
	if err := f.cfg.Service.Validate(); err != nil {
		return err
	}
	b := &f.Backends
	for _, d := range []struct {
		name, url string
		handler   *http.Handler
	}{
		{"LOGIN_URL", f.cfg.LoginURL, &b.Login},
		{"PATIENT_URL", f.cfg.PatientURL, &b.Patient},
		{"ADMISSION_URL", f.cfg.AdmissionURL, &b.Admission},
		{"NOTES_URL", f.cfg.NotesURL, &b.Notes},
		{"PDF_EXPORT_URL", f.cfg.PDFExportURL, &b.PDFExport},
	} {
		if *d.handler != nil {
			continue
		}
		h, err := remote(d.url, f.cfg.CallTimeout)
		if err != nil {
			return errors.Join(errors.New("configuration: "+d.name), err)
		}
		*d.handler = h
	}
	f.login = login.Client{Client: Local(b.Login)}
	f.patient = patient.Client{Client: Local(b.Patient)}
	f.admission = admission.Client{Client: Local(b.Admission)}
	f.notes = notes.Client{Client: Local(b.Notes)}
	f.pdf = pdf.Client{Client: Local(b.PDFExport)}
	var err error
	if f.envelope, err = newEnvelope(f.cfg.FormKey); err != nil {
		return err
	}
	renewals, err := f.envelope.derive("renovación")
	if err != nil {
		return err
	}
	f.sessions = newSessions(f.login, renewals, f.Now)
	f.pages, f.wires = http.NewServeMux(), http.NewServeMux()
	f.router = service.NewRouter(f.cfg.Service, service.Guard{Door: true, Show: f.showRefusal}, f.Log)
	f.routes()
	f.handler = f.secured(f.router)
	return nil
}

// Handle answers a request.
func (f *Function) Handle(w http.ResponseWriter, r *http.Request) { f.handler.ServeHTTP(w, r) }

// Routes returns the routing table.
func (f *Function) Routes() []service.Route { return f.router.Routes() }

// Ready reports that the door is open: what lies behind it wakes when it is
// asked.
func (f *Function) Ready(context.Context) (bool, error) { return true, nil }

// Stop has nothing to put away.
func (f *Function) Stop(context.Context) error { return nil }
