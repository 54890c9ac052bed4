package patient

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/patient/api"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// On a cluster the two records are on different workers: all of it happens, or
// nothing of it.
func TestMergeIsWhole(t *testing.T) {
	w := newWorld(t)
	ctx := w.f.sealer.Key.Context(auth.NewContext(t.Context(), registrar))
	failed := errors.New("the answer could not be kept")
	fail := func(pgx.Tx, api.Patient) error { return failed }
	in := api.MergeRequest{Motivo: reason}
	for range 4 { // on other shards each time
		a, b := w.opened(person()), w.opened(person())
		before := w.state(a.DocumentoID, b.DocumentoID)
		if err := w.f.join(ctx, a.DocumentoID, b.DocumentoID, service.Versions{1}, in, w.f.now(), fail); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, w.state(a.DocumentoID, b.DocumentoID)); diff != "" {
			t.Errorf("a merge that failed leaves:\n%s", diff)
		}
		a = w.joined(a, b)
		before = w.state(a.DocumentoID, b.DocumentoID)
		if err := w.f.part(ctx, a.DocumentoID, b.DocumentoID, nil, reason, w.f.now(), fail); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, w.state(a.DocumentoID, b.DocumentoID)); diff != "" {
			t.Errorf("an undoing that failed leaves:\n%s", diff)
		}
		w.sound([]api.Patient{a, b})
	}
	// What a merge says is not rewritten, not even by the owner.
	a, b := w.opened(person()), w.opened(person())
	w.joined(a, b)
	for _, sql := range []string{
		`UPDATE historia_clinica.fusion SET motivo = 'otro' WHERE documento_id = $1`, `DELETE FROM historia_clinica.fusion WHERE documento_id = $1`,
		`UPDATE historia_clinica.fusion SET deshecha_en = en, duplicado = 'CC-1' WHERE documento_id = $1`,
	} {
		if _, err := dbtest.Pool(t, "postgres").Exec(ctx, sql, a.DocumentoID); !db.IsCode(err, db.CodeImmutable) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Two who merge the same records in opposite directions, chains and cycles: one
// of each wins, whatever the order, and what is left is one chart each time.
func TestMergesAtOnce(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	for range 12 {
		p := []api.Patient{w.opened(person()), w.opened(person()), w.opened(person())}
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i, e := range [][2]int{{0, 1}, {1, 0}, {1, 2}, {2, 1}, {2, 0}, {0, 2}} {
			wg.Go(func() {
				_, errs[i] = c.Merge(ctx, p[e[0]].DocumentoID, 1, api.MergeRequest{Duplicado: p[e[1]].DocumentoID, Motivo: reason}, "")
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if s := problem.Status(err); s != 409 && s != 412 {
				t.Errorf("a merge that lost: %v", err)
			}
		}
		if won != 1 { // each names version 1: whichever wins makes the others stale, or closed
			t.Errorf("%d of the merges won: %v", won, errs)
		}
		w.sound(p)
	}
}

// sound fails the test unless the records are merged into one another without
// chains, and their documents say the same as they do.
func (w *world) sound(p []api.Patient) {
	w.t.Helper()
	ids := make([]string, len(p))
	for i := range p {
		ids[i] = p[i].DocumentoID
	}
	link := map[string]string{}
	parts := map[string]int{}
	rows, err := dbtest.Pool(w.t, "postgres").Query(w.t.Context(), `SELECT documento_id, coalesce(fusionado_en, '') FROM historia_clinica.paciente WHERE documento_id = ANY($1)`, ids)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, into string
		if err := rows.Scan(&id, &into); err != nil {
			w.t.Fatal(err)
		}
		link[id] = into
		if into != "" {
			parts[into]++
		}
	}
	for id, into := range link {
		if into != "" && link[into] != "" {
			w.t.Errorf("a chain: %s → %s → %s", id, into, link[into])
		}
		c, ctx := w.as(registrar)
		want := into
		if want == "" {
			want = id
		}
		if got, err := c.Read(ctx, id); err != nil || got.DocumentoID != want || len(got.Incluye) != parts[want] {
			w.t.Errorf("%s leads to %s with %v (%v), want %s with %d", id, got.DocumentoID, got.Incluye, err, want, parts[want])
		}
	}
}

// Documents added while records are merged and parted say the same as these do.
func TestDocumentsDuringMerges(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	for range 6 {
		a, b := w.opened(person()), w.opened(person())
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				//nolint:errcheck // b may be closed by then
				c.AddDocument(ctx, []string{a.DocumentoID, b.DocumentoID}[i%2], api.NewDocument{TipoDocumento: "PA", NumeroDocumento: "P" + a.NumeroDocumento[:7] + string(rune('0'+i))}, "")
			})
		}
		wg.Go(func() {
			for range 20 {
				now, err := c.Read(ctx, a.DocumentoID)
				if err != nil {
					t.Error(err)
				}
				_, err = c.Merge(ctx, a.DocumentoID, now.Version, api.MergeRequest{Duplicado: b.DocumentoID, Motivo: reason}, "")
				if err == nil {
					return
				}
				if problem.Status(err) != 412 {
					t.Error(err)
				}
			}
			t.Error("never merged")
		})
		wg.Wait()
		var wrong int
		err := dbtest.Pool(t, "postgres").QueryRow(ctx, `SELECT count(*) FROM historia_clinica.identificador
			WHERE documento_id IN ($1, $2) AND (documento_id <> $1 OR partes <> ARRAY[$2] OR (origen IS NOT NULL AND origen <> $2))`, a.DocumentoID, b.DocumentoID).Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Errorf("%d documents lead astray (%v)", wrong, err)
		}
		docs, err := c.Documents(ctx, a.DocumentoID)
		if err != nil || len(docs) < 4 {
			t.Errorf("documents: %+v, %v", docs, err)
		}
		if _, err := c.Unmerge(ctx, a.DocumentoID, b.DocumentoID, "Eran dos hermanas gemelas", ""); err != nil {
			t.Fatal(err)
		}
		w.sound([]api.Patient{a, b})
	}
}
