package ui

import (
	"net/http"
	"net/url"
	"strings"

	login "hce.co/functions/login/api"
	"hce.co/shared/auth"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// enrolForm shows whether there is a second factor, and offers to begin one.
func (f *Function) enrolForm(p *page) error {
	me, err := f.login.Me(p.ctx)
	if err != nil {
		return err
	}
	return p.show(view.Enrol{Page: p.page(view.NoSection), Enabled: me.MFA, Forced: me.MFAPorActivar})
}

// enrolNew begins a second factor, in place of the one that there may be.
func (f *Function) enrolNew(p *page) error {
	me, err := f.login.Me(p.ctx)
	if err != nil {
		return err
	}
	return f.beginFactor(p, me, view.Awaiting{})
}

func (f *Function) beginFactor(p *page, me login.Me, then view.Awaiting) error {
	e, err := f.login.BeginMFA(p.ctx)
	if err != nil {
		return p.reinforceFirst(err, link.Enrol)
	}
	return p.show(view.Enrol{
		Page: p.page(view.NoSection), Enabled: me.MFA, Forced: me.MFAPorActivar, Secret: grouped(e.Secreto), URI: e.URI,
		Awaiting: then,
	})
}

// enrol puts the second factor in force.
func (f *Function) enrol(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	then := awaiting(v)
	done, err := f.login.ConfirmMFA(p.ctx, strings.TrimSpace(v.Get("codigo")))
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return p.reinforceFirst(err, link.Enrol)
		}
		return p.render(status, view.Enrol{
			Page: p.page(view.NoSection), Form: form, Forced: p.s.Is(string(auth.Restricted)), Secret: v.Get("secreto"), URI: otpauth(v.Get("uri")),
			Awaiting: then,
		})
	}
	p.keepAccess(done.Token)
	f.actWith(p, done.Token)
	return p.show(view.Enrol{Page: p.page(view.NoSection), Enabled: true, Recovery: done.CodigosRecuperacion, Awaiting: then})
}

// otpauth lets through the address of a second factor (otpauth://totp/…) and no
// other that somebody may have put into the form.
func otpauth(s string) string {
	if u, err := url.Parse(s); err != nil || u.Scheme != "otpauth" {
		return ""
	}
	return s
}

// enrolRemove takes the second factor away.
func (f *Function) enrolRemove(p *page) error {
	if err := f.login.RemoveMFA(p.ctx); err != nil {
		return p.reinforceFirst(err, link.Enrol)
	}
	return p.done(link.Enrol, "factor")
}

func (f *Function) reinforceForm(p *page) error {
	return f.showReinforce(p, http.StatusOK, component.Form{}, localPath(p.r.URL.Query().Get("siguiente")))
}

func (f *Function) showReinforce(p *page, status int, form component.Form, next string) error {
	me, err := f.login.Me(p.ctx)
	if err != nil {
		return err
	}
	return p.render(status, view.Reinforce{Page: p.page(view.NoSection), Form: form, Factor: me.MFA, Next: next})
}

// reinforce takes the second factor again, or the password of who has none.
func (f *Function) reinforce(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	next := localPath(v.Get("siguiente"))
	t, err := f.login.Reinforce(p.ctx, login.Reinforce{Codigo: strings.TrimSpace(v.Get("codigo")), Clave: v.Get("clave")})
	if err != nil {
		form, status, ok := refused(v, err)
		if !ok {
			return err
		}
		form.Values = nil
		return f.showReinforce(p, status, form, next)
	}
	p.keepAccess(t)
	return p.redirect(next)
}

// grouped writes a secret in fours, to be typed.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
