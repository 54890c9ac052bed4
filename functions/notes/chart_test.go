package notes

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

func TestWhoReadsAChart(t *testing.T) {
	w := newWorld(t)
	doc, other := w.patient(), w.patient()
	author := w.physician()
	n := w.write(author, evolution(doc))
	w.write(author, unsigned(doc))
	inService := authtest.Principal("De la sala", auth.Physician)
	inService.Services = []string{"1102"}
	paths := []string{"/medico/notas/", "/medico/signos/", "/medico/diagnosticos/", "/medico/alergias/", "/medico/medicamentos/", "/medico/resultados/"}
	try := func(who string, p auth.Principal, want int) {
		t.Helper()
		for _, path := range append(slices.Clone(paths), "/medico/nota/") {
			full := path + doc
			if path == "/medico/nota/" {
				full = notePath(doc, n.ID)
			}
			a := w.send(p, "GET", full, "")
			if a.status != want {
				t.Errorf("%s: GET %s = %d, want %d", who, path, a.status, want)
			}
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control = %q", path, a.header.Get("Cache-Control"))
			}
		}
	}
	try("the author", author, 200)
	try("resultados", clerk, 200)
	try("the patient", account(doc), 200)
	try("another patient", account(other), 403)
	try("a médico without relation", inService, 403)
	try("an admisionista", authtest.Principal("Ana", auth.Registrar), 403)
	try("an administrador", authtest.Principal("Adán", auth.Admin), 403)
	try("a producer", authtest.Principal("Lab", auth.Producer), 403)
	w.admission(doc, "EMER", "in-progress", time.Now().Add(-time.Hour))
	try("a médico of the service", inService, 200)
	w.exec(`UPDATE historia_clinica.admision SET estado = 'finished', fin = now() WHERE documento_id = $1 AND servicio = '1102'`, doc)
	try("once the admission is over", inService, 403)
	w.exec(`INSERT INTO historia_clinica.acceso_emergencia (documento_id, id, usuario_id, nombre, motivo, desde, hasta)
		VALUES ($1, $2, $3, 'x', 'urgencia', now(), now() + interval '1 hour')`, doc, uuid.New(), inService.ID)
	try("with emergency access", inService, 200)

	a := w.send(inService, "GET", "/medico/notas/CC-404404404", "")
	if a.status != 404 {
		t.Errorf("no such record: %d", a.status)
	}
	if a := w.send(account(other), "GET", "/medico/notas/CC-404404404", ""); a.status != 403 {
		t.Errorf("a patient learns that a record does not exist: %d", a.status)
	}
	if a := w.send(author, "GET", notePath(other, n.ID), ""); a.status != 403 {
		t.Errorf("under another record: %d", a.status)
	}
	if a := w.send(author, "GET", "/medico/nota/"+doc+"/1", ""); a.status != 404 {
		t.Errorf("an id that is none: %d", a.status)
	}
	// Signed notes alone are for others: one of the two.
	for who, p := range map[string]auth.Principal{"resultados": clerk, "the patient": account(doc)} {
		var notes []api.Note
		if err := json.Unmarshal([]byte(w.send(p, "GET", "/medico/notas/"+doc, "").raw), &notes); err != nil || len(notes) != 1 {
			t.Errorf("%s sees %d notes, %v", who, len(notes), err)
		}
	}
}

func TestOneReadingIsOneAuditRow(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	for range 21 {
		w.write(by, evolution(doc))
	}
	before := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1`, doc)
	for i, path := range []string{"notas", "signos", "diagnosticos", "alergias", "medicamentos", "resultados"} {
		a := w.send(clerk, "GET", "/medico/"+path+"/"+doc, "")
		if a.status != 200 {
			t.Fatal(a.status)
		}
		if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1`, doc) - before; n != i+1 {
			t.Errorf("%s: %d audit rows", path, n-i)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND accion = 'R' AND rol = 'resultados' AND nombre = $2`,
		doc, clerk.Name); n != 6 {
		t.Errorf("%d rows name who read", n)
	}
}

func TestListsArePages(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	for i := range 5 {
		in := evolution(doc)
		in.FechaAtencion = ago(time.Duration(i%2)*24*time.Hour + time.Duration(i)*time.Minute)
		in.SignosVitales.FC = num(float64(60 + i))
		w.write(by, in)
	}
	c, ctx := w.as(by)
	var notes []api.Note
	for after := ""; ; {
		page, next, err := c.Notes(ctx, doc, 2, after)
		if err != nil {
			t.Fatal(err)
		}
		notes = append(notes, page...)
		if after = next; next == "" {
			break
		}
	}
	if len(notes) != 5 || !slices.IsSortedFunc(notes, func(a, b api.Note) int { return b.FechaAtencion.Compare(a.FechaAtencion) }) {
		t.Errorf("%d notes, newest first?", len(notes))
	}
	var rates []float64
	for after := ""; ; {
		page, next, err := c.Vitals(ctx, doc, "fc", 2, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page {
			if v.Nombre != "fc" || v.Codigo != "8867-4" || v.Unidad != "/min" || v.TomadoPor != by.Name || v.TomadoEn.Location() != time.UTC {
				t.Errorf("vital = %+v", v)
			}
			rates = append(rates, v.Valor)
		}
		if after = next; next == "" {
			break
		}
	}
	if !slices.Equal(rates, []float64{60, 62, 64, 61, 63}) {
		t.Errorf("rates = %v", rates)
	}
	if all, _, err := c.Vitals(ctx, doc, "", 100, ""); err != nil || len(all) != 35 {
		t.Errorf("%d measurements, %v", len(all), err)
	}
	if dx, next, err := c.Diagnoses(ctx, doc, 3, ""); err != nil || len(dx) != 3 || next == "" || dx[0].Descripcion == "" {
		t.Errorf("diagnoses = %v, %q, %v", dx, next, err)
	}
	if m, next, err := c.Medications(ctx, doc, 5, ""); err != nil || len(m) != 5 || next != "" || m[0].DCI != "Acetaminofén" || m[0].Estado != "activo" {
		t.Errorf("medications = %v, %q, %v", m, next, err)
	}
	if al, _, err := c.Allergies(ctx, doc, 1, ""); err != nil || len(al) != 1 || al[0].Sustancia != "Penicilina" || al[0].Estado != "activa" {
		t.Errorf("allergies = %v, %v", al, err)
	}
	for _, q := range []string{"?limite=0", "?limite=101", "?limite=x", "?despues=x", "?despues=" + strings.Repeat("A", 32) + "A", "?despues=" + strings.Repeat("f", 32)} {
		if a := w.send(by, "GET", "/medico/notas/"+doc+q, ""); a.status != 422 {
			t.Errorf("%s: %d", q, a.status)
		}
	}
	if a := w.send(by, "GET", "/medico/signos/"+doc+"?nombre=pulso", ""); a.status != 422 {
		t.Errorf("no such sign: %d", a.status)
	}
	empty := w.patient()
	if a := w.send(clerk, "GET", "/medico/notas/"+empty, ""); a.raw != "[]\n" {
		t.Errorf("no notes: %q", a.raw)
	}
	if a := w.send(clerk, "GET", "/medico/signos/"+empty, ""); a.raw != "[]\n" {
		t.Errorf("no signs: %q", a.raw)
	}
}

func TestDeniedAllergiesAreExplicit(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	in := evolution(doc)
	in.AlergiasRegistradas = []api.Allergy{{Estado: "niega"}}
	w.write(by, in)
	c, ctx := w.as(by)
	al, _, err := c.Allergies(ctx, doc, 0, "")
	if err != nil || len(al) != 1 || al[0].Estado != "niega" || al[0].Sustancia != "" {
		t.Errorf("allergies = %+v, %v", al, err)
	}
}

func TestRevokedSessionWritesNothing(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	w.write(by, evolution(doc)) // the key is kept from now on
	w.exec(`INSERT INTO historia_clinica.revocacion (sesion_id, en) VALUES ($1, now())`, by.SessionID)
	deadline := time.Now().Add(5 * time.Second)
	for {
		a := w.send(by, "POST", "/medico/nota", `{"documento_id":"`+doc+`","tipo":"evolucion"}`)
		if a.status == 401 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("five seconds after its end the session still writes: %d", a.status)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
