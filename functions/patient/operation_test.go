package patient

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestBacklog(t *testing.T) {
	w := newWorld(t)
	pool := dbtest.Pool(t, "hce_patient")
	kind := "co.hce.prueba." + dbtest.DocumentoID() + ".v1"
	oldest := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 3 {
		_, err := pool.Exec(t.Context(), `INSERT INTO historia_clinica.evento_salida (documento_id, id, fuente, tipo, creado_en, datos, evento_id)
			VALUES ($1, $2, '/hce/prueba', $3, $4, '{}', '')`, "CC-"+dbtest.DocumentoID(), ident.NewID(), kind, oldest.Add(time.Duration(i)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
	}
	operator, ctx := w.as(authtest.Principal("Omar Opera", auth.Operator))
	state, err := operator.System(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got api.Backlog
	for _, b := range state.Eventos {
		if b.Tipo == kind {
			got = b
		}
	}
	if got.EnEspera != 3 || !got.MasAntiguo.Equal(oldest) {
		t.Errorf("the backlog is %+v, want 3 events since %v", got, oldest)
	}
	desk, ctx := w.as(registrar)
	if _, err := desk.System(ctx); problem.Status(err) != http.StatusForbidden {
		t.Errorf("an admisionista gets %v, want 403", err)
	}
}

// What nobody could take is kept once, whatever it says.
func TestDeadLetter(t *testing.T) {
	w := newWorld(t)
	id := dbtest.DocumentoID()
	for range 3 {
		req, err := http.NewRequest("POST", w.url+"/eventos/muertos", strings.NewReader(`{"no":"es un resultado"}`))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{
			"ce-specversion": "1.0", "ce-id": id, "ce-source": "/laboratorio", "ce-type": "co.hce.resultado.emitido.v1",
			"ce-knativeerrorcode": "422", "Content-Type": "application/json",
		} {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			t.Fatalf("the dead letter got %d", resp.StatusCode)
		}
	}
	var n int
	var code, said string
	if err := dbtest.Pool(t, "hce_patient").QueryRow(t.Context(), `SELECT count(*), min(codigo), min(evento->'data'->>'no')
		FROM historia_clinica.evento_muerto WHERE id = $1`, id).Scan(&n, &code, &said); err != nil || n != 1 || code != "422" || said != "es un resultado" {
		t.Errorf("%d rows, code %q, %q: %v", n, code, said, err)
	}
}
