package login

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/revocation"
)

const sweepEvery = time.Hour

// sweep forgets, once an hour and instance, what no longer matters: old tries,
// revocations whose tokens ran out, sign-ins long over. It works while a sign-in
// is answered, since an instance may not live between two requests; when it
// cannot, the next one tries again.
func (f *Function) sweep(ctx context.Context, now time.Time) {
	last := f.swept.Load()
	if now.Sub(time.Unix(last, 0)) < sweepEvery || !f.swept.CompareAndSwap(last, now.Unix()) {
		return
	}
	err := db.Batch(ctx, f.pool, func(b *pgx.Batch) {
		b.Queue(`DELETE FROM historia_clinica.intento_ingreso WHERE ultimo < $1`, now.Add(-goodFor))
		b.Queue(`DELETE FROM historia_clinica.revocacion WHERE en < $1`, now.Add(-2*revocation.Retention))
		b.Queue(`DELETE FROM historia_clinica.sesion WHERE expira < $1`, now.Add(-goodFor))
	})
	if err != nil {
		f.Log.WarnContext(ctx, "old sign-ins stay", "error", db.Problem(err))
	}
}
