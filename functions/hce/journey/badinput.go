package journey

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"hce.co/functions/hce/deployed"
	"hce.co/shared/auth"
)

// BadInput: bad input gets a clear 4xx in Spanish, never a 500.
func BadInput(t *testing.T, c *Clinic) {
	desk, doctor, patient := c.Token(t, auth.Registrar), c.Token(t, auth.Physician), c.Token(t, auth.Patient)
	const jsonType, formType = "application/json", "application/x-www-form-urlencoded"
	with := func(field, value string) string { // a registration with one field of the test's own
		body := map[string]string{
			"tipo_documento": "CC", "numero_documento": deployed.DocumentNumber(), "primer_nombre": "Luz", "primer_apellido": "Peña",
			"fecha_nacimiento": "1984-02-29", "sexo_biologico": "02",
		}
		body[field] = value
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tt := range []struct {
		name, token, method, path, contentType, body string
		want                                         int
		says                                         string
	}{
		{"wrong password", "", "POST", "/login", formType, form("grant_type", "password", "username", c.Staff[auth.Physician].Username, "password", "no es esta"), 401, ""},
		{"unknown user", "", "POST", "/login", formType, form("grant_type", "password", "username", "nadie"+deployed.DocumentNumber(), "password", "no es esta"), 401, ""},
		{"no grant", "", "POST", "/login", formType, form("grant_type", "magia"), 400, ""},
		{"a doctor registers himself", "", "POST", "/register", jsonType, `{"username":"drx","password":"una clave bien larga","rol":"medico"}`, 403, ""},
		{"no token", "", "GET", "/paciente/" + c.Owner, "", "", 401, "iniciar sesión"},
		{"another patient's id", patient, "GET", "/paciente/" + c.Stranger, "", "", 403, "propia historia"},
		{"another patient's notes", patient, "GET", "/medico/notas/" + c.Stranger, "", "", 403, ""},
		{"another patient's PDF", patient, "GET", "/exportar_pdf/" + c.Stranger, "", "", 403, ""},
		{"a patient writes a note", patient, "POST", "/medico/nota", jsonType, `{}`, 403, "rol"},
		{"the front desk reads notes", desk, "GET", "/medico/notas/" + c.Owner, "", "", 403, ""},
		{"future birth date", desk, "POST", "/paciente", jsonType, with("fecha_nacimiento", "2999-01-01"), 422, "futuro"},
		{"30 February", desk, "POST", "/paciente", jsonType, with("fecha_nacimiento", "1984-02-30"), 422, "no existe"},
		{"duplicate document", desk, "POST", "/paciente", jsonType, with("numero_documento", strings.TrimPrefix(c.Owner, "CC-")), 409, c.Owner},
		{"unknown field", desk, "POST", "/paciente", jsonType, `{"nombre":"Luz"}`, 400, "nombre"},
		{"field in another case", desk, "POST", "/paciente", jsonType, `{"Primer_Nombre":"Luz"}`, 400, "Primer_Nombre"},
		{"field twice", desk, "POST", "/paciente", jsonType, `{"primer_nombre":"Luz","primer_nombre":"Zoe"}`, 400, "repetido"},
		{"half a surrogate pair", desk, "POST", "/paciente", jsonType, `{"primer_nombre":"\ud800Luz"}`, 400, "primer_nombre"},
		{"null", desk, "POST", "/paciente", jsonType, `null`, 400, "null"},
		{"instant in words", desk, "POST", "/admision", jsonType, `{"documento_id":"` + c.Owner + `","clase":"AMB","causa_motivo":"38","inicio":"ayer"}`, 422, "inicio"},
		{"2 MiB", desk, "POST", "/paciente", jsonType, `{"primer_nombre":"` + strings.Repeat("a", 2<<20) + `"}`, 413, "1 MiB"},
		{"NUL", desk, "POST", "/paciente", jsonType, `{"primer_nombre":"a\u0000"}`, 400, "nulo"},
		{"invalid UTF-8", desk, "POST", "/paciente", jsonType, "{\"primer_nombre\":\"\xff\"}", 400, "UTF-8"},
		{"SQL in the search box", desk, "POST", "/paciente/buscar", jsonType, `{"q":"'; DROP TABLE paciente; --"}`, 200, "[]"},
		{"wrong content type", desk, "POST", "/paciente", "text/plain", `{}`, 415, ""},
		{"admission of nobody", desk, "POST", "/admision", jsonType, `{"documento_id":"CC-11111111111","clase":"AMB","causa_motivo":"38"}`, 404, ""},
		{"admission of an unknown class", desk, "POST", "/admision", jsonType, `{"documento_id":"` + c.Owner + `","clase":"XXX","causa_motivo":"38"}`, 422, ""},
		{"note with an impossible pressure", doctor, "POST", "/medico/nota", jsonType, `{"documento_id":"` + c.Owner + `","tipo":"evolucion","motivo_consulta":"x","signos_vitales":{"pas":900,"pad":80}}`, 422, ""},
		{"note with an unknown code", doctor, "POST", "/medico/nota", jsonType, `{"documento_id":"` + c.Owner + `","tipo":"evolucion","motivo_consulta":"x","diagnosticos":[{"cie10":"ZZZ.9","tipo":"01","rol":"principal"}]}`, 422, ""},
		{"note with a NUL", doctor, "POST", "/medico/nota", jsonType, `{"documento_id":"` + c.Owner + `","tipo":"evolucion","motivo_consulta":"a\u0000"}`, 400, ""},
		{"verification of an unknown code", "", "GET", "/verificar/0000-0000-0000-0000", "", "", 404, ""},
		{"no such resource", desk, "GET", "/nada", "", "", 404, ""},
		{"wrong method", desk, "DELETE", "/paciente/" + c.Owner, "", "", 405, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, h, body := c.Send(t, tt.token, tt.method, tt.path, tt.contentType, tt.body)
			if status != tt.want {
				t.Fatalf("got %d %.300s, want %d", status, body, tt.want)
			}
			if !strings.Contains(body, tt.says) {
				t.Errorf("the answer does not say %q: %.300s", tt.says, body)
			}
			if status >= 400 {
				if p := problemOf(t, h, body); p.Detail == "" || p.Status != status {
					t.Errorf("the problem is %+v", p)
				}
			}
		})
	}
}

// ForgedTokens: tokens that were not issued by login are refused everywhere.
func ForgedTokens(t *testing.T, c *Clinic) {
	good := c.Token(t, auth.Physician)
	parts := strings.Split(good, ".")
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	parsed, _, err := jwt.NewParser().ParseUnverified(good, claims)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(change func(jwt.MapClaims), header map[string]any) string {
		cl := jwt.MapClaims{}
		for k, v := range claims {
			cl[k] = v
		}
		change(cl)
		tk := jwt.NewWithClaims(jwt.SigningMethodEdDSA, cl)
		tk.Header["typ"], tk.Header["kid"] = parsed.Header["typ"], parsed.Header["kid"]
		for k, v := range header {
			tk.Header[k] = v
		}
		s, err := tk.SignedString(stranger)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	for name, token := range map[string]string{
		"alg none":         none,
		"another key":      sign(func(jwt.MapClaims) {}, nil),
		"expired":          sign(func(cl jwt.MapClaims) { cl["exp"] = time.Now().Add(-time.Hour).Unix() }, nil),
		"kid is a path":    sign(func(jwt.MapClaims) {}, map[string]any{"kid": "../../etc/passwd"}),
		"changed claims":   parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"roles":["administrador"]}`)) + "." + parts[2],
		"cut short":        good[:len(good)-4],
		"not a token":      "x",
		"without a period": strings.ReplaceAll(good, ".", ""),
	} {
		for _, path := range []string{"/yo", "/paciente/" + c.Owner, "/admision/" + c.Owner, "/medico/notas/" + c.Owner, "/exportar_pdf/" + c.Owner} {
			status, h, body := c.Send(t, token, "GET", path, "", "")
			if status != http.StatusUnauthorized {
				t.Errorf("%s: GET %s is %d: %.100s", name, path, status, body)
				continue
			}
			problemOf(t, h, body)
		}
	}
	if status, _, _ := c.Send(t, "", "GET", "/paciente/"+c.Owner+"?access_token="+good, "", ""); status != http.StatusUnauthorized {
		t.Errorf("a token in the query is taken: %d", status)
	}
}
