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
