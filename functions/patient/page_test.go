package patient

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
)

func TestPagesRefuseWhatCannotBe(t *testing.T) {
	w := newWorld(t)
	p := w.record(person())
	for _, list := range []struct {
		by   auth.Principal
		path string
	}{
		{admin, "/accesos-emergencia?"}, {registrar, "/paciente/" + p.DocumentoID + "/documentos?"}, {admin, "/paciente/" + p.DocumentoID + "/accesos?"},
		{registrar, "/paciente?q=luz&"}, {registrar, "/paciente?documento=" + p.DocumentoID + "&"}, {registrar, "POST /paciente/buscar?"},
	} {
		for query, field := range map[string]string{
			"limite=0": "limite", "limite=101": "limite", "limite=x": "limite", "despues=x": "despues", "despues=%27%3B--": "despues",
			"despues=" + strings.Repeat("9", 201): "despues", "despues=2026-11-23_": "despues", "despues=2026-11-23T00:00:00Z_x": "despues",
		} {
			method, path, body := "GET", list.path, ""
			if rest, ok := strings.CutPrefix(path, "POST "); ok {
				method, path, body = "POST", rest, `{"q":"luz"}`
			}
			if got := w.ask(list.by, method, path+query, body); got.status != 422 || got.field(field) == nil {
				t.Errorf("%s %s%.30s: %d %s", method, path, query, got.status, got.text)
			}
		}
	}
	for _, body := range []string{`{"q":"luz","despues":"x"}`, `{"q":"luz","despues":"CC-` + dbtest.DocumentoID() + `"}`, `{"documento":"123456","despues":"x"}`} {
		if got := w.ask(registrar, "POST", "/paciente/buscar", body); got.status != 422 || got.field("despues") == nil {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	if got := w.ask(registrar, "GET", "/paciente?q=luz&despues=CC-"+dbtest.DocumentoID(), ""); got.status != 422 || got.field("despues") == nil {
		t.Errorf("a cursor of nobody: %d %s", got.status, got.text)
	}
}

// walk follows the Link of each page, sending the same body, and returns what
// the lists have under a name.
func (w *world) walk(by auth.Principal, method, path, body, name string) (all []string) {
	w.t.Helper()
	for pages := 0; path != ""; pages++ {
		a := w.ask(by, method, path, body)
		var rows []map[string]any
		if err := json.Unmarshal([]byte(a.text), &rows); err != nil || a.status != 200 || len(rows) > 2 || pages > 200 {
			w.t.Fatalf("%s %s: %d, %d rows, %v: %.300s", method, path, a.status, len(rows), err, a.text)
		}
		for _, row := range rows {
			all = append(all, row[name].(string)) //nolint:forcetypeassert // the test says so
		}
		path = a.next
	}
	return all
}

func TestEveryPageIsReached(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	number := "7" + dbtest.DocumentoID()[1:] // with one number as documents of several kinds
	tag := "Qz" + strings.Map(func(r rune) rune { return r - '0' + 'a' }, number)
	var ids []string
	for _, kind := range []string{"CC", "CE", "PA", "PT", "TI"} {
		d := person()
		d.TipoDocumento, d.NumeroDocumento, d.SegundoApellido = kind, number, tag
		ids = append(ids, w.record(d).DocumentoID)
	}
	slices.Sort(ids)
	q := url.QueryEscape(tag)
	for name, got := range map[string][]string{
		"GET by name":                       w.walk(registrar, "GET", "/paciente?limite=2&q="+q, "", "documento_id"),
		"POST by name":                      w.walk(registrar, "POST", "/paciente/buscar", `{"q":"`+tag+`","limite":2}`, "documento_id"),
		"POST by name, limit in the query":  w.walk(registrar, "POST", "/paciente/buscar?limite=1", `{"q":"`+tag+`"}`, "documento_id"),
		"GET by document":                   w.walk(registrar, "GET", "/paciente?limite=2&documento="+number, "", "documento_id"),
		"POST by document, the query wins":  w.walk(registrar, "POST", "/paciente/buscar?limite=2", `{"documento":"`+number+`","limite":50}`, "documento_id"),
		"POST by document, first page by ?": w.walk(registrar, "POST", "/paciente/buscar?limite=2&despues=", `{"documento":"`+number+`","despues":"CC-1"}`, "documento_id"),
	} {
		if !slices.Equal(got, ids) {
			t.Errorf("%s: %v, want %v", name, got, ids)
		}
	}

	p := w.record(person())
	want := []string{p.NumeroDocumento}
	for i, since := range []string{"2020-01-01", "2020-01-01", "2021-01-01", "2022-01-01"} {
		number := string(rune('A'+i)) + dbtest.DocumentoID()
		if _, err := c.AddDocument(ctx, p.DocumentoID, api.NewDocument{TipoDocumento: "PA", NumeroDocumento: number, Desde: since}, ""); err != nil {
			t.Fatal(err)
		}
		at := 1
		if i == 1 {
			at = 2 // on one day by the document
		}
		want = slices.Insert(want, at, number)
	}
	if got := w.walk(registrar, "GET", "/paciente/"+p.DocumentoID+"/documentos?limite=2", "", "numero_documento"); !slices.Equal(got, want) {
		t.Errorf("documents: %v, want %v", got, want)
	}

	mc, mctx := w.as(physician)
	var made []string
	for range 5 {
		a, err := mc.BreakGlass(mctx, p.DocumentoID, "Llegó inconsciente a urgencias", "")
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, a.ID.String())
	}
	got := slices.DeleteFunc(w.walk(admin, "GET", "/accesos-emergencia?limite=2", "", "id"), func(id string) bool { return !slices.Contains(made, id) })
	if !slices.Equal(got, made) {
		t.Errorf("emergency accesses: %v, want %v", got, made)
	}
}
