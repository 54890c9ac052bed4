package ui

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	login "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/problem"
)

// The cookies of a signed-in browser. __Host- binds them to this host, to the
// whole of it, and to a secure connection (RFC 6265bis §4.1.3.2).
const (
	accessCookie  = "__Host-acceso"
	refreshCookie = "__Host-refresco"
	accountCookie = "__Host-cuenta" // whose the last session was

	refreshLife = 12 * time.Hour    // of a sign-in, whatever happens in it
	accountLife = 96 * time.Hour    // that a form may stay open: a long weekend
	refreshWhen = 30 * time.Second  // before the access token runs out
	idleAfter   = 105 * time.Minute // past the access token's end, a sign-in that nobody used is over
)

// session is who is signed in at a browser, as their access token says. It is
// for drawing pages: what they may see, the functions decide.
type session struct {
	Access, Refresh string
	ID              string // of the account
	Name            string
	Roles           []string
	DocumentoID     string
	Services        []string  // REPS codes of those that a professional works in
	SecondFactor    bool      // the account has one
	SteppedUp       time.Time // when it was last given
	Expires         time.Time // of the access token
	Ends            time.Time // of the sign-in, when nothing more is done
}

// Is reports whether the person has the role.
func (s *session) Is(role string) bool { return slices.Contains(s.Roles, role) }

// read takes the claims out of an access token without verifying it.
func (s *session) read(access string) bool {
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		return false
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return false
	}
	var c struct {
		ID          string   `json:"sub"`
		Name        string   `json:"nombre"`
		Roles       []string `json:"roles"`
		DocumentoID string   `json:"documento_id"`
		Services    []string `json:"servicios"`
		Factor      bool     `json:"segundo_factor"`
		ACR         string   `json:"acr"`
		AuthTime    int64    `json:"auth_time"`
		Exp         int64    `json:"exp"`
	}
	if json.Unmarshal(b, &c) != nil {
		return false
	}
	s.Access, s.ID, s.Name, s.Roles, s.DocumentoID, s.Services = access, c.ID, c.Name, c.Roles, c.DocumentoID, c.Services
	s.SecondFactor, s.SteppedUp = c.Factor, time.Time{}
	if c.ACR == auth.ACRSecondFactor {
		s.SteppedUp = time.Unix(c.AuthTime, 0)
	}
	s.Expires = time.Unix(c.Exp, 0)
	s.Ends = s.Expires.Add(idleAfter)
	return true
}

// sessions renews access tokens. Two requests of one browser that find theirs
// expired share one renewal, in whichever instances they are: a refresh token
// works once, but for a retry by the same name.
type sessions struct {
	login login.Client
	key   []byte // from which all instances make the same name for a renewal
	now   func() time.Time

	mu      sync.Mutex
	renewed map[string]*renewal
}

type renewal struct {
	once  sync.Once
	token login.Token
	err   error
	at    time.Time
}

const (
	renewalLife = 30 * time.Second // how long a late request may still ask for a renewal made
	maxRenewals = 1024
)

func newSessions(c login.Client, key []byte, now func() time.Time) *sessions {
	return &sessions{login: c, key: key, now: now, renewed: map[string]*renewal{}}
}

// of returns the session of a request, renewed when its access token runs out;
// nil when nobody is signed in.
func (s *sessions) of(w http.ResponseWriter, r *http.Request) (*session, error) {
	sess := &session{}
	if c, err := r.Cookie(accessCookie); err == nil && sess.read(c.Value) && s.now().Add(refreshWhen).Before(sess.Expires) {
		if c, err := r.Cookie(refreshCookie); err == nil {
			sess.Refresh = c.Value
		}
		return sess, nil
	}
	c, err := r.Cookie(refreshCookie)
	if err != nil {
		return nil, nil
	}
	token, err := s.renew(client.As(r.Context(), s.caller(r, "")), c.Value)
	if err != nil {
		if st := problem.Status(err); st == http.StatusUnauthorized || st == http.StatusBadRequest {
			forget(w)
			return nil, nil
		}
		return nil, err
	}
	keep(w, token)
	if !sess.read(token.AccessToken) {
		return nil, nil
	}
	sess.Refresh = token.RefreshToken
	return sess, nil
}

func (s *sessions) renew(ctx context.Context, refresh string) (login.Token, error) {
	now := s.now()
	s.mu.Lock()
	for k, v := range s.renewed {
		if now.Sub(v.at) > renewalLife || len(s.renewed) > maxRenewals {
			delete(s.renewed, k)
		}
	}
	rn := s.renewed[refresh]
	if rn == nil {
		rn = &renewal{at: now}
		s.renewed[refresh] = rn
	}
	s.mu.Unlock()
	// Whoever asked first may leave; the renewal is for all.
	rn.once.Do(func() {
		rn.token, rn.err = s.login.Refresh(context.WithoutCancel(ctx), refresh, client.IdempotencyKey(s.name(refresh)))
	})
	if rn.err != nil && problem.Status(rn.err) >= 500 {
		s.mu.Lock()
		delete(s.renewed, refresh)
		s.mu.Unlock()
	}
	return rn.token, rn.err
}

// name is the Idempotency-Key of a renewal. Whoever stole the refresh token cannot
// make it, and does not pass for another instance.
func (s *sessions) name(refresh string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(refresh))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// caller is on whose behalf a page calls the functions.
func (*sessions) caller(r *http.Request, access string) client.Caller {
	p := auth.From(r.Context())
	return client.Caller{Token: access, RequestID: p.RequestID, ForwardedFor: p.IP}
}

func keep(w http.ResponseWriter, t login.Token) {
	setCookie(w, accessCookie, t.AccessToken, refreshLife)
	setCookie(w, refreshCookie, t.RefreshToken, refreshLife)
	if s := (session{}); s.read(t.AccessToken) {
		setCookie(w, accountCookie, s.ID, accountLife)
	}
}

// forget ends the session of a browser. Whose it was stays known, for what they
// may still send.
func forget(w http.ResponseWriter) {
	setCookie(w, accessCookie, "", -1)
	setCookie(w, refreshCookie, "", -1)
}

func setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if life < 0 {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
