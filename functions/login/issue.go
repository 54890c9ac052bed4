package login

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"hce.co/functions/login/api"
	"hce.co/shared/auth"
)

const (
	// accessLife is how long an access token is good for; revocation.Retention
	// depends on it.
	accessLife = 15 * time.Minute
	// stepLife is how long somebody has to find their second factor.
	stepLife = 5 * time.Minute
	// stepType is the typ of the token between the two steps of a sign-in.
	stepType = "mfa+jwt"
)

// session is a sign-in: a row of sesion.
type session struct {
	ID         uuid.UUID
	Expires    time.Time
	Reinforced *time.Time
}

// sign makes a token with the key of now.
func (f *Function) sign(typ string, claims jwt.Claims) (string, error) {
	set, err := f.keys.Set()
	if err != nil {
		return "", err
	}
	key, err := set.Active(f.Now())
	if err != nil {
		return "", err
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	t.Header["typ"], t.Header["kid"] = typ, key.ID
	s, err := t.SignedString(key.Private())
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return s, nil
}

// registered are the claims that every token has (RFC 9068).
func (f *Function) registered(subject uuid.UUID, audience string, now, expires time.Time) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{
		Issuer: f.cfg.Issuer, Audience: jwt.ClaimStrings{audience}, Subject: subject.String(), ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	}
}

// issue makes the access token of an account in a session. As long as the
// account has something to settle first, the token carries no other role than
// restringido.
func (f *Function) issue(a account, s session, now time.Time) (api.Token, error) {
	expires := now.Add(accessLife)
	if s.Expires.Before(expires) {
		expires = s.Expires
	}
	if !slices.Contains(a.Roles, auth.Patient) {
		a.DocumentoID = ""
	}
	out := api.Token{
		TokenType: "Bearer", ExpiresIn: int(expires.Sub(now) / time.Second), Rol: mainRole(a.Roles), Roles: a.Roles, Nombre: a.Nombre,
		DocumentoID: a.DocumentoID, DebeCambiarClave: a.DebeCambiar, MFAPorActivar: a.lacksMFA(f.cfg.MFARoles),
	}
	c := auth.Claims{
		RegisteredClaims: f.registered(a.ID, f.cfg.Audience, now, expires), SessionID: s.ID, Name: a.Nombre, Roles: a.Roles,
		DocumentoID: a.DocumentoID, Services: a.Servicios, SecondFactor: a.MFAConfirmado,
	}
	if out.DebeCambiarClave || out.MFAPorActivar {
		c.Roles, c.DocumentoID, c.Services = []auth.Role{auth.Restricted}, "", nil
	}
	if s.Reinforced != nil {
		c.AuthTime = jwt.NewNumericDate(*s.Reinforced)
		if a.MFAConfirmado {
			c.ACR = auth.ACRSecondFactor
		}
	}
	var err error
	out.AccessToken, err = f.sign(auth.TokenType, c)
	return out, err
}

// stepClaims are those of the token between the password and the second factor.
// Its audience is its own, so it opens nothing else.
type stepClaims struct {
	jwt.RegisteredClaims
	Version int    `json:"ver"`           // token_version: a changed password ends it
	Pair    string `json:"par,omitempty"` // the keys of tries that the whole sign-in settles
	Good    string `json:"bueno,omitempty"`
}

func (f *Function) stepAudience() string { return f.cfg.Audience + "/mfa" }

func (f *Function) stepParser() *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(f.cfg.Issuer), jwt.WithAudience(f.stepAudience()),
		jwt.WithExpirationRequired(), jwt.WithLeeway(auth.Leeway), jwt.WithStrictDecoding(), jwt.WithTimeFunc(f.Now))
}

// stepToken says that the account's password was given a moment ago.
func (f *Function) stepToken(a account, p proof) (string, error) {
	now := f.Now()
	return f.sign(stepType, stepClaims{f.registered(a.ID, f.stepAudience(), now, now.Add(stepLife)), a.TokenVersion, p.pair, p.good})
}

// stepAccount returns the account that a step token stands for and the proof of
// its password; errWrong when it stands for none any more.
func (f *Function) stepAccount(ctx context.Context, token string) (account, proof, error) {
	var c stepClaims
	_, err := f.steps.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key, ok := f.keys.Key(kid)
		if !ok || t.Header["typ"] != stepType {
			return nil, errWrong
		}
		return key, nil
	})
	if err != nil {
		return account{}, proof{}, errWrong
	}
	id, err := uuid.Parse(c.Subject)
	if err != nil {
		return account{}, proof{}, errWrong
	}
	a, err := f.accountByID(ctx, f.pool, id)
	if err != nil {
		return a, proof{}, err
	}
	if a.ID == uuid.Nil || !a.Activo || a.TokenVersion != c.Version || !a.MFAConfirmado {
		return account{}, proof{}, errWrong
	}
	return a, proof{tries: tries{pair: c.Pair, good: c.Good}, remember: c.Good != ""}, nil
}
