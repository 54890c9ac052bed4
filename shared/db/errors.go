package db

import (
	"context"
	"errors"
	"net"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hce.co/shared/problem"
)

// CodeImmutable is the SQLSTATE with which our triggers refuse to change what
// is signed.
const CodeImmutable = "HC001"

var (
	namedConstraint = regexp.MustCompile(`constraint "([^"]+)"`)
	trailingShard   = regexp.MustCompile(`_\d{4,}$`)
)

// Violates returns the name of the unique, foreign key or check constraint that
// err says was broken, the SQLSTATE when it is broken but not named, "" when
// err says no such thing. An error from a Citus worker names it only in its
// message, with the shard's number behind it.
func Violates(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || !strings.HasPrefix(pg.Code, "23") {
		return ""
	}
	name := pg.ConstraintName
	if name == "" {
		m := namedConstraint.FindStringSubmatch(pg.Message)
		if m == nil {
			return pg.Code
		}
		name = m[1]
	}
	return trailingShard.ReplaceAllString(name, "")
}

// IsCode reports whether err carries the SQLSTATE.
func IsCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}

// NoRows reports whether a query that had to find a row found none.
func NoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// ErrAgain is what a transaction returns to be run again: it saw half of
// another. One that writes on two workers of Citus commits on the one before the
// other, and whoever waited for the first may look at the second too early.
var ErrAgain = errors.New("what another transaction wrote is not all there yet")

// Temporary reports whether the same work may succeed when it is done again:
// a lost race, a restart, a connection that broke.
func Temporary(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, ErrAgain) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "40001", pg.Code == "40P01", pg.Code == "55P03", pg.Code == "57P03", pg.Code == "53300",
			pg.Code == "57P01", pg.Code == "57P02", strings.HasPrefix(pg.Code, "08"):
			return true
		case pg.Code == "XX000":
			return strings.Contains(pg.Message, "server closed the connection") ||
				strings.Contains(pg.Message, "could not commit transaction for shard")
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || pgconn.SafeToRetry(err) || errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) ||
		strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "conn closed")
}

// Problem turns what the database says into what a client may read: a
// temporary failure into 503, text that it cannot hold into 400. Any other
// error comes back without the message and detail of PostgreSQL, which can
// hold patient data; so does the cause of what is a problem already.
func Problem(err error) error {
	if err == nil {
		return nil
	}
	var p *problem.Error
	var pg *pgconn.PgError
	isProblem, isPg := errors.As(err, &p), errors.As(err, &pg)
	switch {
	case isProblem && isPg:
		clean := *p
		return clean.Because(redact(err, pg))
	case isProblem:
		return err
	case Temporary(err), errors.Is(err, context.DeadlineExceeded), isPg && pg.Code == "57014":
		return problem.Unavailable(redact(err, pg))
	case isPg && (pg.Code == "22021" || pg.Code == "22P05"):
		return problem.BadRequest("El texto contiene caracteres que no se pueden guardar.").Because(redact(err, pg))
	case isPg:
		return redact(err, pg)
	}
	return err
}

// redacted is a database error that is safe to log.
type redacted struct {
	code, constraint, routine string
}

func (e redacted) Error() string {
	return "postgres " + e.code + " " + e.constraint + " (" + e.routine + ")"
}

func redact(err error, pg *pgconn.PgError) error {
	if pg == nil {
		return err
	}
	return redacted{code: pg.Code, constraint: Violates(err), routine: pg.Routine}
}
