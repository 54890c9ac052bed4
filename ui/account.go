package ui

import (
	"net/http"
	"strings"
	"time"

	login "hce.co/functions/login/api"
	"hce.co/shared/client"
	"hce.co/shared/problem"
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/link"
)

func (f *Function) signInForm(p *page) error {
	if p.s != nil {
		return p.redirect(link.Home)
	}
	next := localPath(p.r.URL.Query().Get("siguiente"))
	return p.show(view.SignIn{Page: p.page(view.NoSection), Next: next})
}

// signIn takes a user name and a password, and keeps the tokens in cookies.
func (f *Function) signIn(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	next, written := localPath(v.Get("siguiente")), v.Get(view.WrittenField)
	t, err := f.login.Login(p.ctx, v.Get("username"), v.Get("password"))
	if login.OAuthError(err) == login.ErrorSecondFactor {
		if step := login.SecondFactorToken(err); step != "" {
			setCookie(p.w, stepCookie, step, stepLife)
			setCookie(p.w, nextCookie, next, stepLife)
			if written != "" { // too much for a cookie
				return p.show(view.SecondFactor{Page: p.page(view.NoSection), Next: next, Written: written})
			}
			return p.redirect(link.SecondFactor)
		}
	}
	if err != nil {
		form, status, ok := refused(v, asForm(err))
		if !ok {
			return err
		}
		form.Values.Del("password")
		return p.render(status, view.SignIn{Page: p.page(view.NoSection), Form: form, Next: next, Written: written})
	}
	return f.enter(p, t, next, written)
}

// asForm makes a refused sign-in a message of the form.
func asForm(err error) error {
	if pr, ok := err.(*problem.Error); ok && pr.Status == http.StatusUnauthorized { //nolint:errorlint // the clients return it bare
		return &problem.Error{Status: http.StatusUnprocessableEntity, Detail: pr.Detail, Fields: pr.Fields, Cause: err}
	}
	return err
}

// enter begins a session, and goes first to what must be settled in it; then to
// what the same person was writing when their last one ended, or to next.
func (f *Function) enter(p *page, t login.Token, next, sealed string) error {
	keep(p.w, t)
	switch {
	case t.DebeCambiarClave:
		return p.redirect(link.Password)
	case t.MFAPorActivar:
		return p.redirect(link.Enrol)
	case sealed == "":
		return p.redirect(next)
	}
	var s session
	s.read(t.AccessToken)
	w, ok := f.envelope.open(s.ID, sealed)
	if !ok {
		return p.done(link.Home, "ajeno")
	}
	return f.resume(p, t, w, next)
}

// The cookies between the two steps of a sign-in.
const (
	stepCookie = "__Host-paso"
	nextCookie = "__Host-siguiente"
	stepLife   = 5 * time.Minute
)

func (f *Function) secondFactorForm(p *page) error {
	if _, err := p.r.Cookie(stepCookie); err != nil {
		return p.redirect(link.SignIn)
	}
	return p.show(view.SecondFactor{Page: p.page(view.NoSection), Next: p.cookie(nextCookie)})
}

func (f *Function) secondFactor(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	step := p.cookie(stepCookie)
	if step == "" {
		return p.redirect(link.SignIn)
	}
	t, err := f.login.LoginSecondFactor(p.ctx, step, strings.TrimSpace(v.Get("codigo")))
	if err != nil {
		form, status, ok := refused(v, asForm(err))
		if !ok {
			return err
		}
		if m := form.Errors["codigo_mfa"]; m != "" {
			form.Errors = map[string]string{"codigo": m}
		}
		return p.render(status, view.SecondFactor{
			Page: p.page(view.NoSection), Form: form, Next: p.cookie(nextCookie), Written: v.Get(view.WrittenField),
		})
	}
	next := localPath(p.cookie(nextCookie))
	setCookie(p.w, stepCookie, "", -1)
	setCookie(p.w, nextCookie, "", -1)
	return f.enter(p, t, next, v.Get(view.WrittenField))
}

func (p *page) cookie(name string) string {
	c, err := p.r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

func (f *Function) signOut(p *page) error {
	if p.s != nil {
		if err := f.login.Logout(p.ctx); err != nil && problem.Status(err) != http.StatusUnauthorized {
			return err
		}
	}
	forget(p.w)
	p.w.Header().Set("Clear-Site-Data", `"cache"`)
	return p.done(link.SignIn, "salio")
}

// renewSession keeps a page alive that somebody is still writing on; its script
// asks for it.
func (f *Function) renewSession(w http.ResponseWriter, r *http.Request) error {
	s, err := f.sessions.of(w, r)
	if err != nil {
		return err
	}
	if s == nil {
		return problem.Unauthorized("La sesión terminó.")
	}
	if s.Refresh != "" { // asked for by hand: renew even if the access token still lives
		t, err := f.sessions.renew(client.As(r.Context(), f.sessions.caller(r, "")), s.Refresh)
		if err != nil {
			return err
		}
		keep(w, t)
		s.read(t.AccessToken)
	}
	w.Header().Set(endsHeader, s.Ends.UTC().Format(time.RFC3339))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// endsHeader tells a page's script when the sign-in will end.
const endsHeader = "X-Sesion-Vence"

func (f *Function) signUpForm(p *page) error {
	return p.show(view.SignUp{Page: p.page(view.NoSection), Form: blankForm(), Types: catalog.DocumentTypes.Options()})
}

// signUp opens a patient's account with the code from reception.
func (f *Function) signUp(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	var in login.Registration
	if err = bind(v, &in); err == nil {
		_, err = f.login.Register(client.As(p.r.Context(), f.sessions.caller(p.r, "")), in, v.Get("idempotencia"))
	}
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		form.Values.Del("password")
		return p.render(status, view.SignUp{Page: p.page(view.NoSection), Form: form, Types: catalog.DocumentTypes.Options()})
	}
	return p.done(link.SignIn, "registro")
}

func (f *Function) passwordForm(p *page) error {
	me, err := f.login.Me(p.ctx)
	if err != nil {
		return err
	}
	return p.show(view.PasswordChange{Page: p.page(view.NoSection), Forced: me.DebeCambiarClave})
}

func (f *Function) changePassword(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	t, err := f.login.ChangePassword(p.ctx, v.Get("actual"), v.Get("nueva"))
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		form.Values = nil
		return p.render(status, view.PasswordChange{Page: p.page(view.NoSection), Form: form})
	}
	p.keepAccess(t)
	return p.done(link.Home, "clave")
}

// keepAccess replaces the access token; the refresh token stays unless there is
// a new one.
func (p *page) keepAccess(t login.Token) {
	setCookie(p.w, accessCookie, t.AccessToken, refreshLife)
	if t.RefreshToken != "" {
		setCookie(p.w, refreshCookie, t.RefreshToken, refreshLife)
	}
}
