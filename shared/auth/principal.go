// Package auth knows who calls: it verifies access tokens and holds the table of
// who may do what.
package auth

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Principal is the caller of a request, as their access token states it, and
// where the request came from.
type Principal struct {
	ID          uuid.UUID // the account; for a producer, the client
	Name        string    // to print in the trail and on signatures
	Roles       []Role
	DocumentoID string   // of a patient's account: their record
	Services    []string // of a professional: the services they work in
	EventTypes  []string // of a producer: the types of event that it may post
	SessionID   uuid.UUID
	TokenID     string
	Expires     time.Time

	SecondFactor bool      // the account has one in force; see [RequireStepUp]
	SteppedUp    time.Time // when it was last given in this session, at sign-in or since

	Permission Permission // that the route asks for
	IP         string
	RequestID  string
}

// Is reports whether the caller has the role.
func (p Principal) Is(r Role) bool { return slices.Contains(p.Roles, r) }

// OnlyPatient reports whether the caller acts as a patient and nothing else:
// then only their own record is theirs to see. Another role of theirs counts
// when it has the permission that the route asks for: an operador who is a
// patient here reads one record.
func (p Principal) OnlyPatient() bool {
	return !slices.ContainsFunc(p.Roles, func(r Role) bool {
		return r != Patient && (p.Permission == Denied || slices.Contains(policy[p.Permission], r))
	})
}

// ActingRole is the role that the trail names: the one that grants the
// permission, or the first.
func (p Principal) ActingRole(perm Permission) Role {
	for _, r := range p.Roles {
		if slices.Contains(policy[perm], r) {
			return r
		}
	}
	if len(p.Roles) > 0 {
		return p.Roles[0]
	}
	return ""
}

type contextKey struct{}

// NewContext returns ctx with the caller in it.
func NewContext(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the caller. On a public route it is the zero Principal but for
// IP and RequestID.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(contextKey{}).(Principal)
	return p
}
