package ui

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	admission "hce.co/functions/admission/api"
	login "hce.co/functions/login/api"
	notes "hce.co/functions/notes/api"
	patient "hce.co/functions/patient/api"
	pdf "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

func TestHomeOfAPatient(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	d.export.on("GET /exportar_pdf/{id}/trabajos", []pdf.Job{jobIn(pdf.Ready)})
	d.patient.on("GET /paciente/{id}/accesos", []patient.Access{{ID: uuid.New(), Nombre: "Mario Médico", Rol: "medico", Tipo: "read", Resultado: "exito"}})
	page := readPage(t, d.send(&luz, "GET", "/", nil), 200)
	wants(t, page, "Peña, Luz", "Penicilina", "Historia clínica completa", "Mario Médico", "Mis notas")
	if said := text(page); strings.Contains(said, "Nombre o documento del paciente") {
		t.Error("a patient is offered to search")
	}
	if len(d.admission.got()) > 0 || len(d.login.got()) > 0 {
		t.Errorf("for a patient's home others were asked: %v %v", d.admission.got(), d.login.got())
	}
}

func TestHomeOfAPhysician(t *testing.T) {
	d := newDoor(t)
	d.notes.on("GET /medico/borradores", []notes.DraftSummary{{DocumentoID: luzID, ID: uuid.New(), Tipo: "evolucion", Paciente: "Peña, Luz", MotivoConsulta: "Tos"}})
	d.admission.on("GET /censo", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := newBackend()
		b.on("/", []admission.Stay{{Nombre: "Hernán Gómez", Servicio: "1102", ServicioNombre: "Urgencias " + r.URL.Query().Get("servicio")}})
		b.ServeHTTP(w, r)
	}))
	both := physician
	both.Services = []string{"1102", "329"}
	wants(t, readPage(t, d.send(&both, "GET", "/", nil), 200), "Hola, Mario Médico", "Peña, Luz · Evolución", "Tos", "Urgencias, Medicina interna", "Urgencias 1102", "Urgencias 329")
	none := physician
	none.Services = nil
	before := len(d.admission.got())
	readPage(t, d.send(&none, "GET", "/", nil), 200)
	if got := d.admission.got(); len(got) != before {
		t.Errorf("for a médico without services the whole census was read: %v", got[before:])
	}
}

func TestUnseenResults(t *testing.T) {
	d := newDoor(t)
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	d.notes.on("GET /medico/borradores", []notes.DraftSummary{})
	d.notes.on("GET /medico/resultados-sin-ver", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("limite") != "20" {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		w.Header().Set("Link", `</medico/resultados-sin-ver?despues=x&limite=20>; rel="next"`)
		b := newBackend()
		b.on("/", []notes.UnseenResult{
			{DocumentoID: "CC-2", ID: uuid.New(), Paciente: "Gómez Hernán", Nombre: "Cultivo", Estado: "preliminary", EmitidoEn: at},
			{DocumentoID: luzID, ID: uuid.New(), Paciente: "Peña Luz", Nombre: "Potasio", Interpretacion: "HH", Estado: "final", EmitidoEn: at.Add(-time.Hour)},
		})
		b.ServeHTTP(w, r)
	}))
	none := physician
	none.Services = nil
	page := readPage(t, d.send(&none, "GET", "/", nil), 200)
	wants(t, page, "1 resultado crítico sin ver", "Resultados sin ver Peña Luz Potasio 23 nov 2026, 08:00 Crítico alto Gómez Hernán Cultivo Preliminar", "hay otros más antiguos")
	if !links(page, "/pacientes/"+luzID+"/resultados") {
		t.Error("the result leads nowhere")
	}
	d = newDoor(t) // notes of another version
	d.notes.on("GET /medico/borradores", []notes.DraftSummary{})
	if said := text(readPage(t, d.send(&none, "GET", "/", nil), 200)); strings.Contains(said, "Resultados sin ver") {
		t.Error("what nobody knows is shown as nothing")
	}
	d.notes.on("GET /medico/resultados-sin-ver", []notes.UnseenResult{})
	wants(t, readPage(t, d.send(&none, "GET", "/", nil), 200), "No hay resultados por ver")
}

// A form that somebody may not send is not shown to them.
func TestFormsAreForWhoMaySendThem(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	for path, may := range map[string][]who{
		"/pacientes/nuevo":                           {registrar, physician},
		"/pacientes/" + luzID + "/editar":            {registrar},
		"/pacientes/" + luzID + "/documentos/nuevo":  {registrar},
		"/pacientes/" + luzID + "/codigo":            {registrar},
		"/pacientes/" + luzID + "/acceso-emergencia": {physician},
		"/pacientes/" + luzID + "/resultados/nuevo":  {physician},
		"/pacientes/" + luzID + "/admisiones/nueva":  {registrar, physician},
		"/notas/" + luzID + "/nueva":                 {physician},
		"/usuarios/nuevo":                            {admin},
	} {
		for _, w := range []who{registrar, physician, clerk, admin, operator, luz} {
			want := http.StatusForbidden
			if slices.ContainsFunc(may, func(m who) bool { return m.Name == w.Name }) {
				want = http.StatusOK
			}
			readPage(t, d.send(&w, "GET", path, nil), want)
		}
	}
	d.notes.on("GET /medico/signos/{id}", problem.Forbidden("No tiene una atención en curso.").With("acceso_emergencia", true))
	if links(readPage(t, d.send(&clerk, "GET", "/pacientes/"+luzID+"/signos", nil), 403), "/pacientes/"+luzID+"/acceso-emergencia") {
		t.Error("who may not ask for emergency access is offered it")
	}
}

// A patient has one record to look at, and is led there.
func TestSearchIsForStaff(t *testing.T) {
	d := newDoor(t)
	leads(t, d.send(&luz, "GET", "/pacientes", nil), "/pacientes/"+luzID)
	readPage(t, d.send(&admin, "GET", "/pacientes", nil), 403)
	for _, w := range []who{registrar, physician, clerk} {
		wants(t, readPage(t, d.send(&w, "GET", "/pacientes", nil), 200), "Nombre o documento del paciente")
	}
}

func TestHomeOfReception(t *testing.T) {
	d := newDoor(t)
	d.admission.on("GET /censo", []admission.Stay{{Servicio: "1102", ServicioNombre: "Urgencias"}, {Servicio: "1102", ServicioNombre: "Urgencias"}, {Servicio: "129", ServicioNombre: "Hospitalización adultos"}})
	d.admission.on("GET /censo/triage", []admission.Stay{{Nombre: "Hernán Gómez", Clase: "EMER", Estado: "arrived"}})
	wants(t, readPage(t, d.send(&registrar, "GET", "/", nil), 200), "Esperan triage", "Hernán Gómez", "Urgencias 2 pacientes", "Hospitalización adultos 1 paciente")
}

func TestHomeOfAnAdministrator(t *testing.T) {
	d := newDoor(t)
	off, seen := ana(), time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)
	off.Nombre, off.Activo, off.UltimoIngreso = "Marta Solano", false, &seen
	d.login.on("GET /usuarios", []login.User{ana(), off, {Nombre: "Nunca", Activo: true}})
	d.patient.on("GET /accesos-emergencia", []patient.EmergencyAccess{{}, {}})
	page := readPage(t, d.send(&admin, "GET", "/", nil), 200)
	wants(t, page, "Activas 2 Desactivadas 1", "2 accesos esperan revisión", "Últimos ingresos Marta Solano")
	if strings.Contains(text(page), "Nunca") {
		t.Error("who never signed in is among the last who did")
	}
}

// watched makes every function answer that it is ready, and with what waits.
func (d *door) watched() {
	for _, b := range []*backend{d.login, d.patient, d.admission, d.notes} {
		b.on("GET "+service.ReadinessPath, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(service.VersionHeader, "abc123") }))
	}
	d.export.on("GET "+service.ReadinessPath, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
}

func TestOperation(t *testing.T) {
	d := newDoor(t)
	d.watched()
	d.patient.on("GET /operacion/estado", patient.SystemState{Eventos: []patient.Backlog{
		{Tipo: "co.hce.nota.firmada.v1", EnEspera: 14, MasAntiguo: d.now.Add(-5 * time.Minute)}, {Tipo: "co.hce.pdf.listo.v1", EnEspera: 1, MasAntiguo: d.now},
	}})
	d.export.on("GET /operacion/exportaciones", []pdf.PendingJob{{ID: jobID, Estado: pdf.Generating, Intentos: 2, Creado: d.now, Error: "sin memoria"}})
	for _, target := range []string{"/operacion", "/"} {
		page := readPage(t, d.send(&operator, "GET", target, nil), 200)
		wants(t, page, "notes En servicio", "abc123", "pdf-export Fuera de servicio No está lista", "co.hce.nota.firmada.v1 14 23 nov 2026, 09:55", jobID.String(), "En preparación 2", "sin memoria")
		late := 0
		for c := range page.Descendants() {
			if class, _ := attr(c, "class"); c.Data == "td" && strings.Contains(class, "alarm") {
				late++
			}
		}
		if late != 1 {
			t.Errorf("%s: %d types of event are late, want 1", target, late)
		}
	}
	// The page must not need what it reports on.
	d = newDoor(t)
	d.patient.on("/", problem.Unavailable(errors.New("down")))
	wants(t, readPage(t, d.send(&operator, "GET", "/operacion", nil), 200), "patient Fuera de servicio No está lista", "login Fuera de servicio No responde", "No se pudo saber cuáles esperan.")

	d = newDoor(t)
	readPage(t, d.send(&physician, "GET", "/operacion", nil), 403)
	if got := slices.Concat(d.login.got(), d.patient.got(), d.export.got()); len(got) > 0 {
		t.Errorf("for who may not see it, the functions were asked %v", got)
	}
}

// Whoever has several roles gets a part for each.
func TestHomeOfMany(t *testing.T) {
	d := newDoor(t)
	d.watched()
	d.login.on("GET /usuarios", []login.User{})
	d.patient.on("GET /accesos-emergencia", []patient.EmergencyAccess{})
	d.patient.on("GET /operacion/estado", patient.SystemState{})
	d.export.on("GET /operacion/exportaciones", []pdf.PendingJob{})
	many := who{Name: "Todo", Roles: []auth.Role{auth.Admin, auth.Operator}}
	wants(t, readPage(t, d.send(&many, "GET", "/", nil), 200), "Cuentas", "Funciones", "0 accesos esperan revisión")
}
