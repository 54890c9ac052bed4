package admission

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

func TestBadInput(t *testing.T) {
	w := newWorld(t)
	a := w.admit("EMER")
	at := "/admision/" + a.DocumentoID + "/" + a.ID.String()
	good := `"documento_id":"` + a.DocumentoID + `","clase":"AMB","causa_motivo":"38"`
	for _, tt := range []struct {
		name, path, body string
		want             int
		field            string
	}{
		{"unknown field", "/admision", `{` + good + `,"alias":"x"}`, 400, "alias"},
		{"two bodies", "/admision", `{} {}`, 400, ""},
		{"null", "/admision", `null`, 400, ""},
		{"an array", "/admision", `[]`, 400, ""},
		{"a number for a class", "/admision", `{"clase":7}`, 422, "clase"},
		{"NUL", "/admision", "{\"clase\":\"a\x00b\"}", 400, ""},
		{"NUL escaped", "/admision", `{` + good + `,"sede":"a\u0000b"}`, 400, ""},
		{"invalid UTF-8", "/admision", "{" + good + ",\"sede\":\"\xff\"}", 400, ""},
		{"half a surrogate", "/admision", `{` + good + `,"sede":"\ud800"}`, 400, "sede"},
		{"2 MiB", "/admision", `{` + good + `,"sede":"` + strings.Repeat("a", 2<<20) + `"}`, 413, ""},
		{"nothing filled in", "/admision", `{}`, 422, "clase"},
		{"wrong class", "/admision", `{"documento_id":"CC-1","clase":"XX","causa_motivo":"38"}`, 422, "clase"},
		{"wrong cause", "/admision", `{"documento_id":"CC-1","clase":"AMB","causa_motivo":"99"}`, 422, "causa_motivo"},
		{"yesterday in words", "/admision", `{` + good + `,"inicio":"ayer"}`, 422, "inicio"},
		{"a day for an instant", "/admision", `{` + good + `,"inicio":"2026-11-20"}`, 422, "inicio"},
		{"another case", "/admision", `{` + good + `,"Sede":"x"}`, 400, "Sede"},
		{"the same field twice", "/admision", `{` + good + `,"sede":"a","sede":"b"}`, 400, "sede"},
		{"a companion that nobody sees", "/admision", `{` + good + `,"acompanante":{"nombre":"\u200b\u202e"}}`, 422, "acompanante.nombre"},
		{"before birth", "/admision", `{` + good + `,"inicio":"1900-01-01T00:00:00Z"}`, 422, "inicio"},
		{"a document that is none", "/admision", `{"documento_id":"'; DROP TABLE","clase":"AMB","causa_motivo":"38"}`, 404, ""},
		{"level 6", at + "/triage", `{"nivel":6}`, 422, "nivel"},
		{"level 2.5", at + "/triage", `{"nivel":2.5}`, 422, "nivel"},
		{"level of text", at + "/triage", `{"nivel":"II"}`, 422, "nivel"},
		{"no level", at + "/triage", `{}`, 422, "nivel"},
		{"long reason", at + "/triage", `{"nivel":2,"motivo":"` + strings.Repeat("a", 501) + `"}`, 422, "motivo"},
		{"unknown field of a step without body", at + "/atencion", `{"x":1}`, 400, "x"},
		{"to nowhere", at + "/traslado", `{}`, 422, "servicio"},
		{"to a service that is none", at + "/traslado", `{"servicio":"0000","cama":"1"}`, 422, "servicio"},
		{"to a bed that cannot be", at + "/traslado", `{"cama":"<b>"}`, 422, "cama"},
		{"discharge before the beginning", at + "/egreso", `{"fin":"2020-01-01T00:00:00Z","condicion_egreso":"01","estado_egreso":"vivo"}`, 422, "fin"},
		{"discharge in words", at + "/egreso", `{"fin":"ayer","condicion_egreso":"01","estado_egreso":"vivo"}`, 422, "fin"},
		{"discharge next year", at + "/egreso", `{"fin":"2999-01-01T00:00:00Z","condicion_egreso":"01","estado_egreso":"vivo"}`, 422, "fin"},
		{"cancel without reason", at + "/cancelacion", `{"motivo":" "}`, 422, "motivo"},
		{"cancel for a reason that nobody sees", at + "/cancelacion", `{"motivo":"` + strings.Repeat("\u200b", 12) + `"}`, 422, "motivo"},
		{"no such admission", "/admision/" + a.DocumentoID + "/" + uuid.Max.String() + "/atencion", ``, 404, ""},
		{"an admission that is no id", "/admision/" + a.DocumentoID + "/7/atencion", ``, 404, ""},
		{"no such record", "/admision/CC-000000/" + a.ID.String() + "/atencion", ``, 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := w.send(registrar, "POST", tt.path, tt.body)
			if got.status != tt.want || tt.want >= 400 && (got.body["detail"] == nil || got.body["status"] != float64(tt.want)) {
				t.Fatalf("got %d %v, want %d", got.status, got.body, tt.want)
			}
			if tt.field != "" && got.field(tt.field) == nil {
				t.Errorf("campos is %v, want a message for %s", got.body["campos"], tt.field)
			}
		})
	}
	if got := w.send(registrar, "POST", "/admision", `{}`, "Content-Type", "text/plain"); got.status != 415 {
		t.Errorf("text: %d, want 415", got.status)
	}
	for path, want := range map[string]int{
		"/admision/CC-000000": 404, "/admision/nada": 404, "/admision/%00": 400, "/admision/%ff": 400, at + "x": 404,
		"/admision/" + a.DocumentoID + "?limite=0": 422, "/admision/" + a.DocumentoID + "?despues=x": 422, "/censo?servicio=x": 422,
		"/admision/" + a.DocumentoID + "?despues=2026-01-01T00:00:00Z_" + a.ID.String(): 200, "/censo?despues=a_b": 422, "/censo?despues=a_b_c": 422,
		"/censo/triage?despues=1_x_" + a.ID.String(): 422, "/censo/triage?despues=999_2026-01-01T00:00:00Z_" + a.ID.String(): 422,
	} {
		if got := w.send(registrar, "GET", path, ""); got.status != want {
			t.Errorf("GET %s is %d, want %d", path, got.status, want)
		}
	}
	if got := w.send(registrar, "DELETE", at, ""); got.status != http.StatusMethodNotAllowed {
		t.Errorf("DELETE is %d, want 405", got.status)
	}
}

func TestRoles(t *testing.T) {
	w := newWorld(t)
	a := w.admit("EMER")
	one := "/admision/" + a.DocumentoID
	at := one + "/" + a.ID.String()
	self, other := stranger(a.DocumentoID), stranger("CC-1")
	operator := authtest.Principal("Óscar Opera", auth.Operator)
	for _, tt := range []struct {
		who          auth.Principal
		method, path string
		want         int
	}{
		{self, "GET", one, 200}, {self, "GET", at, 200}, {other, "GET", one, 403}, {other, "GET", at, 403},
		{other, "GET", "/admision/CC-99999999990", 403}, {clerk, "GET", one, 200}, {clerk, "GET", at, 200}, {physician, "GET", at, 200},
		{operator, "GET", one, 403}, {self, "GET", "/censo", 403}, {clerk, "GET", "/censo", 200}, {operator, "GET", "/censo/triage", 403},
		{self, "POST", "/admision", 403}, {clerk, "POST", "/admision", 403}, {self, "POST", at + "/triage", 403}, {clerk, "POST", at + "/egreso", 403},
		{self, "POST", at + "/cancelacion", 403}, {clerk, "POST", at + "/traslado", 403}, {clerk, "POST", at + "/atencion", 403}, {self, "POST", at + "/llegada", 403},
	} {
		if got := w.send(tt.who, tt.method, tt.path, ""); got.status != tt.want {
			t.Errorf("%s %s by %s is %d, want %d", tt.method, tt.path, tt.who.Roles, got.status, tt.want)
		}
	}
	for _, route := range w.f.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if path == "/eventos/pendientes" {
			continue // the platform's own
		}
		req, err := http.NewRequest(method, w.url+strings.NewReplacer("{documento_id}", a.DocumentoID, "{admision}", a.ID.String()).Replace(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 401 {
			t.Errorf("%s without a token is %d, want 401", route.Pattern, resp.StatusCode)
		}
	}
}
