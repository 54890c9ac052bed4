package hce_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/hce/demo"
	loginapi "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
)

// ghost is a record that does not exist, with what it has not.
func (c *clinic) ghost() *chart {
	made := map[string]string{}
	for _, what := range []string{"borrador", "nota", "adenda", "resultado", "acceso", "trabajo"} {
		made[what] = uuid.NewString()
	}
	made["documento"] = "PA-" + dbtest.DocumentoID()
	made["duplicado"] = "CC-" + dbtest.DocumentoID()
	return &chart{c: c, id: "CC-" + dbtest.DocumentoID(), admission: uuid.New(), made: made}
}

// told is what an answer tells: all of it but which request it was.
func told(t *testing.T, rec *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%d is no problem: %v: %.200s", rec.Code, err, rec.Body)
	}
	delete(out, "instance")
	out["status line"] = rec.Code
	for name, v := range rec.Header() {
		if name != "X-Request-Id" {
			out["header "+name] = v
		}
	}
	return out
}

// A patient who asks for somebody else's record, or for something of it under
// their own, is told what they would be told if it did not exist; and nobody who
// is refused a record reads anything of it in the refusal.
func TestForeignRecordTellsNothing(t *testing.T) {
	c := theClinic(t)
	patient := c.tokenOf(t, "paciente")
	_, stranger := c.hire(t, loginapi.NewUser{Rol: auth.Physician, Nombre: "Médico Ajeno", Password: password})
	ch, none := c.newChart(t), c.ghost()
	asked := 0
	for _, f := range c.functions() {
		for _, route := range f.routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if !strings.Contains(path, "{") || route.Permission == auth.ManageUsers || route.Permission == auth.ManageProducers || route.Permission == auth.Public {
				continue
			}
			asked++
			there := ch.sample(t, method, path).ask(f.handle, method, patient)
			nowhere := none.sample(t, method, path).ask(f.handle, method, patient)
			if diff := cmp.Diff(told(t, nowhere), told(t, there)); diff != "" || there.Code != 403 {
				t.Errorf("%s answers a patient %d, and otherwise than for nobody's record (-nobody's +somebody's):\n%s", route.Pattern, there.Code, diff)
			}
			if strings.Count(path, "{") == 2 { // what is another's, as if it were of one's own record
				own := &chart{c: c, id: demo.OwnerID, admission: ch.admission, made: ch.made, person: ch.person}
				ownNone := &chart{c: c, id: demo.OwnerID, admission: none.admission, made: none.made, person: ch.person}
				there := own.sample(t, method, path).ask(f.handle, method, patient)
				nowhere := ownNone.sample(t, method, path).ask(f.handle, method, patient)
				if diff := cmp.Diff(told(t, nowhere), told(t, there)); diff != "" || there.Code != 403 && there.Code != 404 {
					t.Errorf("%s answers a patient %d for what is another's (-nobody's +somebody's):\n%s", route.Pattern, there.Code, diff)
				}
			}
			for name, token := range map[string]string{"paciente": patient, "medico": stranger, "admisionista": c.tokenOf(t, "admisionista"), "operador": c.tokenOf(t, "operador")} {
				rec := ch.sample(t, method, path).ask(f.handle, method, token)
				if rec.Code/100 == 2 {
					if method != "GET" {
						ch = c.newChart(t)
					}
					continue
				}
				for _, secret := range []string{ch.person.PrimerApellido, ch.person.PrimerNombre, ch.person.NumeroDocumento, ch.person.FechaNacimiento, ch.person.Celular, "Tos", "J20"} {
					if strings.Contains(rec.Body.String(), secret) {
						t.Errorf("%s refuses %s with %d, and says %q: %s", route.Pattern, name, rec.Code, secret, rec.Body)
					}
				}
			}
		}
	}
	if asked < 35 {
		t.Errorf("only %d routes were asked", asked)
	}
}
