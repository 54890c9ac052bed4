package trail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/db"
)

// missing is the finding that row by of a record names one that is gone.
func missing(id string, by, gone uuid.UUID) string {
	return fmt.Sprintf("historia %s, fila %s: falta la que nombra, cuyo id termina en %s", id, by, strings.ReplaceAll(gone.String()[19:], "-", ""))
}

// What goes before any seal is missed as soon as its writer has written again,
// and at once where it had.
func TestRowsGoneBeforeTheirSeal(t *testing.T) {
	remove := func(w *world, id string, rows ...uuid.UUID) {
		w.tamper(sql(`DELETE FROM historia_clinica.auditoria WHERE documento_id = $1 AND id = ANY($2)`, id, rows))
	}
	t.Run("one that another names", func(t *testing.T) {
		w, id := newWorld(t), record()
		rows := w.writer().write(id, 5)
		w.want(id)
		remove(w, id, rows[2])
		w.want(id, missing(id, rows[3], rows[2]))
	})
	t.Run("the last", func(t *testing.T) {
		w, id, other := newWorld(t), record(), record()
		writer := w.writer()
		rows := writer.write(id, 3)
		remove(w, id, rows[2])
		w.want(id) // its process alone knows of it
		next := writer.write(other, 1)
		got, _ := w.verify(id, other)
		if want := []string{missing(other, next[0], rows[2])}; !slices.Equal(got, want) {
			t.Errorf("findings %q, want %q", got, want)
		}
	})
	t.Run("all of them", func(t *testing.T) {
		w, id, other := newWorld(t), record(), record()
		writer := w.writer()
		rows := writer.write(id, 3)
		remove(w, id, rows...)
		next := writer.write(other, 1)
		got, _ := w.verify(id, other)
		if want := []string{missing(other, next[0], rows[2])}; !slices.Equal(got, want) {
			t.Errorf("findings %q, want %q", got, want)
		}
	})
	t.Run("one, and what named it made to name another", func(t *testing.T) {
		w, id := newWorld(t), record()
		rows := w.writer().write(id, 4)
		remove(w, id, rows[1])
		w.tamper(sql(`UPDATE historia_clinica.auditoria SET previa = $3 WHERE documento_id = $1 AND id = $2`, id, rows[2], audit.Reference(rows[0])))
		w.want(id, "historia "+id+", fila "+rows[2].String()+": sobra")
	})
	t.Run("one, and what named it made to name none", func(t *testing.T) {
		w, id := newWorld(t), record()
		rows := w.writer().write(id, 4)
		remove(w, id, rows[1])
		w.tamper(sql(`UPDATE historia_clinica.auditoria SET previa = NULL WHERE documento_id = $1 AND id = $2`, id, rows[2]))
		w.want(id, "historia "+id+", fila "+rows[2].String()+": sobra")
	})
	t.Run("one that a seal covers is told once", func(t *testing.T) {
		w, id := newWorld(t), record()
		rows := w.writer().write(id, 3)
		w.seal()
		remove(w, id, rows[0])
		w.want(id, "historia "+id+", fila "+rows[0].String()+": falta")
	})
}

// Whatever is undone, fails, or is written at once by many: nothing is missed
// that never was, sealed or not.
func TestNothingIsMissedThatNeverWas(t *testing.T) {
	w := newWorld(t)
	writers := []*world{w.writer(), w.writer()}
	var ids []string
	var wg sync.WaitGroup
	undo := errors.New("undo")
	for i := range 8 {
		writer, id := writers[i%2], record()
		ids = append(ids, id)
		ctx := auth.NewContext(writer.key.Context(context.Background()), authtest.Principal("Mario Médico", auth.Physician))
		e := audit.Entry{DocumentoID: id, Action: audit.Read, Type: "read", Permission: auth.ReadPatient}
		wg.Go(func() {
			for n := range 20 {
				err := db.Tx(ctx, writer.pool, func(tx pgx.Tx) error {
					if err := audit.Write(ctx, tx, e); err != nil || n%3 != 0 {
						return err
					}
					return undo
				})
				if err != nil && !errors.Is(err, undo) {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		if got, _ := w.verify(ids...); len(got) > 0 {
			t.Errorf("while it is written: %q", got)
		}
	}
	wg.Wait()
	if got, _ := w.verify(ids...); len(got) > 0 {
		t.Errorf("afterwards: %q", got)
	}
	w.seal()
	if got, _ := w.verify(ids...); len(got) > 0 {
		t.Errorf("sealed: %q", got)
	}
}
