package login

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/functions/login/password"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
)

// errWrong says that a secret was not the right one, or that nobody has it.
var errWrong = errors.New("wrong secret")

// credential is what a secret is checked against.
type credential struct {
	owner  uuid.UUID // uuid.Nil: there is no such account
	hash   string
	usable bool // neither missing nor disabled
}

// proof is what a right secret leaves to be written.
type proof struct {
	tries
	remember bool   // the sign-in is the first from this address of late
	rehash   string // the hash anew, when it cost less than one of today
}

// prove checks a secret against what the query that load queues finds, and hands
// the proof to then. It costs the same, in time and in queries, whether there is
// such an account or not. A failure is counted before the next check can begin in
// its slot, so guesses made at once gain nothing, and a sign-in is over before the
// next one is hashed: those who read a chart never share the machine with both.
// It returns errWrong, slowDown or what then returns.
func (f *Function) prove(ctx context.Context, t tries, secret string, load func(*pgx.Batch, *credential), then func(proof) error) error {
	if _, err := f.admit(ctx, t, &pgx.Batch{}); err != nil {
		return err
	}
	return busy(f.gate.Do(ctx, func() error {
		p, err := f.check(ctx, t, secret, load)
		if err != nil {
			return err
		}
		return then(p)
	}))
}

// check is what prove does in a slot of the gate.
func (f *Function) check(ctx context.Context, t tries, secret string, load func(*pgx.Batch, *credential)) (proof, error) {
	var c credential
	b := &pgx.Batch{}
	load(b, &c)
	known, err := f.admit(ctx, t, b) // again: the wait for a slot may have been long
	if err != nil {
		return proof{}, err
	}
	if !c.usable {
		c.hash = password.Dummy()
	}
	tried := secret
	if len(tried) > password.MaxBytes {
		tried, c.usable = "", false
	}
	ok, outdated, err := f.Passwords.Verify(ctx, c.hash, tried)
	if err != nil {
		return proof{}, fmt.Errorf("account %s: %w", c.owner, err)
	}
	if !ok || !c.usable {
		if err := f.fail(ctx, t, audit.User(c.owner)); err != nil {
			return proof{}, err
		}
		return proof{}, errWrong
	}
	p := proof{tries: t}
	if outdated {
		if p.rehash, err = f.Passwords.Hash(ctx, secret); err != nil {
			return proof{}, err
		}
	}
	good, ok := known[t.good]
	p.remember = !ok || f.Now().Sub(good.Last) > goodFor/2
	return p, nil
}

// hash makes the hash of a new password.
func (f *Function) hash(ctx context.Context, secret string) (hash string, err error) {
	err = f.gate.Do(ctx, func() error {
		hash, err = f.Passwords.Hash(ctx, secret)
		return err
	})
	return hash, busy(err)
}

func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return &problem.Error{
			Status: 503, Detail: "Hay muchas personas ingresando en este momento. Intente de nuevo en unos segundos.",
			RetryAfter: 3 * time.Second, Cause: err,
		}
	}
	return err
}

// admit reads what is known of the keys, and refuses a try that comes too soon.
// The queries of b travel with it.
func (f *Function) admit(ctx context.Context, t tries, b *pgx.Batch) (map[string]tally, error) {
	known := map[string]tally{}
	b.Queue(`
		SELECT clave, fallos, ultimo, hasta FROM historia_clinica.intento_ingreso WHERE clave = ANY($1)`,
		append(slices.Collect(maps.Keys(t.counted(f.limits))), t.good)).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToStructByName[tally])
		for _, a := range all {
			known[a.Key] = a
		}
		return err
	})
	if err := f.pool.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read failed sign-ins and account: %w", err)
	}
	if lim, d := t.wait(f.limits, known, f.Now()); d > 0 {
		return nil, slowDown{lim, d}
	}
	return known, nil
}

// fail counts a failure against the keys and leaves its audit row under a
// record or pseudo record. The trail does not say who it was meant to be: what
// was typed may be anything. Whoever hangs up is counted too.
func (f *Function) fail(ctx context.Context, t tries, documentoID string) error {
	ctx = context.WithoutCancel(ctx)
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := f.count(ctx, tx, t.counted(f.limits)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{
			DocumentoID: documentoID, Action: audit.Execute, Type: "login", Permission: auth.SignedIn, Outcome: audit.Refused,
		})
	})
	if err != nil {
		return fmt.Errorf("count failure: %w", err)
	}
	return nil
}

// count adds one failure to each key, and returns what they held before.
func (f *Function) count(ctx context.Context, tx pgx.Tx, keys map[string]limit) ([]tally, error) {
	now := f.Now().UTC()
	names := slices.Sorted(maps.Keys(keys)) // one order for all, so that nobody waits in a circle
	// The update changes nothing: it locks the row and returns it.
	rows, err := tx.Query(ctx, `
		INSERT INTO historia_clinica.intento_ingreso AS i (clave, fallos, ultimo, hasta)
		SELECT c, 0, $2, $2 FROM unnest($1::text[]) AS c
		ON CONFLICT (clave) DO UPDATE SET fallos = i.fallos
		RETURNING clave, fallos, ultimo, hasta`, names, now)
	if err != nil {
		return nil, err
	}
	before, err := pgx.CollectRows(rows, pgx.RowToStructByName[tally])
	if err != nil {
		return nil, err
	}
	b := &pgx.Batch{}
	for _, t := range before {
		next := keys[t.Key].fail(t, now)
		b.Queue(`UPDATE historia_clinica.intento_ingreso SET fallos = $2, ultimo = $3, hasta = $4 WHERE clave = $1`,
			next.Key, next.Failures, next.Last, next.Until)
	}
	return before, tx.SendBatch(ctx, b).Close()
}

// charge counts a try before it is judged, for checks that no gate bounds; a
// right one is given back by absolve.
func (f *Function) charge(ctx context.Context, key string, lim limit) error {
	err := db.Tx(ctx, f.pool, func(tx pgx.Tx) error {
		before, err := f.count(ctx, tx, map[string]limit{key: lim})
		if err != nil {
			return err
		}
		if d := lim.wait(before[0], f.Now()); d > 0 {
			return slowDown{lim, d} // and the count rolls back
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count try: %w", err)
	}
	return nil
}

const absolve = `DELETE FROM historia_clinica.intento_ingreso WHERE clave = $1`

// settle queues what a proof leaves behind: the account is free again from this
// address, which is known from now on.
func (p proof) settle(b *pgx.Batch, now time.Time) {
	if p.pair == "" {
		return
	}
	b.Queue(absolve, p.pair)
	if p.remember {
		b.Queue(`
			INSERT INTO historia_clinica.intento_ingreso (clave, fallos, ultimo, hasta) VALUES ($1, 0, $2, $2)
			ON CONFLICT (clave) DO UPDATE SET ultimo = excluded.ultimo`, p.good, now)
	}
}
