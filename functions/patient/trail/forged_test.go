package trail

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

const (
	rowTable    = `historia_clinica.auditoria`
	sealTable   = `historia_clinica.auditoria_sello`
	anchorTable = `historia_clinica.auditoria_ancla`
)

// A row that no function wrote gets no seal, which would make it one of ours.
func TestWrongRowIsNotSealed(t *testing.T) {
	w, id := newWorld(t), record()
	rows := w.write(id, 3)
	undo := w.saved(rowTable, `documento_id = $1`, id)
	w.tamper(sql(`UPDATE `+rowTable+` SET motivo = 'Otro' WHERE documento_id = $1 AND id = $2`, id, rows[1]))
	w.seal()
	w.want(id, "historia "+id+", fila "+rows[1].String()+": sobra")
	if got := w.sealedRows(id); !slices.Equal(got, []uuid.UUID{rows[0], rows[2]}) {
		t.Errorf("rows %v are sealed, of %v", got, rows)
	}
	undo()
	w.seal()
	w.want(id)
}

// sealedRows returns the rows that the seals of a record name.
func (w *world) sealedRows(id string) []uuid.UUID {
	w.t.Helper()
	found, err := w.pool.Query(w.t.Context(), `SELECT unnest(filas) AS fila FROM `+sealTable+` WHERE documento_id = $1 ORDER BY fila`, id)
	if err != nil {
		w.t.Fatal(err)
	}
	ids, err := pgx.CollectRows(found, pgx.RowTo[uuid.UUID])
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

// A seal that is not ours is named by no anchor, which would make it one of ours.
func TestForgedSealIsNotNamed(t *testing.T) {
	w, id, forged := newWorld(t), record(), record()
	w.write(id, 1)
	last, err := lastAnchor(t.Context(), w.pool)
	if err != nil {
		t.Fatal(err)
	}
	w.tamper(sql(`INSERT INTO `+sealTable+` (`+sealColumns+`) VALUES ($1, 1, $2, now(), '{}', $3, $3, $4)`,
		forged, last.N+1, make([]byte, 32), make([]byte, 64)))
	defer w.tamper(sql(`DELETE FROM `+sealTable+` WHERE documento_id = $1`, forged))
	if n := w.seal(); n != 1 {
		t.Errorf("%d seals were made", n)
	}
	next, err := lastAnchor(t.Context(), w.pool)
	if err != nil {
		t.Fatal(err)
	}
	if next.N != last.N+1 || !slices.Equal(next.Seals, []string{id + "#1"}) {
		t.Errorf("anchor %d names %v", next.N, next.Seals)
	}
	w.want(forged, "historia "+forged+", sello 1: cambiado", "historia "+forged+", sello 1: sobra")
}

// A row whose id is older than the row itself, as that of an action told once an
// hour is, is sealed too.
func TestRowWithAnOlderIDIsSealed(t *testing.T) {
	w, id := newWorld(t), record()
	w.write(record(), 1)
	w.seal()
	since := time.Now()
	for once := time.Hour; ; once -= time.Second {
		if since.Sub(since.Truncate(once)) > 2*overlap {
			ctx := auth.NewContext(w.key.Context(t.Context()), authtest.Principal("Mario Médico", auth.Physician))
			e := audit.Entry{DocumentoID: id, Action: audit.Read, Type: "read", Permission: auth.ReadPatient, Once: once}
			if err := audit.Write(ctx, w.pool, e); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	w.seal()
	if got := w.sealedRows(id); len(got) != 1 {
		t.Errorf("rows %v are sealed", got)
	}
	w.want(id)
}

// No row can be slipped in as one of those from before there were seals.
func TestRowsFromBeforeAreCounted(t *testing.T) {
	w := newWorld(t)
	w.write(record(), 1)
	w.seal()
	var allowed int64
	if err := w.pool.QueryRow(t.Context(), `SELECT anteriores FROM `+anchorTable+` ORDER BY n LIMIT 1`).Scan(&allowed); err != nil {
		t.Fatal(err)
	}
	_, s := w.verify()
	id := record()
	for range 2 { // so that one of them is not what was missing
		w.tamper(sql(`INSERT INTO `+rowTable+` (documento_id, id, en, rol, nombre, accion, tipo) VALUES ($1, $2, '2020-01-01', '', '', 'R', 'read')`, id, uuid.New()))
		s.Before++
		want := fmt.Sprintf("filas anteriores a los sellos: son %d, eran %d", s.Before, allowed)
		got, _ := w.verify("")
		if there := slices.Contains(got, want); there != (int64(s.Before) != allowed) {
			t.Errorf("findings %q, want %q", got, want)
		}
	}
	w.tamper(sql(`DELETE FROM `+rowTable+` WHERE documento_id = $1`, id))
}

// A seal and an anchor that are ours, but do not follow the one before, are found:
// so nothing older can be put in the place of either.
func TestOrder(t *testing.T) {
	w, id := newWorld(t), record()
	for range 2 {
		w.write(id, 1)
		w.seal()
	}
	w.want(id)

	undo := w.saved(sealTable, `documento_id = $1`, id)
	rows, err := w.pool.Query(t.Context(), `SELECT `+sealColumns+` FROM `+sealTable+` WHERE documento_id = $1 AND n = 2`, id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanSeal)
	if err != nil {
		t.Fatal(err)
	}
	s.Previous = make([]byte, 32)
	w.tamper(sql(`UPDATE `+sealTable+` SET previo = $2, firma = $3 WHERE documento_id = $1 AND n = 2`, id, s.Previous, w.key.Sign(s.encode())))
	if got, want := first(w.verify(id)), "historia "+id+", sello 2: fuera de orden"; !slices.Contains(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
	undo()

	a, err := lastAnchor(t.Context(), w.pool)
	if err != nil {
		t.Fatal(err)
	}
	undo = w.saved(anchorTable, `n = $1`, a.N)
	a.Previous = make([]byte, 32)
	w.tamper(sql(`UPDATE `+anchorTable+` SET previo = $2, firma = $3 WHERE n = $1`, a.N, a.Previous, w.key.Sign(a.encode())))
	w.want(id, fmt.Sprintf("ancla %d: fuera de orden", a.N))
	undo()
	w.want(id)
}

func first[A, B any](a A, _ B) A { return a }
