package hce_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hce.co/functions/hce/demo"
	patientapi "hce.co/functions/patient/api"
	"hce.co/shared/db/dbtest"
)

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// says is what a person reads of a page, with single spaces.
func says(page *html.Node) string {
	var b strings.Builder
	for n := range page.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// get opens a page that must be there.
func (b *tab) get(target string) *html.Node {
	b.t.Helper()
	status, at, page := b.visit(http.MethodGet, target, nil)
	if status != http.StatusOK || page == nil {
		b.t.Fatalf("%s: %d at %s", target, status, at)
	}
	return page
}

// send fills in the form of a page that posts to action, sends it, and wants the
// status and the words of what comes.
func (b *tab) send(page *html.Node, action string, typed url.Values, status int, words ...string) (at string, next *html.Node) {
	b.t.Helper()
	var form *html.Node
	for n := range page.Descendants() {
		if to, _ := attribute(n, "action"); n.Data == "form" && to == action {
			form = n
			break
		}
	}
	if form == nil {
		b.t.Fatalf("no form posts to %s:\n%s", action, says(page))
	}
	v := url.Values{}
	for n := range form.Descendants() {
		name, ok := attribute(n, "name")
		if n.Type != html.ElementNode || !ok {
			continue
		}
		switch n.Data {
		case "input":
			kind, _ := attribute(n, "type")
			_, checked := attribute(n, "checked")
			if value, _ := attribute(n, "value"); kind != "checkbox" && kind != "radio" || checked {
				v.Add(name, value)
			}
		case "textarea":
			v.Add(name, strings.TrimPrefix(says(n), "\n"))
		case "select":
			for o := range n.Descendants() {
				if _, selected := attribute(o, "selected"); selected {
					value, _ := attribute(o, "value")
					v.Add(name, value)
				}
			}
		}
	}
	for name, values := range typed {
		v[name] = values
	}
	got, at, next := b.visit(http.MethodPost, action, v)
	if next == nil || got != status {
		b.t.Fatalf("%s answers %d at %s, want %d", action, got, at, status)
	}
	for _, w := range words {
		if !strings.Contains(says(next), w) {
			b.t.Errorf("after %s the page at %s does not say %q:\n%s", action, at, w, says(next))
		}
	}
	return at, next
}

// registered opens a record of somebody new.
func (c *clinic) registered(t *testing.T) (id string, who patientapi.Demographics) {
	t.Helper()
	who = person()
	who.PrimerApellido = "Zuluaga" + strings.Map(func(r rune) rune { return 'a' + (r - '0') }, who.NumeroDocumento) // like nobody else
	rec, err := c.patient.Register(c.as(t, "admisionista"), who, "")
	if err != nil {
		t.Fatal(err)
	}
	return rec.DocumentoID, who
}

func TestDeskForms(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	desk, other := c.signedIn(t, "admisionista"), c.signedIn(t, "admisionista")
	at := "/pacientes/" + id

	mine, theirs := desk.get(at+"/editar"), other.get(at+"/editar")
	other.send(theirs, at, url.Values{"municipio": {"medellín"}, "estado_civil": {"casado"}}, 200, "Los cambios quedaron guardados.", "Medellín, Antioquia", "Casado(a)")
	_, conflict := desk.send(mine, at, url.Values{"celular": {"300 123 4567"}, "estado_civil": {"soltero"}, "fallecido": {""}}, http.StatusPreconditionFailed,
		"Estos datos cambiaron mientras usted escribía", "Estado civil Casado(a) Soltero(a)")
	if said := says(conflict); strings.Contains(said, "Celular") || strings.Contains(said, "Municipio") {
		t.Errorf("what only one of them changed is said to be in conflict:\n%s", said)
	}
	_, again := desk.send(conflict, at, url.Values{"accion": {"editar"}}, 200, "Editar datos del paciente")
	desk.send(again, at, url.Values{"estado_civil": {"casado"}}, 200, "300 123 4567", "Medellín", "Casado(a)")
	desk.send(desk.get(at+"/editar"), at, url.Values{"fecha_nacimiento": {"2084-02-29"}, "responsable.telefono": {"1"}}, 422,
		"La fecha de nacimiento no puede estar en el futuro.", "Responsable, nombre:")

	desk.send(desk.get("/pacientes/nuevo"), "/pacientes", url.Values{
		"tipo_documento": {"CC"}, "numero_documento": {strings.TrimPrefix(id, "CC-")}, "primer_nombre": {"Otro"}, "primer_apellido": {"Nombre"},
		"fecha_nacimiento": {"1950-01-01"}, "sexo_biologico": {"01"},
	}, http.StatusConflict, "Ya existe una historia clínica con ese documento.", "Zuluaga")

	ce := dbtest.DocumentoID()
	desk.send(desk.get(at+"/documentos/nuevo"), at+"/documentos", url.Values{"tipo_documento": {"CE"}, "numero_documento": {ce}}, 200,
		"El documento quedó agregado a la historia.", "Cédula de extranjería")
	desk.get("/pacientes/CE-" + ce)
	desk.send(desk.get(at+"/documentos/nuevo"), at+"/documentos", url.Values{"tipo_documento": {"CC"}, "numero_documento": {strings.TrimPrefix(demo.OwnerID, "CC-")}},
		http.StatusConflict, "Ese documento ya está en la historia "+demo.OwnerID)

	admitted, detail := desk.send(desk.get(at+"/admisiones/nueva"), at+"/admisiones", url.Values{"clase": {"EMER"}, "servicio": {"1102"}, "inicio": {""}}, 200,
		"La admisión quedó abierta.", "Enfermedad general")
	desk.send(detail, admitted+"/triage", url.Values{"nivel": {"9"}}, 422, "Elija un nivel de 1 a 5.")
	_, stale := desk.send(detail, admitted+"/triage", url.Values{"nivel": {"2"}, "motivo": {"Disnea"}}, 200, "Triage II", "Nivel II. Disnea")
	bed := "U-" + ce[:6]
	desk.send(stale, admitted+"/traslado", url.Values{"cama": {bed}}, 200, "cama "+bed)
	desk.send(detail, admitted+"/triage", url.Values{"nivel": {"4"}}, http.StatusPreconditionFailed, "Otra persona modificó este registro.")
	if said := says(desk.get("/camas?servicio=1102")); !strings.Contains(said, bed) {
		t.Errorf("the census does not have bed %s:\n%s", bed, said)
	}
	if said := says(desk.get("/triage")); !strings.Contains(said, "Zuluaga") {
		t.Errorf("who was classified does not wait:\n%s", said)
	}
	detail = desk.get(admitted)
	desk.send(detail, admitted+"/egreso", url.Values{"condicion_egreso": {"02"}, "estado_egreso": {"vivo"}}, 422, "van juntos")
	desk.send(detail, admitted+"/egreso", url.Values{"condicion_egreso": {"01"}, "estado_egreso": {"vivo"}}, 200, "Finalizada", "Paciente con destino a su domicilio")
	if said := says(desk.get(at + "/admisiones")); !strings.Contains(said, "Finalizada") {
		t.Errorf("the list of admissions says:\n%s", said)
	}
}

var code = regexp.MustCompile(`\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b`)

// A patient opens an account with the code of reception, and reads who saw them.
func TestPatientForms(t *testing.T) {
	c := theClinic(t)
	id, who := c.registered(t)
	at := "/pacientes/" + id
	desk := c.signedIn(t, "admisionista")
	_, slip := desk.send(desk.get(at+"/codigo"), at+"/codigo", nil, http.StatusCreated, "Código de un solo uso", "/registro")
	b := &tab{t: t, base: c.url, cookies: map[string]string{}}
	account := url.Values{
		"tipo_documento": {who.TipoDocumento}, "numero_documento": {who.NumeroDocumento}, "fecha_nacimiento": {who.FechaNacimiento},
		"codigo": {code.FindString(says(slip))}, "username": {"paciente." + who.NumeroDocumento}, "password": {"una frase larga y propia"},
	}
	account.Set("password", "corta")
	_, again := b.send(b.get("/registro"), "/registro", account, 422, "Clave:")
	account.Set("password", "una frase larga y propia")
	b.send(again, "/registro", account, 200, "Su cuenta quedó abierta. Ya puede ingresar.")
	b.send(b.get("/ingresar"), "/ingresar", url.Values{"username": account["username"], "password": account["password"]}, 200, who.PrimerApellido, "Quién vio mi historia")
	if said := says(b.get(at + "/accesos")); !strings.Contains(said, "Código de registro") || !strings.Contains(said, "Óscar Iván Bermúdez") {
		t.Errorf("the trail does not say who made the code:\n%s", said)
	}
	_, job := b.send(b.get("/documentos/"+id), "/documentos/"+id, url.Values{"tipo": {"historia"}}, 200, "Historia clínica completa")
	for n := 0; !strings.Contains(says(job), "Descargar el PDF"); n++ {
		if n > 200 {
			t.Fatalf("the PDF is not made:\n%s", says(job))
		}
		time.Sleep(50 * time.Millisecond)
		for _, link := range addresses(b.get("/documentos/" + id)) {
			if strings.HasPrefix(link, "/documentos/"+id+"/") {
				job = b.get(strings.TrimSuffix(link, "/descarga"))
			}
		}
	}
	printed := code.FindString(says(job))
	stranger := &tab{t: t, base: c.url, cookies: map[string]string{}}
	stranger.send(stranger.get("/verificar"), "/verificar", url.Values{"codigo": {strings.ToLower(printed)}}, 200, "Documento válido")
	var revoke string
	for n := range job.Descendants() {
		if to, _ := attribute(n, "action"); strings.HasSuffix(to, "/revocacion") {
			revoke = to
		}
	}
	b.send(job, revoke, url.Values{"motivo": {"x"}}, 422, "Escriba por qué se revoca")
	b.send(job, revoke, url.Values{"motivo": {"Se perdió la copia"}}, 200, "El documento quedó revocado.", "ya no se puede descargar")
	stranger.send(stranger.get("/verificar"), "/verificar", url.Values{"codigo": {printed}}, 200, "Documento revocado")
}

func TestEmergencyForms(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	at := "/pacientes/" + id
	doctor, admin := c.signedIn(t, "medico"), c.signedIn(t, "admin")
	if status, _, page := doctor.visit("GET", "/notas/"+id, nil); status != http.StatusForbidden || !strings.Contains(says(page), "Pedir acceso de emergencia") {
		t.Fatalf("without relation: %d\n%s", status, says(page))
	}
	if said := says(doctor.get(at)); !strings.Contains(said, "Acceso de emergencia") || strings.Contains(said, "Últimas notas") || strings.Contains(said, "Alergias sin registrar") {
		t.Errorf("without relation the record says:\n%s", said)
	}
	form := doctor.get(at + "/acceso-emergencia")
	doctor.send(form, at+"/acceso-emergencia", url.Values{"motivo": {"ya"}}, 422, "Explique el motivo")
	why := "Paciente inconsciente, " + id
	doctor.send(form, at+"/acceso-emergencia", url.Values{"motivo": {why}}, 200, "Tiene acceso a esta historia por 60 minutos.", "Últimas notas", "Alergias sin registrar")
	doctor.get("/notas/" + id)
	page := admin.get("/revision")
	for n := range page.Descendants() {
		if to, _ := attribute(n, "action"); strings.HasPrefix(to, "/revision/"+id+"/") {
			admin.send(page, to, url.Values{"decision": {"justificado"}}, 200, "La revisión quedó registrada.")
		}
	}
	if said := says(admin.get("/revision")); strings.Contains(said, why) {
		t.Error("what was judged still waits")
	}
	if said := says(admin.get(at + "/accesos")); !strings.Contains(said, why) || !strings.Contains(said, "Revisión de un acceso") {
		t.Errorf("the trail says:\n%s", said)
	}
}

// An emergency access that its review does not find justified ends at once: for
// pages, for programs and for the PDF.
func TestUnjustifiedEmergencyEndsAtOnce(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	at := "/pacientes/" + id
	doctor, admin := c.signedIn(t, "medico"), c.signedIn(t, "admin")
	why := "Curiosidad, dicha con muchas palabras: " + strings.Repeat("quería saber cómo seguía ", 15)
	doctor.send(doctor.get(at+"/acceso-emergencia"), at+"/acceso-emergencia", url.Values{"motivo": {why}}, 200, "Tiene acceso a esta historia por 60 minutos.")
	reads := func() (statuses []int) {
		for _, path := range []string{"/medico/notas/" + id, "/medico/alergias/" + id, "/exportar_pdf/" + id} {
			status, _, _ := c.send(t, c.tokenOf(t, "medico"), "GET", path, "", "")
			statuses = append(statuses, status)
		}
		return statuses
	}
	if got := reads(); !slices.Equal(got, []int{200, 200, 200}) {
		t.Fatalf("with the access: %v", got)
	}
	page := admin.get("/revision")
	for n := range page.Descendants() {
		if to, _ := attribute(n, "action"); strings.HasPrefix(to, "/revision/"+id+"/") {
			admin.send(page, to, url.Values{"decision": {"injustificado"}}, 200, "La revisión quedó registrada.")
		}
	}
	if got := reads(); !slices.Equal(got, []int{403, 403, 403}) {
		t.Errorf("after the review: %v", got)
	}
	if status, _, _ := doctor.visit("GET", "/notas/"+id, nil); status != http.StatusForbidden {
		t.Errorf("the page after the review: %d", status)
	}
	if said := says(admin.get(at + "/accesos")); !strings.Contains(said, strings.TrimSpace(why)) {
		t.Errorf("the trail does not say all of why:\n%s", said)
	}
}

func TestAccountForms(t *testing.T) {
	c := theClinic(t)
	admin := c.signedIn(t, "admin")
	username := "enf." + dbtest.DocumentoID()
	admin.send(admin.get("/usuarios/nuevo"), "/usuarios", url.Values{"username": {"con espacios"}, "nombre": {"X"}}, 422, "Use de 3 a 60 letras", "Elija al menos un rol.")
	_, made := admin.send(admin.get("/usuarios/nuevo"), "/usuarios", url.Values{"username": {username}, "nombre": {"Elena Farfán"}, "roles": {"admisionista"}},
		http.StatusCreated, "La cuenta de Elena Farfán está creada.")
	secret := code.FindString(says(made))

	b := &tab{t: t, base: c.url, cookies: map[string]string{}}
	at, change := b.send(b.get("/ingresar"), "/ingresar", url.Values{"username": {username}, "password": {secret}}, 200, "Entró con una clave de un solo uso.")
	if at != "/clave" {
		t.Fatalf("who has a one-time password lands at %s", at)
	}
	if _, at, _ := b.visit("GET", "/camas", nil); at != "/clave" {
		t.Errorf("and may go on to %s", at)
	}
	b.send(change, "/clave", url.Values{"actual": {secret}, "nueva": {"corta"}}, 422, "Clave nueva:")
	b.send(change, "/clave", url.Values{"actual": {secret}, "nueva": {"una frase larga y propia"}}, 200, "La clave quedó cambiada.", "Esperan triage")

	_, found := admin.send(admin.get("/usuarios"), "/usuarios/buscar", url.Values{"q": {username}}, 200, "Elena Farfán")
	var user string
	for _, link := range addresses(found) {
		if strings.HasPrefix(link, "/usuarios/0") {
			user = link
		}
	}
	page := admin.get(user)
	admin.send(page, user, url.Values{"nombre": {"Elena Farfán Díaz"}, "roles": {"admisionista", "medico"}, "profesional.servicios": {"1102"}}, 200, "La cuenta quedó actualizada.")
	admin.send(page, user, url.Values{"nombre": {"Otra"}, "roles": {"admisionista"}}, http.StatusPreconditionFailed, "Otra persona cambió esta cuenta")
	admin.send(admin.get(user), user+"/clave", nil, 200, "Clave de un solo uso", username)
	admin.send(admin.get(user), user+"/desactivacion", nil, 200, "Activar la cuenta")
	if _, at, _ := b.visit("GET", "/camas", nil); !strings.HasPrefix(at, "/ingresar") {
		deadline := time.Now().Add(8 * time.Second) // an end takes effect everywhere within five seconds
		for !strings.HasPrefix(at, "/ingresar") && time.Now().Before(deadline) {
			time.Sleep(200 * time.Millisecond)
			_, at, _ = b.visit("GET", "/camas", nil)
		}
		if !strings.HasPrefix(at, "/ingresar") {
			t.Errorf("who was disabled is still at %s", at)
		}
	}
}
