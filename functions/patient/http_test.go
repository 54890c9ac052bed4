package patient

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestRegisterKeepsEveryField(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	in := full()
	made, err := c.Register(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Read(ctx, made.DocumentoID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, got.Demographics); diff != "" {
		t.Errorf("what came back differs (-sent +read):\n%s", diff)
	}
	if diff := cmp.Diff(made, got, cmpopts.EquateApproxTime(1e6)); diff != "" {
		t.Errorf("the answer of POST differs from GET:\n%s", diff)
	}
	if got.Version != 1 || got.Edad != 42 || !got.Activo {
		t.Errorf("version %d, age %d, active %v", got.Version, got.Edad, got.Activo)
	}
}

func TestIdenticalRegistrationsAtOnce(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	in := person()
	var wg sync.WaitGroup
	errs := make([]error, 64)
	for i := range errs {
		wg.Go(func() { _, errs[i] = c.Register(ctx, in, "") })
	}
	wg.Wait()
	created, conflicts := 0, 0
	for _, err := range errs {
		p, _ := err.(*problem.Error)
		switch {
		case err == nil:
			created++
		case p != nil && p.Status == http.StatusConflict && p.Members["documento_id"] == "CC-"+in.NumeroDocumento:
			conflicts++
		default:
			t.Errorf("unexpected: %v", err)
		}
	}
	if created != 1 || conflicts != 63 {
		t.Errorf("%d created and %d conflicts, want 1 and 63", created, conflicts)
	}
}

func TestIdempotencyKey(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	in := person()
	first, err := c.Register(ctx, in, "k1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Register(ctx, in, "k1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the retry got another answer:\n%s", diff)
	}
	if _, err := c.Register(ctx, person(), "k1"); problem.Status(err) != 422 {
		t.Errorf("the key with another body got %v, want 422", err)
	}
	other, octx := w.as(authtest.Principal("Otra", auth.Registrar))
	if _, err := other.Register(octx, person(), "k1"); err != nil {
		t.Errorf("somebody else's key of the same name: %v", err)
	}
	same := person()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Register(ctx, same, "k2"); err != nil {
				t.Errorf("concurrent retry: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestBadInput(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name, contentType, body string
		want                    int
		field                   string
	}{
		{"unknown field", "application/json", `{"primer_nombre":"Luz","alias":"x"}`, 400, "alias"},
		{"two bodies", "application/json", `{} {}`, 400, ""},
		{"no body", "application/json", ``, 400, ""},
		{"an array", "application/json", `[]`, 400, ""},
		{"a number for a name", "application/json", `{"primer_nombre":7}`, 422, "primer_nombre"},
		{"NUL", "application/json", "{\"primer_nombre\":\"a\x00b\"}", 400, ""},
		{"NUL escaped", "application/json", `{"primer_nombre":"a\u0000b"}`, 400, ""},
		{"invalid UTF-8", "application/json", "{\"primer_nombre\":\"\xff\"}", 400, ""},
		{"2 MiB", "application/json", `{"primer_nombre":"` + strings.Repeat("a", 2<<20) + `"}`, 413, ""},
		{"form", "application/x-www-form-urlencoded", `primer_nombre=Luz`, 415, ""},
		{"latin-1", "application/json; charset=iso-8859-1", `{}`, 415, ""},
		{"nothing filled in", "application/json", `{}`, 422, "primer_apellido"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body := w.send(registrar, "POST", "/paciente", tt.contentType, tt.body)
			if status != tt.want || body["detail"] == nil || body["status"] != float64(tt.want) {
				t.Fatalf("got %d %v, want %d", status, body, tt.want)
			}
			if tt.field != "" {
				if f, _ := body["campos"].(map[string]any); f[tt.field] == nil {
					t.Errorf("campos is %v, want a message for %s", body["campos"], tt.field)
				}
			}
		})
	}
	for path, want := range map[string]int{
		"/paciente/CC-000": 404, "/paciente/nada": 404, "/paciente/%00": 400, "/paciente/%ff": 400, "/nada": 404,
		"/paciente?q=%27%3B%20DROP%20TABLE%20paciente%3B--": 200, "/paciente?q=%25": 422, "/paciente?q=a&limite=0": 422, "/paciente?q=a&limite=x": 422,
	} {
		if status, _ := w.send(registrar, "GET", path, "", ""); status != want {
			t.Errorf("GET %s is %d, want %d", path, status, want)
		}
	}
	if status, _ := w.send(registrar, "DELETE", "/paciente/CC-1", "", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("DELETE is %d, want 405", status)
	}
}

func TestUpdateNeedsTheVersionSeen(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, person(), "")
	if err != nil {
		t.Fatal(err)
	}
	d := p.Demographics
	d.Ocupacion = "Enfermera"
	if status, _ := w.send(registrar, "PUT", "/paciente/"+p.DocumentoID, "application/json", "{}"); status != 428 {
		t.Errorf("without If-Match: %d, want 428", status)
	}
	second, err := c.Update(ctx, p.DocumentoID, p.Version, d, "")
	if err != nil || second.Version != 2 || second.Ocupacion != "Enfermera" {
		t.Fatalf("update: %+v %v", second, err)
	}
	if _, err := c.Update(ctx, p.DocumentoID, p.Version, d, ""); problem.Status(err) != 412 {
		t.Errorf("a stale update got %v, want 412", err)
	}
	d.NumeroDocumento = dbtest.DocumentoID()
	if _, err := c.Update(ctx, p.DocumentoID, 2, d, ""); problem.Status(err) != 422 {
		t.Errorf("a changed document got %v, want 422", err)
	}
	var kept int
	pool := dbtest.Pool(t, "postgres")
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM historia_clinica.paciente_version WHERE documento_id = $1
		AND version = 1 AND contenido->>'ocupacion' IS NULL`, p.DocumentoID).Scan(&kept); err != nil || kept != 1 {
		t.Errorf("%d old versions kept (%v), want 1", kept, err)
	}
}

func TestNewDocumentFindsTheSameRecord(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	in := person()
	in.TipoDocumento = "TI"
	p, err := c.Register(ctx, in, "")
	if err != nil {
		t.Fatal(err)
	}
	number := dbtest.DocumentoID()
	if _, err := c.AddDocument(ctx, p.DocumentoID, api.NewDocument{TipoDocumento: "CC", NumeroDocumento: number}, ""); err != nil {
		t.Fatal(err)
	}
	got, err := c.Read(ctx, "CC-"+number)
	if err != nil || got.DocumentoID != p.DocumentoID || got.TipoDocumento != "CC" || got.Version != 2 {
		t.Errorf("by the new document: %+v %v", got, err)
	}
	in.TipoDocumento, in.NumeroDocumento = "CC", number
	_, err = c.Register(ctx, in, "")
	if pr, ok := err.(*problem.Error); !ok || pr.Status != 409 || pr.Members["documento_id"] != p.DocumentoID {
		t.Errorf("registering under the new document got %v, want a 409 that names %s", err, p.DocumentoID)
	}
	docs, err := c.Documents(ctx, p.DocumentoID)
	if err != nil || len(docs) != 2 {
		t.Errorf("documents: %v %v", docs, err)
	}
	patient := authtest.Principal("Luz", auth.Patient)
	patient.DocumentoID = p.DocumentoID
	pc, pctx := w.as(patient)
	if got, err := pc.Read(pctx, "TI-"+p.DocumentoID[3:]); err != nil || got.DocumentoID != p.DocumentoID {
		t.Errorf("the patient by their old document: %v", err)
	}
}

func TestOnlyOnesOwnRecord(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, person(), "")
	if err != nil {
		t.Fatal(err)
	}
	stranger := authtest.Principal("Otro", auth.Patient)
	stranger.DocumentoID = "CC-1"
	bodies := map[string]map[string]any{}
	for _, path := range []string{"/paciente/" + p.DocumentoID, "/paciente/CC-99999999990", "/paciente/" + p.DocumentoID + "/accesos"} {
		status, body := w.send(stranger, "GET", path, "", "")
		if status != 403 {
			t.Errorf("GET %s is %d, want 403", path, status)
		}
		delete(body, "instance")
		bodies[path] = body
	}
	if diff := cmp.Diff(bodies["/paciente/"+p.DocumentoID], bodies["/paciente/CC-99999999990"]); diff != "" {
		t.Errorf("a record that exists answers differently from one that does not:\n%s", diff)
	}
	for _, tt := range []struct{ method, path string }{
		{"POST", "/paciente"}, {"GET", "/paciente?q=luz"}, {"PUT", "/paciente/" + p.DocumentoID}, {"POST", "/paciente/" + p.DocumentoID + "/codigo"},
	} {
		if status, _ := w.send(stranger, tt.method, tt.path, "application/json", "{}"); status != 403 {
			t.Errorf("%s %s by a patient is %d, want 403", tt.method, tt.path, status)
		}
	}
}

func TestEveryReadingStandsOnceInTheTrail(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, person(), "")
	if err != nil {
		t.Fatal(err)
	}
	mc, mctx := w.as(physician)
	for range 3 {
		if _, err := mc.Read(mctx, p.DocumentoID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := mc.BreakGlass(mctx, p.DocumentoID, "corto", ""); problem.Status(err) != 422 {
		t.Errorf("a short reason got %v, want 422", err)
	}
	if _, err := mc.BreakGlass(mctx, p.DocumentoID, "Llegó inconsciente a urgencias", ""); err != nil {
		t.Fatal(err)
	}
	patient := authtest.Principal("Luz", auth.Patient)
	patient.DocumentoID = p.DocumentoID
	pc, pctx := w.as(patient)
	rows, next, err := pc.Trail(pctx, p.DocumentoID, 3, "")
	if err != nil || len(rows) != 3 || next == "" {
		t.Fatalf("first page: %d rows, next %q, %v", len(rows), next, err)
	}
	rest, next, err := pc.Trail(pctx, p.DocumentoID, 10, next)
	if err != nil || next != "" {
		t.Fatal(next, err)
	}
	var got []string
	for _, r := range append(rows, rest...) {
		got = append(got, r.Tipo+" "+r.Rol)
	}
	want := []string{"break-glass medico", "read medico", "read medico", "read medico", "create admisionista"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the trail (-want +got):\n%s", diff)
	}
	if rows[0].Motivo != "Llegó inconsciente a urgencias" || rows[0].Nombre != physician.Name {
		t.Errorf("the patient reads %+v", rows[0])
	}
	ac, actx := w.as(admin)
	queue, _, err := ac.Emergencies(actx, 100, "")
	if err != nil || len(queue) == 0 {
		t.Fatalf("review queue: %v %v", queue, err)
	}
	a := queue[len(queue)-1]
	if _, err := ac.ReviewEmergency(actx, a.DocumentoID, a.ID, "justificado", ""); err != nil {
		t.Error(err)
	}
	if _, err := ac.ReviewEmergency(actx, a.DocumentoID, a.ID, "injustificado", ""); problem.Status(err) != 409 {
		t.Errorf("another decision got %v, want 409", err)
	}
	if again, err := ac.ReviewEmergency(actx, a.DocumentoID, a.ID, "justificado", ""); err != nil || again.Decision != "justificado" {
		t.Errorf("the same decision again: %+v, %v", again, err)
	}
	if _, err := ac.ReviewEmergency(actx, a.DocumentoID, ident.NewID(), "justificado", ""); problem.Status(err) != 404 {
		t.Errorf("no access got %v, want 404", err)
	}
}

// The patient and the administrador read all of why an emergency access was
// asked for, however little of it a row of the trail has room for.
func TestReasonOfAnEmergencyAccessStandsWhole(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, person(), "")
	if err != nil {
		t.Fatal(err)
	}
	mc, mctx := w.as(physician)
	why := "Llegó inconsciente; " + strings.Repeat("ñandú ", 79) + "fin."
	if n := utf8.RuneCountInString(why); n < 490 || n > 500 {
		t.Fatalf("the reason has %d characters", n)
	}
	for _, reason := range []string{why, "Segundo acceso de la noche"} {
		if _, err := mc.BreakGlass(mctx, p.DocumentoID, reason, ""); err != nil {
			t.Fatal(err)
		}
	}
	patient := authtest.Principal("Luz", auth.Patient)
	patient.DocumentoID = p.DocumentoID
	for _, reader := range []auth.Principal{patient, admin} {
		rc, rctx := w.as(reader)
		rows, _, err := rc.Trail(rctx, p.DocumentoID, 100, "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			if r.Tipo == "break-glass" {
				got = append(got, r.Motivo)
			}
		}
		if diff := cmp.Diff([]string{"Segundo acceso de la noche", why}, got); diff != "" {
			t.Errorf("%s reads (-want +got):\n%s", reader.Name, diff)
		}
		if len(rows) < 3 || rows[len(rows)-1].Tipo != "create" || rows[len(rows)-1].Motivo != "" {
			t.Errorf("%s reads the rest of the trail as %+v", reader.Name, rows)
		}
	}
	dbtest.OneTask(t, w.f.pool, selectTrail, p.DocumentoID, uuid.Max, 21)
}

func TestEventWaitsInTheOutbox(t *testing.T) {
	w := newWorld(t) // without a sink
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, person(), "")
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := dbtest.Pool(t, "hce_patient").QueryRow(context.Background(), `SELECT count(*) FROM historia_clinica.evento_salida
		WHERE documento_id = $1 AND tipo = 'co.hce.paciente.registrado.v1' AND fuente = '/hce/patient'`, p.DocumentoID).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d events in the outbox (%v), want 1", n, err)
	}
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	tag := "Zq" + strings.ToLower(strings.NewReplacer("0", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "j").Replace(dbtest.DocumentoID()))
	names := [][2]string{{"Pena", "Luz"}, {"Peña", "Luz"}, {"Peña", "José"}, {"Núñez", "María"}}
	for _, n := range names {
		d := person()
		d.PrimerApellido, d.PrimerNombre, d.SegundoApellido = n[0], n[1], tag
		if _, err := c.Register(ctx, d, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		q    string
		want []string
	}{
		{tag + " peña", []string{"Peña José", "Peña Luz", "Pena Luz"}},
		{tag + " pena", []string{"Pena Luz", "Peña José", "Peña Luz"}},
		{"luz PENA " + tag, []string{"Pena Luz", "Peña Luz"}},
		{"maria nunez " + tag, []string{"Núñez María"}},
		{tag + " mar", []string{"Núñez María"}},
		{tag + " aria", nil},
		{tag + " '; --", []string{"Núñez María", "Pena Luz", "Peña José", "Peña Luz"}},
	} {
		var got []string
		after := ""
		for { // a page at a time
			found, next, err := c.Search(ctx, api.Search{Q: tt.q, Limite: 1, Despues: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range found {
				got = append(got, s.PrimerApellido+" "+s.PrimerNombre)
			}
			if after = next; next == "" {
				break
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("search %q (-want +got):\n%s", tt.q, diff)
		}
	}
	d := person()
	d.PrimerApellido, d.SegundoApellido = "Quintero", tag
	p, err := c.Register(ctx, d, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{d.NumeroDocumento, "CC " + d.NumeroDocumento, p.DocumentoID} {
		found, _, err := c.Search(ctx, api.Search{Q: q})
		if err != nil || len(found) != 1 || found[0].DocumentoID != p.DocumentoID {
			t.Errorf("search %q: %v %v", q, found, err)
		}
	}
	d.NumeroDocumento = dbtest.DocumentoID()
	d.PrimerApellido = "Quinterro"
	similar, err := c.LikelyDuplicates(ctx, d)
	if err != nil || len(similar) == 0 || similar[0].DocumentoID != p.DocumentoID || similar[0].Parecido < 35 {
		t.Errorf("likely duplicates: %v %v", similar, err)
	}
}

func TestRegistrationCode(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, person(), "")
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.IssueCode(ctx, p.DocumentoID)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.IssueCode(ctx, p.DocumentoID)
	if err != nil || first.Codigo == second.Codigo || len(second.Codigo) != 19 {
		t.Fatalf("codes %q and %q: %v", first.Codigo, second.Codigo, err)
	}
	var live int
	if err := dbtest.Pool(t, "hce_patient").QueryRow(ctx, `SELECT count(*) FROM historia_clinica.codigo_registro
		WHERE documento_id = $1 AND expira > now()`, p.DocumentoID).Scan(&live); err != nil || live != 1 {
		t.Errorf("%d codes live (%v), want 1", live, err)
	}
}

func BenchmarkRead(b *testing.B) {
	w := newWorld(b)
	c, ctx := w.as(registrar)
	p, err := c.Register(ctx, full(), "")
	if err != nil {
		b.Fatal(err)
	}
	req, err := http.NewRequest("GET", "/paciente/"+p.DocumentoID, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.issuer.Token(b, registrar))
	for b.Loop() {
		rec := &answer{h: http.Header{}}
		w.f.Handle(rec, req)
		if rec.status != 200 {
			b.Fatal(rec.status)
		}
	}
}

type answer struct {
	h      http.Header
	status int
}

func (a *answer) Header() http.Header         { return a.h }
func (a *answer) Write(p []byte) (int, error) { return len(p), nil }
func (a *answer) WriteHeader(s int)           { a.status = s }
