package notes

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

func TestRefusedNotes(t *testing.T) {
	w := newWorld(t)
	doc, other, by := w.patient(), w.patient(), w.physician()
	foreign := w.admission(other, "AMB", "in-progress", time.Now().Add(-time.Hour))
	gone := w.admission(doc, "AMB", "cancelled", time.Now().Add(-time.Hour))
	open := w.admission(doc, "AMB", "in-progress", time.Now().Add(-time.Hour))
	// $D, $A stand for a good documento_id and admision_id.
	for name, test := range map[string]struct {
		body   string
		status int
		field  string
	}{
		"no JSON":                {`{`, 400, ""},
		"unknown field":          {`{"documento_id":"$D","tipo":"evolucion","nota":"x"}`, 400, "nota"},
		"NUL":                    {"{\"documento_id\":\"$D\",\"tipo\":\"evolucion\",\"motivo_consulta\":\"a\x00\"}", 400, ""},
		"escaped NUL":            {`{"documento_id":"$D","tipo":"evolucion","motivo_consulta":"a\u0000"}`, 400, ""},
		"invalid UTF-8":          {"{\"documento_id\":\"$D\",\"tipo\":\"evolucion\",\"motivo_consulta\":\"a\xff\"}", 400, ""},
		"control character":      {`{"documento_id":"$D","tipo":"evolucion","motivo_consulta":"a\u001b"}`, 422, "motivo_consulta"},
		"two MiB":                {`{"documento_id":"$D","tipo":"evolucion","motivo_consulta":"` + strings.Repeat("a", 2<<20) + `"}`, 413, ""},
		"long section":           {`{"documento_id":"$D","tipo":"evolucion","habitos":"` + strings.Repeat("ñ", 20_001) + `"}`, 422, "habitos"},
		"no record":              {`{"tipo":"evolucion"}`, 422, "documento_id"},
		"record that is not":     {`{"documento_id":"CC-999","tipo":"evolucion"}`, 404, ""},
		"no kind":                {`{"documento_id":"$D"}`, 422, "tipo"},
		"kind of another list":   {`{"documento_id":"$D","tipo":"receta"}`, 422, "tipo"},
		"id that is no v7":       {`{"id":"` + uuid.NewString() + `","documento_id":"$D","tipo":"evolucion"}`, 422, "id"},
		"another's admission":    {`{"documento_id":"$D","admision_id":"` + foreign.String() + `","tipo":"evolucion"}`, 422, "admision_id"},
		"cancelled admission":    {`{"documento_id":"$D","admision_id":"` + gone.String() + `","tipo":"evolucion"}`, 409, ""},
		"future":                 {`{"documento_id":"$D","tipo":"evolucion","fecha_atencion":"2999-01-01T00:00:00Z"}`, 422, "fecha_atencion"},
		"before the admission":   {`{"documento_id":"$D","admision_id":"$A","tipo":"evolucion","fecha_atencion":"2020-01-01T00:00:00Z"}`, 422, "fecha_atencion"},
		"before birth":           {`{"documento_id":"$D","tipo":"evolucion","fecha_atencion":"1980-01-01T00:00:00Z"}`, 422, "fecha_atencion"},
		"no date":                {`{"documento_id":"$D","tipo":"evolucion","fecha_atencion":"ayer"}`, 422, "fecha_atencion"},
		"field in another case":  {`{"documento_id":"$D","tipo":"evolucion","Motivo_consulta":"x"}`, 400, "Motivo_consulta"},
		"field twice":            {`{"documento_id":"$D","tipo":"evolucion","habitos":"a","habitos":"b"}`, 400, "habitos"},
		"half a surrogate pair":  {`{"documento_id":"$D","tipo":"evolucion","habitos":"\ud800"}`, 400, "habitos"},
		"dose that is no text":   {`{"documento_id":"$D","tipo":"evolucion","medicamentos":[{"dci":"a"},{"dci":"b","dosis":5}]}`, 422, "medicamentos.1.dosis"},
		"signed and empty":       {`{"documento_id":"$D","tipo":"evolucion","firmar":true}`, 422, "motivo_consulta"},
		"discharge without dx":   {`{"documento_id":"$D","tipo":"egreso","motivo_consulta":"x","firmar":true}`, 422, "diagnosticos"},
		"diagnosis half written": {`{"documento_id":"$D","tipo":"evolucion","motivo_consulta":"x","firmar":true,"diagnosticos":[{"cie10":"J20.9"}]}`, 422, "diagnosticos.0.tipo"},
		"unknown code":           {`{"documento_id":"$D","tipo":"evolucion","diagnosticos":[{"cie10":"Q99.8","tipo":"01","rol":"principal"}]}`, 422, "diagnosticos.0.cie10"},
		"no code":                {`{"documento_id":"$D","tipo":"evolucion","diagnosticos":[{"cie10":"'; DROP"}]}`, 422, "diagnosticos.0.cie10"},
		"code of the other sex":  {`{"documento_id":"$D","tipo":"evolucion","diagnosticos":[{"cie10":"N40","tipo":"01","rol":"principal"}]}`, 422, "diagnosticos.0.cie10"},
		"two principal ones":     {`{"documento_id":"$D","tipo":"evolucion","diagnosticos":[{"cie10":"J209","rol":"principal"},{"cie10":"I10","rol":"principal"}]}`, 422, "diagnosticos.1.rol"},
		"pressure":               {`{"documento_id":"$D","tipo":"evolucion","signos_vitales":{"pas":500}}`, 422, "signos_vitales.pas"},
		"pressure upside down":   {`{"documento_id":"$D","tipo":"evolucion","signos_vitales":{"pas":80,"pad":120}}`, 422, "signos_vitales.pad"},
		"a text for a number":    {`{"documento_id":"$D","tipo":"evolucion","signos_vitales":{"pas":"alta"}}`, 422, "signos_vitales.pas"},
		"number beyond all":      {`{"documento_id":"$D","tipo":"evolucion","signos_vitales":{"pas":1e999}}`, 422, "signos_vitales.pas"},
		"allergy of nothing":     {`{"documento_id":"$D","tipo":"evolucion","alergias_registradas":[{"tipo":"01"}]}`, 422, "alergias_registradas.0.sustancia"},
		"denied and registered":  {`{"documento_id":"$D","tipo":"evolucion","alergias_registradas":[{"estado":"niega"},{"sustancia":"Látex"}]}`, 422, "alergias_registradas.0.estado"},
		"medicine of nothing":    {`{"documento_id":"$D","tipo":"evolucion","medicamentos":[{"dosis":"1"}]}`, 422, "medicamentos.0.dci"},
	} {
		body := strings.NewReplacer("$D", doc, "$A", open.String()).Replace(test.body)
		a := w.send(by, "POST", "/medico/nota", body)
		if a.status != test.status || test.field != "" && a.field(test.field) == nil {
			t.Errorf("%s: status = %d, campos = %v, want %d %s: %.200s", name, a.status, a.body["campos"], test.status, test.field, a.raw)
		}
		if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("%s: Content-Type = %q", name, ct)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.nota WHERE documento_id = $1`, doc); n != 0 {
		t.Errorf("%d notes were written", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1`, doc); n != 2 {
		t.Errorf("%d admissions, want the 2 of before", n)
	}
	if a := w.send(by, "POST", "/medico/nota", `{}`, "Content-Type", "text/plain"); a.status != 415 {
		t.Errorf("text/plain: status = %d", a.status)
	}
	for _, p := range []auth.Principal{clerk, account(doc), authtest.Principal("Ana", auth.Registrar), authtest.Principal("Adán", auth.Admin)} {
		if a := w.send(p, "POST", "/medico/nota", `{"documento_id":"`+doc+`","tipo":"evolucion"}`); a.status != 403 {
			t.Errorf("%v wrote a note: %d", p.Roles, a.status)
		}
	}
}
