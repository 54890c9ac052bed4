package hce_test

import (
	"context"
	"net/http"
	"testing"

	"hce.co/functions/hce/demo"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
)

// Whatever ends a sign-in ends it in every function of the process at once.
func TestEndOfSessionReachesEveryFunction(t *testing.T) {
	c := theClinic(t)
	functions := map[string]struct {
		handle http.HandlerFunc
		path   string
	}{
		"login":      {c.Login.Handle, "/yo"},
		"patient":    {c.Patient.Handle, "/paciente/" + demo.OwnerID},
		"admission":  {c.Admission.Handle, "/censo"},
		"notes":      {c.Notes.Handle, "/medico/notas/" + demo.OwnerID},
		"pdf-export": {c.PDFExport.Handle, "/exportar_pdf/" + demo.OwnerID + "/trabajos"},
	}
	off, other := false, auth.RecordsClerk
	admin := c.as(t, "admin")
	for name, end := range map[string]func(t *testing.T, u loginapi.User, own context.Context) error{
		"the account is disabled": func(_ *testing.T, u loginapi.User, _ context.Context) error {
			_, err := c.login.UpdateUser(admin, u.ID, u.Version, loginapi.UserChange{Activo: &off})
			return err
		},
		"the role is taken away": func(_ *testing.T, u loginapi.User, _ context.Context) error {
			_, err := c.login.UpdateUser(admin, u.ID, u.Version, loginapi.UserChange{Roles: []auth.Role{other}})
			return err
		},
		"the password is changed elsewhere": func(t *testing.T, u loginapi.User, _ context.Context) error {
			elsewhere, err := c.login.Login(t.Context(), u.Username, password)
			if err != nil {
				return err
			}
			_, err = c.login.ChangePassword(client.As(t.Context(), client.Caller{Token: elsewhere.AccessToken}), password, "otra clave igual de larga")
			return err
		},
		"the administrator resets the password": func(_ *testing.T, u loginapi.User, _ context.Context) error {
			_, err := c.login.ResetPassword(admin, u.ID)
			return err
		},
		"they sign out": func(_ *testing.T, _ loginapi.User, own context.Context) error { return c.login.Logout(own) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, token := c.hire(t, loginapi.NewUser{Rol: auth.Physician, Nombre: "Médica de Turno", Password: password})
			own := client.As(t.Context(), client.Caller{Token: token})
			n := notesapi.NewNote{}
			n.DocumentoID, n.Tipo, n.MotivoConsulta = demo.OwnerID, "evolucion", "Tos"
			if _, err := c.notes.Write(own, n, ""); err != nil { // so that the chart is open to them
				t.Fatal(err)
			}
			for function, f := range functions {
				if rec := (sample{path: f.path}).ask(f.handle, "GET", token); rec.Code != http.StatusOK {
					t.Fatalf("before, %s answers %d %s", function, rec.Code, rec.Body)
				}
			}
			if err := end(t, u, own); err != nil {
				t.Fatal(err)
			}
			for function, f := range functions {
				if rec := (sample{path: f.path}).ask(f.handle, "GET", token); rec.Code != http.StatusUnauthorized {
					t.Errorf("%s still answers: %d", function, rec.Code)
				}
			}
		})
	}
}
