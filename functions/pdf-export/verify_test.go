package pdfexport

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/crockford"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestAnyoneMayVerify(t *testing.T) {
	seed := strings.Repeat("s", ed25519.SeedSize)
	w := newWorld(t, "PDF_SIGNING_KEY", base64.StdEncoding.EncodeToString([]byte(seed)))
	s := w.chart()
	c, ctx := w.as(clerk)
	file, _, err := c.Current(ctx, s.id, api.Request{})
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := c.List(ctx, s.id, 0, "")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	j := list[0]
	code := strings.ToLower(strings.ReplaceAll(j.CodigoVerificacion, "0", "o"))
	a := w.send(auth.Principal{}, "GET", "/verificar/"+code, "")
	var v api.Verification
	if err := json.Unmarshal(a.body, &v); err != nil || a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	want := api.Verification{Estado: api.Valid, Fecha: *j.Listo, Emisor: "Hospital de la Prueba", SHA256: file.SHA256, Firma: j.Firma}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
	signature, _ := base64.StdEncoding.DecodeString(v.Firma)
	sum, _ := hex.DecodeString(v.SHA256)
	if !ed25519.Verify(ed25519.NewKeyFromSeed([]byte(seed)).Public().(ed25519.PublicKey), sum, signature) {
		t.Error("the signature does not verify")
	}
	for _, secret := range []string{s.id, "Peña", "1984", j.ID.String(), "Neumonía", "solicitado"} {
		if strings.Contains(string(a.body), secret) {
			t.Errorf("the verification tells %q", secret)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'verify' AND usuario_id IS NULL`, s.id); n != 1 {
		t.Errorf("%d audit rows", n)
	}

	// A later document of an unchanged chart replaces nothing.
	if _, err := c.Ask(ctx, s.id, api.Request{Motivo: "Otra copia"}, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the copy is ready", func() bool { return w.count(files, s.id) == 2 })
	if v, err := c.Verify(ctx, j.CodigoVerificacion); err != nil || v.Estado != api.Valid {
		t.Errorf("beside a copy: %+v %v", v, err)
	}
	if _, _, err := c.Current(ctx, s.id, api.Request{Tipo: api.Note, NotaID: s.note.id().String()}); err != nil {
		t.Fatal(err)
	}
	if v, err := c.Verify(ctx, j.CodigoVerificacion); err != nil || v.Estado != api.Valid {
		t.Errorf("after a document of another kind: %+v %v", v, err)
	}
}

// A printed copy is superseded by what was written since, whether or not anybody
// has had the record printed again; by nothing that it would not hold.
func TestVerifyAfterAChange(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	later := w.insert("nota", noteFixture(s.id, s.admission.id()).with("tipo", "egreso", "fecha_atencion", bogota("2026-11-20 10:00")))
	asked := map[string]api.Request{
		"historia": {}, "first days": {Hasta: "2026-11-15"}, "last days": {Desde: "2026-11-16", Hasta: "2026-11-20"},
		"epicrisis": {Tipo: api.Epicrisis}, "first note": {Tipo: api.Note, NotaID: s.note.id().String()},
		"last note": {Tipo: api.Note, NotaID: later.id().String()},
	}
	codes := map[string]string{}
	c, ctx := w.as(clerk)
	for name, r := range asked {
		w.clock.advance(time.Minute) // the newest is the one just asked for
		if _, _, err := c.Current(ctx, s.id, r); err != nil {
			t.Fatal(name, err)
		}
		codes[name] = w.newest(clerk, s.id).CodigoVerificacion
	}
	replaced := func() (list []string) {
		for name, code := range codes {
			v, err := c.Verify(ctx, code)
			if err != nil {
				t.Fatal(name, err)
			}
			if v.Estado == api.Superseded {
				list = append(list, name)
			}
		}
		slices.Sort(list)
		return list
	}
	none := []string(nil)
	for _, step := range []struct {
		what string
		do   func()
		want []string
	}{
		{"nothing", func() {}, none},
		{"a draft", func() {
			w.insert("nota", noteFixture(s.id, s.admission.id()).with("estado", "borrador", "firmada_en", nil))
		}, none},
		{"a note of another admission, later", func() {
			w.insert("nota", noteFixture(s.id, w.insert("admision", admissionFixture(s.id).with("inicio", bogota("2026-11-21 08:00"),
				"fin", bogota("2026-11-21 09:00"))).id()).with("fecha_atencion", bogota("2026-11-21 08:30")))
		}, []string{"historia"}},
		{"an addendum", func() {
			w.insert("adenda", s.addendum.with("id", ident.NewID(), "nota_id", s.note.id()))
		}, []string{"first days", "first note", "historia"}},
		{"an annulment", func() {
			w.exec(`UPDATE historia_clinica.nota SET estado = 'anulada', version = version + 1, anulada_en = now(), anulada_motivo = 'Era de otro paciente'
				WHERE documento_id = $1 AND id = $2`, s.id, later.id())
		}, []string{"epicrisis", "first days", "first note", "historia", "last days", "last note"}},
	} {
		step.do()
		if diff := cmp.Diff(step.want, replaced()); diff != "" {
			t.Errorf("after %s the superseded are (-want +got):\n%s", step.what, diff)
		}
	}
	for name, r := range asked {
		w.clock.advance(time.Minute)
		if _, _, err := c.Current(ctx, s.id, r); err != nil {
			t.Fatal(name, err)
		}
		codes[name] = w.newest(clerk, s.id).CodigoVerificacion
	}
	if got := replaced(); len(got) > 0 {
		t.Errorf("printed again, %v are superseded", got)
	}
}

// A new look of the documents is no news about what a printed one says.
func TestVerifyAnEarlierLayout(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.printed(clerk, s.id)
	j, err := w.f.find(t.Context(), s.id, w.newest(clerk, s.id).ID)
	if err != nil {
		t.Fatal(err)
	}
	digests, err := w.f.digests(t.Context(), j.records(), j.content())
	if err != nil {
		t.Fatal(err)
	}
	c, ctx := w.as(clerk)
	for earlier, want := range map[string]string{"2": api.Valid, "another": api.Superseded} {
		huella, err := w.f.fingerprint(earlier, j.content(), j.records(), digests)
		if err != nil {
			t.Fatal(err)
		}
		w.exec(`UPDATE historia_clinica.documento_pdf SET huella = $3 WHERE documento_id = $1 AND id = $2`, s.id, j.ID, huella)
		if v, err := c.Verify(ctx, crockford.Show(j.Codigo)); err != nil || v.Estado != want {
			t.Errorf("built in layout %s: %+v %v", earlier, v, err)
		}
	}
}

func TestUnknownCodes(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	pending, err := c.Ask(ctx, s.id, api.Request{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"x", crockford.Show(crockford.New()), pending.CodigoVerificacion, "%00", strings.Repeat("9", 400)} {
		a := w.send(auth.Principal{}, "GET", "/verificar/"+code, "")
		if a.status != 404 && a.status != 400 || a.status == 404 && a.object(t)["estado"] != api.Unknown {
			t.Errorf("%.30s: %d %s", code, a.status, a.body)
		}
	}
	if v, err := c.Verify(ctx, crockford.Show(crockford.New())); err != nil || v.Estado != api.Unknown {
		t.Errorf("by the client: %+v %v", v, err)
	}
}

func TestRevocation(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	patient := patientOf(s.id)
	p, pctx := w.as(patient)
	if _, _, err := p.Current(pctx, s.id, api.Request{}); err != nil {
		t.Fatal(err)
	}
	list, _, err := p.List(pctx, s.id, 0, "")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	j := list[0]
	author := physician
	author.ID = s.note.get("autor_id")
	if c, ctx := w.as(author); problem.Status(revoke(c.Revoke(ctx, s.id, j.ID, "No era suyo", ""))) != 403 {
		t.Error("a médico revoked what somebody else asked for")
	}
	a, actx := w.as(admin)
	key := ident.NewID().String()
	got, err := a.Revoke(actx, s.id, j.ID, "Se entregó a otra persona", key)
	if err != nil || got.Estado != api.Revoked || got.Href != "" {
		t.Errorf("%+v %v", got, err)
	}
	for _, k := range []string{key, ident.NewID().String(), ""} {
		again, err := a.Revoke(actx, s.id, j.ID, "Se entregó a otra persona", k)
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Errorf("again with %q: %v %s", k, err, diff)
		}
	}
	if _, err := a.Revoke(actx, s.id, j.ID, "Otro motivo distinto", key); problem.Status(err) != 422 {
		t.Errorf("the same key with another reason: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'revoke'`, s.id); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	if v, err := p.Verify(pctx, j.CodigoVerificacion); err != nil || v.Estado != api.Revoked {
		t.Errorf("verification: %+v %v", v, err)
	}
	if _, err := p.Download(pctx, s.id, j.ID); problem.Status(err) != 410 {
		t.Errorf("download: %v", err)
	}
	if f, _, err := p.Current(pctx, s.id, api.Request{}); err != nil || f.SHA256 == j.SHA256 {
		t.Errorf("a new document: %v", err)
	}
}

func revoke(_ api.Job, err error) error { return err }
