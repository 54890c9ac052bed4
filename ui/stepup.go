package ui

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	login "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/ui/view"
	"hce.co/ui/view/link"
)

// mustConfirm reports whether the person has to give a code of their second
// factor along with what they sign, as far as their token tells: the functions
// decide.
func (p *page) mustConfirm() bool {
	return auth.RequireStepUp(auth.Principal{SecondFactor: p.s.SecondFactor, SteppedUp: p.s.SteppedUp}, p.now) != nil
}

// confirm gives login the code that stands in the form of what is to be signed,
// when one is needed. From then on the page acts with a token that says so. The
// code leaves the form: it is good once.
func (f *Function) confirm(p *page, v url.Values) error {
	code := strings.TrimSpace(v.Get(view.CodeField))
	v.Del(view.CodeField)
	if !p.mustConfirm() {
		return nil
	}
	if code == "" {
		return problem.Invalid(map[string]string{view.CodeField: "Escriba el código de su aplicación de autenticación."})
	}
	t, err := f.login.Reinforce(p.ctx, login.Reinforce{Codigo: code})
	if err != nil {
		return err
	}
	p.keepAccess(t)
	f.actWith(p, t)
	return nil
}

// wantsStepUp reports whether err asks for a second factor given not long ago
// (RFC 9470).
func wantsStepUp(err error) bool {
	var pr *problem.Error
	return errors.As(err, &pr) && pr.Status == http.StatusUnauthorized && pr.Members["error"] == auth.InsufficientAuthentication
}

// reinforceFirst sends to confirm who they are whoever did not do so not long
// ago, and then on to next. Any other error stays.
func (p *page) reinforceFirst(err error, next string) error {
	if !wantsStepUp(err) {
		return err
	}
	return p.redirect(link.Reinforce + "?siguiente=" + url.QueryEscape(next))
}

// here is the page that the request was made from: where to come back to.
func (p *page) here() string {
	if p.r.Method == http.MethodGet {
		return p.r.URL.Path
	}
	from, err := url.Parse(p.r.Referer())
	if err != nil || from.Host != p.r.Host {
		return link.Home
	}
	return from.EscapedPath()
}
