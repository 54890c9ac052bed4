package ui

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	login "hce.co/functions/login/api"
	notes "hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

var anaID = uuid.MustParse("0193a0aa-1111-7aaa-8bbb-ffffffffffff")

func ana() login.User {
	seen := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	return login.User{
		ID: anaID, Username: "ana.ruiz", Email: "ana@example.org", Nombre: "Ana Ruiz", Rol: auth.Admin, Roles: []auth.Role{auth.Admin, auth.Physician},
		Activo: true, MFA: true, Version: 4, UltimoIngreso: &seen,
		Profesional: &login.Professional{NewProfessional: login.NewProfessional{
			NombreProfesional: "Dra. Ana Ruiz", TipoProfesional: "Medicina", RegistroMedico: "25-44871", Especialidad: "Medicina interna",
			CargoServicio: "Internista", Servicios: []string{"1102", "333"}, FirmaProfesional: "Dra. Ruiz",
		}, ClaveID: "k1", ClavePublica: []byte{1, 2}},
	}
}

func TestUsers(t *testing.T) {
	d := newDoor(t)
	d.login.on("GET /usuarios", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `</usuarios?despues=ana.ruiz&limite=100>; rel="next"`)
		json.NewEncoder(w).Encode([]login.User{ana()}) //nolint:errcheck // a test's
	}))
	page := readPage(t, d.send(&admin, "GET", "/usuarios", nil), 200)
	wants(t, page, "Ana Ruiz", "ana.ruiz", "Administrador, Médico", "Medicina interna, RM 25-44871", "23 nov 2026, 09:00", "Ver más")
	for c := range page.Descendants() {
		if href, _ := attr(c, "href"); strings.Contains(href, "ana.ruiz") {
			t.Errorf("a user name stands in the address %s", href)
		}
	}
	var query url.Values
	d = newDoor(t)
	d.login.on("GET /usuarios", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query()
		json.NewEncoder(w).Encode([]login.User{}) //nolint:errcheck // a test's
	}))
	wants(t, readPage(t, d.send(&admin, "POST", "/usuarios/buscar", url.Values{"q": {" ana "}, "rol": {"medico"}, "despues": {"aaa"}}), 200), "Ninguna cuenta coincide.")
	if diff := cmp.Diff(url.Values{"q": {"ana"}, "rol": {"medico"}, "limite": {"100"}, "despues": {"aaa"}}, query); diff != "" {
		t.Errorf("login was asked (-want +got):\n%s", diff)
	}
}

func TestCreateUser(t *testing.T) {
	d := newDoor(t)
	d.login.on("POST /usuarios", login.CreatedUser{User: ana(), ClaveInicial: "COBR-ELLU-VIAT-APIR"})
	v := fieldsOf(form(t, readPage(t, d.send(&admin, "GET", "/usuarios/nuevo", nil), 200), "/usuarios"))
	v.Set("username", "ana.ruiz")
	v.Set("nombre", "Ana Ruiz")
	v["roles"] = []string{"medico"}
	v["profesional.servicios"] = []string{"1102", "329"}
	v.Set("password", "no es de este formulario")
	page := readPage(t, d.send(&admin, "POST", "/usuarios", v), http.StatusCreated)
	wants(t, page, "COBR-ELLU-VIAT-APIR", "La cuenta de Ana Ruiz está creada.")
	sent := d.login.last(t, "POST /usuarios")
	if want := `{"username":"ana.ruiz","nombre":"Ana Ruiz","roles":["medico"],"profesional":{"servicios":["1102","329"]}}`; sent.body != want {
		t.Errorf("sent %s, want %s", sent.body, want)
	}
	if key := sent.header.Get("Idempotency-Key"); key == "" || key != v.Get("idempotencia") {
		t.Errorf("created under the key %q", key)
	}

	d = newDoor(t)
	d.login.on("POST /usuarios", problem.Invalid(map[string]string{"username": "Ese usuario ya existe.", "profesional.registro_medico": "Escríbalo."}))
	page = readPage(t, d.send(&admin, "POST", "/usuarios", v), 422)
	wants(t, page, "Usuario: Ese usuario ya existe.", "Registro médico (RETHUS): Escríbalo.")
	again := fieldsOf(form(t, page, "/usuarios"))
	if !slices.Equal(again["profesional.servicios"], []string{"1102", "329"}) || !slices.Equal(again["roles"], []string{"medico"}) {
		t.Errorf("the form comes back as %v", again)
	}
}

func TestEditUser(t *testing.T) {
	d := newDoor(t)
	d.login.on("GET /usuarios/{id}", ana())
	d.login.on("PATCH /usuarios/{id}", ana())
	at := "/usuarios/" + anaID.String()
	page := readPage(t, d.send(&admin, "GET", at, nil), 200)
	wants(t, page, "ana.ruiz", "Desactivar la cuenta", "Retirar el segundo factor")
	v := fieldsOf(form(t, page, at))
	leads(t, d.send(&admin, "POST", at, v), "/usuarios")
	sent := d.login.last(t, "PATCH "+at)
	if got := sent.header.Get("If-Match"); got != `"4"` {
		t.Errorf("changed as of %s, want what was shown", got)
	}
	var got login.UserChange
	if err := json.Unmarshal([]byte(sent.body), &got); err != nil {
		t.Fatal(err)
	}
	u := ana()
	want := login.UserChange{Nombre: &u.Nombre, Email: &u.Email, Roles: u.Roles, Profesional: &u.Profesional.NewProfessional}
	slices.Sort(want.Profesional.Servicios)
	slices.Sort(got.Profesional.Servicios)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("an account changes by being looked at (-had +sent):\n%s", diff)
	}

	v.Del("roles")
	wants(t, readPage(t, d.send(&admin, "POST", at, v), 422), "Roles: Elija al menos un rol.")
	for name := range v {
		if strings.HasPrefix(name, "profesional.") {
			v.Set(name, "")
		}
	}
	v["roles"], v["email"] = []string{"admisionista", "medico"}, []string{""}
	leads(t, d.send(&admin, "POST", at, v), "/usuarios")
	if want, got := `{"nombre":"Ana Ruiz","email":"","roles":["medico","admisionista"],"profesional":{}}`, d.login.last(t, "PATCH "+at).body; got != want {
		t.Errorf("what was emptied is sent as %s, want %s", got, want)
	}

	d = newDoor(t)
	d.login.on("GET /usuarios/{id}", ana())
	d.login.on("PATCH /usuarios/{id}", problem.Stale())
	v.Set("version", `"3"`)
	v.Set("nombre", "Ana Ruiz Mejía")
	page = readPage(t, d.send(&admin, "POST", at, v), 412)
	wants(t, page, "Otra persona cambió esta cuenta")
	if again := fieldsOf(form(t, page, at)); again.Get("version") != `"4"` || again.Get("nombre") != "Ana Ruiz Mejía" {
		t.Errorf("the form comes back as %v", again)
	}
	readPage(t, d.send(&admin, "GET", "/usuarios/ana", nil), 404)
}

func TestUserSteps(t *testing.T) {
	at := "/usuarios/" + anaID.String()
	d := newDoor(t)
	d.login.on("GET /usuarios/{id}", ana())
	d.login.on("PATCH /usuarios/{id}", ana())
	d.login.on("DELETE /usuarios/{id}/mfa", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	d.login.on("POST /usuarios/{id}/clave", login.OneTimePassword{ClaveInicial: "COBR-ELLU"})
	for step, body := range map[string]string{"desactivacion": `{"activo":false}`, "activacion": `{"activo":true}`} {
		leads(t, d.send(&admin, "POST", at+"/"+step, url.Values{}), at)
		if sent := d.login.last(t, "PATCH "+at); sent.body != body || sent.header.Get("If-Match") != `"4"` {
			t.Errorf("%s is sent as %s, as of %s", step, sent.body, sent.header.Get("If-Match"))
		}
	}
	leads(t, d.send(&admin, "POST", at+"/segundo-factor", url.Values{}), at)
	d.login.last(t, "DELETE "+at+"/mfa")
	wants(t, readPage(t, d.send(&admin, "POST", at+"/clave", url.Values{}), 200), "COBR-ELLU", "ana.ruiz")
	readPage(t, d.send(&admin, "POST", at+"/borrado", url.Values{}), 404)

	d = newDoor(t)
	d.login.on("GET /usuarios/{id}", ana())
	d.login.on("PATCH /usuarios/{id}", problem.Conflict("Es el único administrador activo."))
	wants(t, readPage(t, d.send(&admin, "POST", at+"/desactivacion", url.Values{}), 409), "Es el único administrador activo.")

	self := ana()
	self.ID = uuid.MustParse(admin.ID)
	d = newDoor(t)
	d.login.on("GET /usuarios/{id}", self)
	if said := text(readPage(t, d.send(&admin, "GET", "/usuarios/"+admin.ID, nil), 200)); strings.Contains(said, "Desactivar la cuenta") {
		t.Error("an administrador is offered to disable themself")
	}
}

// Whoever makes a médico's account without a registro médico is told what comes
// of it, and so is whoever reads what the médico signs.
func TestPhysicianWithoutRegistration(t *testing.T) {
	const missing = "Registro médico: sin registrar"
	d := newDoor(t)
	bare := ana()
	bare.Profesional = nil
	d.login.on("POST /usuarios", login.CreatedUser{User: bare, ClaveInicial: "COBR-ELLU"})
	d.login.on("GET /usuarios/{id}", bare)
	d.login.on("PATCH /usuarios/{id}", bare)
	d.login.on("GET /usuarios", []login.User{bare, {Nombre: "Carlos", Roles: []auth.Role{auth.Registrar}}})
	page := readPage(t, d.send(&admin, "POST", "/usuarios", url.Values{"nombre": {"Ana Ruiz"}}), 201)
	wants(t, page, "La cuenta de Ana Ruiz está creada.", missing, "COBR-ELLU")
	if !links(page, "/usuarios/"+anaID.String()+"#profesional-registro-medico") {
		t.Error("the warning does not lead to where the number is written")
	}
	page = readPage(t, d.send(&admin, "GET", "/usuarios/"+anaID.String(), nil), 200)
	wants(t, page, missing)
	v := fieldsOf(form(t, page, "/usuarios/"+anaID.String()))
	if c := cookies(d.send(&admin, "POST", "/usuarios/"+anaID.String(), v))[noticeCookie]; c == nil || notices[noticeCode(c.Value)] == notices["usuario"] {
		t.Errorf("afterwards is said %v", c)
	}
	if said := text(readPage(t, d.send(&admin, "GET", "/usuarios", nil), 200)); strings.Count(said, missing) != 1 {
		t.Errorf("the list says of both, or of none: %s", said)
	}

	clerkAccount := ana()
	clerkAccount.Roles, clerkAccount.Profesional = []auth.Role{auth.RecordsClerk}, nil
	for _, u := range []login.User{ana(), clerkAccount} { // who has one, or signs nothing, is not spoken of
		d = newDoor(t)
		d.login.on("POST /usuarios", login.CreatedUser{User: u, ClaveInicial: "COBR-ELLU"})
		if said := text(readPage(t, d.send(&admin, "POST", "/usuarios", url.Values{"nombre": {"x"}}), 201)); strings.Contains(said, "sin registrar") {
			t.Error(said)
		}
	}

	d = newDoor(t)
	d.charted(record(3, least()))
	signed := draftNote("firmada")
	signed.Firma = &notes.Signature{En: signed.FechaAtencion}
	signed.Adendas = []notes.Addendum{{Autor: notes.Author{Nombre: "Otra"}, Texto: "x"}, {Autor: notes.Author{Nombre: "Una", Registro: "25-1"}, Texto: "y"}}
	d.notes.on("GET /medico/nota/{id}/{nota}", signed)
	wants(t, readPage(t, d.send(&physician, "GET", "/notas/"+luzID+"/"+jobID.String(), nil), 200),
		physician.Name+" "+missing, "Firmada por Otra "+missing, "Firmada por Una RM 25-1")
	d = newDoor(t)
	d.charted(record(3, least()))
	d.notes.on("GET /medico/nota/{id}/{nota}", draftNote("borrador"))
	d.login.on("GET /yo", login.Me{Nombre: "Mario Médico"})
	wants(t, readPage(t, d.send(&physician, "GET", "/notas/"+luzID+"/"+jobID.String()+"/firma", nil), 200), "Firma como Mario Médico, "+missing)
}
