package notes

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/problem"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// faults returns the fields that an error names.
func faults(t *testing.T, err error) map[string]string {
	t.Helper()
	var p *problem.Error
	if err != nil && !errors.As(err, &p) {
		t.Fatal(err)
	}
	if p == nil {
		return nil
	}
	return p.Fields
}

func TestParagraph(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"  sangría\n\tqueda  \n":  "  sangría\n\tqueda",
		"a\r\nb\rc\vd\fe":         "a\nb\nc\nd\ne",
		"\n\nTos\n\n":             "Tos",
		"n\u0303andu\u0301":       "ñandú",
		"<b>no es HTML</b> & « »": "<b>no es HTML</b> & « »",
	} {
		if got := paragraph(in); got != want {
			t.Errorf("paragraph(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	dx := api.Diagnosis{CIE10: "J20.9", Tipo: "01", Rol: "principal"}
	related := api.Diagnosis{CIE10: "I10", Tipo: "03", Rol: "relacionado1"}
	text := api.Sections{MotivoConsulta: "Tos"}
	for name, test := range map[string]struct {
		content api.Content
		want    string // field, "" when it may be signed
	}{
		"a text is enough":             {api.Content{Tipo: "evolucion", Sections: text}, ""},
		"evolution":                    {api.Content{Tipo: "evolucion", Sections: api.Sections{EvolucionMedica: "x"}}, ""},
		"present illness":              {api.Content{Tipo: "interconsulta", Sections: api.Sections{EnfermedadActual: "x"}}, ""},
		"another text is not":          {api.Content{Tipo: "evolucion", Sections: api.Sections{Habitos: "x"}}, "motivo_consulta"},
		"admission without diagnosis":  {api.Content{Tipo: "ingreso", Sections: text}, "diagnosticos"},
		"discharge with a related one": {api.Content{Tipo: "egreso", Sections: text, Structured: api.Structured{Diagnosticos: []api.Diagnosis{related}}}, "diagnosticos"},
		"discharge":                    {api.Content{Tipo: "egreso", Sections: text, Structured: api.Structured{Diagnosticos: []api.Diagnosis{dx, related}}}, ""},
		"nursing":                      {api.Content{Tipo: "enfermeria", Sections: text}, ""},
		"diagnosis without role":       {api.Content{Tipo: "evolucion", Sections: text, Structured: api.Structured{Diagnosticos: []api.Diagnosis{{CIE10: "I10", Tipo: "01"}}}}, "diagnosticos.0.rol"},
	} {
		f := fields{problem.Fields{}}
		complete(&test.content, f)
		if _, ok := f.Fields[test.want]; test.want != "" && !ok || test.want == "" && len(f.Fields) > 0 {
			t.Errorf("%s: %v, want %q", name, f, test.want)
		}
	}
}

func TestJudge(t *testing.T) {
	woman := person{Sex: "02", Birth: time.Date(1984, 2, 29, 0, 0, 0, 0, time.UTC)}
	code := func(c, sex string, min, max int) map[string]api.Code {
		return map[string]api.Code{c: {Codigo: c, Descripcion: "nombre", Sexo: sex, EdadMin: &min, EdadMax: &max}}
	}
	stay := func(class, state string, start time.Time) *encounter {
		return &encounter{ID: uuid.New(), Class: class, State: state, Start: start}
	}
	dx := []api.Diagnosis{{CIE10: "X01"}}
	for name, test := range map[string]struct {
		facts   facts
		at      time.Time
		dx      []api.Diagnosis
		status  int
		field   string
		warning string
	}{
		"nothing to say":        {facts: facts{person: woman}},
		"before birth":          {facts: facts{person: woman}, at: time.Date(1984, 2, 28, 0, 0, 0, 0, time.UTC), status: 422, field: "fecha_atencion"},
		"dead, no admission":    {facts: facts{person: person{Sex: "02", Dead: true}}, status: 409},
		"dead, late entry":      {facts: facts{person: person{Sex: "02", Dead: true}, admission: stay("IMP", "finished", noon.Add(-time.Hour))}},
		"cancelled":             {facts: facts{person: woman, admission: stay("AMB", "cancelled", noon)}, status: 409},
		"same minute":           {facts: facts{person: woman, admission: stay("AMB", "in-progress", noon.Add(30*time.Second))}},
		"before the admission":  {facts: facts{person: woman, admission: stay("AMB", "in-progress", noon.Add(2*time.Minute))}, status: 422, field: "fecha_atencion"},
		"emergency before":      {facts: facts{person: woman, admission: stay("EMER", "in-progress", noon.Add(2*time.Hour))}},
		"emergency days before": {facts: facts{person: woman, admission: stay("EMER", "in-progress", noon.Add(48*time.Hour))}, status: 422, field: "fecha_atencion"},
		"unknown code":          {facts: facts{person: woman}, dx: dx, status: 422, field: "diagnosticos.0.cie10"},
		"men's code":            {facts: facts{person: woman, codes: code("X01", "01", 0, 120)}, dx: dx, status: 422, field: "diagnosticos.0.cie10"},
		"women's code":          {facts: facts{person: woman, codes: code("X01", "02", 0, 120)}, dx: dx},
		"sex not determined":    {facts: facts{person: person{Sex: "03"}, codes: code("X01", "01", 0, 2100)}, dx: dx},
		"too young":             {facts: facts{person: woman, codes: code("X01", "", 50, 120)}, dx: dx, warning: "diagnosticos.0.cie10"},
		"too old":               {facts: facts{person: woman, codes: code("X01", "", 0, 1)}, dx: dx, warning: "diagnosticos.0.cie10"},
	} {
		if test.at.IsZero() {
			test.at = noon
		}
		c := api.Content{Structured: api.Structured{Diagnosticos: append([]api.Diagnosis(nil), test.dx...)}}
		w, err := judge(&c, test.at, "Mario", test.facts, noon)
		if test.status == 0 && err != nil || test.status != 0 && problem.Status(err) != test.status {
			t.Errorf("%s: %v, want %d", name, err, test.status)
		}
		if test.field != "" && faults(t, err)[test.field] == "" {
			t.Errorf("%s: %v, want %s", name, err, test.field)
		}
		if test.warning == "" && len(w) > 0 || test.warning != "" && (len(w) != 1 || w[0].Campo != test.warning) {
			t.Errorf("%s: warnings %v, want %q", name, w, test.warning)
		}
		if len(c.Diagnosticos) == 1 && err == nil && c.Diagnosticos[0].Descripcion != "nombre" {
			t.Errorf("%s: the diagnosis has no name", name)
		}
	}
}

func TestVitalLimits(t *testing.T) {
	for name, test := range map[string]struct {
		v    api.VitalSigns
		want []string
	}{
		"all of an adult": {api.VitalSigns{PAS: num(120), PAD: num(80), FC: num(72), FR: num(16), Temp: num(36.5), SpO2: num(96), Peso: num(70), Talla: num(170),
			Glasgow: num(15), Dolor: num(0), Glucometria: num(90)}, nil},
		"lowest":             {api.VitalSigns{PAS: num(30), PAD: num(10), FC: num(10), FR: num(3), Temp: num(25), SpO2: num(20), Glasgow: num(3), Glucometria: num(5)}, nil},
		"highest":            {api.VitalSigns{PAS: num(300), PAD: num(200), FC: num(300), FR: num(120), Temp: num(45), SpO2: num(100), Dolor: num(10), Glucometria: num(1500)}, nil},
		"below":              {api.VitalSigns{PAS: num(29), FC: num(9), FR: num(2), Temp: num(24.9), SpO2: num(19), Glasgow: num(2), Dolor: num(-1), Glucometria: num(4)}, []string{"dolor", "fc", "fr", "glasgow", "glucometria", "pas", "spo2", "temp"}},
		"above":              {api.VitalSigns{PAS: num(301), PAD: num(201), Temp: num(45.1), SpO2: num(100.1), Talla: num(261), Peso: num(501)}, []string{"pad", "pas", "peso", "spo2", "talla", "temp"}},
		"equal pressures":    {api.VitalSigns{PAS: num(80), PAD: num(80)}, nil},
		"upside down":        {api.VitalSigns{PAS: num(80), PAD: num(81)}, []string{"pad"}},
		"diastolic alone":    {api.VitalSigns{PAD: num(80)}, []string{"pas"}},
		"systolic alone":     {api.VitalSigns{PAS: num(80)}, nil},
		"half a heart beat":  {api.VitalSigns{FC: num(72.5)}, []string{"fc"}},
		"metres for cm":      {api.VitalSigns{Peso: num(70), Talla: num(1.7)}, []string{"talla"}},
		"mixed up":           {api.VitalSigns{Peso: num(170), Talla: num(70)}, []string{"talla"}},
		"measured next year": {api.VitalSigns{FC: num(72), TomadoEn: &[]time.Time{noon.AddDate(1, 0, 0)}[0]}, []string{"tomado_en"}},
	} {
		v := test.v
		normaliseVitals(&v, noon)
		f := fields{problem.Fields{}}
		checkVitals(&v, f, noon)
		var got []string
		for name := range f.Fields {
			got = append(got, strings.TrimPrefix(name, "signos_vitales."))
		}
		if diff := cmp.Diff(test.want, sorted(got)); diff != "" {
			t.Errorf("%s: %v\n%s", name, f, diff)
		}
	}
}

func TestBodyMassIndexIsComputed(t *testing.T) {
	v := api.VitalSigns{Peso: num(64.004), Talla: num(160), IMC: num(99)}
	normaliseVitals(&v, noon)
	if *v.IMC != 25 || *v.Peso != 64 {
		t.Errorf("imc = %v, peso = %v", *v.IMC, *v.Peso)
	}
	v = api.VitalSigns{Peso: num(64), IMC: num(99)}
	normaliseVitals(&v, noon)
	if v.IMC != nil {
		t.Errorf("an index without a height: %v", *v.IMC)
	}
	v = api.VitalSigns{Peso: num(64), Talla: num(0)}
	normaliseVitals(&v, noon)
	if v.IMC != nil {
		t.Errorf("an index without a height: %v", *v.IMC)
	}
}

func TestUnusualVitals(t *testing.T) {
	for _, test := range []struct {
		age  int
		v    api.VitalSigns
		want string
	}{
		{40, api.VitalSigns{FC: num(72)}, ""},
		{40, api.VitalSigns{FC: num(130)}, "fc"},
		{0, api.VitalSigns{FC: num(130)}, ""},
		{0, api.VitalSigns{FR: num(16)}, "fr"},
		{7, api.VitalSigns{PAS: num(95)}, ""},
		{40, api.VitalSigns{PAS: num(85)}, "pas"},
		{40, api.VitalSigns{Glasgow: num(14)}, "glasgow"},
		{40, api.VitalSigns{SpO2: num(90)}, ""},
		{40, api.VitalSigns{SpO2: num(89)}, "spo2"},
		{5, api.VitalSigns{IMC: num(13)}, ""},
		{40, api.VitalSigns{IMC: num(13)}, "imc"},
	} {
		var w warnings
		warnVitals(&test.v, test.age, &w)
		got := ""
		if len(w) > 0 {
			got = strings.TrimPrefix(w[0].Campo, "signos_vitales.")
		}
		if got != test.want || len(w) > 1 {
			t.Errorf("at %d: %v, want %q", test.age, w, test.want)
		}
	}
	var w warnings
	warnVitals(&api.VitalSigns{Temp: num(39.5)}, 30, &w)
	if want := "Valor alto: 39,5 °C (usual hasta 38)."; len(w) != 1 || w[0].Mensaje != want {
		t.Errorf("message = %v, want %q", w, want)
	}
}

func TestCanonicalCode(t *testing.T) {
	for in, want := range map[string]string{
		"A059": "A05.9", "a05.9": "A05.9", " A05.9 ": "A05.9", "I10": "I10", "I10X": "I10", "i10x": "I10", "M0590": "M05.90", "A0": "A0", "": "",
	} {
		if got := CanonicalCode(in); got != want {
			t.Errorf("CanonicalCode(%q) = %q, want %q", in, got, want)
		}
	}
	for code, want := range map[string]bool{"A05.9": true, "I10": true, "M05.90": true, "A059": false, "A0": false, "5A0": false, "A05.": false, "A05.900": false} {
		if got := IsCode(code); got != want {
			t.Errorf("IsCode(%q) = %v", code, got)
		}
	}
}

func TestDiagnosisRoles(t *testing.T) {
	ds := []api.Diagnosis{
		{CIE10: "A01", Rol: "Relacionado 2"}, {CIE10: "A02", Rol: "relacionado"}, {CIE10: "A03", Rol: "relacionado"}, {CIE10: "A04", Rol: "Complicación"},
	}
	normaliseDiagnoses(ds)
	var got []string
	for _, d := range ds {
		got = append(got, d.Rol)
	}
	if diff := cmp.Diff([]string{"relacionado2", "relacionado1", "relacionado3", "complicacion"}, got); diff != "" {
		t.Error(diff)
	}
	for name, test := range map[string]struct {
		ds   []api.Diagnosis
		want string
	}{
		"a fourth related one":   {[]api.Diagnosis{{CIE10: "A01", Rol: "relacionado"}, {CIE10: "A02", Rol: "relacionado"}, {CIE10: "A03", Rol: "relacionado"}, {CIE10: "A04", Rol: "relacionado"}}, "diagnosticos.3.rol"},
		"two complications":      {[]api.Diagnosis{{CIE10: "A01", Rol: "complicacion"}, {CIE10: "A02", Rol: "complicacion"}}, ""},
		"the same twice":         {[]api.Diagnosis{{CIE10: "A01", Rol: "complicacion"}, {CIE10: "A01", Rol: "complicacion"}}, "diagnosticos.1.cie10"},
		"in and out with it":     {[]api.Diagnosis{{CIE10: "A01", Rol: "ingreso"}, {CIE10: "A01", Rol: "egreso"}}, ""},
		"two causes of death":    {[]api.Diagnosis{{CIE10: "A01", Rol: "muerte"}, {CIE10: "A02", Rol: "muerte"}}, "diagnosticos.1.rol"},
		"no such role":           {[]api.Diagnosis{{CIE10: "A01", Rol: "secundario"}}, "diagnosticos.0.rol"},
		"no such kind":           {[]api.Diagnosis{{CIE10: "A01", Tipo: "04"}}, "diagnosticos.0.tipo"},
		"more than a note holds": {make([]api.Diagnosis, 51), "diagnosticos"},
	} {
		f := fields{problem.Fields{}}
		normaliseDiagnoses(test.ds)
		checkDiagnoses(test.ds, f)
		if _, ok := f.Fields[test.want]; test.want != "" && !ok || test.want == "" && len(f.Fields) > 0 {
			t.Errorf("%s: %v, want %q", name, f, test.want)
		}
	}
}

func TestSupersedes(t *testing.T) {
	r := func(state string, hour int) api.Result {
		return api.Result{Estado: state, EmitidoEn: noon.Add(time.Duration(hour) * time.Hour), Emisor: "lab"}
	}
	for name, test := range map[string]struct {
		arrives, there api.Result
		want           bool
	}{
		"later":                     {r("final", 1), r("preliminary", 0), true},
		"earlier":                   {r("preliminary", 0), r("final", 1), false},
		"same hour, further":        {r("final", 0), r("preliminary", 0), true},
		"same hour, no further":     {r("final", 0), r("final", 0), false},
		"same hour, back":           {r("preliminary", 0), r("corrected", 0), false},
		"a correction corrected":    {r("corrected", 2), r("corrected", 1), true},
		"a late word on an old one": {r("corrected", 0), r("final", 1), false},
	} {
		if got, err := supersedes(test.arrives, test.there); err != nil || got != test.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	forged := r("corrected", 5)
	forged.Emisor = "otro"
	if _, err := supersedes(forged, r("final", 0)); !errors.Is(err, errForeign) {
		t.Errorf("another issuer: %v", err)
	}
}
