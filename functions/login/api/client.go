package api

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/problem"
)

// Client calls login. Whatever takes options takes an Idempotency-Key among them:
// a retry with it gets the first answer again, its password or token too.
type Client struct{ client.Client }

// OAuthError returns the `error` member of a problem that POST /login answered,
// such as ErrorSecondFactor; "" when err is none.
func OAuthError(err error) string {
	var p *problem.Error
	if !errors.As(err, &p) {
		return ""
	}
	s, _ := p.Members["error"].(string)
	return s
}

// SecondFactorToken returns the mfa_token that an ErrorSecondFactor problem
// carries, with which [Client.LoginSecondFactor] goes on.
func SecondFactorToken(err error) string {
	var p *problem.Error
	if !errors.As(err, &p) {
		return ""
	}
	s, _ := p.Members["mfa_token"].(string)
	return s
}

// Token asks for tokens with any grant, as a form.
func (c Client) Token(ctx context.Context, in TokenRequest, opts ...client.Option) (Token, error) {
	form := url.Values{}
	for name, value := range map[string]string{
		"grant_type": in.GrantType, "username": in.Username, "password": in.Password, "codigo_mfa": in.CodigoMFA, "mfa_token": in.MFAToken,
		"refresh_token": in.RefreshToken, "client_id": in.ClientID, "client_secret": in.ClientSecret, "scope": in.Scope,
	} {
		if value != "" {
			form.Set(name, value)
		}
	}
	t, _, err := client.Call[Token](ctx, c.Client, "POST", "/login", form, opts...)
	return t, err
}

// Login signs in with a user name or e-mail.
func (c Client) Login(ctx context.Context, username, password string) (Token, error) {
	return c.Token(ctx, TokenRequest{GrantType: GrantPassword, Username: username, Password: password})
}

// LoginSecondFactor finishes a sign-in that was answered with ErrorSecondFactor.
func (c Client) LoginSecondFactor(ctx context.Context, mfaToken, code string) (Token, error) {
	return c.Token(ctx, TokenRequest{GrantType: GrantSecondFactor, MFAToken: mfaToken, CodigoMFA: code})
}

// Refresh exchanges a refresh token for the next pair; it is good once. With an
// Idempotency-Key that nobody else can know, a retry gets the same next one.
func (c Client) Refresh(ctx context.Context, refreshToken string, opts ...client.Option) (Token, error) {
	return c.Token(ctx, TokenRequest{GrantType: GrantRefresh, RefreshToken: refreshToken}, opts...)
}

// LoginClient signs an event producer in.
func (c Client) LoginClient(ctx context.Context, clientID, secret string) (Token, error) {
	return c.Token(ctx, TokenRequest{GrantType: GrantClient, ClientID: clientID, ClientSecret: secret})
}

// Reinforce gives the second factor, or the password, again; the token that it
// returns says when.
func (c Client) Reinforce(ctx context.Context, in Reinforce, opts ...client.Option) (Token, error) {
	t, _, err := client.Call[Token](ctx, c.Client, "POST", "/login/reforzar", in, opts...)
	return t, err
}

// Logout ends this sign-in.
func (c Client) Logout(ctx context.Context) error {
	_, _, err := c.Send(ctx, "POST", "/logout", nil)
	return err
}

// Keys returns the public keys.
func (c Client) Keys(ctx context.Context) (auth.JWKS, error) {
	k, _, err := client.Call[auth.JWKS](ctx, c.Client, "GET", "/.well-known/jwks.json", nil)
	return k, err
}

// Me returns who the caller is.
func (c Client) Me(ctx context.Context) (Me, error) {
	m, _, err := client.Call[Me](ctx, c.Client, "GET", "/yo", nil)
	return m, err
}

// ChangePassword ends the caller's other sign-ins and returns an access token
// that no longer asks for a change.
func (c Client) ChangePassword(ctx context.Context, current, next string, opts ...client.Option) (Token, error) {
	t, _, err := client.Call[Token](ctx, c.Client, "POST", "/yo/clave", PasswordChange{Actual: current, Nueva: next}, opts...)
	return t, err
}

// BeginMFA starts to set up a second factor.
func (c Client) BeginMFA(ctx context.Context, opts ...client.Option) (Enrolment, error) {
	e, _, err := client.Call[Enrolment](ctx, c.Client, "POST", "/yo/mfa", nil, opts...)
	return e, err
}

// ConfirmMFA puts the second factor in force with a first code of it.
func (c Client) ConfirmMFA(ctx context.Context, code string, opts ...client.Option) (Enrolled, error) {
	e, _, err := client.Call[Enrolled](ctx, c.Client, "POST", "/yo/mfa/confirmar", Code{Codigo: code}, opts...)
	return e, err
}

// RemoveMFA takes the caller's second factor away.
func (c Client) RemoveMFA(ctx context.Context, opts ...client.Option) error {
	_, _, err := c.Send(ctx, "DELETE", "/yo/mfa", nil, opts...)
	return err
}

// Register opens the account of a patient.
func (c Client) Register(ctx context.Context, in Registration, idempotencyKey string) (Registered, error) {
	out, _, err := client.Call[Registered](ctx, c.Client, "POST", "/register", in, client.IdempotencyKey(idempotencyKey))
	return out, err
}

// Users lists accounts by user name, and returns the cursor of the next page.
func (c Client) Users(ctx context.Context, s UserSearch) (users []User, next string, err error) {
	q := url.Values{}
	for name, value := range map[string]string{"q": s.Q, "rol": string(s.Rol), "despues": s.After} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if s.Limit > 0 {
		q.Set("limite", strconv.Itoa(s.Limit))
	}
	users, h, err := client.Call[[]User](ctx, c.Client, "GET", "/usuarios?"+q.Encode(), nil)
	return users, client.Next(h), err
}

func userPath(id uuid.UUID) string { return "/usuarios/" + id.String() }

// CreateUser opens an account of any role.
func (c Client) CreateUser(ctx context.Context, in NewUser, idempotencyKey string) (CreatedUser, error) {
	out, _, err := client.Call[CreatedUser](ctx, c.Client, "POST", "/usuarios", in, client.IdempotencyKey(idempotencyKey))
	return out, err
}

// User returns an account.
func (c Client) User(ctx context.Context, id uuid.UUID) (User, error) {
	u, _, err := client.Call[User](ctx, c.Client, "GET", userPath(id), nil)
	return u, err
}

// UpdateUser changes the version of an account that the caller saw.
func (c Client) UpdateUser(ctx context.Context, id uuid.UUID, version int, in UserChange, opts ...client.Option) (User, error) {
	u, _, err := client.Call[User](ctx, c.Client, "PATCH", userPath(id), in, append(opts, client.IfMatch(version))...)
	return u, err
}

// ResetPassword replaces an account's password with one that is good for one
// sign-in.
func (c Client) ResetPassword(ctx context.Context, id uuid.UUID, opts ...client.Option) (OneTimePassword, error) {
	p, _, err := client.Call[OneTimePassword](ctx, c.Client, "POST", userPath(id)+"/clave", nil, opts...)
	return p, err
}

// ResetMFA takes away the second factor of somebody who lost it.
func (c Client) ResetMFA(ctx context.Context, id uuid.UUID, opts ...client.Option) error {
	_, _, err := c.Send(ctx, "DELETE", userPath(id)+"/mfa", nil, opts...)
	return err
}

// Producers lists the systems that post events.
func (c Client) Producers(ctx context.Context, limit int, after string) (producers []Producer, next string, err error) {
	producers, h, err := client.Call[[]Producer](ctx, c.Client, "GET", "/productores"+client.Page(limit, after), nil)
	return producers, client.Next(h), err
}

// CreateProducer registers a system that posts events.
func (c Client) CreateProducer(ctx context.Context, in NewProducer, idempotencyKey string) (CreatedProducer, error) {
	p, _, err := client.Call[CreatedProducer](ctx, c.Client, "POST", "/productores", in, client.IdempotencyKey(idempotencyKey))
	return p, err
}

// Producer returns a system that posts events.
func (c Client) Producer(ctx context.Context, clientID string) (Producer, error) {
	p, _, err := client.Call[Producer](ctx, c.Client, "GET", "/productores/"+url.PathEscape(clientID), nil)
	return p, err
}

// UpdateProducer changes the version of a producer that the caller saw.
func (c Client) UpdateProducer(ctx context.Context, clientID string, version int, in ProducerChange, opts ...client.Option) (Producer, error) {
	p, _, err := client.Call[Producer](ctx, c.Client, "PATCH", "/productores/"+url.PathEscape(clientID), in, append(opts, client.IfMatch(version))...)
	return p, err
}
