package notes

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		found, _, err := c.SearchCodes(ctx, q, 0, "")
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		if got := codes(found); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	found, _, err := c.SearchCodes(ctx, "diabetes", 0, "")
	if err != nil || len(found) < 10 || len(found) > 20 || !strings.HasPrefix(found[0].Descripcion, "Diabetes") {
		t.Errorf("diabetes: %v, %v", found, err)
	}
	if found, _, err := c.SearchCodes(ctx, "sin especificar", 0, ""); err != nil || len(found) != 20 {
		t.Errorf("a common phrase: %d codes, %v", len(found), err)
	}
	for _, q := range []string{"", "a", "%", strings.Repeat("x", 201)} {
		_, _, err := c.SearchCodes(ctx, q, 0, "")
		wantStatus(t, "q="+q, err, 422)
	}
	for _, bad := range []string{"limite=0", "limite=101", "limite=x", "despues=x", "despues=A09", "despues=" + codePlace{false, 7, "x"}.String(), "despues=" + codePlace{true, -1, "A09"}.String()} {
		if a := w.send(p, "GET", "/cie10?q=tos&"+bad, ""); a.status != 422 || a.field(strings.SplitN(bad, "=", 2)[0]) == nil {
			t.Errorf("%s: %d %s", bad, a.status, a.raw)
		}
	}
	if a := w.send(authtest.Principal("Luz", auth.Patient), "GET", "/cie10?q=tos", ""); a.status != 403 {
		t.Errorf("a patient: %d", a.status)
	}
}

// Page after page, a search gives each code once, in the order of one page.
func TestPagesOfCodes(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(authtest.Principal("Ana", auth.Registrar))
	for _, q := range []string{"N1", "J2", "diabetes", "aguda"} {
		all, next, err := c.SearchCodes(ctx, q, 100, "")
		if err != nil || next != "" || len(all) < 4 {
			t.Fatalf("%s: %d codes, %q, %v", q, len(all), next, err)
		}
		for _, limit := range []int{1, 3, len(all)} {
			var got []api.Code
			for after := ""; ; {
				page, next, err := c.SearchCodes(ctx, q, limit, after)
				if err != nil || len(page) > limit || next != "" && len(page) != limit {
					t.Fatalf("%s, %d after %q: %d codes, %v", q, limit, after, len(page), err)
				}
				got = append(got, page...)
				if after = next; next == "" {
					break
				}
			}
			if diff := cmp.Diff(all, got); diff != "" {
				t.Errorf("%s in pages of %d:\n%s", q, limit, diff)
			}
		}
	}
}
