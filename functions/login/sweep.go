package login

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/revocation"
)

const (
	sweepEvery = time.Hour
	sweepAgain = time.Minute     // after one that failed
	sweepFor   = 3 * time.Second // somebody waits for it
	// sweepAtOnce bounds each statement; what is left goes with the next sweep.
	sweepAtOnce = 10_000
)

// sweep forgets, once an hour and instance, what no longer matters: old tries,
// revocations whose tokens ran out, sign-ins long over. It works while a sign-in
// is answered, since an instance may not live between two requests, and finishes
// when that one has left; when it cannot, one a minute later tries again.
func (f *Function) sweep(ctx context.Context, now time.Time) {
	last := f.swept.Load()
	if now.Sub(time.Unix(last, 0)) < sweepEvery || !f.swept.CompareAndSwap(last, now.Unix()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepFor)
	defer cancel()
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(forgetTries, now.Add(-goodFor), sweepAtOnce)
		b.Queue(forgetRevocations, now.Add(-2*revocation.Retention), sweepAtOnce)
		b.Queue(forgetSessions, now.Add(-goodFor), sweepAtOnce)
	})
	if err != nil {
		f.swept.Store(now.Add(sweepAgain - sweepEvery).Unix())
		f.Log.WarnContext(ctx, "old sign-ins stay", "error", db.Problem(err))
	}
}

const (
	forgetTries = `
		DELETE FROM historia_clinica.intento_ingreso WHERE clave IN (
		  SELECT clave FROM historia_clinica.intento_ingreso WHERE ultimo < $1 ORDER BY ultimo LIMIT $2)`
	forgetRevocations = `
		DELETE FROM historia_clinica.revocacion WHERE sesion_id IN (
		  SELECT sesion_id FROM historia_clinica.revocacion WHERE en < $1 ORDER BY en LIMIT $2)`
	forgetSessions = `
		DELETE FROM historia_clinica.sesion WHERE id IN (
		  SELECT id FROM historia_clinica.sesion WHERE expira < $1 ORDER BY expira LIMIT $2)`
)
