// Package audit writes the trail: one row for each human action on a record, in
// the transaction of what it tells of (FHIR AuditEvent, IHE BALP).
package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/ident"
)

// Action is what was done, by the letters of FHIR's audit-event-action.
type Action string

// The actions.
const (
	Create  Action = "C"
	Read    Action = "R"
	Update  Action = "U"
	Delete  Action = "D"
	Execute Action = "E"
)

// Outcomes.
const (
	Success = "exito"
	Refused = "denegado"
)

// Entry is a row of the trail.
type Entry struct {
	DocumentoID string // the record; see [User] for what concerns none
	Action      Action
	Type        string // read, search, create, update, sign, login, export, verify, break-glass, …
	Resource    string // tipo/id/version of what was touched
	Permission  auth.Permission
	Reason      string
	Outcome     string // Success when empty
	// Once, when it is not 0, makes one row of all that the same caller does
	// alike within that time, an hour at most: what a form saves by itself is no action of a
	// person each time.
	Once time.Duration
}

// User is the pseudo record of what concerns an account and no patient.
func User(id uuid.UUID) string { return "usuario:" + id.String() }

// A row takes at most 400 bytes, its MAC among them. A reason is cut to what the other texts leave
// of them: at least 15 bytes, in general some 120; where it matters whole, it
// stands with the thing that it explains.
const (
	maxName     = 48
	maxType     = 16
	maxResource = 72
	maxOutcome  = 8
	maxIP       = 39
	maxRequest  = 36
	maxTexts    = 292 // of a row, in bytes; header, numbers, MAC, reference and the texts' lengths take up to 108
	maxShort    = 126 // of a text whose length takes one byte; that of a longer one takes up to 6 more
)

const insert = `
	INSERT INTO historia_clinica.auditoria
	  (documento_id, id, en, usuario_id, rol, nombre, accion, tipo, recurso, motivo, resultado, ip, request_id, mac, previa)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
	ON CONFLICT DO NOTHING`

// Where insert's arguments have the row's id, and the row that it names.
const (
	argID       = 1
	argPrevious = 14
)

// row is what the trail keeps of the entry, without its MAC.
func (e Entry) row(p auth.Principal) Row {
	now := time.Now().UTC().Truncate(time.Microsecond)
	r := Row{
		DocumentoID: e.DocumentoID, ID: ident.NewID(), At: now, Role: string(p.ActingRole(e.Permission)), Name: cut(p.Name, maxName),
		Action: string(e.Action), Type: cut(e.Type, maxType), Resource: cut(e.Resource, maxResource), Outcome: cut(e.Outcome, maxOutcome),
		IP: cut(p.IP, maxIP), RequestID: cut(p.RequestID, maxRequest),
	}
	if e.Outcome == "" {
		r.Outcome = Success
	}
	if p.ID != uuid.Nil {
		r.User = &p.ID
	}
	if e.Once > 0 {
		r.ID = e.sameID(p.ID, now.Truncate(e.Once))
	}
	rest := maxTexts
	for _, s := range []string{r.DocumentoID, r.Role, r.Name, r.Type, r.Resource, r.Outcome, r.IP, r.RequestID} {
		rest -= len(s)
	}
	if rest > maxShort {
		rest = max(maxShort, rest-6)
	}
	r.Reason = cut(e.Reason, max(rest, 0))
	return r
}

func (e Entry) args(ctx context.Context) []any {
	r := e.row(auth.From(ctx))
	k, _ := ctx.Value(contextKey{}).(*Key)
	if k != nil {
		r.Previous = k.witness.lend(r.At)
		r.MAC = sum(k.rows[0], r)
	}
	return []any{
		r.DocumentoID, r.ID, r.At, r.User, r.Role, r.Name, r.Action, r.Type, r.Resource, r.Reason, r.Outcome, r.IP, r.RequestID, r.MAC, r.Previous,
	}
}

// sameID is the id that all rows alike share within a stretch of time: a UUIDv7
// of its beginning, so that the trail stays in order.
func (e Entry) sameID(user uuid.UUID, since time.Time) uuid.UUID {
	id := uuid.NewSHA1(user, fmt.Appendf(nil, "%s|%s|%s|%s|%d", e.DocumentoID, e.Action, e.Type, e.Resource, since.UnixMilli()))
	ms := uint64(since.UnixMilli()) //nolint:gosec // after 1970
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0F | 0x70
	return id
}

// Queue adds the row to a batch that is one transaction.
func Queue(ctx context.Context, b *pgx.Batch, e Entry) {
	b.Queue(insert, e.args(ctx)...)
}

// Write adds the row in a transaction.
func Write(ctx context.Context, q db.Querier, e Entry) error {
	if _, err := q.Exec(ctx, insert, e.args(ctx)...); err != nil {
		return fmt.Errorf("write audit row: %w", err)
	}
	return nil
}

// cut bounds a text to n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
