package admission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
)

func TestOpenKeepsEveryField(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(physician)
	in := full(w.patient())
	made, err := c.Open(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	want := api.Admission{
		DocumentoID: in.DocumentoID, ID: uuid.MustParse(in.ID), Numero: made.Numero, Version: 1, Clase: "IMP", Estado: "arrived", Inicio: *in.Inicio,
		CausaMotivo: "23", ViaIngreso: "03", Finalidad: "16", Modalidad: "01", GrupoServicios: "03", Entorno: "05", Servicio: "110", Cama: in.Cama,
		CUPS: "890601", Sede: "Sede Norte", Profesional: &api.Professional{ID: physician.ID, Nombre: physician.Name}, Acompanante: in.Acompanante,
		EAPB: in.EAPB, TipoUsuario: "02", NumAutorizacion: "AUT-2026-1", PrestadorRemite: "Hospital San José", AdmitidoPor: physician.Name,
		CreadoEn: made.CreadoEn, Historia: []api.Event{{
			En: *in.Inicio, Tipo: "ingreso", Estado: "arrived", Servicio: "110", Cama: in.Cama, Usuario: physician.Name,
		}},
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("the answer of POST (-want +got):\n%s", diff)
	}
	if made.Numero == 0 || time.Since(made.CreadoEn) > time.Minute {
		t.Errorf("number %d, made at %s", made.Numero, made.CreadoEn)
	}
	got, err := c.Read(ctx, in.DocumentoID, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, got); diff != "" {
		t.Errorf("GET differs from the answer of POST:\n%s", diff)
	}
}

func TestSmallestBodies(t *testing.T) {
	w := newWorld(t)
	id := w.patient()
	opened := w.send(registrar, "POST", "/admision", `{"documento_id":"`+id+`","clase":"AMB","causa_motivo":"38"}`)
	at := opened.header.Get("Location")
	if opened.status != 201 || opened.header.Get("ETag") != `"1"` || opened.header.Get("Cache-Control") != "no-store" ||
		at != "/admision/"+id+"/"+fmt.Sprint(opened.body["id"]) {
		t.Fatalf("%d %v %v", opened.status, opened.header, opened.body)
	}
	if opened.body["servicio"] != "328" || opened.body["estado"] != "arrived" || opened.body["eapb"].(map[string]any)["codigo"] != "EPS010" {
		t.Errorf("%v", opened.body)
	}
	for i, tt := range []struct{ step, body, state string }{
		{"triage", `{"nivel":2}`, "triaged"},
		{"traslado", `{"servicio":"129","cama":"` + bedFor(id) + `"}`, "triaged"},
		{"atencion", ``, "in-progress"},
		{"egreso", `{"fin":"` + time.Now().UTC().Format(time.RFC3339) + `","condicion_egreso":"01","estado_egreso":"vivo"}`, "finished"},
	} {
		for range 2 { // the second is a retry
			got := w.send(registrar, "POST", at+"/"+tt.step, tt.body)
			if got.status != 200 || got.header.Get("ETag") != fmt.Sprintf(`"%d"`, i+2) || got.body["estado"] != tt.state {
				t.Fatalf("%s: %d %v %v", tt.step, got.status, got.header, got.body)
			}
		}
	}
	got := w.send(physician, "GET", at, "")
	for _, name := range []string{"inicio", "fin", "creado_en"} {
		if v, _ := got.body[name].(string); !strings.HasSuffix(v, "Z") {
			t.Errorf("%s is %q, want it in UTC", name, v)
		}
	}
	if got.status != 200 || got.header.Get("ETag") != `"5"` || len(got.body["historia"].([]any)) != 5 {
		t.Errorf("%d %v %v", got.status, got.header, got.body)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.cama_ocupada WHERE documento_id = $1`, id); n != 0 {
		t.Errorf("%d beds held after discharge", n)
	}
}

func TestTraces(t *testing.T) {
	w := newWorld(t)
	a := w.admit("EMER")
	c, ctx := w.as(physician)
	if _, err := c.Triage(ctx, a.DocumentoID, a.ID, a.Version, api.TriageRequest{Nivel: 3}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Discharge(ctx, a.DocumentoID, a.ID, 2, api.DischargeRequest{CondicionEgreso: "01", EstadoEgreso: "vivo"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(ctx, a.DocumentoID, a.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.List(ctx, a.DocumentoID, 0, ""); err != nil {
		t.Fatal(err)
	}
	rows, err := dbtest.Pool(t, "postgres").Query(ctx, `SELECT accion || ' ' || rol || ' ' || recurso || ' ' || motivo
		FROM historia_clinica.auditoria WHERE documento_id = $1 ORDER BY id`, a.DocumentoID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	id := a.ID.String()
	want := []string{
		"C admisionista admision/" + id + "/1 ", "U medico admision/" + id + "/2 triage", "U medico admision/" + id + "/3 egreso",
		"R medico admision/" + id + " ", "R medico admisiones/" + a.DocumentoID + " ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the trail (-want +got):\n%s", diff)
	}
	for _, typ := range []string{"co.hce.admision.abierta.v1", "co.hce.admision.cerrada.v1"} {
		if n := w.count(`SELECT count(*) FROM historia_clinica.evento_salida WHERE documento_id = $1 AND tipo = $2 AND fuente = '/hce/admission'
			AND datos = jsonb_build_object('documento_id', $1::text, 'admision_id', $3::text, 'clase', 'EMER', 'servicio', '1102')`,
			a.DocumentoID, typ, id); n != 1 {
			t.Errorf("%d events %s in the outbox, want 1", n, typ)
		}
	}
}

func TestWhoCannotBeAdmitted(t *testing.T) {
	w := newWorld(t)
	for set, want := range map[string]string{
		"fallecido = true": "fallecido", "activo = false": "inactiva", "activo = false, fusionado_en = 'CC-2'": "CC-2",
	} {
		got := w.send(registrar, "POST", "/admision", `{"documento_id":"`+w.patientWith(set)+`","clase":"AMB","causa_motivo":"38"}`)
		if got.status != 409 || !strings.Contains(fmt.Sprint(got.body["detail"]), want) {
			t.Errorf("%s: %d %v, want a 409 that says %s", set, got.status, got.body, want)
		}
	}
	if got := w.send(registrar, "POST", "/admision", `{"documento_id":"CC-000000","clase":"AMB","causa_motivo":"38"}`); got.status != 404 {
		t.Errorf("nobody: %d", got.status)
	}
	in := `{"documento_id":"` + w.patient() + `","clase":"AMB","causa_motivo":"38","profesional_id":"` + uuid.Max.String() + `"}`
	if got := w.send(registrar, "POST", "/admision", in); got.status != 422 || got.field("profesional_id") == nil {
		t.Errorf("a professional who is none: %d %v", got.status, got.body)
	}
}

func TestByAnyDocument(t *testing.T) {
	w := newWorld(t)
	id := w.patient()
	old := "TI-" + dbtest.DocumentoID()
	c, ctx := w.as(registrar)
	if _, err := w.registry.Exec(ctx, `INSERT INTO historia_clinica.identificador (clave, documento_id, desde) VALUES ($1, $2, '2000-01-01')`, old, id); err != nil {
		t.Fatal(err)
	}
	a, err := c.Open(ctx, api.Opening{DocumentoID: strings.ToLower(old), Clase: "AMB", CausaMotivo: "38"}, "")
	if err != nil || a.DocumentoID != id {
		t.Fatalf("opened for %s, want %s: %v", a.DocumentoID, id, err)
	}
	if got, err := c.Read(ctx, old, a.ID); err != nil || got.ID != a.ID {
		t.Errorf("read: %v", err)
	}
	if got, err := c.Attend(ctx, old, a.ID, 1); err != nil || got.Estado != "in-progress" {
		t.Errorf("attend: %+v %v", got, err)
	}
	p := stranger(id)
	pc, pctx := w.as(p)
	if got, _, err := pc.List(pctx, old, 0, ""); err != nil || len(got) != 1 {
		t.Errorf("the patient by their old document: %v %v", got, err)
	}
}

func TestPlanned(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	a, err := c.Open(ctx, api.Opening{DocumentoID: w.patient(), Clase: "IMP", CausaMotivo: "38", Inicio: &tomorrow}, "")
	if err != nil || a.Estado != "planned" || !a.Inicio.Equal(tomorrow) {
		t.Fatalf("%+v %v", a, err)
	}
	if _, err := c.Transfer(ctx, a.DocumentoID, a.ID, 0, api.TransferRequest{Cama: "1"}); problem.Status(err) != 409 {
		t.Errorf("a bed for who is not here got %v, want 409", err)
	}
	got, err := c.Arrive(ctx, a.DocumentoID, a.ID, 1)
	if err != nil || got.Estado != "arrived" || got.Inicio.After(time.Now()) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = c.Cancel(ctx, a.DocumentoID, a.ID, 2, api.CancelRequest{Motivo: "Se fue sin ser atendido"}); err != nil || got.Estado != "cancelled" || got.Fin != nil {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := c.Open(ctx, api.Opening{DocumentoID: a.DocumentoID, Clase: "IMP", CausaMotivo: "38"}, ""); err != nil {
		t.Errorf("a new one after it was cancelled: %v", err)
	}
}

func TestListPages(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	id := w.patient()
	var want []int64
	for i := range 5 {
		start := ago(time.Duration(10-i/2) * time.Hour) // pairs begin together
		a, err := c.Open(ctx, api.Opening{DocumentoID: id, Clase: "AMB", CausaMotivo: "38", Inicio: start}, "")
		if err != nil {
			t.Fatal(err)
		}
		want = append([]int64{a.Numero}, want...)
	}
	var got []int64
	after := ""
	for {
		page, next, err := c.List(ctx, id, 2, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			got = append(got, a.Numero)
			if a.Historia != nil {
				t.Error("a list carries histories")
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("admissions (-want +got):\n%s", diff)
	}
}

func TestSignedNotesKeepAnAdmission(t *testing.T) {
	w := newWorld(t)
	a := w.admit("EMER")
	c, ctx := w.as(registrar)
	if _, err := dbtest.Pool(t, "hce_notes").Exec(ctx, `INSERT INTO historia_clinica.nota
		(documento_id, id, admision_id, tipo, estado, fecha_atencion, fecha_registro, actualizado_en, autor_id, autor_nombre, firmada_en)
		VALUES ($1, $2, $3, 'evolucion', 'firmada', $4, $4, $4, $5, 'Mario', $4)`,
		a.DocumentoID, uuid.Must(uuid.NewV7()), a.ID, a.Inicio, physician.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Cancel(ctx, a.DocumentoID, a.ID, 0, api.CancelRequest{Motivo: "Error"}); problem.Status(err) != 409 {
		t.Errorf("got %v, want 409", err)
	}
	if got, err := c.Read(ctx, a.DocumentoID, a.ID); err != nil || got.Version != 1 || len(got.Historia) != 1 {
		t.Errorf("the refused step left %+v %v", got, err)
	}
}

// An admission lasts at least as long as what was attended in it and signed.
func TestDischargeAfterTheLastSignedNote(t *testing.T) {
	w := newWorld(t)
	a := w.since(w.patient(), *ago(3 * time.Hour))
	for i, n := range []struct {
		state string
		at    *time.Time
	}{{"firmada", ago(2 * time.Hour)}, {"firmada", ago(90 * time.Minute)}, {"borrador", ago(time.Minute)}} {
		if _, err := dbtest.Pool(t, "hce_notes").Exec(t.Context(), `INSERT INTO historia_clinica.nota
			(documento_id, id, admision_id, tipo, estado, fecha_atencion, fecha_registro, actualizado_en, autor_id, autor_nombre, firmada_en)
			VALUES ($1, $2, $3, 'evolucion', $4, $5, $5, $5, $6, 'Mario', CASE WHEN $4 = 'firmada' THEN $5::timestamptz END)`,
			a.DocumentoID, uuid.Must(uuid.NewV7()), a.ID, n.state, n.at, physician.ID); err != nil {
			t.Fatal(i, err)
		}
	}
	at := "/admision/" + a.DocumentoID + "/" + a.ID.String() + "/egreso"
	end := func(back time.Duration) answer {
		return w.send(registrar, "POST", at, `{"fin":"`+ago(back).Format(time.RFC3339)+`","condicion_egreso":"01","estado_egreso":"vivo"}`)
	}
	for _, back := range []time.Duration{150 * time.Minute, 95 * time.Minute} {
		if got := end(back); got.status != 422 || got.field("fin") == nil {
			t.Errorf("%v ago: %d %v, want 422 at fin", back, got.status, got.body)
		}
	}
	if got := end(time.Hour); got.status != 200 {
		t.Errorf("after them: %d %v", got.status, got.body)
	}
}
