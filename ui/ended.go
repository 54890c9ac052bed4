package ui

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	login "hce.co/functions/login/api"
	"hce.co/shared/problem"
	"hce.co/ui/view"
	"hce.co/ui/view/link"
)

// ended answers a form that came when its session was over: with the way in,
// and with what was written in it, sealed for the account, so that the same
// person finds it again and nobody else does.
func (f *Function) ended(p *page, account string) error {
	p.s = nil
	m := view.SignIn{Page: p.page(view.NoSection), Awaiting: view.Awaiting{Next: f.from(p)}, Ended: true}
	m.Written, m.Lost = f.keepWritten(p, account)
	return p.render(http.StatusUnauthorized, m)
}

// keepWritten seals the form of the request; lost is true when somebody wrote
// what cannot be kept.
func (f *Function) keepWritten(p *page, account string) (sealed string, lost bool) {
	if p.r.Header.Get("X-Autoguardado") != "" || p.r.Header.Get("HX-Request") != "" {
		return "", false // the page that asks still has it
	}
	form, err := p.form()
	if err != nil {
		return "", true
	}
	w, ok := writtenIn(p.r.URL.RequestURI(), form)
	if !ok {
		return "", false
	}
	if uuid.Validate(account) != nil { // nobody knows whose it is
		return "", true
	}
	sealed, err = f.envelope.seal(account, w)
	return sealed, err != nil
}

// from is the page that the form of the request stands on, or the nearest to it
// that can be opened.
func (f *Function) from(p *page) string {
	for _, path := range []string{p.here(), p.r.URL.EscapedPath()} {
		if u, err := url.Parse(path); err == nil && f.opens(http.MethodGet, u) {
			return path
		}
	}
	return link.Home
}

// opens reports whether a page of ours answers to a method at an address.
func (f *Function) opens(method string, u *url.URL) bool {
	_, pattern := f.pages.Handler(&http.Request{Method: method, URL: u})
	return strings.HasPrefix(pattern, method+" ")
}

// resumes marks a request that shows again what was written before a session
// ended. Nothing is sent on somebody's behalf: no call but reading leaves it.
type resumes struct{ next string }

// resuming returns where to go when there is nothing to show.
func resuming(ctx context.Context) (next string, ok bool) {
	m, ok := ctx.Value(resumes{}).(resumes)
	return m.next, ok
}

// resume answers whoever has signed in with the form that was sent before, as
// its page shows one that was refused; or goes on to what waits.
func (f *Function) resume(p *page, t login.Token, then view.Awaiting) error {
	if then.Written == "" {
		return p.redirect(then.Next)
	}
	var s session
	s.read(t.AccessToken)
	w, ok := f.envelope.open(s.ID, then.Written)
	if !ok {
		return p.done(link.Home, "ajeno")
	}
	u, err := url.Parse(w.Path)
	if err != nil || !f.opens(http.MethodPost, u) {
		return p.redirect(then.Next)
	}
	r := p.r.Clone(context.WithValue(p.r.Context(), resumes{}, resumes{then.Next}))
	r.URL, r.RequestURI, r.Body = u, w.Path, http.NoBody
	r.Form, r.PostForm = w.Fields, w.Fields
	r.Header.Del("Cookie")
	r.AddCookie(&http.Cookie{Name: accessCookie, Value: t.AccessToken})
	r.AddCookie(&http.Cookie{Name: refreshCookie, Value: cmp.Or(t.RefreshToken, p.cookie(refreshCookie))})
	f.pages.ServeHTTP(p.w, r)
	return nil
}

// retake goes back to what was being written, from a page that had to be seen
// before.
func (f *Function) retake(p *page) error {
	v, err := p.form()
	if err != nil {
		return err
	}
	return f.resume(p, login.Token{AccessToken: p.s.Access}, awaiting(v))
}

// awaiting is what waits in a form on the way into a session.
func awaiting(v url.Values) view.Awaiting {
	return view.Awaiting{Next: localPath(v.Get("siguiente")), Written: v.Get(view.WrittenField)}
}

// unsentText says what became of a form that is shown again.
const unsentText = "Su sesión había terminado y esto no se envió. Revíselo y envíelo de nuevo."

// unsentMember marks the answer in place of a call that would have sent something.
const unsentMember = "sin_enviar"

// heldBack reports whether a call must not be made: it would change something
// while a form is only being shown again.
func heldBack(r *http.Request) bool {
	_, ok := resuming(r.Context())
	return ok && r.Method != http.MethodGet && r.Method != http.MethodHead
}

// errUnsent is the answer in place of such a call.
func errUnsent() error { return problem.Unprocessable("%s", unsentText).With(unsentMember, true) }

// unsent reports whether err is that answer.
func unsent(err error) bool {
	pr, ok := err.(*problem.Error) //nolint:errorlint // the clients return it bare
	return ok && pr.Members[unsentMember] == true
}
