package pdfexport

import (
	"testing"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/audit/audittest"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/revocation"
	"hce.co/shared/service"
)

// TestEveryStatementGoesToOneShard plays all that a function does on a pool
// with a memory, and asks Citus about each statement.
func TestEveryStatementGoesToOneShard(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	pool, seen := dbtest.RecordingPool(t, "hce_pdf_export")
	own := w.f.pool
	w.f.pool, w.f.outbox = pool, event.NewOutbox(pool, w.broker, w.f.Log)
	t.Cleanup(own.Close)
	w.f.router = service.NewRouter(w.f.cfg.Service, service.Guard{
		Context:  audittest.Context,
		Verifier: auth.NewVerifier(&auth.FileKeys{Path: w.issuer.KeysFile}, auth.Config{Issuer: "hce", Audience: "hce"}, nil),
		Revoked:  revocation.NewList(pool).Revoked,
	}, w.f.Log)
	w.f.routes()

	author := physician
	author.ID = s.note.get("autor_id")
	c, ctx := w.as(author)
	if _, _, err := c.Current(ctx, s.id, api.Request{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Current(ctx, s.id, api.Request{}); err != nil {
		t.Fatal(err)
	}
	key := ident.NewID().String()
	j, err := c.Ask(ctx, s.id, api.Request{Motivo: "Copia"}, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Ask(ctx, s.id, api.Request{Motivo: "Copia"}, key); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ready", func() bool { j, err = c.Follow(ctx, s.id, j.ID); return err == nil && j.Estado == api.Ready })
	if _, err := c.Download(ctx, s.id, j.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.List(ctx, s.id, 1, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Verify(ctx, j.CodigoVerificacion); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Revoke(ctx, s.id, j.ID, "Prueba de revocación", ""); err != nil {
		t.Fatal(err)
	}
	if n := seen.EachOneTask(t, w.root, "documento_id = ANY($1) AND id = ANY($2)"); n < 15 { // the outbox forgets for many records
		t.Errorf("only %d statements were asked about", n)
	}
	eventually(t, "the outbox is empty", func() bool { return w.outbox(s.id, event.PDFReady) == 0 })
}
