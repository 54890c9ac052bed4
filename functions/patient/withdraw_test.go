package patient

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db/dbtest"
)

// documentsOf are the documents of a record as TIPO-NUMERO, true for the current
// one.
func (w *world) documentsOf(id string) map[string]bool {
	w.t.Helper()
	c, ctx := w.as(registrar)
	list, err := c.Documents(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]bool{}
	for _, d := range list {
		out[d.TipoDocumento+"-"+d.NumeroDocumento] = d.Vigente
	}
	return out
}

// A document given to the wrong record is taken back, and whose it is registered.
func TestDocumentOfAnotherPersonIsTakenBack(t *testing.T) {
	w := newWorld(t)
	p, other := w.record(person()), person()
	x := "CC-" + other.NumeroDocumento
	path := "/paciente/" + p.DocumentoID
	body := func(number string) string { return `{"tipo_documento":"CC","numero_documento":"` + number + `"}` }
	if got := w.ask(registrar, "POST", path+"/documentos", body(other.NumeroDocumento)); got.status != 201 {
		t.Fatalf("by mistake: %d %s", got.status, got.text)
	}
	const why = `{"motivo":"Era el documento de otra persona"}`
	out := path + "/documentos/" + x + "/retiro"
	if got := w.ask(registrar, "POST", out, why, "If-Match", `"2"`); got.status != 409 {
		t.Errorf("while it is the current one: %d %s", got.status, got.text)
	}

	// The first one is made the current one again, as often as that is asked.
	key := []string{"Idempotency-Key", "again-" + p.NumeroDocumento}
	for range 2 {
		got := w.ask(registrar, "POST", path+"/documentos", body(p.NumeroDocumento), key...)
		if got.status != 200 || got.v["vigente"] != true || got.etag != `"3"` || got.v["desde"] == nil {
			t.Fatalf("the own one again: %d %s %s", got.status, got.etag, got.text)
		}
	}
	if got := w.ask(registrar, "POST", path+"/documentos", body(p.NumeroDocumento)); got.status != 409 || got.v["documento_id"] != p.DocumentoID {
		t.Errorf("the current one once more: %d %s", got.status, got.text)
	}
	if docs := w.documentsOf(p.DocumentoID); len(docs) != 2 || !docs[p.DocumentoID] || docs[x] {
		t.Errorf("documents %v", docs)
	}
	if read := w.ask(registrar, "GET", path, ""); read.v["numero_documento"] != p.NumeroDocumento || read.etag != `"3"` {
		t.Errorf("the record says %s %s", read.etag, read.text)
	}

	for name, tt := range map[string]struct {
		by      auth.Principal
		path    string
		body    string
		headers []string
		want    int
	}{
		"no version":           {registrar, out, why, nil, 428},
		"another version":      {registrar, out, why, []string{"If-Match", `"2"`}, 412},
		"no reason":            {registrar, out, `{"motivo":""}`, []string{"If-Match", "*"}, 422},
		"a reason of nothing":  {registrar, out, `{"motivo":"` + strings.Repeat("\u200b", 12) + `"}`, []string{"If-Match", "*"}, 422},
		"the first":            {registrar, path + "/documentos/" + p.DocumentoID + "/retiro", why, []string{"If-Match", "*"}, 409},
		"nobody's":             {registrar, path + "/documentos/CC-" + dbtest.DocumentoID() + "/retiro", why, []string{"If-Match", "*"}, 404},
		"no document":          {registrar, path + "/documentos/x/retiro", why, []string{"If-Match", "*"}, 404},
		"somebody else's":      {registrar, path + "/documentos/" + w.record(person()).DocumentoID + "/retiro", why, []string{"If-Match", "*"}, 404},
		"a médico":             {physician, out, why, []string{"If-Match", "*"}, 403},
		"a key of 200 letters": {registrar, out, why, []string{"If-Match", "*", "Idempotency-Key", strings.Repeat("k", 200)}, 400},
	} {
		if got := w.ask(tt.by, "POST", tt.path, tt.body, tt.headers...); got.status != tt.want {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.text, tt.want)
		}
	}

	// It can be named by the document itself, and a retry gets the first answer.
	named := "/paciente/" + x + "/documentos/" + strings.ToLower(x) + "/retiro"
	first := w.ask(registrar, "POST", named, why, "If-Match", `"3"`, "Idempotency-Key", "out-"+p.NumeroDocumento)
	if first.status != 200 || first.etag != `"4"` || first.v["documento_id"] != p.DocumentoID || first.v["numero_documento"] != p.NumeroDocumento {
		t.Fatalf("%d %s %s", first.status, first.etag, first.text)
	}
	if again := w.ask(registrar, "POST", named, why, "If-Match", `"3"`, "Idempotency-Key", "out-"+p.NumeroDocumento); again.status != 200 || again.text != first.text || again.etag != first.etag {
		t.Errorf("the retry: %d %s", again.status, again.text)
	}
	if again := w.ask(registrar, "POST", out, why, "If-Match", "*"); again.status != 404 {
		t.Errorf("a second time: %d %s", again.status, again.text)
	}
	if read := w.ask(registrar, "GET", path, ""); read.etag != first.etag || read.text != first.text {
		t.Errorf("read:\n%s %sanswered:\n%s %s", read.etag, read.text, first.etag, first.text)
	}
	if made := w.ask(registrar, "POST", "/paciente", mustJSON(t, other)); made.status != 201 || made.v["documento_id"] != x {
		t.Errorf("whose it is: %d %s", made.status, made.text)
	}
	if docs := w.documentsOf(p.DocumentoID); len(docs) != 1 || !docs[p.DocumentoID] {
		t.Errorf("documents %v", docs)
	}

	var rows, versions int
	pool := dbtest.Pool(t, "postgres")
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND accion = 'D'
		AND recurso = $2 AND motivo = 'Era el documento de otra persona'`, p.DocumentoID, "documento/"+x).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows in the trail (%v), want 1", rows, err)
	}
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.paciente_version WHERE documento_id = $1`, p.DocumentoID).Scan(&versions); err != nil || versions != 3 {
		t.Errorf("%d versions are kept (%v), want 3", versions, err)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The documents of a merged record are its own, for when the two part.
func TestDocumentsOfMergedRecordsAreNotTakenBack(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	a, b := w.opened(person()), w.opened(person())
	for _, id := range []string{a.DocumentoID, b.DocumentoID} {
		for _, kind := range []string{"CE", "PA"} { // the first of them is not the current one
			if _, err := c.AddDocument(ctx, id, api.NewDocument{TipoDocumento: kind, NumeroDocumento: "X" + strings.TrimPrefix(id, "CC-")}, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, _ = c.Read(ctx, a.DocumentoID)
	if _, err := c.Merge(ctx, a.DocumentoID, a.Version, api.MergeRequest{Duplicado: b.DocumentoID, Motivo: reason}, ""); err != nil {
		t.Fatal(err)
	}
	const why = `{"motivo":"Era el documento de otra persona"}`
	for path, want := range map[string]int{
		a.DocumentoID + "/documentos/" + b.DocumentoID + "/retiro":         409,
		a.DocumentoID + "/documentos/CE-X" + b.NumeroDocumento + "/retiro": 409,
		b.DocumentoID + "/documentos/CE-X" + b.NumeroDocumento + "/retiro": 409, // closed
	} {
		if got := w.ask(registrar, "POST", "/paciente/"+path, why, "If-Match", "*"); got.status != want {
			t.Errorf("%s: %d %s, want %d", path, got.status, got.text, want)
		}
	}
	if got := w.ask(registrar, "POST", "/paciente/"+a.DocumentoID+"/documentos", `{"tipo_documento":"CE","numero_documento":"X`+b.NumeroDocumento+`"}`); got.status != 409 {
		t.Errorf("made the current one of both: %d %s", got.status, got.text)
	}
	got := w.ask(registrar, "POST", "/paciente/"+a.DocumentoID+"/documentos/CE-"+a.NumeroDocumento+"/retiro", why, "If-Match", "*")
	if incluye, _ := got.v["incluye"].([]any); got.status != 200 || len(incluye) != 1 {
		t.Errorf("one of its own: %d %s", got.status, got.text)
	}
	if _, err := c.Unmerge(ctx, a.DocumentoID, b.DocumentoID, "Eran dos hermanas gemelas", ""); err != nil {
		t.Fatal(err)
	}
	if docs := w.documentsOf(b.DocumentoID); len(docs) != 3 {
		t.Errorf("parted, the other has %v", docs)
	}
}

// What the registry answers when it opens a record is what it shows afterwards,
// under the same ETag.
func TestWhatIsOpenedIsWhatIsRead(t *testing.T) {
	w := newWorld(t)
	body := strings.Replace(mustJSON(t, full()), `"2026-03-01T10:00:00Z"`, `"2026-03-01T05:00:00.123456789-05:00"`, 1)
	made := w.ask(registrar, "POST", "/paciente", body)
	if made.status != 201 || made.v["fecha_fallecimiento"] != "2026-03-01T10:00:00.123456Z" {
		t.Fatalf("%d %s", made.status, made.text)
	}
	read := w.ask(registrar, "GET", made.header.Get("Location"), "")
	if read.etag != made.etag || read.text != made.text {
		t.Errorf("opened:\n%s %sread:\n%s %s", made.etag, made.text, read.etag, read.text)
	}
	changed := w.ask(registrar, "PUT", made.header.Get("Location"), body, "If-Match", made.etag)
	if read = w.ask(registrar, "GET", made.header.Get("Location"), ""); changed.status != http.StatusOK || read.etag != changed.etag || read.text != changed.text {
		t.Errorf("changed:\n%s %sread:\n%s %s", changed.etag, changed.text, read.etag, read.text)
	}
}

// A reason that nobody sees is none.
func TestReasonsAreSeen(t *testing.T) {
	w := newWorld(t)
	a, b := w.record(person()), w.record(person())
	unseen := strings.Repeat("\u200b", 12)
	for _, reason := range []string{unseen, "corto" + unseen, strings.Repeat("\u2060 ", 12)} {
		if got := w.ask(physician, "POST", "/paciente/"+a.DocumentoID+"/acceso-emergencia", mustJSON(t, api.EmergencyRequest{Motivo: reason})); got.status != 422 || got.field("motivo") == nil {
			t.Errorf("an emergency access for %+q: %d %s", reason, got.status, got.text)
		}
		in := mustJSON(t, api.MergeRequest{Duplicado: b.DocumentoID, Motivo: reason})
		if got := w.ask(registrar, "POST", "/paciente/"+a.DocumentoID+"/fusion", in, "If-Match", "*"); got.status != 422 || got.field("motivo") == nil {
			t.Errorf("a merge for %+q: %d %s", reason, got.status, got.text)
		}
	}
}

// The review of an emergency access is repeated by whoever sends it twice, and
// not done twice; nobody reviews their own.
func TestReviewWithAKey(t *testing.T) {
	w := newWorld(t)
	p := w.record(person())
	doctor := authtest.Principal("Mario Médico", auth.Physician)
	made := w.ask(doctor, "POST", "/paciente/"+p.DocumentoID+"/acceso-emergencia", `{"motivo":"Llegó inconsciente a urgencias"}`)
	id, _ := made.v["id"].(string)
	path := "/accesos-emergencia/" + p.DocumentoID + "/" + id + "/revision"
	key := []string{"Idempotency-Key", "review-" + id}
	self := doctor
	self.Roles = append(slices.Clone(self.Roles), auth.Admin)
	if got := w.ask(self, "POST", path, `{"decision":"justificado"}`); got.status != 403 {
		t.Errorf("of one's own access: %d %s", got.status, got.text)
	}
	first := w.ask(admin, "POST", path, `{"decision":"justificado"}`, key...)
	if first.status != 200 || first.v["decision"] != "justificado" {
		t.Fatalf("%d %s", first.status, first.text)
	}
	if again := w.ask(admin, "POST", path, `{"decision":"justificado"}`, key...); again.status != 200 || again.text != first.text {
		t.Errorf("the retry: %d %s", again.status, again.text)
	}
	for body, want := range map[string]int{`{"decision":"justificado"}`: 200, `{"decision":"injustificado"}`: 409} {
		if got := w.ask(admin, "POST", path, body); got.status != want {
			t.Errorf("%s without a key: %d %s, want %d", body, got.status, got.text, want)
		}
	}
	if got := w.ask(admin, "POST", path, `{"decision":"injustificado"}`, key...); got.status != 422 {
		t.Errorf("the key with another decision: %d %s", got.status, got.text)
	}
	var rows int
	if err := dbtest.Pool(t, "postgres").QueryRow(t.Context(), `SELECT count(*) FROM historia_clinica.auditoria
		WHERE documento_id = $1 AND tipo = 'review'`, p.DocumentoID).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d reviews in the trail (%v), want 1", rows, err)
	}
}
