package patient

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

const reason = "Se registró dos veces con el número mal escrito"

// opened registers somebody and returns their record.
func (w *world) opened(d api.Demographics) api.Patient {
	w.t.Helper()
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, d, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// joined merges other into p and returns it.
func (w *world) joined(p, other api.Patient) api.Patient {
	w.t.Helper()
	c, ctx := w.as(registrar)
	p, err := c.Merge(ctx, p.DocumentoID, p.Version, api.MergeRequest{Duplicado: other.DocumentoID, Motivo: reason}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// owner runs a statement that no function may.
func (w *world) owner(sql string, args ...any) {
	w.t.Helper()
	if _, err := dbtest.Pool(w.t, "postgres").Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// state is all that the registry says of two records, for before and after.
func (w *world) state(ids ...string) []map[string]any {
	w.t.Helper()
	var out []map[string]any
	for _, sql := range []string{
		`SELECT to_jsonb(p) - '{version,actualizado_en,actualizado_por}'::text[] FROM historia_clinica.paciente p WHERE documento_id = ANY($1) ORDER BY documento_id`,
		`SELECT to_jsonb(i) FROM historia_clinica.identificador i WHERE documento_id = ANY($1) ORDER BY clave`,
	} {
		rows, err := dbtest.Pool(w.t, "postgres").Query(w.t.Context(), sql, ids)
		if err != nil {
			w.t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var m map[string]any
			if err := rows.Scan(&m); err != nil {
				w.t.Fatal(err)
			}
			out = append(out, m)
		}
	}
	return out
}

func TestMergeAndUndo(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	a, b := w.opened(person()), w.opened(person())
	if _, err := c.AddDocument(ctx, b.DocumentoID, api.NewDocument{TipoDocumento: "PA", NumeroDocumento: "AX" + b.NumeroDocumento}, ""); err != nil {
		t.Fatal(err)
	}
	a, _ = c.Read(ctx, a.DocumentoID)
	before := w.state(a.DocumentoID, b.DocumentoID)

	key := uuid.NewString()
	in := api.MergeRequest{Duplicado: b.DocumentoID, Motivo: reason, VersionDuplicado: 2}
	m, err := c.Merge(ctx, a.DocumentoID, a.Version, in, key)
	if err != nil {
		t.Fatal(err)
	}
	if m.DocumentoID != a.DocumentoID || m.Version != a.Version+1 || !slices.Equal(m.Incluye, []string{b.DocumentoID}) || m.Fusionada || m.Edad == 0 {
		t.Errorf("merged: %+v", m)
	}
	if again, err := c.Merge(ctx, a.DocumentoID, a.Version, in, key); err != nil || again.Version != m.Version {
		t.Errorf("the retry: %+v, %v", again, err)
	}
	for _, id := range []string{a.DocumentoID, b.DocumentoID, "PA-AX" + b.NumeroDocumento} {
		got, err := c.Read(ctx, id)
		if diff := cmp.Diff(m, got); err != nil || diff != "" {
			t.Errorf("%s leads to another (%v):\n%s", id, err, diff)
		}
	}
	own, err := c.Merged().Read(ctx, b.DocumentoID)
	if err != nil || own.DocumentoID != b.DocumentoID || own.FusionadoEn == nil || *own.FusionadoEn != a.DocumentoID || !own.Fusionada || own.Incluye != nil {
		t.Errorf("the duplicate itself: %+v, %v", own, err)
	}
	docs, err := c.Documents(ctx, a.DocumentoID)
	if err != nil || len(docs) != 3 {
		t.Fatalf("documents: %+v, %v", docs, err)
	}
	for _, d := range docs {
		if mine := d.NumeroDocumento == a.NumeroDocumento; d.Vigente != mine || (d.Historia == b.DocumentoID) == mine {
			t.Errorf("document %+v", d)
		}
	}
	// What is added meanwhile belongs to the record that goes on, and leads to all of it.
	if _, err := c.AddDocument(ctx, a.DocumentoID, api.NewDocument{TipoDocumento: "CE", NumeroDocumento: "7" + a.NumeroDocumento[:6]}, ""); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Read(ctx, "CE-7"+a.NumeroDocumento[:6]); err != nil || !slices.Equal(got.Incluye, []string{b.DocumentoID}) {
		t.Errorf("by the new document: %+v, %v", got, err)
	}

	done, err := c.Unmerge(ctx, a.DocumentoID, b.DocumentoID, "Eran dos hermanas gemelas", "")
	if err != nil || done.Version != m.Version+2 || done.Incluye != nil {
		t.Fatalf("undone: %+v, %v", done, err)
	}
	w.owner(`UPDATE historia_clinica.identificador SET vigente = clave = $1 WHERE documento_id = $1`, a.DocumentoID)
	w.owner(`DELETE FROM historia_clinica.identificador WHERE clave = $1`, "CE-7"+a.NumeroDocumento[:6])
	w.owner(`UPDATE historia_clinica.paciente SET tipo_documento = 'CC', numero_documento = $2 WHERE documento_id = $1`, a.DocumentoID, a.NumeroDocumento)
	if diff := cmp.Diff(before, w.state(a.DocumentoID, b.DocumentoID)); diff != "" {
		t.Errorf("undoing it leaves (-before +after):\n%s", diff)
	}
	if _, err := c.Unmerge(ctx, a.DocumentoID, b.DocumentoID, "Eran dos hermanas gemelas", ""); problem.Status(err) != 404 {
		t.Errorf("undone twice: %v", err)
	}

	list, err := c.Merges(ctx, a.DocumentoID)
	if err != nil || len(list) != 1 {
		t.Fatalf("merges: %+v, %v", list, err)
	}
	l := list[0]
	if l.Duplicado != b.DocumentoID || l.Por != registrar.Name || l.Motivo != reason || l.DeshechaEn == nil || l.DeshechaPor != registrar.Name || l.DeshechaMotivo != "Eran dos hermanas gemelas" {
		t.Errorf("history: %+v", l)
	}
	ac, actx := w.as(admin)
	for _, p := range []api.Patient{a, b} {
		rows, _, err := ac.Trail(actx, p.DocumentoID, 100, "")
		if err != nil {
			t.Fatal(err)
		}
		n := map[string]int{}
		for _, r := range rows {
			if r.Tipo == "merge" && r.Motivo == reason || r.Tipo == "unmerge" {
				n[r.Tipo]++
			}
		}
		if n["merge"] != 1 || n["unmerge"] != 1 {
			t.Errorf("the trail of %s tells %v", p.DocumentoID, n)
		}
	}
	// One of two is undone, and the other stays.
	x, y, z := w.opened(person()), w.opened(person()), w.opened(person())
	x = w.joined(w.joined(x, y), z)
	if x, err = c.Unmerge(ctx, x.DocumentoID, y.DocumentoID, "Eran dos hermanas gemelas", ""); err != nil || !slices.Equal(x.Incluye, []string{z.DocumentoID}) {
		t.Errorf("one of two undone: %+v, %v", x, err)
	}
	w.sound([]api.Patient{x, y, z})
	// And again, the other way about.
	b, _ = c.Read(ctx, b.DocumentoID)
	a, _ = c.Read(ctx, a.DocumentoID)
	if got := w.joined(b, a); !slices.Equal(got.Incluye, []string{a.DocumentoID}) {
		t.Errorf("the other way about: %+v", got)
	}
}

func TestMergeIsRefused(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	a, b, other := w.opened(person()), w.opened(person()), w.opened(person())
	a = w.joined(a, b)
	admitted := w.opened(person())
	w.owner(`INSERT INTO historia_clinica.admision (documento_id, id, clase, estado, inicio, admitido_por, admitido_por_nombre, creado_en)
		VALUES ($1, $2, 'AMB', 'planned', now(), $2, 'Ana', now())`, admitted.DocumentoID, ident.NewID())
	full := w.opened(person())
	for range maxMerged {
		full = w.joined(full, w.opened(person()))
	}
	for _, tt := range []struct {
		name, into string
		version    int
		in         api.MergeRequest
		status     int
		names      string // documento_id in the problem
	}{
		{"itself", other.DocumentoID, 1, api.MergeRequest{Duplicado: other.DocumentoID}, 422, ""},
		{"nobody", other.DocumentoID, 1, api.MergeRequest{Duplicado: "CC-999"}, 422, ""},
		{"no document", other.DocumentoID, 1, api.MergeRequest{Duplicado: "x"}, 422, ""},
		{"no reason", other.DocumentoID, 1, api.MergeRequest{Duplicado: a.DocumentoID, Motivo: "porque sí"}, 422, ""},
		{"a version of before", a.DocumentoID, 1, api.MergeRequest{Duplicado: other.DocumentoID}, 412, ""},
		{"another version of the duplicate", a.DocumentoID, a.Version, api.MergeRequest{Duplicado: other.DocumentoID, VersionDuplicado: 7}, 412, ""},
		{"merged already into this", a.DocumentoID, a.Version, api.MergeRequest{Duplicado: b.DocumentoID}, 409, a.DocumentoID},
		{"merged already into another", other.DocumentoID, 1, api.MergeRequest{Duplicado: b.DocumentoID}, 409, a.DocumentoID},
		{"into one that is merged", b.DocumentoID, 2, api.MergeRequest{Duplicado: other.DocumentoID}, 409, a.DocumentoID},
		{"one that others are merged into", other.DocumentoID, 1, api.MergeRequest{Duplicado: a.DocumentoID}, 409, a.DocumentoID},
		{"one with an open admission", other.DocumentoID, 1, api.MergeRequest{Duplicado: admitted.DocumentoID}, 409, admitted.DocumentoID},
		{"one too many", full.DocumentoID, full.Version, api.MergeRequest{Duplicado: other.DocumentoID}, 409, ""},
		{"into nobody", "CC-999", 1, api.MergeRequest{Duplicado: other.DocumentoID}, 404, ""},
	} {
		if tt.in.Motivo == "" {
			tt.in.Motivo = reason
		}
		_, err := c.Merge(ctx, tt.into, tt.version, tt.in, "")
		var p *problem.Error
		if !errors.As(err, &p) || p.Status != tt.status || tt.names != "" && p.Members["documento_id"] != tt.names {
			t.Errorf("%s: %v, want %d naming %q", tt.name, err, tt.status, tt.names)
		}
	}
	if status, _ := w.send(registrar, "POST", "/paciente/"+a.DocumentoID+"/fusion", "application/json", `{"duplicado":"`+other.DocumentoID+`","motivo":"`+reason+`"}`); status != 428 {
		t.Errorf("without If-Match: %d", status)
	}
	// One that is admitted goes on all the same.
	w.joined(admitted, other)
}

// What is merged is closed, and says where to write.
func TestWritesToAMergedRecord(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	a, b := w.opened(person()), w.opened(person())
	w.joined(a, b)
	for name, write := range map[string]func() error{
		"its data": func() error { _, err := c.Update(ctx, b.DocumentoID, 2, b.Demographics, ""); return err },
		"a document": func() error {
			_, err := c.AddDocument(ctx, b.DocumentoID, api.NewDocument{TipoDocumento: "PA", NumeroDocumento: "P" + b.NumeroDocumento}, "")
			return err
		},
		"a code": func() error { _, err := c.IssueCode(ctx, b.DocumentoID); return err },
	} {
		var p *problem.Error
		if err := write(); !errors.As(err, &p) || p.Status != 409 || p.Members["documento_id"] != a.DocumentoID {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Its document is taken, by the record that goes on.
	var p *problem.Error
	if _, err := c.Register(ctx, b.Demographics, ""); !errors.As(err, &p) || p.Status != 409 || p.Members["documento_id"] != a.DocumentoID {
		t.Errorf("registered again: %v", err)
	}
	// An emergency access is for reading, and the chart is read whole.
	pc, pctx := w.as(physician)
	if e, err := pc.BreakGlass(pctx, b.DocumentoID, "Llegó inconsciente a urgencias", ""); err != nil || e.DocumentoID != a.DocumentoID {
		t.Errorf("break the glass: %+v, %v", e, err)
	}
}

func TestSearchFindsTheRecordThatGoesOn(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	d := person()
	d.PrimerApellido = "Zxywkq"
	e := person()
	e.PrimerApellido = "Zxywkq"
	a, b := w.opened(d), w.opened(e)
	w.joined(a, b)
	for name, s := range map[string]api.Search{"by name": {Q: "zxywkq"}, "by its document": {Doc: b.NumeroDocumento}, "by its documento_id": {Q: b.DocumentoID}} {
		if found, _, err := c.Search(ctx, s); err != nil || len(found) != 1 || found[0].DocumentoID != a.DocumentoID {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	f := person()
	f.PrimerApellido = "Zxywkq"
	if found, err := c.LikelyDuplicates(ctx, f); err != nil || len(found) != 1 || found[0].DocumentoID != a.DocumentoID {
		t.Errorf("likely duplicates: %+v, %v", found, err)
	}
}

// A merge can be a mistake: nobody is shown the record of another for it.
func TestPatientsOfMergedRecords(t *testing.T) {
	w := newWorld(t)
	a, b := w.opened(person()), w.opened(person())
	w.joined(a, b)
	account := func(of api.Patient) auth.Principal {
		p := authtest.Principal("Luz", auth.Patient)
		p.DocumentoID = of.DocumentoID
		return p
	}
	c, ctx := w.as(account(b))
	got, err := c.Read(ctx, b.DocumentoID)
	if err != nil || got.DocumentoID != b.DocumentoID || got.FusionadoEn != nil || !got.Fusionada {
		t.Errorf("the duplicate's patient reads %+v, %v", got, err)
	}
	if docs, err := c.Documents(ctx, b.DocumentoID); err != nil || len(docs) != 1 || docs[0].NumeroDocumento != b.NumeroDocumento {
		t.Errorf("their documents: %+v, %v", docs, err)
	}
	if _, _, err := c.Trail(ctx, b.DocumentoID, 10, ""); err != nil {
		t.Errorf("their trail: %v", err)
	}
	if _, err := c.Read(ctx, a.DocumentoID); problem.Status(err) != 403 {
		t.Errorf("the one that goes on: %v", err)
	}
	c, ctx = w.as(account(a))
	if got, err := c.Read(ctx, a.DocumentoID); err != nil || got.Incluye != nil {
		t.Errorf("the other patient reads %+v, %v", got, err)
	}
	if docs, err := c.Documents(ctx, a.DocumentoID); err != nil || len(docs) != 1 || docs[0].NumeroDocumento != a.NumeroDocumento {
		t.Errorf("their documents: %+v, %v", docs, err)
	}
	for _, read := range []func(context.Context, string) (api.Patient, error){c.Read, c.Merged().Read} {
		if _, err := read(ctx, b.DocumentoID); problem.Status(err) != 403 {
			t.Errorf("the duplicate: %v", err)
		}
	}
}

func TestWhoMayMerge(t *testing.T) {
	w := newWorld(t)
	a, b := w.opened(person()), w.opened(person())
	careful := admin
	careful.SecondFactor = true
	one, merged := w.opened(person()), w.opened(person())
	w.joined(one, merged)
	for _, tt := range []struct {
		name   string
		p      auth.Principal
		status int
	}{
		{"a médico", physician, 403}, {"resultados", authtest.Principal("Rita", auth.RecordsClerk), 403}, {"an operador", authtest.Principal("Omar", auth.Operator), 403},
		{"an administrador who gave no second factor of late", careful, 401},
	} {
		c, ctx := w.as(tt.p)
		if _, err := c.Merge(ctx, a.DocumentoID, 1, api.MergeRequest{Duplicado: b.DocumentoID, Motivo: reason}, ""); problem.Status(err) != tt.status {
			t.Errorf("%s merges: %v, want %d", tt.name, err, tt.status)
		}
		if _, err := c.Unmerge(ctx, one.DocumentoID, merged.DocumentoID, reason, ""); problem.Status(err) != tt.status {
			t.Errorf("%s undoes: %v, want %d", tt.name, err, tt.status)
		}
	}
	careful.SteppedUp = w.f.Now()
	c, ctx := w.as(careful)
	p, err := c.PreviewMerge(ctx, a.DocumentoID, b.DocumentoID)
	if err != nil || p.Continua.DocumentoID != a.DocumentoID || p.Duplicado.DocumentoID != b.DocumentoID || !slices.Equal(p.Diferencias, []string{"numero_documento"}) {
		t.Errorf("preview: %+v, %v", p, err)
	}
	if _, err := c.Merge(ctx, a.DocumentoID, 1, api.MergeRequest{Duplicado: b.DocumentoID, Motivo: reason}, ""); err != nil {
		t.Error(err)
	}
}
