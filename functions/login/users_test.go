package login

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
	"hce.co/shared/seal"
)

func unique(prefix string) string {
	return prefix + strings.ReplaceAll(ident.NewID().String()[9:], "-", "")
}

func TestAdministratorOpensAccounts(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	in := api.NewUser{
		Username: unique("dra."), Email: unique("dra") + "@clinica.co", Nombre: "Rosa  Elvira Núñez", Password: "cien gatos sin techo", Rol: auth.Physician,
		Profesional: &api.NewProfessional{RegistroMedico: "RM-1", Especialidad: "Pediatría", Servicios: []string{"328", "328", "1101"}},
	}
	made, err := c.CreateUser(admin, in, "")
	if err != nil {
		t.Fatal(err)
	}
	if made.ClaveInicial != "" || made.DebeCambiarClave || made.Nombre != "Rosa Elvira Núñez" || made.Version != 1 || !made.Activo {
		t.Errorf("made %+v", made)
	}
	prof := made.Profesional
	if prof == nil || prof.NombreProfesional != "Rosa Elvira Núñez" || !slices.Equal(prof.Servicios, []string{"328", "1101"}) || len(prof.ClavePublica) != 32 {
		t.Fatalf("professional %+v", prof)
	}
	got, err := c.User(admin, made.ID)
	if diff := cmp.Diff(made.User, got, cmpopts.EquateApproxTime(1e6)); err != nil || diff != "" {
		t.Errorf("GET: %v\n%s", err, diff)
	}
	// Notes opens the private half with the same key and association.
	sealed := one[[]byte](w, `SELECT clave_privada FROM historia_clinica.profesional WHERE usuario_id = $1`, made.ID)
	seed, err := w.f.box.Open(sealed, seal.SigningKey(made.ID))
	if err != nil || !ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(prof.ClavePublica)) {
		t.Errorf("the private key does not open, or is not of the public one: %v", err)
	}
	if _, err := c.Login(w.anyone(), in.Username, in.Password); err != nil {
		t.Error(err)
	}
	_, err = c.CreateUser(admin, api.NewUser{Username: strings.ToUpper(in.Username), Rol: auth.Operator}, "")
	status(t, "the same user name in capitals", err, 409)
	_, err = c.CreateUser(admin, api.NewUser{Username: unique("x"), Email: strings.ToUpper(in.Email), Rol: auth.Operator}, "")
	status(t, "the same e-mail in capitals", err, 409)
}

func TestInitialPasswordIsShownOnce(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	in := api.NewUser{Username: unique("n"), Rol: auth.Registrar}
	key := ident.NewID().String()
	made, err := c.CreateUser(admin, in, key)
	if err != nil || made.ClaveInicial == "" || !made.DebeCambiarClave {
		t.Fatalf("%+v, %v", made, err)
	}
	again, err := c.CreateUser(admin, in, key)
	if diff := cmp.Diff(made, again); err != nil || diff != "" {
		t.Errorf("the retry with the same key: %v\n%s", err, diff)
	}
	kept := one[[]byte](w, `SELECT cuerpo FROM historia_clinica.idempotencia WHERE clave LIKE '%' || $1`, key)
	if strings.Contains(string(kept), made.ClaveInicial) {
		t.Error("the database keeps the password in clear")
	}
	if got := w.send("GET", "/usuarios/"+made.ID.String(), "", "", "Authorization: Bearer "+w.login(w.account(auth.Admin)).AccessToken); strings.Contains(got.raw, "clave_inicial") || got.header.Get("ETag") != `"1"` {
		t.Errorf("GET: %s, ETag %s", got.raw, got.header.Get("ETag"))
	}
	if tok, err := c.Login(w.anyone(), in.Username, made.ClaveInicial); err != nil || !tok.DebeCambiarClave {
		t.Errorf("signing in: %+v, %v", tok, err)
	}
}

// A password that somebody else gave is for the next days, until its owner sets
// one.
func TestAGivenPasswordRunsOut(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	boss := w.account(auth.Admin)
	made, err := c.CreateUser(w.as(boss), api.NewUser{Username: unique("n"), Rol: auth.Registrar}, "")
	if err != nil {
		t.Fatal(err)
	}
	w.clock.advance(firstPasswordLife - time.Minute)
	if _, err := c.Login(w.anyone(), made.Username, made.ClaveInicial); err != nil {
		t.Errorf("a minute before: %v", err)
	}
	w.clock.advance(2 * time.Minute)
	_, err = c.Login(w.anyone(), made.Username, made.ClaveInicial)
	if api.OAuthError(err) != api.ErrorGrant {
		t.Errorf("a minute after: %v", err)
	}
	again, err := c.ResetPassword(w.as(boss), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := c.Login(w.anyone(), made.Username, again.ClaveInicial)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ChangePassword(w.from(w.ip, tok.AccessToken), again.ClaveInicial, secret); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(firstPasswordLife + time.Hour)
	if _, err := c.Login(w.anyone(), made.Username, secret); err != nil {
		t.Errorf("the password that its owner set: %v", err)
	}
}

func TestRegisterByAdministrator(t *testing.T) {
	w := newWorld(t)
	admin := "Authorization: Bearer " + w.login(w.account(auth.Admin)).AccessToken
	id := w.patient()
	for name, tt := range map[string]struct {
		body   map[string]any
		status int
	}{
		"médico":                {map[string]any{"username": unique("m"), "password": "cien gatos sin techo", "rol": "medico", "nombre": "M"}, 201},
		"roles":                 {map[string]any{"username": unique("m"), "password": "cien gatos sin techo", "roles": []string{"admisionista", "resultados"}}, 201},
		"patient by document":   {map[string]any{"username": unique("p"), "rol": "paciente", "documento_id": strings.ToLower(id)}, 201},
		"patient, two parts":    {map[string]any{"username": unique("p"), "rol": "paciente", "tipo_documento": "CC", "numero_documento": w.patient()[3:]}, 201},
		"patient without":       {map[string]any{"username": unique("p"), "rol": "paciente"}, 422},
		"patient of no record":  {map[string]any{"username": unique("p"), "rol": "paciente", "documento_id": "CC-12"}, 422},
		"staff with a document": {map[string]any{"username": unique("p"), "rol": "medico", "documento_id": id}, 422},
		"no role":               {map[string]any{"username": unique("p")}, 422},
		"unknown role":          {map[string]any{"username": unique("p"), "rol": "dueño"}, 422},
		"producer":              {map[string]any{"username": unique("p"), "rol": "productor"}, 422},
		"restricted":            {map[string]any{"username": unique("p"), "rol": "restringido"}, 422},
		"rol and roles differ":  {map[string]any{"username": unique("p"), "rol": "medico", "roles": []string{"operador"}}, 422},
		"weak password":         {map[string]any{"username": unique("p"), "rol": "operador", "password": "corta"}, 422},
		"bad service":           {map[string]any{"username": unique("p"), "rol": "medico", "profesional": map[string]any{"servicios": []string{"a b"}}}, 422},
		"unknown field":         {map[string]any{"username": unique("p"), "rol": "medico", "demo": true}, 400},
	} {
		got := w.send("POST", "/register", jsonType, string(mustJSON(tt.body)), admin)
		if got.status != tt.status || tt.status == 201 && got.header.Get("Location") != "/usuarios/"+fmt.Sprint(got.body["id"]) {
			t.Errorf("%s: %d %v, want %d", name, got.status, got.body, tt.status)
		}
	}
	other := "Authorization: Bearer " + w.login(w.account(auth.Registrar)).AccessToken
	body := string(mustJSON(map[string]any{"username": unique("m"), "password": "cien gatos sin techo", "rol": "medico"}))
	if got := w.send("POST", "/register", jsonType, body, other); got.status != 403 {
		t.Errorf("by an admisionista: %d, want 403", got.status)
	}
	if got := w.send("POST", "/usuarios", jsonType, body, other); got.status != 403 {
		t.Errorf("POST /usuarios by an admisionista: %d, want 403", got.status)
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	a := w.account(auth.Registrar)
	tok := w.login(a)
	name, email := "Óscar Peña", "oscar"+a.Username+"@clinica.co"
	u, err := c.UpdateUser(admin, a.ID, 1, api.UserChange{Nombre: &name, Email: &email})
	if err != nil || u.Version != 2 || u.Nombre != name || u.Email != email {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := c.Refresh(w.anyone(), tok.RefreshToken); err != nil {
		t.Errorf("a new name ended the session: %v", err)
	}
	_, err = c.UpdateUser(admin, a.ID, 1, api.UserChange{Nombre: &name})
	status(t, "a stale version", err, 412)
	if got := w.send("PATCH", "/usuarios/"+a.ID.String(), jsonType, `{}`, "Authorization: Bearer "+w.login(w.account(auth.Admin)).AccessToken); got.status != 428 {
		t.Errorf("without If-Match: %d, want 428", got.status)
	}
	// From admisionista to médico: new rights at the next sign-in, old tokens gone.
	u, err = c.UpdateUser(admin, a.ID, 2, api.UserChange{Roles: []auth.Role{auth.Physician}, Profesional: &api.NewProfessional{RegistroMedico: "7", Servicios: []string{"328"}}})
	if err != nil || u.Profesional == nil || u.Profesional.ClaveID == "" {
		t.Fatalf("%+v, %v", u, err)
	}
	wantRevoked(t, w, tok.AccessToken)
	tok = w.login(a)
	if p := claims(t, w, tok.AccessToken); !p.Is(auth.Physician) || p.Is(auth.Registrar) || !slices.Equal(p.Services, []string{"328"}) {
		t.Errorf("principal %+v", p)
	}
	key := u.Profesional.ClaveID
	u, err = c.UpdateUser(admin, a.ID, 3, api.UserChange{Profesional: &api.NewProfessional{RegistroMedico: "8", Servicios: []string{"328", "129"}}})
	if err != nil || u.Profesional.ClaveID != key || u.Profesional.RegistroMedico != "8" {
		t.Errorf("%+v, %v", u.Profesional, err)
	}
	if _, err := c.Me(w.from(w.ip, tok.AccessToken)); err != nil {
		t.Errorf("a service more ended the session: %v", err)
	}
	off := false
	if _, err = c.UpdateUser(admin, a.ID, 4, api.UserChange{Activo: &off}); err != nil {
		t.Fatal(err)
	}
	_, err = c.Refresh(w.anyone(), tok.RefreshToken)
	status(t, "refresh of a disabled account", err, 401)
	_, err = c.Login(w.anyone(), a.Username, secret)
	status(t, "sign-in of a disabled account", err, 401)
	wantRevoked(t, w, tok.AccessToken)
	for name, in := range map[string]api.UserChange{
		"no roles":           {Roles: []auth.Role{}},
		"unknown role":       {Roles: []auth.Role{"dueño"}},
		"patient":            {Roles: []auth.Role{auth.Patient}},
		"empty name":         {Nombre: new(string)},
		"a bad e-mail":       {Email: &name},
		"a bad service":      {Profesional: &api.NewProfessional{Servicios: []string{"á"}}},
		"a long name":        {Nombre: ptr(strings.Repeat("n", 121))},
		"a control char":     {Nombre: ptr("a\x07b")},
		"a hidden character": {Nombre: ptr("a\u200bb")},
	} {
		if name == "no roles" {
			in.Rol = ptr(auth.Role(""))
		}
		_, err := c.UpdateUser(admin, a.ID, 5, in)
		status(t, name, err, 422)
	}
	_, err = c.UpdateUser(admin, ident.NewID(), 1, api.UserChange{})
	status(t, "of nobody", err, 404)
}

func ptr[T any](v T) *T { return &v }

func TestTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	off := false
	var left account
	var ctx context.Context
	for range 10 { // a race is lost only sometimes
		a, b := w.account(auth.Admin), w.account(auth.Admin)
		w.exec(`UPDATE historia_clinica.usuario SET activo = false WHERE 'administrador' = ANY(roles) AND id <> $1 AND id <> $2`, a.ID, b.ID)
		actx, bctx := w.as(a), w.as(b)
		var wg sync.WaitGroup
		var first, second error
		wg.Go(func() { _, first = c.UpdateUser(actx, b.ID, 1, api.UserChange{Activo: &off}) })
		wg.Go(func() { _, second = c.UpdateUser(bctx, a.ID, 1, api.UserChange{Roles: []auth.Role{auth.Operator}}) })
		wg.Wait()
		if (first == nil) == (second == nil) {
			t.Fatalf("each took the other's account: %v, %v", first, second)
		}
		// Whoever comes so late that their own token has ended is not even heard.
		if lost := errors.Join(first, second); problem.Status(lost) != 409 && problem.Status(lost) != 401 {
			t.Errorf("the loser: %v, want 409 or 401", lost)
		}
		left, ctx = a, actx
		if second == nil {
			left, ctx = b, bctx
		}
	}
	_, err := c.UpdateUser(ctx, left.ID, 1, api.UserChange{Activo: &off})
	status(t, "disabling oneself, the last", err, 409)
	_, err = c.UpdateUser(ctx, left.ID, 1, api.UserChange{Roles: []auth.Role{auth.Operator}})
	status(t, "giving up the role, the last", err, 409)
	if _, err := c.UpdateUser(ctx, left.ID, 1, api.UserChange{Roles: []auth.Role{auth.Operator, auth.Admin}}); err != nil {
		t.Errorf("keeping the role: %v", err)
	}
}

func TestListUsers(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	admin := w.as(w.account(auth.Admin))
	tag := unique("t")
	var want []string
	for i := range 7 {
		in := api.NewUser{Username: fmt.Sprintf("%s%d", tag, 6-i), Nombre: "Ñandú Pérez " + tag, Password: "cien gatos sin techo", Rol: auth.Operator}
		if i%2 == 0 {
			in.Rol = auth.RecordsClerk
		}
		if _, err := c.CreateUser(admin, in, ""); err != nil {
			t.Fatal(err)
		}
		want = append([]string{in.Username}, want...)
	}
	var got []string
	for after, page := "", 0; page == 0 || after != ""; page++ {
		users, next, err := c.Users(admin, api.UserSearch{Q: "nandu PEREZ " + tag, Limit: 3, After: after})
		if err != nil || len(users) > 3 || page > 3 {
			t.Fatalf("page %d: %d users, %v", page, len(users), err)
		}
		for _, u := range users {
			got = append(got, u.Username)
		}
		after = next
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if users, _, err := c.Users(admin, api.UserSearch{Q: tag, Rol: auth.RecordsClerk}); err != nil || len(users) != 4 {
		t.Errorf("of one role: %d, %v", len(users), err)
	}
	if users, _, err := c.Users(admin, api.UserSearch{Q: "%"}); err != nil || len(users) != 0 {
		t.Errorf("%% finds %d accounts, %v", len(users), err)
	}
	_, _, err := c.Users(admin, api.UserSearch{Rol: "dueño"})
	status(t, "an unknown role", err, 422)
	for _, after := range []string{"x", "ana", tag + "3", "YW5h=", cursor("a b"), cursor("ñandú"), "AA"} {
		_, _, err := c.Users(admin, api.UserSearch{After: after})
		status(t, "GET /usuarios after "+after, err, 422)
		_, _, err = c.Producers(admin, 1, after)
		status(t, "GET /productores after "+after, err, 422)
	}
	_, _, err = c.Producers(admin, 101, "")
	status(t, "a page too long", err, 422)
}

// Every route but the public ones is shut to whoever has no token or not the
// role.
func TestRoutesAreShut(t *testing.T) {
	w := newWorld(t)
	tok := w.login(w.account(auth.Operator)).AccessToken
	for _, r := range w.f.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		path = strings.NewReplacer("{id}", ident.NewID().String(), "{client_id}", "x").Replace(path)
		if r.Permission == auth.Public {
			continue
		}
		if got := w.send(method, path, jsonType, `{}`); got.status != 401 {
			t.Errorf("%s without a token: %d", r.Pattern, got.status)
		}
		if strings.HasPrefix(path, "/usuarios") || strings.HasPrefix(path, "/productores") {
			if got := w.send(method, path, jsonType, `{}`, "Authorization: Bearer "+tok); got.status != 403 {
				t.Errorf("%s by an operador: %d", r.Pattern, got.status)
			}
		}
	}
}
