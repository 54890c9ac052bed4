package component_test

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"hce.co/ui/view/component"
)

func groups() []component.Group {
	return []component.Group{
		{Fields: []component.Field{
			{Name: "sexo", Label: "Sexo", Kind: component.Radio, Options: []component.Option{{Value: "01", Label: "Hombre"}}},
			{Name: "nombre", Label: "Nombre"},
		}},
		{Fields: []component.Field{{Name: "responsable.nombre", Label: "Nombre", Title: "Responsable"}, {Name: "responsable.telefono", Label: "Teléfono"}}},
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMistakesFollowTheForm(t *testing.T) {
	f := component.Form{Prefix: "p-", Errors: map[string]string{
		"otro": "No se esperaba.", "nombre": "Escriba este dato.", "sexo": "Elija.", "responsable": "Escriba quién.",
	}}
	want := []component.Mistake{
		{Href: "#p-sexo-01", Text: "Sexo: Elija."},
		{Href: "#p-nombre", Text: "Nombre: Escriba este dato."},
		{Href: "#p-responsable-nombre", Text: "Responsable: Escriba quién."},
		{Text: "No se esperaba."},
	}
	if diff := cmp.Diff(want, f.Placed(groups()).Mistakes(groups())); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	if f.Errors["responsable"] == "" {
		t.Error("Placed changed the form that it was asked of")
	}
}

func TestValueIsWhatWasTyped(t *testing.T) {
	country := component.Field{Name: "pais", Default: "Colombia"}
	second := component.Field{Name: "nacionalidades", Nth: 1}
	f := component.Form{Values: url.Values{"pais": {""}, "nacionalidades": {"Colombia", "Perú"}}}
	tests := []struct {
		name  string
		form  component.Form
		field component.Field
		want  string
	}{
		{"default", component.Form{}, country, "Colombia"},
		{"emptied", f, country, ""},
		{"second value", f, second, "Perú"},
		{"no second value", component.Form{Values: url.Values{"nacionalidades": {"Perú"}}}, second, ""},
	}
	for _, tt := range tests {
		if got := tt.form.Value(tt.field); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestControlEscapesAndKeepsText(t *testing.T) {
	const typed = `"><script>alert(1)</script>`
	field := component.Field{Name: "nombre", Label: "Nombre", Hint: "Completo", Required: true}
	f := component.Form{Values: url.Values{"nombre": {typed}}, Errors: map[string]string{"nombre": "No."}}
	html := render(t, component.Control(f, field))
	if strings.Contains(html, "<script>") {
		t.Errorf("what was typed became markup: %s", html)
	}
	for _, want := range []string{
		`value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"`, `aria-invalid="true"`,
		`aria-describedby="nombre-error nombre-hint"`, `<label for="nombre">`, ` required`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
}

func TestPasswordIsNeverSentBack(t *testing.T) {
	f := component.Form{Values: url.Values{"password": {"secreto-largo"}}}
	if html := render(t, component.Control(f, component.Field{Name: "password", Label: "Clave", Kind: component.Password})); strings.Contains(html, "secreto-largo") {
		t.Errorf("the password stands in %s", html)
	}
}

func TestSelectOffersNothingOnlyWhileNothingIsChosen(t *testing.T) {
	field := component.Field{Name: "causa", Label: "Causa", Kind: component.Select, Required: true, Default: "38", Options: []component.Option{{Value: "21", Label: "a"}, {Value: "38", Label: "b"}}}
	if html := render(t, component.Control(component.Form{}, field)); strings.Contains(html, `value=""`) || !strings.Contains(html, `value="38" selected`) {
		t.Errorf("the default is not chosen: %s", html)
	}
	emptied := component.Form{Values: url.Values{"causa": {""}}}
	if html := render(t, component.Control(emptied, field)); !strings.Contains(html, `value=""`) {
		t.Errorf("an emptied choice shows another: %s", html)
	}
}

func TestSparkOfEqualValuesIsDrawn(t *testing.T) {
	html := render(t, component.Sparkline(component.Spark{Values: []float64{15, 15}, Low: 15, High: 15}))
	if strings.Contains(html, "NaN") || strings.Contains(html, "Inf") || !strings.Contains(html, "<polyline") {
		t.Errorf("%s", html)
	}
	if html := render(t, component.Sparkline(component.Spark{})); html != "" {
		t.Errorf("no values draw %s", html)
	}
}
