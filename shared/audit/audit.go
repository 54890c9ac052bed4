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

// Outcomes other than success.
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
	// alike within that time: what a form saves by itself is no action of a
	// person each time.
	Once time.Duration
}

// User is the pseudo record of what concerns an account and no patient.
func User(id uuid.UUID) string { return "usuario:" + id.String() }

// A row takes at most 400 bytes. A reason is cut to what the other texts leave
// of them: at least 32 bytes, in general some 150; where it matters whole, it
// stands with the thing that it explains.
const (
	maxName     = 48
	maxType     = 20
	maxResource = 72
	maxOutcome  = 8
	maxIP       = 39
	maxRequest  = 36
	maxTexts    = 312 // of a row, in bytes; header, numbers and the texts' lengths take up to 88
)

const insert = `
	INSERT INTO historia_clinica.auditoria
	  (documento_id, id, en, usuario_id, rol, nombre, accion, tipo, recurso, motivo, resultado, ip, request_id)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
	ON CONFLICT DO NOTHING`

func (e Entry) args(p auth.Principal) []any {
	if e.Outcome == "" {
		e.Outcome = Success
	}
	var user *uuid.UUID
	if p.ID != uuid.Nil {
		user = &p.ID
	}
	id, now := ident.NewID(), time.Now().UTC()
	if e.Once > 0 {
		id = e.sameID(p.ID, now.Truncate(e.Once))
	}
	role, name, typ, resource := string(p.ActingRole(e.Permission)), cut(p.Name, maxName), cut(e.Type, maxType), cut(e.Resource, maxResource)
	outcome, ip, request := cut(e.Outcome, maxOutcome), cut(p.IP, maxIP), cut(p.RequestID, maxRequest)
	rest := maxTexts
	for _, s := range []string{e.DocumentoID, role, name, typ, resource, outcome, ip, request} {
		rest -= len(s)
	}
	return []any{
		e.DocumentoID, id, now, user, role, name, string(e.Action),
		typ, resource, cut(e.Reason, max(rest, 0)), outcome, ip, request,
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
	b.Queue(insert, e.args(auth.From(ctx))...)
}

// Write adds the row in a transaction.
func Write(ctx context.Context, q db.Querier, e Entry) error {
	if _, err := q.Exec(ctx, insert, e.args(auth.From(ctx))...); err != nil {
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
