package login

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hce.co/functions/login/password"
	"hce.co/shared/auth"
)

// opened notes how many sessions of an account are open whenever a password of
// it is checked.
type opened struct {
	password.Hasher
	count  func() int
	checks atomic.Int64
	t      *testing.T
}

func (o *opened) Verify(ctx context.Context, hash, secret string) (ok, outdated bool, err error) {
	before := o.checks.Add(1) - 1
	if n := o.count(); int64(n) != before {
		o.t.Errorf("password %d is checked when %d sessions are open", before+1, n)
	}
	return o.Hasher.Verify(ctx, hash, secret)
}

// The user name and the e-mail are one account to whoever guesses.
func TestTriesByUserNameAndByEmail(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	a := w.account(auth.Registrar)
	email := a.Username + "@clinica.example"
	w.exec(`UPDATE historia_clinica.usuario SET email = $2 WHERE id = $1`, a.ID, email)
	if _, err := c.Login(w.anyone(), strings.ToUpper(email), secret); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		_, err := c.Login(w.anyone(), []string{a.Username, email}[i%2], "una clave que no es")
		status(t, "a wrong password", err, 401)
	}
	for _, name := range []string{a.Username, email} {
		_, err := c.Login(w.anyone(), name, "una clave que no es")
		status(t, "one too many, as "+name, err, 429)
	}
}

// gone is a password check during which the client hangs up.
type gone struct {
	password.Hasher
	hangUp context.CancelFunc
}

func (g gone) Verify(ctx context.Context, hash, secret string) (ok, outdated bool, err error) {
	ok, outdated, err = g.Hasher.Verify(ctx, hash, secret)
	g.hangUp()
	<-ctx.Done() // the server knows
	return ok, outdated, err
}

func TestWhoeverHangsUpIsCounted(t *testing.T) {
	w := newWorld(t)
	a := w.account(auth.Registrar)
	pair := w.f.triesOf("usuario", foldName(a.Username), w.ip).pair
	for i := range 3 {
		ctx, cancel := context.WithCancel(w.anyone())
		w.f.Passwords = gone{password.Here{}, cancel}
		if _, err := w.client().Login(ctx, a.Username, "una clave que no es"); err == nil {
			t.Fatal("a wrong password opens a session")
		}
		counted := func() int {
			return one[int](w, `SELECT coalesce((SELECT fallos FROM historia_clinica.intento_ingreso WHERE clave = $1), 0)`, pair)
		}
		for end := time.Now().Add(5 * time.Second); counted() != i+1; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d failures are counted, want %d", counted(), i+1)
			}
		}
	}
}

func TestOneSignInIsOverBeforeTheNextIsHashed(t *testing.T) {
	w := newWorld(t, "PASSWORD_MAX_CONCURRENT=1")
	a := w.account(auth.Registrar)
	w.f.Passwords = &opened{Hasher: password.Here{}, t: t, count: func() (n int) {
		err := w.root.QueryRow(context.Background(), `SELECT count(*) FROM historia_clinica.sesion WHERE usuario_id = $1`, a.ID).Scan(&n)
		if err != nil {
			t.Error(err)
		}
		return n
	}}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, err := w.client().Login(w.anyone(), a.Username, secret); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
