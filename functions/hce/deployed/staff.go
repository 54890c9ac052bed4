package deployed

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"strings"

	"github.com/google/uuid"

	loginapi "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/event"
	"hce.co/shared/problem"
)

// As acts with an access token.
func As(ctx context.Context, token string) context.Context {
	return client.As(ctx, client.Caller{Token: token})
}

// Staff are accounts that an administrador opened for one visit.
type Staff struct {
	Accounts map[auth.Role]Account // registrar, physician, records clerk
	Producer Account               // of events

	clinic *Clinic
	token  string // the administrador's
	opened []uuid.UUID
}

// What the PDF of a record says of the physician.
const (
	DoctorName     = "Visita De Prueba Médica"
	DoctorRegistry = "52000001"
)

// Hire opens an account of each kind, with names and passwords of their own, as
// the administrador whose access token it is given; that has to last for the
// visit. What was opened before an error is shut again.
func Hire(ctx context.Context, c *Clinic, token string) (*Staff, error) {
	s := &Staff{Accounts: map[auth.Role]Account{}, clinic: c, token: token}
	if err := s.hire(As(ctx, token)); err != nil {
		return nil, errors.Join(err, s.Leave(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *Staff) hire(ctx context.Context) error {
	visit := "visita-" + strings.ToLower(rand.Text()[:10])
	for _, role := range []auth.Role{auth.Registrar, auth.Physician, auth.RecordsClerk} {
		in := loginapi.NewUser{Username: visit + "-" + string(role), Nombre: "Visita de prueba", Password: rand.Text(), Rol: role}
		if role == auth.Physician {
			in.Nombre = DoctorName
			in.Profesional = &loginapi.NewProfessional{NombreProfesional: DoctorName, TipoProfesional: "medicina", RegistroMedico: DoctorRegistry, Especialidad: "Medicina general"}
		}
		u, err := s.clinic.Login.CreateUser(ctx, in, "")
		if err != nil {
			return fmt.Errorf("open an account of %s: %w", role, err)
		}
		s.opened = append(s.opened, u.ID)
		s.Accounts[role] = Account{Username: in.Username, Password: in.Password}
	}
	p, err := s.clinic.Login.CreateProducer(ctx, loginapi.NewProducer{ClientID: visit, Nombre: "Laboratorio de la visita", Tipos: []string{event.ResultIssued, event.PDFRequested}}, "")
	if err != nil {
		return fmt.Errorf("open an event producer: %w", err)
	}
	s.Producer = Account{Username: p.ClientID, Password: p.ClientSecret}
	return nil
}

// Also takes an account that somebody opened during the visit.
func (s *Staff) Also(id uuid.UUID) { s.opened = append(s.opened, id) }

// Leave shuts the accounts.
func (s *Staff) Leave(ctx context.Context) error {
	ctx = As(ctx, s.token)
	var errs []error
	for _, id := range s.opened {
		errs = append(errs, s.clinic.shut(ctx, id))
	}
	if s.Producer.Username != "" {
		off := false
		_, err := s.clinic.Login.UpdateProducer(ctx, s.Producer.Username, 1, loginapi.ProducerChange{Activo: &off})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Retire shuts the administrador's own account, which is the last thing it does.
// The only one that the clinic has stays, and last is true.
func (s *Staff) Retire(ctx context.Context) (last bool, err error) {
	ctx = As(ctx, s.token)
	me, err := s.clinic.Login.Me(ctx)
	if err != nil {
		return false, err
	}
	if err = s.clinic.shut(ctx, me.ID); problem.Status(err) == 409 {
		return true, nil
	}
	return false, err
}

// shut disables an account.
func (c *Clinic) shut(ctx context.Context, id uuid.UUID) error {
	u, err := c.Login.User(ctx, id)
	if err == nil && u.Activo {
		off := false
		_, err = c.Login.UpdateUser(ctx, id, u.Version, loginapi.UserChange{Activo: &off})
	}
	if err != nil {
		return fmt.Errorf("shut an account: %w", err)
	}
	return nil
}

// DocumentNumber returns the number of a cédula that hardly anybody has.
func DocumentNumber() string {
	return strconv.FormatInt(1_000_000_000+mathrand.Int64N(8_999_999_999), 10) // #nosec G404 -- a test's document
}
