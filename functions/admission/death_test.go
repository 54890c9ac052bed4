package admission

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/db/dbtest"
)

// registered is what the registry says of a patient.
type registered struct {
	Dead    bool
	Died    *time.Time
	Version int
	By      uuid.UUID
}

func (w *world) registered(documentoID string) (r registered) {
	w.t.Helper()
	err := dbtest.Pool(w.t, "postgres").QueryRow(w.t.Context(), `SELECT fallecido, fecha_fallecimiento, version, actualizado_por
		FROM historia_clinica.paciente WHERE documento_id = $1`, documentoID).Scan(&r.Dead, &r.Died, &r.Version, &r.By)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) since(documentoID string, start time.Time) api.Admission {
	w.t.Helper()
	c, ctx := w.as(registrar)
	a, err := c.Open(ctx, api.Opening{DocumentoID: documentoID, Clase: "EMER", CausaMotivo: "38", Inicio: &start}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

const died = `{"fin":"%s","condicion_egreso":"02","estado_egreso":"muerto"}`

// A discharge as dead is in the record at once, once, and with the version that
// was there before.
func TestDischargeAsDeadIsInTheRecord(t *testing.T) {
	w := newWorld(t)
	end := ago(time.Hour)
	a := w.since(w.patient(), *ago(48 * time.Hour))
	at, body := "/admision/"+a.DocumentoID+"/"+a.ID.String()+"/egreso", fmt.Sprintf(died, end.Format(time.RFC3339))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := w.send(physician, "POST", at, body); got.status != 200 {
				t.Errorf("%d %v", got.status, got.body)
			}
		})
	}
	wg.Wait()
	r := w.registered(a.DocumentoID)
	if !r.Dead || r.Died == nil || !r.Died.Equal(*end) || r.Version != 2 || r.By != physician.ID {
		t.Errorf("the registry says %+v", r)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'update' AND motivo = 'egreso'
		AND recurso = 'paciente/' || $1 || '/2'`, a.DocumentoID); n != 1 {
		t.Errorf("%d rows of the trail tell of it, want 1", n)
	}
	var kept string
	if err := dbtest.Pool(t, "postgres").QueryRow(t.Context(), `SELECT contenido::text FROM historia_clinica.paciente_version
		WHERE documento_id = $1 AND version = 1`, a.DocumentoID).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	var before map[string]any
	if err := json.Unmarshal([]byte(kept), &before); err != nil {
		t.Fatal(err)
	}
	if before["fallecido"] != false || before["entidad_pertenece"] != "EPS Sura" || before["fecha_nacimiento"] != "1984-02-29" || before["version"] != 1.0 {
		t.Errorf("the version from before is %v", before)
	}
	for _, name := range []string{"entidad_nombre", "nombre_busqueda", "nombre_orden", "actualizado_por"} {
		if _, ok := before[name]; ok {
			t.Errorf("the version from before has %s, which the registry gives nobody", name)
		}
	}
}

// Only that discharge does, and it adds to what the registry knows.
func TestWhatADischargeTellsTheRecord(t *testing.T) {
	w := newWorld(t)
	end, earlier := ago(time.Hour), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tt := range map[string]struct {
		set, body string // of the record, before
		want      registered
	}{
		"alive":                    {"", `{"condicion_egreso":"01","estado_egreso":"vivo"}`, registered{Version: 1}},
		"refused":                  {"", `{"condicion_egreso":"01","estado_egreso":"muerto"}`, registered{Version: 1}},
		"known to be dead":         {"fallecido = true, fecha_fallecimiento = '2026-01-02 03:04:05Z'", fmt.Sprintf(died, end.Format(time.RFC3339)), registered{true, &earlier, 1, uuid.Nil}},
		"known, not since when":    {"fallecido = true", fmt.Sprintf(died, end.Format(time.RFC3339)), registered{true, end, 2, uuid.Nil}},
		"a record of more changes": {"version = 7", fmt.Sprintf(died, end.Format(time.RFC3339)), registered{true, end, 8, uuid.Nil}},
	} {
		id := w.patient()
		a := w.since(id, *ago(48 * time.Hour))
		if tt.set != "" {
			if _, err := w.registry.Exec(t.Context(), `UPDATE historia_clinica.paciente SET `+tt.set+` WHERE documento_id = '`+id+`'`); err != nil {
				t.Fatal(err)
			}
		}
		w.send(registrar, "POST", "/admision/"+id+"/"+a.ID.String()+"/egreso", tt.body)
		got := w.registered(id)
		got.By = uuid.Nil
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Nobody is admitted who has died; what came before may still be written down,
// and a mistake is taken back in the registry.
func TestAdmissionOfTheDead(t *testing.T) {
	w := newWorld(t)
	a := w.since(w.patient(), *ago(48 * time.Hour))
	end := ago(24 * time.Hour)
	if got := w.send(registrar, "POST", "/admision/"+a.DocumentoID+"/"+a.ID.String()+"/egreso", fmt.Sprintf(died, end.Format(time.RFC3339))); got.status != 200 {
		t.Fatalf("%d %v", got.status, got.body)
	}
	open := func(start string) answer {
		return w.send(registrar, "POST", "/admision", `{"documento_id":"`+a.DocumentoID+`","clase":"AMB","causa_motivo":"38"`+start+`}`)
	}
	at := func(t time.Time) string { return `,"inicio":"` + t.Format(time.RFC3339) + `"` }
	for name, tt := range map[string]struct {
		start string
		want  int
	}{
		"now":                 {"", 409},
		"tomorrow":            {at(time.Now().Add(24 * time.Hour)), 409},
		"after the death":     {at(end.Add(time.Second)), 409},
		"at the death":        {at(*end), 409},
		"before":              {at(end.Add(-time.Second)), 201},
		"before the last one": {at(*ago(96 * time.Hour)), 201},
	} {
		got := open(tt.start)
		if got.status != tt.want || tt.want == 409 && !strings.Contains(fmt.Sprint(got.body["detail"]), "fallecido el "+end.In(time.FixedZone("", -5*3600)).Format("02/01/2006")) {
			t.Errorf("%s: %d %v, want %d", name, got.status, got.body, tt.want)
		}
	}
	if _, err := w.registry.Exec(t.Context(), `UPDATE historia_clinica.paciente SET fallecido = false, fecha_fallecimiento = NULL WHERE documento_id = $1`, a.DocumentoID); err != nil {
		t.Fatal(err)
	}
	if got := open(""); got.status != 201 {
		t.Errorf("after the registry took it back: %d %v", got.status, got.body)
	}
}

func TestDeathIsOneShard(t *testing.T) {
	pool := dbtest.Pool(t, "hce_admission")
	id, now := dbtest.Record(t), time.Now()
	dbtest.OneTask(t, pool, lockLife, id)
	dbtest.OneTask(t, pool, keepLiving, id, now)
	dbtest.OneTask(t, pool, writeDeath, id, now, now, uuid.Nil)
}
