package login

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

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
