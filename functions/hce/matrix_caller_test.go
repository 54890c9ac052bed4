package hce_test

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"hce.co/functions/hce/demo"
	"hce.co/functions/login"
	loginapi "hce.co/functions/login/api"
	"hce.co/functions/login/keys"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
)

// caller is a column of the table of permissions.
type caller struct {
	name    string
	role    auth.Role
	nobody  bool // not known to be anybody
	foreign bool // without relation to the record that is asked for
	token   func(ch *chart) string
}

// resign makes of an access token one of a session of its own, with other
// claims, under the clinic's key.
func (c *clinic) resign(t *testing.T, access string, changed jwt.MapClaims) string {
	t.Helper()
	set, err := keys.Read(filepath.Join(c.dir, "secretos", "firma.json"))
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	old, _, err := jwt.NewParser().ParseUnverified(access, claims)
	if err != nil {
		t.Fatal(err)
	}
	claims["sid"], claims["jti"] = uuid.NewString(), uuid.NewString()
	maps.Copy(claims, changed)
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["typ"], token.Header["kid"] = old.Header["typ"], set[0].ID
	s, err := token.SignedString(set[0].Private())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hire opens an account and signs it in.
func (c *clinic) hire(t *testing.T, in loginapi.NewUser) (loginapi.User, string) {
	t.Helper()
	in.Username = "persona" + dbtest.DocumentoID()
	u, err := c.login.CreateUser(c.as(t, "admin"), in, "")
	if err != nil {
		t.Fatal(err)
	}
	secret := in.Password
	if secret == "" {
		secret = u.ClaveInicial
	}
	token, err := c.login.Login(t.Context(), in.Username, secret)
	if err != nil {
		t.Fatal(err)
	}
	return u.User, token.AccessToken
}

// everybody is a token with all the roles that there are.
var everyRole = append(auth.Roles(), auth.Producer, auth.Restricted)

// callers are the columns of the table.
func (c *clinic) callers(t *testing.T) []caller {
	t.Helper()
	pool := dbtest.Pool(t, "postgres")
	fixed := func(token string) func(*chart) string { return func(*chart) string { return token } }
	opened := func(token string, changed jwt.MapClaims) string { // in a session that began just now with a password
		id, claims := uuid.NewString(), jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(t.Context(), `
			INSERT INTO historia_clinica.sesion (id, usuario_id, refresco, creada_en, usada_en, expira)
			SELECT $1, id, '', now(), now(), now() + interval '1 hour' FROM historia_clinica.usuario WHERE id = $2`, id, claims["sub"]); err != nil {
			t.Fatal(err)
		}
		mine := jwt.MapClaims{"sid": id}
		maps.Copy(mine, changed)
		return c.resign(t, token, mine)
	}
	fresh := func(token string) func(*chart) string { // a session of its own each time: some routes end it
		return func(*chart) string { return opened(token, nil) }
	}
	patient := c.tokenOf(t, "paciente")
	producer, err := c.login.LoginClient(t.Context(), login.DemoProducer, password)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger := c.hire(t, loginapi.NewUser{Rol: auth.Physician, Nombre: "Médica Ajena", Password: password})
	_, restricted := c.hire(t, loginapi.NewUser{Rol: auth.Physician, Nombre: "Médica Nueva"})
	former, disabled := c.hire(t, loginapi.NewUser{Rol: auth.Physician, Nombre: "Médica Retirada", Password: password})
	off := false
	if _, err := c.login.UpdateUser(c.as(t, "admin"), former.ID, former.Version, loginapi.UserChange{Activo: &off}); err != nil {
		t.Fatal(err)
	}
	expired := c.resign(t, patient, jwt.MapClaims{"roles": everyRole, "exp": time.Now().Add(-time.Minute).Unix()})
	audience := c.resign(t, patient, jwt.MapClaims{"roles": everyRole, "aud": "otro"})
	return []caller{
		{name: "anon", nobody: true, token: fixed("")},
		{name: "pac", role: auth.Patient, token: func(ch *chart) string {
			return opened(patient, jwt.MapClaims{"documento_id": ch.id})
		}},
		{name: "otro", role: auth.Patient, foreign: true, token: fresh(patient)},
		{name: "adm", role: auth.Registrar, token: fresh(c.tokenOf(t, "admisionista"))},
		{name: "med", role: auth.Physician, token: fresh(c.tokenOf(t, "medico"))},
		{name: "ajeno", role: auth.Physician, foreign: true, token: fresh(stranger)},
		{name: "res", role: auth.RecordsClerk, token: fresh(c.tokenOf(t, "resultados"))},
		{name: "admin", role: auth.Admin, token: fresh(c.tokenOf(t, "admin"))},
		{name: "oper", role: auth.Operator, token: fresh(c.tokenOf(t, "operador"))},
		{name: "prod", role: auth.Producer, token: fresh(producer.AccessToken)},
		{name: "restr", role: auth.Restricted, token: fresh(restricted)},
		{name: "inact", nobody: true, token: fixed(disabled)},
		{name: "venc", nobody: true, token: fixed(expired)},
		{name: "aud", nobody: true, token: fixed(audience)},
	}
}

// Whoever is a patient and something else that opens no records reads their own
// record and nobody else's: what the one role may and what the other sees do not
// add up.
func TestRolesDoNotAddUp(t *testing.T) {
	c := theClinic(t)
	foreign := c.newChart(t)
	for _, other := range []auth.Role{auth.Admin, auth.Operator, auth.Producer} {
		token := c.resign(t, c.tokenOf(t, "paciente"), jwt.MapClaims{"roles": []auth.Role{other, auth.Patient}})
		for _, path := range []string{"/paciente/", "/admision/", "/medico/notas/", "/exportar_pdf/"} {
			if status, _, body := c.send(t, token, "GET", path+demo.OwnerID, "", ""); status/100 != 2 {
				t.Errorf("a patient who is %s too, at their own %s: %d %s", other, path, status, body)
			}
			if status, _, body := c.send(t, token, "GET", path+foreign.id, "", ""); status != 403 {
				t.Errorf("a patient who is %s too, at somebody else's %s: %d %s", other, path, status, body)
			}
		}
	}
}
