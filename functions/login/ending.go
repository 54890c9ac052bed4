package login

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/db"
	"hce.co/shared/revocation"
)

// ending is a transaction that may end sign-ins.
type ending struct {
	pgx.Tx
	ended []uuid.UUID // sessions, and tokens by themselves
}

// endingTx runs write in a transaction, and tells this process what it ended
// once that is committed. The other processes read of it.
func (f *Function) endingTx(ctx context.Context, write func(*ending) error) error {
	var ended []uuid.UUID
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		e := &ending{Tx: tx}
		err := write(e)
		ended = e.ended
		return err
	})
	if err == nil {
		revocation.Announce(ended...)
	}
	return err
}

// endSessions ends every sign-in of an account but one (uuid.Nil spares none).
// Their access tokens stop working as soon as the functions know of it.
func endSessions(ctx context.Context, tx *ending, user, spare uuid.UUID, reason string, now time.Time) error {
	_, err := tx.end(ctx, `
		WITH ended AS (
		  UPDATE historia_clinica.sesion SET terminada_en = $1, motivo_fin = $2
		  WHERE usuario_id = $3 AND id <> $4 AND terminada_en IS NULL RETURNING id)
		INSERT INTO historia_clinica.revocacion (sesion_id, en) SELECT id, $1 FROM ended
		ON CONFLICT DO NOTHING RETURNING sesion_id`, now, reason, user, spare)
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// endSession ends one sign-in, and reports whether it was still going.
func endSession(ctx context.Context, tx *ending, id uuid.UUID, reason string, now time.Time) (bool, error) {
	ended, err := tx.end(ctx, `
		WITH ended AS (
		  UPDATE historia_clinica.sesion SET terminada_en = $1, motivo_fin = $2 WHERE id = $3 AND terminada_en IS NULL RETURNING id)
		INSERT INTO historia_clinica.revocacion (sesion_id, en) SELECT id, $1 FROM ended
		ON CONFLICT DO NOTHING RETURNING sesion_id`, now, reason, id)
	if err != nil {
		return false, fmt.Errorf("end session: %w", err)
	}
	return ended, nil
}

// revoke ends what has no row of sesion: what stands for a session in tokens of
// a producer, or one of these. It reports whether it had not ended before.
func revoke(ctx context.Context, tx *ending, id uuid.UUID, now time.Time) (bool, error) {
	ended, err := tx.end(ctx, `
		INSERT INTO historia_clinica.revocacion (sesion_id, en) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING sesion_id`, id, now)
	if err != nil {
		return false, fmt.Errorf("revoke: %w", err)
	}
	return ended, nil
}

// end runs a statement that returns what it ended.
func (e *ending) end(ctx context.Context, sql string, args ...any) (bool, error) {
	rows, err := e.Query(ctx, sql, args...)
	if err != nil {
		return false, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	e.ended = append(e.ended, ids...)
	return len(ids) > 0, err
}
