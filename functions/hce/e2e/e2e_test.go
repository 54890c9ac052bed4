// Package e2e asks the journeys of a clinic that is deployed: make e2e.
package e2e

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/hce/deployed"
	"hce.co/functions/hce/journey"
	loginapi "hce.co/functions/login/api"
	"hce.co/shared/auth"
)

// visit opens accounts for a visit to the deployed clinic, which end with it. The
// records of the invented people stay, as records do.
//
//	HCE_URL, HCE_HOST   where the clinic is, and the host to ask for there
//	USUARIO, CLAVE      an administrador's account, new or not
//	SEGUNDO_FACTOR      its second factor's secret (base32), when it has one
//	HCE_RETIRE      1: shut the administrador's account as well
//
// The context is the administrador's.
func visit(t *testing.T) (*journey.Clinic, context.Context) {
	t.Helper()
	if os.Getenv("HCE_URL") == "" {
		t.Skip("no HCE_URL: make e2e runs this on a cluster")
	}
	at, err := deployed.At(os.Getenv("HCE_URL"), os.Getenv("HCE_HOST"))
	if err != nil {
		t.Fatal(err)
	}
	admin := &deployed.Account{Username: os.Getenv("USUARIO"), Password: os.Getenv("CLAVE"), Secret: os.Getenv("SEGUNDO_FACTOR")}
	token, err := at.SignIn(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	retire := os.Getenv("HCE_RETIRE") == "1"
	if admin.Changed && !retire {
		file, err := admin.Keep()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("the new password and second factor of %s: %s", admin.Username, file)
	}
	staff, err := deployed.Hire(t.Context(), at, token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leave(t, staff, retire) })
	return &journey.Clinic{
		Clinic: at, Staff: staff.Accounts, Producer: staff.Producer, Opened: staff.Also,
		Doctor: []string{deployed.DoctorName, deployed.DoctorRegistry},
	}, deployed.As(t.Context(), token)
}

// TestDeployed goes through the journeys.
func TestDeployed(t *testing.T) {
	c, _ := visit(t)
	theirs, _ := register(t, c)
	c.Stranger = theirs
	c.Owner, c.Staff[auth.Patient] = register(t, c)
	t.Run("journey", func(t *testing.T) { journey.Whole(t, c) })
	t.Run("sixty notes", func(t *testing.T) { journey.SixtyNotes(t, c) })
	t.Run("laboratory", func(t *testing.T) { journey.LaboratoryResult(t, c) })
	t.Run("merge", func(t *testing.T) { journey.MergeOfDuplicates(t, c) })
	t.Run("bad input", func(t *testing.T) { journey.BadInput(t, c) })
	t.Run("forged tokens", func(t *testing.T) { journey.ForgedTokens(t, c) })
}

// register opens a record, and its patient's account.
func register(t *testing.T, c *journey.Clinic) (documentoID string, a deployed.Account) {
	t.Helper()
	desk := c.As(t, auth.Registrar)
	d := journey.Person()
	p, err := c.Patient.Register(desk, d, "")
	if err != nil {
		t.Fatal(err)
	}
	code, err := c.Patient.IssueCode(desk, p.DocumentoID)
	if err != nil {
		t.Fatal(err)
	}
	in := loginapi.Registration{TipoDocumento: d.TipoDocumento, NumeroDocumento: d.NumeroDocumento, FechaNacimiento: d.FechaNacimiento, Codigo: code.Codigo}
	in.Username, in.Password = "visita-paciente-"+strings.ToLower(rand.Text()[:10]), rand.Text()
	u, err := c.Login.Register(t.Context(), in, "")
	if err != nil {
		t.Fatal(err)
	}
	if u.ID == uuid.Nil {
		t.Fatal("the new account has no id")
	}
	c.Opened(u.ID)
	return p.DocumentoID, deployed.Account{Username: in.Username, Password: in.Password}
}

// leave shuts what was opened.
func leave(t *testing.T, staff *deployed.Staff, retire bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := staff.Leave(ctx); err != nil {
		t.Error(err)
	}
	if !retire {
		return
	}
	last, err := staff.Retire(ctx)
	if err != nil {
		t.Error(err)
	}
	if last {
		t.Log("the administrador's account stays: the clinic has no other")
	}
}
