package ui

import (
	"net/http"
	"strings"
	"time"

	login "hce.co/functions/login/api"
	"hce.co/shared/auth"
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
	return p.show(view.SignIn{Page: p.page(view.NoSection), Awaiting: awaiting(p.r.URL.Query())})
}

// signIn takes a user name and a password, and keeps the tokens in cookies.
func (f *Function) signIn(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	then := awaiting(v)
	t, err := f.login.Login(p.ctx, v.Get("username"), v.Get("password"))
	if login.OAuthError(err) == login.ErrorSecondFactor {
		if step := login.SecondFactorToken(err); step != "" {
			setCookie(p.w, stepCookie, step, stepLife)
			setCookie(p.w, nextCookie, then.Next, stepLife)
			if then.Written != "" { // too much for a cookie
				return p.show(view.SecondFactor{Page: p.page(view.NoSection), Awaiting: then})
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
		return p.render(status, view.SignIn{Page: p.page(view.NoSection), Form: form, Awaiting: then})
	}
	return f.enter(p, t, then)
}

// asForm makes a refused sign-in a message of the form.
func asForm(err error) error {
	if pr, ok := err.(*problem.Error); ok && pr.Status == http.StatusUnauthorized { //nolint:errorlint // the clients return it bare
		return &problem.Error{Status: http.StatusUnprocessableEntity, Detail: pr.Detail, Fields: pr.Fields, Cause: err}
	}
	return err
}

// enter begins a session, and goes first to what must be settled in it; then to
// what the same person was writing when their last one ended, or to where they
// were going.
func (f *Function) enter(p *page, t login.Token, then view.Awaiting) error {
	keep(p.w, t)
	p.s = &session{}
	return f.proceed(p, t, then)
}

// proceed goes on with a token that the browser has just got. What was written
// is in no cookie, and goes along in the forms that must be filled in before.
func (f *Function) proceed(p *page, t login.Token, then view.Awaiting) error {
	f.actWith(p, t)
	switch {
	case !t.DebeCambiarClave && !t.MFAPorActivar:
		return f.resume(p, t, then)
	case then.Written == "" && t.DebeCambiarClave:
		return p.redirect(link.Password)
	case then.Written == "":
		return p.redirect(link.Enrol)
	case t.DebeCambiarClave:
		return p.show(view.PasswordChange{Page: p.page(view.NoSection), Forced: true, Awaiting: then})
	}
	return f.beginFactor(p, login.Me{MFAPorActivar: true}, then)
}

// actWith makes the page act with another token of its session.
func (f *Function) actWith(p *page, t login.Token) {
	p.s.read(t.AccessToken)
	p.ctx = client.As(p.r.Context(), f.sessions.caller(p.r, t.AccessToken))
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
	return p.show(view.SecondFactor{Page: p.page(view.NoSection), Awaiting: view.Awaiting{Next: p.cookie(nextCookie)}})
}

func (f *Function) secondFactor(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	then := view.Awaiting{Next: localPath(p.cookie(nextCookie)), Written: v.Get(view.WrittenField)}
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
		return p.render(status, view.SecondFactor{Page: p.page(view.NoSection), Form: form, Awaiting: then})
	}
	setCookie(p.w, stepCookie, "", -1)
	setCookie(p.w, nextCookie, "", -1)
	return f.enter(p, t, then)
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
	then := awaiting(v)
	t, err := f.login.ChangePassword(p.ctx, v.Get("actual"), v.Get("nueva"))
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		form.Values = nil
		return p.render(status, view.PasswordChange{
			Page: p.page(view.NoSection), Form: form, Forced: p.s.Is(string(auth.Restricted)), Awaiting: then,
		})
	}
	p.keepAccess(t)
	if then.Written != "" {
		return f.proceed(p, t, then)
	}
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
