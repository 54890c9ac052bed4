package hce_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	admissionapi "hce.co/functions/admission/api"
	loginapi "hce.co/functions/login/api"
	patientapi "hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
)

// A patient discharged as dead is so in the record, in its pages and at the
// desk, until the desk takes it back.
func TestDeathAtDischarge(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	ctx, desk := c.as(t, "admisionista"), c.signedIn(t, "admisionista")
	before, err := c.patient.Read(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	start, end := time.Now().UTC().Add(-48*time.Hour).Truncate(time.Second), time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	opening := admissionapi.Opening{DocumentoID: id, Clase: "EMER", CausaMotivo: "38", Inicio: &start}
	a, err := c.admission.Open(ctx, opening, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.admission.Discharge(ctx, id, a.ID, 1, admissionapi.DischargeRequest{Fin: &end, CondicionEgreso: "02", EstadoEgreso: "muerto"}); err != nil {
		t.Fatal(err)
	}
	after, err := c.patient.Read(ctx, id)
	if err != nil || !after.Fallecido || after.FechaFallecimiento == nil || !after.FechaFallecimiento.Equal(end) || after.Version != 2 {
		t.Fatalf("the record says %+v, %v", after, err)
	}
	if said := says(desk.get("/pacientes/" + id)); !strings.Contains(said, "Falleció el") || strings.Contains(said, "Nueva admisión") {
		t.Errorf("the page says:\n%s", said)
	}
	opening.Inicio = nil
	if _, err := c.admission.Open(ctx, opening, ""); problem.Status(err) != http.StatusConflict || !strings.Contains(err.Error(), "fallecido") {
		t.Errorf("a new admission: %v", err)
	}

	// What was there before is kept as the registry itself keeps it.
	var kept []byte
	err = dbtest.Pool(t, "postgres").QueryRow(t.Context(), `SELECT contenido FROM historia_clinica.paciente_version WHERE documento_id = $1 AND version = 1`, id).Scan(&kept)
	if err != nil {
		t.Fatal(err)
	}
	var was patientapi.Patient
	d := json.NewDecoder(strings.NewReader(string(kept)))
	d.DisallowUnknownFields()
	if err := d.Decode(&was); err != nil {
		t.Fatal(err)
	}
	before.Edad = 0 // it is no part of a version
	was.Nacionalidades, was.Discapacidades = nil, nil
	if diff := cmp.Diff(before, was); diff != "" {
		t.Errorf("the version from before (-read +kept):\n%s", diff)
	}

	alive := after.Demographics
	alive.Fallecido, alive.FechaFallecimiento = false, nil
	if p, err := c.patient.Update(ctx, id, 2, alive, ""); err != nil || p.Fallecido || p.Version != 3 {
		t.Fatalf("taken back: %+v, %v", p, err)
	}
	if _, err := c.admission.Open(ctx, opening, ""); err != nil {
		t.Errorf("after it was taken back: %v", err)
	}
}

// The patient reads who was refused their chart.
func TestRefusedReadsStandInTheTrail(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	_, stranger := c.hire(t, loginapi.NewUser{Rol: auth.Physician, Nombre: "Médica Curiosa", Password: password})
	for _, path := range []string{"/medico/notas/" + id, "/medico/alergias/" + id, "/exportar_pdf/" + id} {
		if status, _, _ := c.send(t, stranger, "GET", path, "", ""); status != http.StatusForbidden {
			t.Fatalf("GET %s is %d", path, status)
		}
	}
	rows, _, err := c.patient.Trail(c.as(t, "admin"), id, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, row := range rows {
		if row.Resultado == "denegado" && row.Nombre == "Médica Curiosa" && row.Rol == "medico" && row.Recurso == "historia/"+id {
			refused++
		}
	}
	if refused < 1 || refused > 2 { // two when a minute ended meanwhile
		t.Errorf("the trail tells of %d refusals: %+v", refused, rows)
	}
	if said := says(c.signedIn(t, "admin").get("/pacientes/" + id + "/accesos")); !strings.Contains(said, "Médica Curiosa") || !strings.Contains(said, "Negado") || !strings.Contains(said, "Historia clínica") {
		t.Errorf("the page of the trail says:\n%s", said)
	}

	// Who is a patient alone leaves nothing in the record of another.
	if status, _, _ := c.send(t, c.tokenOf(t, "paciente"), "GET", "/medico/notas/"+id, "", ""); status != http.StatusForbidden {
		t.Fatal(status)
	}
	again, _, err := c.patient.Trail(c.as(t, "admin"), id, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range again {
		if row.Rol == "paciente" {
			t.Errorf("the trail tells of %+v", row)
		}
	}
}

// What the pages ask for twice with one form is done once.
func TestOneFormOneEmergencyAccess(t *testing.T) {
	c := theClinic(t)
	id, _ := c.registered(t)
	doctor := c.signedIn(t, "medico")
	form := doctor.get("/pacientes/" + id + "/acceso-emergencia")
	for range 2 {
		doctor.send(form, "/pacientes/"+id+"/acceso-emergencia", url.Values{"motivo": {"Paciente inconsciente en urgencias"}}, 200, "Tiene acceso a esta historia por 60 minutos.")
	}
	var n int
	if err := dbtest.Pool(t, "postgres").QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.acceso_emergencia WHERE documento_id = $1`, id).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d accesses (%v), want 1", n, err)
	}
}
