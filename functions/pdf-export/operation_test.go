package pdfexport

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/uuid"

	"hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

func TestPending(t *testing.T) {
	w := newWorld(t)
	s := w.chart()
	w.broker.setDown(true)
	c, ctx := w.as(clerk)
	j, err := c.Ask(ctx, s.id, api.Request{Motivo: "Copia"}, ident.NewID().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pending(ctx); problem.Status(err) != http.StatusForbidden {
		t.Errorf("resultados gets %v, want 403", err)
	}
	operator, octx := w.as(authtest.Principal("Omar Opera", auth.Operator))
	pending := func(id uuid.UUID) (api.PendingJob, bool) {
		t.Helper()
		jobs, err := operator.Pending(octx)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(jobs, func(p api.PendingJob) bool { return p.ID == id })
		if i < 0 {
			return api.PendingJob{}, false
		}
		return jobs[i], true
	}
	if got, ok := pending(j.ID); !ok || got.Estado != api.Requested || !got.Creado.Equal(j.Creado) {
		t.Errorf("the export is pending as %+v, %v", got, ok)
	}
	if _, err := c.Revoke(ctx, s.id, j.ID, "Ya no se necesita", ""); err != nil {
		t.Fatal(err)
	}
	if _, ok := pending(j.ID); ok {
		t.Error("a revoked export is pending")
	}
}
