package login

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"hce.co/functions/login/api"
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/problem"
)

// refresh is the refresh grant: the token is good once (RFC 9700 §4.14). One
// that was used before was stolen, or its thief used it: the sign-in ends. A
// retry that gives the same key as the first time gets the same next token, as
// long as that was not used: so the instances of a client that keep their keys
// from everybody else may ask at the same time.
func (f *Function) refresh(ctx context.Context, token, key string) (api.Token, error) {
	id, ok := readRefresh(token)
	if !ok {
		return api.Token{}, noSession()
	}
	now := f.Now().UTC()
	next := f.nextRefresh(id, token, key)
	var a account
	var s session
	var open bool
	err := f.endingTx(ctx, func(tx *ending) (err error) {
		var user uuid.UUID
		s, open = session{ID: id}, true
		// $3 is there already when a commit succeeded that looked like a failure.
		err = tx.QueryRow(ctx, `
			UPDATE historia_clinica.sesion SET refresco = $3, usada_en = $4
			WHERE id = $1 AND refresco IN ($2, $3) AND terminada_en IS NULL AND expira > $4 AND usada_en > $5
			RETURNING usuario_id, expira, reforzada_en`, id, hashRefresh(token), hashRefresh(next), now, now.Add(-f.cfg.SessionIdle)).
			Scan(&user, &s.Expires, &s.Reinforced)
		if db.NoRows(err) {
			open = false
			if !f.madeRefresh(id, token) {
				return nil
			}
			return f.endReplayed(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		if a, err = f.accountByID(ctx, tx, user); err != nil || a.Activo {
			return err
		}
		open = false
		_, err = endSession(ctx, tx, id, "cuenta desactivada", now)
		return err
	})
	if err != nil {
		return api.Token{}, fmt.Errorf("refresh session: %w", err)
	}
	if !open {
		return api.Token{}, noSession()
	}
	t, err := f.issue(a, s, now)
	t.RefreshToken = next
	return t, err
}

// endReplayed ends a session that is alive though the token that named it is
// not its own any more.
func (f *Function) endReplayed(ctx context.Context, tx *ending, id uuid.UUID) error {
	now := f.Now().UTC()
	var user uuid.UUID
	err := tx.QueryRow(ctx, `
		SELECT usuario_id FROM historia_clinica.sesion
		WHERE id = $1 AND terminada_en IS NULL AND expira > $2 AND usada_en > $3 FOR UPDATE`, id, now, now.Add(-f.cfg.SessionIdle)).Scan(&user)
	if db.NoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := endSession(ctx, tx, id, "token de refresco repetido", now); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{
		DocumentoID: audit.User(user), Action: audit.Execute, Type: "logout", Resource: "sesion/" + id.String(),
		Permission: auth.SignedIn, Reason: "token de refresco repetido", Outcome: audit.Refused,
	})
}

func noSession() error {
	return oauth(problem.Unauthorized("La sesión terminó. Inicie sesión de nuevo."), api.ErrorGrant, "refresh_token vencido o ya usado")
}

// A refresh token is the session's id, a point, and base64 of what makes it
// unique and of a MAC by which we know it for one of ours: what somebody made up
// for a session is no replay, and ends nothing.
const (
	refreshUnique = 32 // bytes
	refreshMAC    = 16
)

// newRefresh makes the first refresh token of a session.
func (f *Function) newRefresh(session uuid.UUID) string {
	unique := make([]byte, refreshUnique)
	rand.Read(unique) //nolint:errcheck // crypto/rand never fails
	return f.refreshToken(session, unique)
}

// nextRefresh makes the token that takes the place of another: the same one for
// the same key.
func (f *Function) nextRefresh(session uuid.UUID, token, key string) string {
	if key == "" {
		return f.newRefresh(session)
	}
	return f.refreshToken(session, f.refreshSum("siguiente", token, key))
}

func (f *Function) refreshToken(session uuid.UUID, unique []byte) string {
	mac := f.refreshSum("propio", session.String(), string(unique))[:refreshMAC]
	return session.String() + "." + base64.RawURLEncoding.EncodeToString(append(unique, mac...))
}

// madeRefresh reports whether a token of this session was made here, with the
// key-encryption key of now.
func (f *Function) madeRefresh(session uuid.UUID, token string) bool {
	_, text, _ := strings.Cut(token, ".")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != refreshUnique+refreshMAC {
		return false
	}
	want := f.refreshSum("propio", session.String(), string(b[:refreshUnique]))[:refreshMAC]
	return hmac.Equal(want, b[refreshUnique:])
}

// refreshSum is a MAC over texts, none of which runs into the next.
func (f *Function) refreshSum(texts ...string) []byte {
	h := hmac.New(sha256.New, f.own)
	for _, s := range texts {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return h.Sum(nil)
}

// hashRefresh is what the database keeps of a refresh token.
func hashRefresh(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// readRefresh returns the session that a refresh token names.
func readRefresh(token string) (uuid.UUID, bool) {
	sid, _, ok := strings.Cut(token, ".")
	if !ok || len(sid) != 36 || len(token) > 200 {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(sid)
	return id, err == nil
}
