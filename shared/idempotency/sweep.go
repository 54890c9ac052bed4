package idempotency

import (
	"context"
	"fmt"
	"time"

	"hce.co/shared/db"
)

// Window is how long a retry gets the first answer, at least: a client that
// comes back later than a day does not retry. What is older goes, since an
// answer may hold what a record says.
const Window = 24 * time.Hour

// sweepAtOnce bounds one statement; what is left goes with the next one.
const sweepAtOnce = 10_000

// forget is one statement on a cluster too: the oldest keys are found on every
// shard, and removed where they are.
const forget = `
	DELETE FROM historia_clinica.idempotencia WHERE clave IN (
	  SELECT clave FROM historia_clinica.idempotencia WHERE creado_en < $1 ORDER BY creado_en LIMIT $2)`

// Sweep forgets the oldest answers from before the window, a bounded number of
// them, and returns how many.
func Sweep(ctx context.Context, q db.Querier, now time.Time) (int64, error) {
	tag, err := q.Exec(ctx, forget, now.Add(-Window).UTC(), sweepAtOnce)
	if err != nil {
		return 0, fmt.Errorf("forget old answers: %w", err)
	}
	return tag.RowsAffected(), nil
}
