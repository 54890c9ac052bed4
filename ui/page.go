package ui

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/problem"
	"hce.co/shared/service"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

// page is a request for a screen, by somebody who may have signed in.
type page struct {
	w   http.ResponseWriter
	r   *http.Request
	ctx context.Context // acts for who signed in
	s   *session        // nil where nobody did
	now time.Time

	birth time.Time // of the patient whose chart is shown; zero when unknown
}

// screen serves a page to who has signed in; anybody else is sent to do so, and
// comes back afterwards.
func (f *Function) screen(h func(*page) error) service.Handler {
	return f.open(func(p *page) error {
		if p.s != nil {
			first, err := f.unsettled(p)
			switch {
			case err != nil:
				return err
			case first != "":
				return p.redirect(first)
			}
			return h(p)
		}
		if p.r.Method == http.MethodGet || p.r.Method == http.MethodHead {
			return p.redirect(signInFor(p.r.URL.Path))
		}
		return f.ended(p, p.cookie(accountCookie))
	})
}

// only shows a page to who may do what it is for.
func only(perm auth.Permission, h func(*page) error) func(*page) error {
	return func(p *page) error {
		if !p.s.may(perm) {
			return &problem.Error{Status: http.StatusForbidden}
		}
		return h(p)
	}
}

// open serves a page to anybody.
func (f *Function) open(h func(*page) error) service.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := f.visit(w, r)
		if err == nil {
			err = h(p)
		}
		if err != nil && r.Context().Err() == nil { // who left is shown nothing
			return f.fault(p, err)
		}
		return nil
	}
}

// visit is a request for a page, by who has signed in; the error says that it
// could not be known.
func (f *Function) visit(w http.ResponseWriter, r *http.Request) (*page, error) {
	s, err := f.sessions.of(w, r)
	p := &page{w: w, r: r, s: s, now: f.Now()}
	access := ""
	if s != nil {
		access = s.Access
	}
	p.ctx = client.As(r.Context(), f.sessions.caller(r, access))
	return p, err
}

// unsettled is the page that somebody must go to before any other: a password
// of their own, or a second factor, is still to be set. It is empty for all
// who may go on.
func (f *Function) unsettled(p *page) (string, error) {
	at := p.r.URL.Path
	if !p.s.Is(string(auth.Restricted)) || at == link.Password || strings.HasPrefix(at, link.Enrol) {
		return "", nil
	}
	me, err := f.login.Me(p.ctx)
	if err != nil {
		return "", err
	}
	if me.DebeCambiarClave {
		return link.Password, nil
	}
	return link.Enrol, nil
}

// fault shows an error as a page. What is our failure is logged here: for the
// router the request was answered.
func (f *Function) fault(p *page, err error) error {
	if next, ok := resuming(p.ctx); ok && unsent(err) { // nothing that could be shown again
		return p.redirect(next)
	}
	m := view.Fault{Page: p.page(view.NoSection), Status: problem.Status(err), RequestID: auth.From(p.ctx).RequestID}
	if m.Status >= http.StatusInternalServerError {
		f.Log.ErrorContext(p.ctx, "page failed", "request_id", m.RequestID, "route", p.r.Pattern, "status", m.Status, "error", err)
	}
	var pr *problem.Error
	if errors.As(err, &pr) {
		m.Retry = int(pr.RetryAfter.Seconds())
		if m.Status < 500 {
			m.Detail = pr.Detail
		}
		if _, ok := pr.Members["acceso_emergencia"]; ok && p.r.PathValue("id") != "" && p.s != nil && p.s.may(auth.BreakGlass) {
			m.Emergency = link.Emergency(p.r.PathValue("id"))
		}
		if wantsStepUp(err) {
			return p.reinforceFirst(err, p.here())
		}
		if m.Status == http.StatusUnauthorized && p.s != nil { // the session ended elsewhere
			forget(p.w)
			if p.r.Method == http.MethodGet {
				return p.redirect(signInFor(p.r.URL.Path))
			}
			return f.ended(p, p.s.ID)
		}
	}
	return p.render(m.Status, m)
}

// render draws a screen.
func (p *page) render(status int, s view.Screen) error { return p.draw(status, s.Screen()) }

// part draws a part of a screen, for a script that replaces it.
func (p *page) part(c templ.Component) error { return p.draw(http.StatusOK, c) }

func (p *page) draw(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(p.ctx, &b); err != nil {
		return err
	}
	h := p.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if _, ok := resuming(p.ctx); ok && status == http.StatusUnprocessableEntity {
		status = http.StatusOK // nothing was sent, so nothing was refused
	}
	p.w.WriteHeader(status)
	p.w.Write(b.Bytes()) //nolint:errcheck // the client is gone; there is nobody to tell
	return nil
}

// show draws a screen with 200.
func (p *page) show(s view.Screen) error { return p.render(http.StatusOK, s) }

// redirect sends the browser to another page of ours.
func (p *page) redirect(to string) error {
	http.Redirect(p.w, p.r, to, http.StatusSeeOther)
	return nil
}

// done sends the browser on after a form has taken effect, with a notice.
func (p *page) done(to string, n noticeCode) error {
	c := &http.Cookie{Name: noticeCookie, Value: string(n), Path: "/", MaxAge: 60, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	http.SetCookie(p.w, c)
	return p.redirect(to)
}

// page is what every screen has around its content.
func (p *page) page(s view.Section) view.Page {
	v := view.Page{Section: s}
	if p.s != nil {
		v.User = &view.User{Name: p.s.Name, Roles: p.s.Roles, PatientID: p.s.DocumentoID, SessionEnds: p.s.Ends}
	}
	if _, ok := resuming(p.ctx); ok {
		v.Flash = component.Notice{Tone: component.Caution, Text: unsentText}
	}
	if c, err := p.r.Cookie(noticeCookie); err == nil {
		if n, ok := notices[noticeCode(c.Value)]; ok {
			v.Flash = component.Notice{Tone: component.Good, Text: n}
			if slices.Contains(cautions, noticeCode(c.Value)) {
				v.Flash.Tone = component.Caution
			}
		}
		http.SetCookie(p.w, &http.Cookie{Name: noticeCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return v
}

const noticeCookie = "__Host-aviso"

// noticeCode names what the last form did.
type noticeCode string

// notices are what the page after it says.
var notices = map[noticeCode]string{
	"registrado":   "La historia clínica quedó abierta.",
	"guardado":     "Los cambios quedaron guardados.",
	"documento":    "El documento quedó agregado a la historia.",
	"retirado":     "El documento ya no lleva a esta historia.",
	"admitido":     "La admisión quedó abierta.",
	"admision":     "La admisión quedó actualizada.",
	"firmada":      "La nota quedó firmada.",
	"adenda":       "La adenda quedó firmada.",
	"anulada":      "La nota quedó anulada. Sigue visible, marcada.",
	"resultado":    "El resultado quedó registrado.",
	"descartada":   "El borrador quedó descartado.",
	"visto":        "El resultado quedó marcado como visto.",
	"unidas":       "Las historias quedaron unidas.",
	"separadas":    "Las historias quedaron separadas, como estaban.",
	"emergencia":   "Tiene acceso a esta historia por 60 minutos. El paciente y la administración lo verán.",
	"revision":     "La revisión quedó registrada.",
	"factor":       "El segundo factor quedó retirado. Sus otras sesiones terminaron.",
	"revocado":     "El documento quedó revocado.",
	"usuario":      "La cuenta quedó actualizada.",
	"sin-registro": "La cuenta quedó actualizada. Es de un médico y le falta el registro médico (RETHUS).",
	"clave":        "La clave quedó cambiada. Sus otras sesiones terminaron.",
	"registro":     "Su cuenta quedó abierta. Ya puede ingresar.",
	"salio":        "Salió del sistema.",
	"ajeno":        "Lo que se había escrito antes en este navegador no se puede mostrar: es de otra cuenta, o pasó demasiado tiempo.",
}

// cautions are the notices of what did not go as meant.
var cautions = []noticeCode{"ajeno", "sin-registro"}

// form reads a posted form; text that no database could hold is refused.
func (p *page) form() (url.Values, error) {
	if err := p.r.ParseForm(); err != nil {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			return nil, &problem.Error{Status: http.StatusRequestEntityTooLarge, Detail: "El formulario supera el máximo permitido de 1 MiB."}
		}
		return nil, problem.BadRequest("El formulario llegó incompleto.").Because(err)
	}
	for _, vs := range p.r.PostForm {
		for i, v := range vs {
			if strings.ContainsRune(v, 0) {
				return nil, problem.BadRequest("El formulario tiene caracteres que no se admiten.")
			}
			vs[i] = strings.ToValidUTF8(v, "\ufffd")
		}
	}
	return p.r.PostForm, nil
}

// refused turns a 4xx answer to a posted form into the form again, with its
// text kept; ok is false for an error that is not the form's.
func refused(values url.Values, err error) (form component.Form, status int, ok bool) {
	form = component.Form{Values: values, Key: values.Get("idempotencia"), Version: values.Get("version")}
	pr, isProblem := err.(*problem.Error) //nolint:errorlint // the clients return it bare
	if !isProblem {
		return form, 0, false
	}
	if wantsStepUp(pr) { // it ran out between the form and its answer
		form.Errors = map[string]string{view.CodeField: "Escriba el código de su aplicación de autenticación."}
		return form, http.StatusUnprocessableEntity, true
	}
	if unsent(pr) { // the page says so
		return form, pr.Status, true
	}
	switch pr.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
		http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable:
		form.Errors = pr.Fields
		if len(pr.Fields) == 0 {
			form.Problem = pr.Detail
		}
		return form, pr.Status, true
	}
	return form, 0, false
}

// blankForm is a form that nobody has typed in; its key makes a second press of
// the button harmless.
func blankForm() component.Form {
	return component.Form{Key: uuid.Must(uuid.NewV7()).String()}
}

// signInFor is the way in for who wanted to go to path.
func signInFor(path string) string {
	if path == link.Home {
		return link.SignIn
	}
	return link.SignIn + "?siguiente=" + url.QueryEscape(path)
}

// localPath lets a return address lead only to a page of this server.
func localPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") {
		return link.Home
	}
	return u.EscapedPath()
}
