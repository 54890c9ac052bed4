package admission

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/functions/admission/api"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/problem"
)

func TestAdmissionsOfMergedRecords(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	one, other := w.admit("AMB"), w.admit("AMB")
	for _, a := range []api.Admission{one, other} {
		if _, err := c.Discharge(ctx, a.DocumentoID, a.ID, 0, api.DischargeRequest{CondicionEgreso: "01", EstadoEgreso: "vivo"}); err != nil {
			t.Fatal(err)
		}
	}
	dbtest.Merge(t, one.DocumentoID, other.DocumentoID)
	var p *problem.Error
	if _, err := c.Open(ctx, api.Opening{DocumentoID: other.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, ""); !errors.As(err, &p) || p.Status != 409 || p.Members["documento_id"] != one.DocumentoID {
		t.Errorf("admitted to the duplicate: %v", err)
	}
	if _, err := c.Cancel(ctx, other.DocumentoID, other.ID, 0, api.CancelRequest{Motivo: "Se equivocaron"}); !errors.As(err, &p) || p.Status != 409 || p.Members["documento_id"] != one.DocumentoID {
		t.Errorf("cancelled in the duplicate: %v", err)
	}
	if _, err := c.Open(ctx, api.Opening{DocumentoID: one.DocumentoID, Clase: "AMB", CausaMotivo: "38"}, ""); err != nil {
		t.Error(err)
	}
	for _, id := range []string{one.DocumentoID, other.DocumentoID} {
		var all []api.Admission
		for after, first := "", true; first || after != ""; first = false {
			page, next, err := c.List(ctx, id, 1, after)
			if err != nil {
				t.Fatal(err)
			}
			all, after = append(all, page...), next
		}
		if len(all) != 3 || all[1].ID != other.ID || all[2].ID != one.ID || all[1].DocumentoID != other.DocumentoID {
			t.Errorf("by %s: %+v", id, all)
		}
		for _, a := range all {
			if got, err := c.Read(ctx, id, a.ID); err != nil || got.DocumentoID != a.DocumentoID {
				t.Errorf("admission %d by %s: %v", a.Numero, id, err)
			}
		}
	}
	if own, _, err := c.Merged().List(ctx, other.DocumentoID, 20, ""); err != nil || len(own) != 1 {
		t.Errorf("the duplicate by itself: %+v, %v", own, err)
	}
	pc, pctx := w.as(stranger(other.DocumentoID))
	if own, _, err := pc.List(pctx, other.DocumentoID, 20, ""); err != nil || len(own) != 1 || own[0].ID != other.ID {
		t.Errorf("its patient: %+v, %v", own, err)
	}
}

// Whoever merges a record and whoever admits its patient see one another: a
// merged record has no open admission.
func TestAdmittedWhileMerging(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(registrar)
	root := dbtest.Pool(t, "postgres")
	admitted, refused := 0, 0
	for i := range 30 {
		one, other := w.patient(), w.patient()
		var wg sync.WaitGroup
		var err error
		wg.Go(func() {
			_, err = c.Open(ctx, api.Opening{DocumentoID: other, Clase: "AMB", CausaMotivo: "38"}, "")
		})
		// What the registry does: lock, look, merge.
		wg.Go(func() {
			time.Sleep(time.Duration(i) * 300 * time.Microsecond)
			merr := pgx.BeginFunc(context.Background(), root, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, `SELECT 1 FROM historia_clinica.paciente WHERE documento_id = $1 FOR UPDATE`, other); err != nil {
					return err
				}
				var open int
				if err := tx.QueryRow(ctx, `SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1`, other).Scan(&open); err != nil || open > 0 {
					return err
				}
				time.Sleep(2 * time.Millisecond)
				_, err := tx.Exec(ctx, `UPDATE historia_clinica.paciente SET fusionado_en = $2 WHERE documento_id = $1`, other, one)
				return err
			})
			if merr != nil {
				t.Error(merr)
			}
		})
		wg.Wait()
		merged := w.count(`SELECT count(*) FROM historia_clinica.paciente WHERE documento_id = $1 AND fusionado_en IS NOT NULL`, other)
		open := w.count(`SELECT count(*) FROM historia_clinica.admision WHERE documento_id = $1`, other)
		if merged+open != 1 || (err == nil) != (open == 1) {
			t.Fatalf("merged %d, admissions %d: %v", merged, open, err)
		}
		if err == nil {
			admitted++
		} else {
			refused++
			var p *problem.Error
			if !errors.As(err, &p) || p.Status != 409 || p.Members["documento_id"] != one {
				t.Errorf("refused: %v", err)
			}
		}
	}
	t.Logf("%d admitted, %d refused", admitted, refused)
}
