package hce_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"hce.co/shared/auth"
	"hce.co/shared/service"
)

var update = flag.Bool("update", false, "write testdata/permisos.txt anew")

const matrixFile = "testdata/permisos.txt"

const matrixLegend = `Quién puede qué: lo que responde cada ruta a cada quien. Lo escribe y lo comprueba TestPermissions, que pregunta a cada función.

  2xx  lo hace o lo muestra                    401  no se sabe quién es
  404  no existe lo que nombra                 403  se sabe, y no puede
  400, 409, 415, 422  puede; el ejemplo no era válido o no venía al caso

  anon   nadie ha ingresado                    oper   operador
  pac    el paciente, sobre su historia        prod   productor de eventos
  otro   el paciente, sobre la de otra persona restr  quien debe poner antes una clave propia
  adm    admisionista                          inact  un médico cuya cuenta se inactivó
  med    médico que atiende al paciente        venc   un token vencido, con todos los roles
  ajeno  médico sin relación con el paciente   aud    un token para otro sistema, con todos los roles
  res    resultados                            inter  sí: la llama solo la plataforma, y ui no la deja pasar
  admin  administrador
`

// served is a function with its routing table.
type served struct {
	name   string
	handle http.HandlerFunc
	routes []service.Route
}

func (c *clinic) functions() []served {
	return []served{
		{"login", c.Login.Handle, c.Login.Routes()},
		{"patient", c.Patient.Handle, c.Patient.Routes()},
		{"admission", c.Admission.Handle, c.Admission.Routes()},
		{"notes", c.Notes.Handle, c.Notes.Routes()},
		{"pdf-export", c.PDFExport.Handle, c.PDFExport.Routes()},
	}
}

// ask sends a request to a function itself.
func (s sample) ask(h http.HandlerFunc, method, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, s.path, strings.NewReader(s.body))
	if s.contentType != "" {
		r.Header.Set("Content-Type", s.contentType)
	}
	if s.match != "" {
		r.Header.Set("If-Match", s.match)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h(rec, r)
	return rec
}

// TestPermissions asks every route of every function for every kind of caller.
func TestPermissions(t *testing.T) {
	c := theClinic(t)
	callers := c.callers(t)
	var b strings.Builder
	b.WriteString(matrixLegend)
	ch := c.newChart(t)
	used := map[string]bool{}
	for _, f := range c.functions() {
		fmt.Fprintf(&b, "\n%-62s", f.name)
		for _, by := range callers {
			fmt.Fprintf(&b, " %5s", by.name)
		}
		b.WriteString(" inter\n")
		for _, route := range f.routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			used[route.Pattern] = true
			fmt.Fprintf(&b, "%-62s", route.Pattern)
			for _, by := range callers {
				rec := ch.sample(t, method, path).ask(f.handle, method, by.token(ch))
				if rec.Code >= 500 {
					t.Errorf("%s for %s: %d %s", route.Pattern, by.name, rec.Code, rec.Body)
				}
				by.holds(t, route, rec)
				class := fmt.Sprint(rec.Code)
				if rec.Code/100 == 2 {
					class = "2xx"
				}
				fmt.Fprintf(&b, " %5s", class)
				if class == "2xx" && method != http.MethodGet {
					ch = c.newChart(t)
				}
			}
			inside := ""
			if route.Permission == auth.Internal {
				inside = "sí"
			}
			b.WriteString(strings.TrimRight(fmt.Sprintf(" %5s", inside), " ") + "\n")
		}
	}
	for pattern := range samples {
		if !used[pattern] {
			t.Errorf("no function has the route %s", pattern)
		}
	}
	if *update {
		if err := os.WriteFile(matrixFile, []byte(b.String()), 0o644); err != nil { //nolint:gosec // to be read
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, string(want), b.String())
}

// compareLines names each line that one text has and the other has not.
func compareLines(t *testing.T, want, got string) {
	t.Helper()
	count := map[string]int{}
	for _, line := range strings.Split(want, "\n") {
		count[line]++
	}
	for _, line := range strings.Split(got, "\n") {
		if count[line]--; count[line] < 0 {
			t.Errorf("%s lacks\n%s", matrixFile, line)
		}
	}
	for line, n := range count {
		if n > 0 {
			t.Errorf("%s has, and it is not so\n%s", matrixFile, line)
		}
	}
	if !t.Failed() && want != got {
		t.Errorf("the lines of %s stand in another order", matrixFile)
	}
}

// holds checks what no table may say otherwise: who must not is refused, and who
// may is not, but for somebody else's record.
func (by caller) holds(t *testing.T, route service.Route, rec *httptest.ResponseRecorder) {
	t.Helper()
	if route.Permission == auth.Public || route.Permission == auth.Internal {
		return
	}
	var want int
	foreign := by.foreign && strings.Contains(route.Pattern, "/{")
	switch {
	case by.nobody:
		want = http.StatusUnauthorized
	case !auth.Allows(route.Permission, []auth.Role{by.role}), by.role == auth.Patient && foreign:
		want = http.StatusForbidden
	case by.role == auth.Physician && foreign && ofChart[route.Permission] && route.Pattern != ofAnyPhysician, slices.Contains(refuses[route.Pattern], by.name):
		if rec.Code != http.StatusNotFound { // somebody else's draft is not even there
			want = http.StatusForbidden
		}
	case rec.Code == http.StatusUnauthorized || rec.Code == http.StatusForbidden:
		t.Errorf("%s may call %s, and is answered %d %s", by.name, route.Pattern, rec.Code, rec.Body)
	}
	if want != 0 && rec.Code != want {
		t.Errorf("%s at %s is answered %d, want %d: %s", by.name, route.Pattern, rec.Code, want, rec.Body)
	}
}

// ofChart are the permissions that a médico has for patients in their care.
var ofChart = map[auth.Permission]bool{auth.ReadChart: true, auth.WriteNote: true, auth.ExportChart: true}

// ofAnyPhysician is what a médico may do without relation to the patient.
const ofAnyPhysician = "POST /medico/nota/{documento_id}/{nota}/adenda"

// refuses is whom a route refuses for another reason than their role and the
// record in its path.
var refuses = map[string][]string{
	"POST /medico/resultado":                       {"ajeno"},               // the record stands in the body
	"POST /exportar_pdf/{id}/{trabajo}/revocacion": {"pac", "med", "ajeno"}, // the document was asked for by another person
}
