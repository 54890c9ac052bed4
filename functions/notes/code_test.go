package notes

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Úlcera péptica, con hemorragia": " ulcera peptica con hemorragia",
		"Enfermedad del niño (otra)":     " enfermedad del nino otra",
		"  ":                             "",
		"COVID-19":                       " covid 19",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// The codes that the schema brings are well formed, and found as the search
// folds them.
func TestShippedCodes(t *testing.T) {
	w := newWorld(t)
	rows, err := w.root.Query(context.Background(), `SELECT codigo, descripcion, busqueda, sexo, coalesce(edad_min, 0), coalesce(edad_max, 130) FROM historia_clinica.cie10`)
	if err != nil {
		t.Fatal(err)
	}
	var code, description, folded, sex string
	var min, max, n int
	if _, err := pgx.ForEachRow(rows, []any{&code, &description, &folded, &sex, &min, &max}, func() error {
		n++
		if !IsCode(code) || description == "" || len(description) > 120 || !slices.Contains([]string{"", "01", "02"}, sex) || min > max {
			t.Errorf("%s %q sexo %q edad %d-%d", code, description, sex, min, max)
		}
		if want := Fold(description); folded != want {
			t.Errorf("%s: busqueda = %q, want %q", code, folded, want)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n < 400 {
		t.Errorf("%d codes", n)
	}
}

func TestCodeSearch(t *testing.T) {
	w := newWorld(t)
	p := authtest.Principal("Ana", auth.Registrar)
	c, ctx := w.as(p)
	codes := func(found []api.Code) string {
		var all []string
		for _, f := range found {
			all = append(all, f.Codigo)
		}
		return strings.Join(all, " ")
	}
	for q, want := range map[string]string{
		"J20.9":                    "J20.9",
		"j209":                     "J20.9",
		"I10":                      "I10",
		"N18":                      "N18.1 N18.2 N18.3 N18.4 N18.5 N18.9",
		"n18.":                     "N18.1 N18.2 N18.3 N18.4 N18.5 N18.9",
		"hipertensión primaria":    "I10",
		"PRIMARIA hipertension":    "I10",
		"resfriado":                "J00",
		"recien nacido pretermino": "P07.3",
		"no hay tal cosa":          "",
		"%' OR 1=1 --":             "",
		"100%":                     "",
	} {
		found, err := c.SearchCodes(ctx, q)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		if got := codes(found); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	found, err := c.SearchCodes(ctx, "diabetes")
	if err != nil || len(found) < 10 || len(found) > maxCodes || !strings.HasPrefix(found[0].Descripcion, "Diabetes") {
		t.Errorf("diabetes: %v, %v", found, err)
	}
	if found, err := c.SearchCodes(ctx, "sin especificar"); err != nil || len(found) != maxCodes {
		t.Errorf("a common phrase: %d codes, %v", len(found), err)
	}
	for _, q := range []string{"", "a", "%", strings.Repeat("x", 201)} {
		_, err := c.SearchCodes(ctx, q)
		wantStatus(t, "q="+q, err, 422)
	}
	if a := w.send(authtest.Principal("Luz", auth.Patient), "GET", "/cie10?q=tos", ""); a.status != 403 {
		t.Errorf("a patient: %d", a.status)
	}
}
