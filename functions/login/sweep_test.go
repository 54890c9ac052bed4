package login

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hce.co/shared/auth"
)

// A sweep is no affair of whose sign-in it happens in: that one may leave.
func TestSweepOutlivesWhoSignedIn(t *testing.T) {
	w := newWorld(t)
	key := unique("vieja")
	w.exec(`INSERT INTO historia_clinica.intento_ingreso (clave, fallos, ultimo, hasta) VALUES ($1, 1, $2, $2)`, key, w.f.Now().Add(-goodFor-time.Hour))
	gone, leave := context.WithCancel(t.Context())
	leave()
	w.f.sweep(gone, w.f.Now())
	if n := one[int](w, `SELECT count(*) FROM historia_clinica.intento_ingreso WHERE clave = $1`, key); n != 0 {
		t.Error("the old try stays")
	}
}

// One that fails is tried again soon, and not by each sign-in: whoever signs in
// waits for it.
func TestSweepTriesAgain(t *testing.T) {
	w := newWorld(t)
	w.login(w.account(auth.Operator)) // so that the sweep of this instance is over
	w.f.swept.Store(0)
	key := unique("vieja")
	w.exec(`INSERT INTO historia_clinica.intento_ingreso (clave, fallos, ultimo, hasta) VALUES ($1, 1, $2, $2)`, key, w.f.Now().Add(-goodFor-time.Hour))
	stays := func() bool {
		return one[int](w, `SELECT count(*) FROM historia_clinica.intento_ingreso WHERE clave = $1`, key) == 1
	}
	name := "no_barre_" + unique("")
	w.exec(fmt.Sprintf(`ALTER TABLE historia_clinica.revocacion RENAME TO %s`, name))
	began := time.Now()
	w.f.sweep(t.Context(), w.f.Now())
	took := time.Since(began)
	w.exec(fmt.Sprintf(`ALTER TABLE historia_clinica.%s RENAME TO revocacion`, name))
	if !stays() || took > 2*sweepFor {
		t.Fatalf("it swept, or took %v", took)
	}
	w.f.sweep(t.Context(), w.f.Now().Add(sweepAgain-2*time.Second))
	if !stays() {
		t.Error("it is tried again at once")
	}
	w.f.sweep(t.Context(), w.f.Now().Add(sweepAgain+time.Second))
	if stays() {
		t.Error("it is not tried again")
	}
}

func TestSweepIsBounded(t *testing.T) {
	w := newWorld(t)
	prefix := unique("muchas")
	w.exec(`INSERT INTO historia_clinica.intento_ingreso (clave, fallos, ultimo, hasta)
		SELECT $1 || i, 1, $2::timestamptz - i * interval '1 second', $2 FROM generate_series(1, $3::int) AS i`,
		prefix, w.f.Now().Add(-100*goodFor), sweepAtOnce+5)
	for sweeps, want := range []int{5, 0} {
		w.f.swept.Store(0)
		w.f.sweep(t.Context(), w.f.Now())
		if n := one[int](w, `SELECT count(*) FROM historia_clinica.intento_ingreso WHERE clave LIKE $1 || '%'`, prefix); n != want {
			t.Errorf("after %d sweeps %d old tries stay, want %d", sweeps+1, n, want)
		}
	}
}
