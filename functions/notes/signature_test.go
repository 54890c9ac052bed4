package notes

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/gowebpki/jcs"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

func TestSignatureVerifiesWithThePublicKey(t *testing.T) {
	w := newWorld(t)
	doc := w.patient()
	by := authtest.Principal("Mario Médico", auth.Physician)
	public := w.register(by)
	c, ctx := w.as(by)
	in := evolution(doc)
	in.Firmar = false
	draft := w.write(by, in)
	n, err := c.Sign(ctx, doc, draft.ID, draft.Version)
	if err != nil {
		t.Fatal(err)
	}
	if n.Version != 2 || n.Estado != "firmada" || n.Firma == nil || n.Firma.Registro != "RM-12345" || n.Firma.Autor != "Dr. Mario Médico" {
		t.Fatalf("signed = %+v, firma %+v", n.Status, n.Firma)
	}
	content, err := c.SignedContent(ctx, doc, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(public, content, n.Firma.Valor) {
		t.Error("the signature does not verify")
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != n.Firma.SHA256 {
		t.Error("the hash is not that of the content")
	}
	if again, err := jcs.Transform(content); err != nil || !bytes.Equal(again, content) {
		t.Errorf("the content is not canonical: %v", err)
	}
	content[len(content)/2] ^= 1
	if ed25519.Verify(public, content, n.Firma.Valor) {
		t.Error("the signature verifies other content")
	}
	content[len(content)/2] ^= 1
	var written api.Written
	if err := json.Unmarshal(content, &written); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n.Written, written); diff != "" {
		t.Errorf("what was signed is not what is shown:\n%s", diff)
	}
	if !bytes.Equal(written.Autor.ClavePublica, public) || written.AdmisionID != draft.AdmisionID || written.FirmadaEn == nil {
		t.Errorf("signed = %+v", written)
	}

	again, err := c.Sign(ctx, doc, n.ID, draft.Version)
	if err != nil {
		t.Fatal(err)
	}
	n.Advertencias = nil
	if diff := cmp.Diff(n, again); diff != "" {
		t.Errorf("signing again gave something else:\n%s", diff)
	}
	if k := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND tipo = 'sign'`, doc); k != 1 {
		t.Errorf("%d audit rows of one signature", k)
	}
	if k := len(w.sent.wait(t, doc, 3)); k != 3 { // the encounter's two, and the signature
		t.Errorf("%d events", k)
	}
}

func TestConcurrentSignaturesAreOne(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	in := evolution(doc)
	in.Firmar = false
	draft := w.write(by, in)
	signed := make(chan api.Note, 8)
	for range cap(signed) {
		go func() {
			n, err := c.Sign(ctx, doc, draft.ID, 1)
			if err != nil {
				t.Errorf("sign: %v", err)
			}
			signed <- n
		}()
	}
	first := <-signed
	for range cap(signed) - 1 {
		if diff := cmp.Diff(first.Written, (<-signed).Written); diff != "" {
			t.Errorf("two signatures:\n%s", diff)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.diagnostico WHERE documento_id = $1`, doc); n != 2 {
		t.Errorf("%d diagnoses, want 2", n)
	}
}

func TestAnnulledNoteStaysAndSaysSo(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	c, ctx := w.as(by)
	n := w.write(by, evolution(doc))
	const why = "Se escribió en la historia de otra paciente."
	d, dctx := w.as(w.physician())
	_, err := d.Annul(dctx, doc, n.ID, why)
	wantStatus(t, "another médico", err, 403)
	_, err = c.Annul(ctx, doc, n.ID, "error")
	wantStatus(t, "a short reason", err, 422)
	a, err := c.Annul(ctx, doc, n.ID, why)
	if err != nil {
		t.Fatal(err)
	}
	if a.Estado != "anulada" || a.Anulacion == nil || a.Anulacion.Motivo != why || a.Version != 2 || a.Firma.SHA256 != n.Firma.SHA256 {
		t.Errorf("annulled = %+v", a.Status)
	}
	if again, err := c.Annul(ctx, doc, n.ID, why); err != nil || again.Version != 2 {
		t.Errorf("annulled again: version %d, %v", again.Version, err)
	}
	_, err = c.Annul(ctx, doc, n.ID, why+" Otra razón.")
	wantStatus(t, "annulled for another reason", err, 409)
	_, err = c.Add(ctx, doc, n.ID, api.AddendumRequest{Motivo: "aclaracion", Texto: "x"}, "")
	wantStatus(t, "adding to it", err, 409)
	list, _, err := c.Notes(ctx, doc, 0, "")
	if err != nil || len(list) != 1 || list[0].MotivoConsulta != "Tos" || list[0].Estado != "anulada" {
		t.Errorf("the chart shows %+v, %v", list, err)
	}
	if dx, _, err := c.Diagnoses(ctx, doc, 0, ""); err != nil || len(dx) != 0 {
		t.Errorf("its diagnoses still count: %v, %v", dx, err)
	}
	if al, _, err := c.Allergies(ctx, doc, 0, ""); err != nil || len(al) != 0 {
		t.Errorf("its allergies still count: %v, %v", al, err)
	}
}

func TestAddendaMakeOneChain(t *testing.T) {
	w := newWorld(t)
	doc := w.patient()
	author := w.physician()
	other := authtest.Principal("Nora Colega", auth.Physician)
	public := w.register(other)
	n := w.write(author, evolution(doc))
	c, ctx := w.as(other)
	w.exec(`INSERT INTO historia_clinica.acceso_emergencia (documento_id, id, usuario_id, nombre, motivo, desde, hasta)
		VALUES ($1, $2, $3, 'Nora', 'urgencia', now(), now() + interval '1 hour')`, doc, uuid.New(), other.ID)
	for body, field := range map[string]string{
		`{"texto":"x"}`:                         "motivo",
		`{"motivo":"capricho","texto":"x"}`:     "motivo",
		`{"motivo":"correccion","texto":" \n"}`: "texto",
	} {
		if a := w.send(other, "POST", notePath(doc, n.ID)+"/adenda", body); a.status != 422 || a.field(field) == nil {
			t.Errorf("%s: %d %s", body, a.status, a.raw)
		}
	}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			if _, err := c.Add(ctx, doc, n.ID, api.AddendumRequest{Motivo: "ampliacion", Texto: fmt.Sprintf("Adenda %d", i)}, ""); err != nil {
				t.Errorf("addendum %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	key := uuid.NewString()
	last, err := c.Add(ctx, doc, n.ID, api.AddendumRequest{Motivo: "correccion", Texto: "La última"}, key)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Add(ctx, doc, n.ID, api.AddendumRequest{Motivo: "correccion", Texto: "La última"}, key); err != nil || again.ID != last.ID {
		t.Errorf("retry: %v, %v", again.ID, err)
	}
	read, err := c.Read(ctx, doc, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Adendas) != 13 || read.Adendas[12].Texto != "La última" {
		t.Fatalf("%d addenda", len(read.Adendas))
	}
	previous := read.Firma.SHA256
	for i, a := range read.Adendas {
		if a.HashPrevio != previous {
			t.Errorf("addendum %d does not follow the one before", i)
		}
		content, err := canonical(addendumContent(doc, n.ID, a))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if previous = hex.EncodeToString(sum[:]); previous != a.Firma.SHA256 || !ed25519.Verify(public, content, a.Firma.Valor) {
			t.Errorf("addendum %d does not verify from its columns", i)
		}
	}
	list, _, err := c.Notes(ctx, doc, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read, list[0]); diff != "" {
		t.Errorf("the list shows the addenda differently:\n%s", diff)
	}
	if read.Version != 1 {
		t.Errorf("an addendum changed the note's version to %d", read.Version)
	}
	w.write(author, unsigned(doc))
	drafts, _, err := w.clientOf(author).Drafts(w.contextOf(author), 0, "")
	if err != nil || len(drafts) != 1 {
		t.Fatal(drafts, err)
	}
	a, actx := w.as(author)
	_, err = a.Add(actx, doc, drafts[0].ID, api.AddendumRequest{Motivo: "correccion", Texto: "x"}, "")
	wantStatus(t, "adding to a draft", err, 409)
	_, err = a.SignedContent(actx, doc, drafts[0].ID)
	wantStatus(t, "signed content of a draft", err, 409)
}

func (w *world) clientOf(p auth.Principal) api.Client { c, _ := w.as(p); return c }

func (w *world) contextOf(p auth.Principal) context.Context { _, ctx := w.as(p); return ctx }

// A signed note is out of reach of every role, and of the superuser's slips.
func TestSignedNoteIsImmutable(t *testing.T) {
	w := newWorld(t)
	doc, by := w.patient(), w.physician()
	n := w.write(by, evolution(doc))
	c, ctx := w.as(by)
	if _, err := c.Add(ctx, doc, n.ID, api.AddendumRequest{Motivo: "aclaracion", Texto: "Más"}, ""); err != nil {
		t.Fatal(err)
	}
	before, err := c.Read(ctx, doc, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	where := fmt.Sprintf(" WHERE documento_id = '%s'", doc)
	var attempts []string
	for _, set := range []string{
		"motivo_consulta = 'otra cosa'", "autor_nombre = 'otro'", "fecha_atencion = '2020-01-01'", "firma_sha256 = ''", "firma = ''",
		"estado = 'borrador', firmada_en = NULL", "version = 9", "anulada_motivo = 'x'", "huella = ''",
		"estado = 'anulada', motivo_consulta = 'otra cosa'",
	} {
		attempts = append(attempts, "UPDATE historia_clinica.nota SET "+set+where)
	}
	for table, set := range map[string]string{
		"nota_version": "contenido = ''", "adenda": "texto = 'otro'", "diagnostico": "cie10 = 'A00.0'", "signo_vital": "valor = 1",
		"alergia": "sustancia = 'otra'", "medicamento": "dci = 'otro'", "auditoria": "nombre = 'nadie'",
	} {
		attempts = append(attempts, "UPDATE historia_clinica."+table+" SET "+set+where, "DELETE FROM historia_clinica."+table+where,
			"TRUNCATE historia_clinica."+table+" CASCADE")
	}
	attempts = append(attempts, "DELETE FROM historia_clinica.nota"+where, "TRUNCATE historia_clinica.nota CASCADE")
	for _, sql := range attempts {
		if _, err := w.root.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "HC001") {
			t.Errorf("as superuser: %s: %v, want HC001", sql, err)
		}
		if _, err := w.f.pool.Exec(ctx, sql); err == nil {
			t.Errorf("as hce_notes: %s succeeded", sql)
		}
	}
	after, err := c.Read(ctx, doc, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the note changed:\n%s", diff)
	}
}

func TestOpenedKeysAreKeptForAWhile(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.f.Now = func() time.Time { return now }
	doc, by := w.patient(), w.physician()
	w.write(by, evolution(doc))
	w.exec(`UPDATE historia_clinica.profesional SET registro_medico = 'RM-2' WHERE usuario_id = $1`, by.ID)
	if n := w.write(by, evolution(doc)); n.Firma.Registro != "RM-12345" {
		t.Errorf("registro = %s before the key's time was over", n.Firma.Registro)
	}
	now = now.Add(keyLife)
	if n := w.write(by, evolution(doc)); n.Firma.Registro != "RM-2" {
		t.Errorf("registro = %s after the key's time was over", n.Firma.Registro)
	}
	// A key sealed for somebody else opens for nobody.
	other := w.physician()
	w.exec(`UPDATE historia_clinica.profesional p SET clave_privada = q.clave_privada FROM historia_clinica.profesional q
		WHERE p.usuario_id = $1 AND q.usuario_id = $2`, other.ID, by.ID)
	c, ctx := w.as(other)
	_, err := c.Write(ctx, evolution(doc), "")
	wantStatus(t, "another's key", err, 500)
}
