package ui

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/net/html"

	login "hce.co/functions/login/api"
	notes "hce.co/functions/notes/api"
	patient "hce.co/functions/patient/api"
	pdf "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/view"
)

// somebody is one of the people with an account of their own.
func somebody(w who, last string) who {
	w.ID = "0193a0aa-4444-7aaa-8bbb-" + strings.Repeat(last, 12)
	return w
}

// signsIn makes login let w in, with the password only.
func (d *door) signsIn(w who) {
	d.login.on("POST /login", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answer := newBackend()
		if r.FormValue("password") == "clave" {
			answer.on("/", login.Token{AccessToken: d.token(w), RefreshToken: "otro"})
		} else {
			answer.on("/", problem.Unauthorized("El usuario o la clave no son correctos."))
		}
		answer.ServeHTTP(rw, r)
	}))
}

// was says whose the last session at a browser was.
func was(w who) option {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: accountCookie, Value: w.ID}) }
}

// lateForm sends a form when the session of w is over, and returns what the
// sign-in page would send back.
func (d *door) lateForm(t *testing.T, w who, target string, v url.Values, options ...option) url.Values {
	t.Helper()
	page := readPage(t, d.send(nil, "POST", target, v, append(options, was(w))...), 401)
	wants(t, page, "La sesión terminó")
	return fieldsOf(form(t, page, "/ingresar"))
}

// writes are the requests that would change something.
func writes(b *backend) []string {
	return slices.DeleteFunc(b.got(), func(what string) bool {
		return strings.HasPrefix(what, "GET ") || what == "POST /login"
	})
}

func draftNote(state string) notes.Note {
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	n := notes.Note{
		Written: notes.Written{DocumentoID: luzID, ID: jobID, AdmisionID: stayID, FechaAtencion: at, Autor: notes.Author{Nombre: physician.Name}},
		Status:  notes.Status{Version: 7, Estado: state, ActualizadoEn: at},
	}
	n.Tipo = "evolucion"
	return n
}

// What somebody sent when their session had ended stands in the form again once
// they have signed in, and was not sent.
func TestWhatWasWrittenSurvivesTheSession(t *testing.T) {
	doctor, reception, manager := somebody(physician, "a"), somebody(registrar, "b"), somebody(admin, "c")
	both := somebody(who{Name: "Rita", Roles: []auth.Role{auth.RecordsClerk, auth.Physician}}, "d")
	stay, note := "/pacientes/"+luzID+"/admisiones/"+stayID.String(), "/notas/"+luzID+"/"+jobID.String()
	lines := "Línea uno.\r\nLínea dos: <b>«ñ»</b> & más."
	for _, tt := range []struct {
		name, target string
		by           who
		written      url.Values
		state        string // of the note
	}{
		{"search", "/pacientes/buscar", reception, url.Values{"q": {"Luz Peña"}}, ""},
		{"registration", "/pacientes", reception, url.Values{"primer_nombre": {"Luz"}, "direccion_residencia": {"Cra 7"}, "nacionalidades": {"170", "862"}, "idempotencia": {"k1"}}, ""},
		{"registration that was confirmed", "/pacientes", reception, url.Values{"primer_nombre": {"Luz"}, "primer_apellido": {"Peña"}, "confirmar_nuevo": {"si"}}, ""},
		{"change of a record", "/pacientes/" + luzID, reception, url.Values{"primer_nombre": {"Lucía"}, "version": {`"2"`}, "accion": {"guardar"}}, ""},
		{"document", "/pacientes/" + luzID + "/documentos", reception, url.Values{"tipo_documento": {"CE"}, "numero_documento": {"445566"}}, ""},
		{"withdrawal", "/pacientes/" + luzID + "/documentos/CC-52000111/retiro", reception, url.Values{"motivo": {lines}, "version": {`"2"`}}, ""},
		{"emergency", "/pacientes/" + luzID + "/acceso-emergencia", doctor, url.Values{"motivo": {lines}}, ""},
		{"result", "/pacientes/" + luzID + "/resultados", both, url.Values{"nombre": {"Leucocitos"}, "valor": {"7,10"}, "idempotencia": {"k2"}}, ""},
		{"admission", "/pacientes/" + luzID + "/admisiones", reception, url.Values{"clase": {"IMP"}, "cama": {"302-A"}, "acompanante.nombre": {"José Peña"}}, ""},
		{"triage", stay + "/triage", doctor, url.Values{"nivel": {"2"}, "motivo": {lines}, "version": {`"4"`}}, ""},
		{"discharge", stay + "/egreso", doctor, url.Values{"condicion_egreso": {"01"}, "observaciones": {lines}, "version": {`"4"`}}, ""},
		{"new note", "/notas/" + luzID, doctor, url.Values{"tipo": {"egreso"}, "idempotencia": {"k3"}}, ""},
		{"draft", note, doctor, url.Values{
			"version": {`"5"`}, "motivo_consulta": {lines}, "signos_vitales.pas": {"120"}, "medicamentos.3.dci": {"Losartán"}, "diagnosticos.0.cie10": {"J20.9"}, "accion": {"revisar"},
		}, "borrador"},
		{"draft that was to be thrown away", note, doctor, url.Values{"version": {`"5"`}, "motivo_consulta": {lines}, "accion": {view.ActionDiscard}}, "borrador"},
		{"signature", note + "/firma", doctor, url.Values{"version": {`"7"`}, "firma_paciente": {"Luz Peña"}}, "borrador"},
		{"addendum", note + "/adenda", doctor, url.Values{"motivo": {"aclaracion"}, "texto": {lines}, "idempotencia": {"k4"}}, "firmada"},
		{"annulment", note + "/anulacion", doctor, url.Values{"motivo": {lines}}, "firmada"},
		{"export", "/documentos/" + luzID, both, url.Values{"tipo": {"historia"}, "desde": {"2026-11-01"}, "motivo": {lines}}, ""},
		{"revocation", "/documentos/" + luzID + "/" + jobID.String() + "/revocacion", both, url.Values{"motivo": {lines}}, ""},
		{"merge", "/pacientes/" + luzID + "/uniones", reception, url.Values{"duplicado": {otherID}, "conserva": {otherID}, "confirmo": {"si"}, "motivo": {lines}}, ""},
		{"parting", "/pacientes/" + luzID + "/uniones/" + otherID + "/reversion", manager, url.Values{"motivo": {lines}}, ""},
		{"account", "/usuarios", manager, url.Values{"username": {"ana.ruiz"}, "roles": {"medico"}, "profesional.especialidad": {"Pediatría"}, "idempotencia": {"k5"}}, ""},
		{"change of an account", "/usuarios/" + anaID.String(), manager, url.Values{"nombre": {"Ana María"}, "roles": {"medico"}, "version": {`"3"`}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t)
			path := d.admitted(waitingIn())
			d.signsIn(tt.by)
			d.login.on("GET /usuarios/{id}", ana())
			d.login.on("GET /yo", login.Me{Nombre: tt.by.Name})
			d.notes.on("GET /medico/nota/{id}/{nota}", draftNote(tt.state))
			d.export.on("GET /exportar_pdf/{id}/trabajos", []pdf.Job{})
			d.export.on("GET /exportar_pdf/{id}/{trabajo}", jobIn(pdf.Ready))
			d.patient.on("GET /paciente/{id}/fusion", preview())
			d.patient.on("GET /paciente/{id}/fusiones", []patient.Merge{{Duplicado: otherID}})
			back := d.lateForm(t, tt.by, tt.target, tt.written)
			if back.Get(view.WrittenField) == "" {
				t.Fatalf("the sign-in page would send %v", back)
			}
			back.Set("username", "x")
			back.Set("password", "clave")
			resp := d.send(nil, "POST", "/ingresar", back, was(tt.by))
			if c := cookies(resp); c[refreshCookie] == nil || c[refreshCookie].Value != "otro" {
				t.Errorf("nobody is signed in: %v", c)
			}
			page := readPage(t, resp, 200)
			wants(t, page, unsentText)
			if title := titleOf(page); strings.HasPrefix(title, "Error") {
				t.Errorf("the page is titled %q: %s", title, text(page))
			}
			got := fieldsOf(lastForm(t, page, tt.target))
			for name, values := range tt.written {
				if name == "accion" || name == "confirmar_nuevo" || name == "version" && strings.HasPrefix(tt.target, path) {
					continue
				}
				name = strings.Replace(name, "medicamentos.3", "medicamentos.0", 1)                 // empty rows go
				want := strings.Split(strings.ReplaceAll(strings.Join(values, "|"), "\r", ""), "|") // as HTML has lines
				if diff := cmp.Diff(want, got[name]); diff != "" {
					t.Errorf("%s (-written +shown):\n%s", name, diff)
				}
			}
			for _, b := range []*backend{d.login, d.patient, d.admission, d.notes, d.export} {
				if sent := writes(b); len(sent) > 0 {
					t.Errorf("on their behalf was sent %v", sent)
				}
			}
		})
	}
}

// lastForm is form for a page that has two to one address: the search in the
// page's header is the first.
func lastForm(t *testing.T, n *html.Node, action string) (found *html.Node) {
	t.Helper()
	for c := range n.Descendants() {
		if a, _ := attr(c, "action"); c.Type == html.ElementNode && c.Data == "form" && a == action {
			found = c
		}
	}
	if found == nil {
		t.Fatalf("no form posts to %s:\n%s", action, text(n))
	}
	return found
}

func titleOf(n *html.Node) string {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == "title" {
			return rawText(c)
		}
	}
	return ""
}

// Nobody else finds what somebody wrote: neither who signs in next, nor who
// reads the page.
func TestWhatWasWrittenIsForItsAuthor(t *testing.T) {
	author, other := somebody(physician, "a"), somebody(physician, "b")
	target, v := "/pacientes/"+luzID+"/acceso-emergencia", url.Values{"motivo": {"Paciente inconsciente"}}
	d := newDoor(t)
	d.charted(record(3, least()))
	d.signsIn(other)
	page := readPage(t, d.send(nil, "POST", target, v, was(author)), 401)
	var b strings.Builder
	if err := html.Render(&b, page); err != nil || strings.Contains(b.String(), "inconsciente") {
		t.Error("the sign-in page tells what was written")
	}
	back := fieldsOf(form(t, page, "/ingresar"))
	back.Set("password", "clave")
	resp := d.send(nil, "POST", "/ingresar", back, was(author))
	leads(t, resp, "/")
	if c := cookies(resp); c[noticeCookie] == nil || c[noticeCookie].Value != "ajeno" || c[accountCookie].Value != other.ID {
		t.Errorf("the next person gets %v", c)
	}
	if len(d.patient.got()) > 0 {
		t.Errorf("for somebody else the registry was asked %v", d.patient.got())
	}

	d = newDoor(t) // another instance, with a key of its own
	d.signsIn(author)
	leads(t, d.send(nil, "POST", "/ingresar", back), "/")
	for _, sealed := range []string{"x", "!!", strings.Repeat("A", 100)} {
		back.Set(view.WrittenField, sealed)
		leads(t, d.send(nil, "POST", "/ingresar", back), "/")
	}
}

// The way in is the same for a wrong password and for a second factor: what was
// written stays with it.
func TestWhatWasWrittenSurvivesASecondFactor(t *testing.T) {
	author := somebody(physician, "a")
	d := newDoor(t)
	d.charted(record(3, least()))
	d.login.on("POST /login", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := newBackend()
		switch r.FormValue("password") + r.FormValue("codigo_mfa") {
		case "clave":
			answer.on("/", problem.Unauthorized("Falta el segundo factor.").With("error", login.ErrorSecondFactor).With("mfa_token", "paso"))
		case "123456":
			answer.on("/", login.Token{AccessToken: d.token(author), RefreshToken: "otro"})
		default:
			answer.on("/", problem.Unauthorized("No son correctos."))
		}
		answer.ServeHTTP(w, r)
	}))
	target := "/pacientes/" + luzID + "/acceso-emergencia"
	v := d.lateForm(t, author, target, url.Values{"motivo": {"Paciente inconsciente"}}, header("Referer", "http://example.com"+target))
	if v.Get("siguiente") != target {
		t.Errorf("afterwards they would go to %q", v.Get("siguiente"))
	}
	sealed := v.Get(view.WrittenField)
	v.Set("username", "mario")
	v.Set("password", "no es")
	v = fieldsOf(form(t, readPage(t, d.send(nil, "POST", "/ingresar", v), 422), "/ingresar"))
	if v.Get(view.WrittenField) != sealed {
		t.Error("a wrong password loses what was written")
	}
	v.Set("password", "clave")
	resp := d.send(nil, "POST", "/ingresar", v)
	v = fieldsOf(form(t, readPage(t, resp, 200), "/ingresar/codigo"))
	step := func(r *http.Request) {
		for _, c := range resp.Cookies() {
			r.AddCookie(c)
		}
	}
	v.Set("codigo", "000000")
	v = fieldsOf(form(t, readPage(t, d.send(nil, "POST", "/ingresar/codigo", v, step), 422), "/ingresar/codigo"))
	v.Set("codigo", "123456")
	page := readPage(t, d.send(nil, "POST", "/ingresar/codigo", v, step), 200)
	if got := fieldsOf(form(t, page, target)).Get("motivo"); got != "Paciente inconsciente" {
		t.Errorf("the form says %q", got)
	}
}

// An account whose password was reset, or whose role asks for a factor that it
// has not, settles that first; what was written goes along.
func TestWhatWasWrittenSurvivesWhatMustBeSettled(t *testing.T) {
	author := somebody(physician, "a")
	restricted := author
	restricted.Roles = []auth.Role{auth.Restricted}
	d := newDoor(t)
	d.charted(record(3, least()))
	d.login.on("POST /login", login.Token{AccessToken: d.token(restricted), RefreshToken: "otro", DebeCambiarClave: true, MFAPorActivar: true})
	next := login.Token{AccessToken: d.token(restricted), MFAPorActivar: true}
	d.login.on("POST /yo/clave", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := newBackend()
		answer.on("/", next)
		answer.ServeHTTP(w, r)
	}))
	d.login.on("POST /yo/mfa", login.Enrolment{Secreto: "ABCDEFGHIJ", URI: "otpauth://totp/HCE:mario?secret=ABCDEFGHIJ"})
	d.login.on("POST /yo/mfa/confirmar", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := newBackend()
		if b, _ := io.ReadAll(r.Body); string(b) == `{"codigo":"123456"}` {
			answer.on("/", login.Enrolled{CodigosRecuperacion: []string{"AAAA-BBBB"}, Token: login.Token{AccessToken: d.token(author)}})
		} else {
			answer.on("/", problem.Invalid(map[string]string{"codigo": "El código no es correcto."}))
		}
		answer.ServeHTTP(w, r)
	}))
	target := "/pacientes/" + luzID + "/acceso-emergencia"
	v := d.lateForm(t, author, target, url.Values{"motivo": {"Paciente inconsciente"}})

	v = fieldsOf(form(t, readPage(t, d.send(nil, "POST", "/ingresar", v), 200), "/clave"))
	v.Set("actual", "de un solo uso")
	v.Set("nueva", "una propia")
	page := readPage(t, d.send(&restricted, "POST", "/clave", v), 200)
	wants(t, page, "Su rol exige un segundo factor")
	v = fieldsOf(form(t, page, "/segundo-factor"))
	v.Set("codigo", "123456")
	page = readPage(t, d.send(&restricted, "POST", "/segundo-factor", v), 200)
	wants(t, page, "AAAA-BBBB") // seen before anything else
	v = fieldsOf(form(t, page, "/retomar"))
	page = readPage(t, d.send(&author, "POST", "/retomar", v), 200)
	wants(t, page, unsentText)
	if got := fieldsOf(form(t, page, target)).Get("motivo"); got != "Paciente inconsciente" {
		t.Errorf("the form says %q", got)
	}

	next = login.Token{AccessToken: d.token(author)}
	v.Set("actual", "de un solo uso")
	page = readPage(t, d.send(&restricted, "POST", "/clave", v), 200)
	if got := fieldsOf(form(t, page, target)).Get("motivo"); got != "Paciente inconsciente" {
		t.Errorf("after the password alone the form says %q", got)
	}
	v.Set("codigo", "000000")
	v.Set("secreto", "ABCD EFGH IJ")
	page = readPage(t, d.send(&restricted, "POST", "/segundo-factor", v), 422)
	if fieldsOf(form(t, page, "/segundo-factor")).Get(view.WrittenField) != v.Get(view.WrittenField) {
		t.Error("a wrong code loses what was written")
	}
	other := somebody(physician, "b")
	leads(t, d.send(&other, "POST", "/retomar", v), "/")
}

func TestWhatIsNotKept(t *testing.T) {
	author := somebody(physician, "a")
	target := "/pacientes/" + luzID + "/acceso-emergencia"
	some := url.Values{"motivo": {"Paciente inconsciente"}}
	for _, tt := range []struct {
		name, target string
		form         url.Values
		options      []option
		lost         bool
	}{
		{"passwords", "/clave", url.Values{"actual": {"a"}, "nueva": {"b"}}, []option{was(author)}, false},
		{"a second factor", "/segundo-factor", url.Values{"codigo": {"123456"}, "secreto": {"ABCD"}, "uri": {"otpauth://totp/x"}}, []option{was(author)}, false},
		{"a confirmation", "/reforzar", url.Values{"clave": {"a"}, "codigo": {"1"}, "siguiente": {"/x"}}, []option{was(author)}, false},
		{"a button", target, url.Values{"idempotencia": {"k"}, "version": {`"3"`}, "motivo": {" "}}, []option{was(author)}, false},
		{"what a script sends", target, some, []option{was(author), header("X-Autoguardado", "1")}, false},
		{"a part of a page", target, some, []option{was(author), header("HX-Request", "true")}, false},
		{"of nobody", target, some, nil, true},
		{"of somebody who cannot be", target, some, []option{was(who{ID: "x"})}, true},
		{"too much", target, url.Values{"motivo": {strings.Repeat("a", maxWritten)}}, []option{was(author)}, true},
		{"far too much", target, url.Values{"motivo": {strings.Repeat("a", 2<<20)}}, []option{was(author)}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := readPage(t, newDoor(t).send(nil, "POST", tt.target, tt.form, tt.options...), 401)
			v := fieldsOf(form(t, page, "/ingresar"))
			said := strings.Contains(text(page), "copie lo que escribió")
			if v.Has(view.WrittenField) || said != tt.lost {
				t.Errorf("kept: %v, told that it is lost: %v, want %v", v.Has(view.WrittenField), said, tt.lost)
			}
		})
	}
}

// A session that is ended elsewhere while a form is being sent loses nothing
// either, and a step without text just leads back to its page.
func TestSessionEndedWhileSending(t *testing.T) {
	author := somebody(physician, "a")
	d := newDoor(t)
	d.charted(record(3, least()))
	d.signsIn(author)
	target := "/pacientes/" + luzID + "/acceso-emergencia"
	d.patient.on("POST /paciente/{id}/acceso-emergencia", problem.Unauthorized("La sesión terminó."))
	page := readPage(t, d.send(&author, "POST", target, url.Values{"motivo": {"Paciente inconsciente"}}), 401)
	back := fieldsOf(form(t, page, "/ingresar"))
	back.Set("password", "clave")
	page = readPage(t, d.send(nil, "POST", "/ingresar", back), 200)
	if got := fieldsOf(form(t, page, target)).Get("motivo"); got != "Paciente inconsciente" {
		t.Errorf("the form says %q", got)
	}

	at := uuid.New().String()
	review := d.lateForm(t, author, "/revision/"+luzID+"/"+at, url.Values{"decision": {"justificado"}}, header("Referer", "http://example.com/revision"))
	review.Set("password", "clave")
	leads(t, d.send(nil, "POST", "/ingresar", review), "/revision")
	step := d.lateForm(t, author, "/pacientes/"+luzID+"/resultados/"+at+"/visto", url.Values{}, header("Referer", "http://example.com/pacientes/"+luzID+"/resultados"))
	if step.Has(view.WrittenField) || step.Get("siguiente") != "/pacientes/"+luzID+"/resultados" {
		t.Errorf("the sign-in page would send %v", step)
	}
	// A page that only a form opens is no place to go back to.
	if v := d.lateForm(t, author, "/notas/"+luzID+"/"+at+"/adenda", url.Values{}, header("Referer", "http://example.com/notas/"+luzID+"/"+at+"/adenda")); v.Has("siguiente") && v.Get("siguiente") != "/" {
		t.Errorf("they would go to %q", v.Get("siguiente"))
	}
}

// Whose the last session was outlives it, so that a form left open can be kept.
func TestAccountIsRemembered(t *testing.T) {
	author := somebody(physician, "a")
	d := newDoor(t)
	d.signsIn(author)
	resp := d.send(nil, "POST", "/ingresar", url.Values{"username": {"x"}, "password": {"clave"}})
	c := cookies(resp)[accountCookie]
	if c == nil || c.Value != author.ID || !c.HttpOnly || !c.Secure || c.MaxAge < int(refreshLife.Seconds()) {
		t.Fatalf("the browser keeps %v", c)
	}
	d.login.on("POST /logout", problem.Unauthorized("Ya había salido."))
	for _, c := range d.send(&author, "POST", "/salir", url.Values{}).Cookies() {
		if c.Name == accountCookie {
			t.Errorf("signing out forgets whose the forms are: %v", c)
		}
	}
}
