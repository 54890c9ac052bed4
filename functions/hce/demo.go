package hce

import (
	"context"
	"fmt"
	"net/http"
	"time"

	admissionapi "hce.co/functions/admission/api"
	"hce.co/functions/hce/demo"
	"hce.co/functions/login"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	"hce.co/shared/client"
	"hce.co/ui"
)

// demonstrate opens the demo accounts, or shuts those that an earlier start left:
// a clinic that people trust with their records has no accounts of everybody.
func (c *Clinic) demonstrate(ctx context.Context) error {
	if c.settings.Demo {
		return c.openDemo(ctx)
	}
	return c.Login.CloseDemo(ctx)
}

// openDemo makes sure that the demo people are there and can sign in, and says
// how.
func (c *Clinic) openDemo(ctx context.Context) error {
	password, made, err := c.secrets.demoPassword(string(c.settings.DemoPassword))
	if err != nil {
		return err
	}
	if err := c.Login.EnsureDemo(ctx, password, login.DemoUsers("")); err != nil {
		return err
	}
	if err := c.loadPeople(ctx, password); err != nil {
		return err
	}
	if err := c.Login.EnsureDemo(ctx, password, login.DemoUsers(demo.OwnerID)); err != nil {
		return err
	}
	if made {
		fmt.Printf("cuentas de demostración: admin, admisionista, medico, resultados, paciente, operador\nclave de todas: %s\n", password)
	}
	return nil
}

// loadPeople writes the demo people through the functions, as the demo
// admisionista and médico, unless they are there.
func (c *Clinic) loadPeople(ctx context.Context, password string) error {
	to := func(h http.HandlerFunc) client.Client { return ui.Local(h) }
	door := loginapi.Client{Client: to(c.Login.Handle)}
	as := func(username string) (context.Context, error) {
		t, err := door.Login(ctx, username, password)
		if err != nil {
			return nil, fmt.Errorf("sign in as %s: %w", username, err)
		}
		return client.As(ctx, client.Caller{Token: t.AccessToken, ForwardedFor: "127.0.0.1"}), nil
	}
	registrar, err := as("admisionista")
	if err != nil {
		return err
	}
	clinic := demo.Clinic{
		Patient:   patientapi.Client{Client: to(c.Patient.Handle)},
		Admission: admissionapi.Client{Client: to(c.Admission.Handle)},
		Notes:     notesapi.Client{Client: to(c.Notes.Handle)},
		Registrar: registrar,
	}
	if there, err := clinic.Loaded(); err != nil || there {
		return err
	}
	if clinic.Physician, err = as("medico"); err != nil {
		return err
	}
	return clinic.Load(time.Now())
}
