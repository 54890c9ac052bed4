package ui

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	login "hce.co/functions/login/api"
	patient "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/view/component"
)

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/pacientes":                    "/pacientes",
		"/pacientes/CC-1032456789":      "/pacientes/CC-1032456789",
		"/notas/CC-1/editar?x=1#y":      "/notas/CC-1/editar",
		"/pacientes/a%2Fb":              "/pacientes/a%2Fb",
		"":                              "/",
		"pacientes":                     "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		"/\\evil.example":               "/",
		"\\\\evil.example":              "/",
		"https://evil.example/x":        "/",
		"https:evil.example":            "/",
		"javascript:alert(1)":           "/",
		"/\t/evil.example":              "/",
		"/\n/evil.example":              "/",
		"/%0a/evil.example":             "/%0a/evil.example",
		"/%5cevil.example":              "/%5cevil.example",
		"/%2f/evil.example":             "/%2f/evil.example",
		" //evil.example":               "/",
		"/%zz":                          "/",
		"http://hce.example.co:80@evil": "/",
		"/../../etc":                    "/../../etc",
	} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	v := url.Values{"q": {"Luz"}, "idempotencia": {"k"}, "version": {`"3"`}}
	kept := component.Form{Values: v, Key: "k", Version: `"3"`}
	with := func(message string, fields map[string]string) component.Form {
		f := kept
		f.Problem, f.Errors = message, fields
		return f
	}
	fields := map[string]string{"q": "Corto."}
	for _, tt := range []struct {
		name   string
		err    error
		form   component.Form
		status int
		ok     bool
	}{
		{"fields", problem.Invalid(fields), with("", fields), 422, true},
		{"a rule", problem.Unprocessable("No se puede."), with("No se puede.", nil), 422, true},
		{"conflict", problem.Conflict("Ya existe."), with("Ya existe.", nil), 409, true},
		{"unreadable", problem.BadRequest("Ilegible."), with("Ilegible.", nil), 400, true},
		{"too many", problem.TooMany(1, "Espere."), with("Espere.", nil), 429, true},
		{"down", problem.Unavailable(errors.New("x")), with(problem.Unavailable(nil).Detail, nil), 503, true},
		{"not theirs", problem.Forbidden("No."), kept, 0, false},
		{"gone", problem.NotFound("No."), kept, 0, false},
		{"stale", problem.Stale(), kept, 0, false},
		{"unauthorized", problem.Unauthorized("No."), kept, 0, false},
		{"ours", errors.New("nil map"), kept, 0, false},
	} {
		form, status, ok := refused(v, tt.err)
		if diff := cmp.Diff(tt.form, form); diff != "" || status != tt.status || ok != tt.ok {
			t.Errorf("%s: %d, %v (-want +got):\n%s", tt.name, status, ok, diff)
		}
	}
}

func TestSignInFirst(t *testing.T) {
	d := newDoor(t)
	leads(t, d.send(nil, "GET", "/", nil), "/ingresar")
	leads(t, d.send(nil, "GET", "/pacientes/CC-1?x=2", nil), "/ingresar?siguiente=%2Fpacientes%2FCC-1")
	page := readPage(t, d.send(nil, "POST", "/pacientes/CC-1", url.Values{"primer_nombre": {"Luz"}}), 401)
	wants(t, page, "La sesión terminó")
	if len(d.patient.got()) > 0 {
		t.Errorf("the registry was asked %v", d.patient.got())
	}
}

func TestUnsettledGoNowhereElse(t *testing.T) {
	restricted := who{Name: "Nueva", Roles: []auth.Role{auth.Restricted}}
	d := newDoor(t)
	d.login.on("GET /yo", login.Me{Nombre: "Nueva", DebeCambiarClave: true})
	leads(t, d.send(&restricted, "GET", "/", nil), "/clave")
	leads(t, d.send(&restricted, "GET", "/camas", nil), "/clave")
	readPage(t, d.send(&restricted, "GET", "/clave", nil), 200)

	d = newDoor(t)
	d.login.on("GET /yo", login.Me{Nombre: "Nueva", MFAPorActivar: true})
	d.login.on("POST /yo/mfa", login.Enrolment{Secreto: "ABCDEFGH", URI: "otpauth://totp/x"})
	leads(t, d.send(&restricted, "GET", "/", nil), "/segundo-factor")
	wants(t, readPage(t, d.send(&restricted, "GET", "/segundo-factor", nil), 200), "Comenzar", "Su rol exige")
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		status int
		says   string
		logged bool
	}{
		{"not found", problem.NotFound("No existe una historia clínica con ese documento."), 404, "No existe una historia clínica con ese documento.", false},
		{"forbidden", problem.Forbidden("No es suya."), 403, "No es suya.", false},
		{"down", problem.Unavailable(errors.New("x")), 503, "El servicio no responde", true},
		{"broken", &problem.Error{Status: 500, Detail: "from the database: Luz"}, 500, "Algo falló de nuestro lado", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t)
			d.patient.on("GET /paciente/{id}", tt.err)
			resp := d.send(&registrar, "GET", "/pacientes/CC-1032456789", nil)
			id := resp.Header.Get("X-Request-Id")
			page := readPage(t, resp, tt.status)
			wants(t, page, tt.says, id)
			if strings.Contains(text(page), "from the database") {
				t.Error("the page tells what failed inside")
			}
			if logged := strings.Contains(d.log.String(), `"page failed"`) && strings.Contains(d.log.String(), id); logged != tt.logged {
				t.Errorf("in the log: %v, want %v\n%s", logged, tt.logged, d.log)
			}
			if strings.Contains(d.log.String(), "1032456789") {
				t.Errorf("the log names the record:\n%s", d.log)
			}
		})
	}
}

func TestEmergencyIsOffered(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", patient.Patient{DocumentoID: "CC-1", Demographics: least(), Activo: true})
	d.notes.on("/", problem.Forbidden("No tiene una atención en curso.").With("acceso_emergencia", true))
	page := readPage(t, d.send(&physician, "GET", "/pacientes/CC-1/diagnosticos", nil), 403)
	wants(t, page, "No tiene una atención en curso.", "Pedir acceso de emergencia")
}

func TestSessionEndedElsewhere(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /paciente/{id}", problem.Unauthorized("La sesión terminó."))
	resp := d.send(&registrar, "GET", "/pacientes/CC-1/editar", nil)
	leads(t, resp, "/ingresar?siguiente=%2Fpacientes%2FCC-1%2Feditar")
	for _, c := range resp.Cookies() {
		if c.Value != "" {
			t.Errorf("the browser keeps %s", c.Name)
		}
	}
	d.patient.on("POST /paciente/parecidos", problem.Unauthorized("La sesión terminó."))
	wants(t, readPage(t, d.send(&registrar, "POST", "/pacientes", url.Values{"primer_nombre": {"x"}}), 401), "La sesión terminó")
}

func TestForms(t *testing.T) {
	d := newDoor(t)
	wants(t, readPage(t, d.search(&registrar, url.Values{"q": {"Lu\x00z"}}), 400), "caracteres que no se admiten")
	wants(t, readPage(t, d.search(&registrar, url.Values{"q": {strings.Repeat("a", 1<<21)}}), 413), "1 MiB")
	if len(d.patient.got()) > 0 {
		t.Errorf("the registry was asked %v", d.patient.got())
	}
	d.patient.on("POST /paciente/buscar", []patient.Summary{})
	d.search(&registrar, url.Values{"q": {"Lu\xffz"}})
	if got := d.patient.last(t, "POST /paciente/buscar").body; !strings.Contains(got, `"q":"Lu�z"`) {
		t.Errorf("text in another encoding goes on as %q", got)
	}
}

func TestNotice(t *testing.T) {
	d := newDoor(t)
	d.patient.on("POST /paciente/{id}/acceso-emergencia", patient.EmergencyAccess{})
	resp := d.send(&physician, "POST", "/pacientes/CC-1/acceso-emergencia", url.Values{"motivo": {"Paciente inconsciente."}})
	leads(t, resp, "/pacientes/CC-1")
	var notice *http.Cookie
	for _, c := range resp.Cookies() {
		if c.Name == noticeCookie {
			notice = c
		}
	}
	if notice == nil || !notice.HttpOnly || !notice.Secure {
		t.Fatalf("the notice is kept as %v", notice)
	}
	resp = d.send(&registrar, "GET", "/pacientes", nil, func(r *http.Request) { r.AddCookie(notice) })
	gone := false
	for _, c := range resp.Cookies() {
		gone = gone || c.Name == noticeCookie && c.MaxAge < 0
	}
	wants(t, readPage(t, resp, 200), "Tiene acceso a esta historia por 60 minutos.")
	if !gone {
		t.Error("the notice will be shown again")
	}
	resp = d.send(&registrar, "GET", "/pacientes", nil, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: noticeCookie, Value: "<b>x</b>"}) })
	if said := text(readPage(t, resp, 200)); strings.Contains(said, "<b>") {
		t.Error("a notice of somebody else's making is shown")
	}
}
