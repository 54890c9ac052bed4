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
}

// User is the pseudo record of what concerns an account and no patient.
func User(id uuid.UUID) string { return "usuario:" + id.String() }

const maxText = 120 // bytes of a name, a resource or a reason: a row stays under 400 or so

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
	return []any{
		e.DocumentoID, ident.NewID(), time.Now().UTC(), user, string(p.ActingRole(e.Permission)), cut(p.Name), string(e.Action),
		e.Type, cut(e.Resource), cut(e.Reason), e.Outcome, p.IP, p.RequestID,
	}
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

// cut bounds a text without breaking a character.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
