package ui

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	login "hce.co/functions/login/api"
	notes "hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
)

// challenge is the answer of a function to who has to step up.
func challenge() error {
	return auth.RequireStepUp(auth.Principal{SecondFactor: true}, time.Time{}.Add(auth.StepUpLife))
}

// given is w as their token says after a code given some time ago.
func (d *door) given(w who, ago time.Duration) who {
	w.Factor, w.ACR, w.AuthTime = true, auth.ACRSecondFactor, d.now.Add(-ago).Unix()
	return w
}

// signing makes the backends know a draft and a signed note of a médico with a
// second factor, whose next code is 123456.
func (d *door) signing() (draft, signed notes.Note) {
	d.charted(record(3, everything()))
	for _, n := range []struct {
		note  *notes.Note
		state string
	}{{&draft, "borrador"}, {&signed, "firmada"}} {
		*n.note = notes.Note{}
		n.note.ID, n.note.DocumentoID, n.note.AdmisionID, n.note.Estado, n.note.Version = uuid.New(), luzID, uuid.New(), n.state, 4
		n.note.Tipo, n.note.MotivoConsulta, n.note.Autor.Nombre, n.note.FechaAtencion = "evolucion", "Tos", physician.Name, d.now
		d.notes.on("GET /medico/nota/"+luzID+"/"+n.note.ID.String(), *n.note)
	}
	d.login.on("GET /yo", login.Me{Nombre: physician.Name, MFA: true})
	d.login.on("POST /login/reforzar", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := newBackend()
		b.on("/", login.Token{AccessToken: d.token(d.given(physician, 0))})
		if d.login.last(d.t, "POST /login/reforzar").body != `{"codigo":"123456"}` {
			b = newBackend()
			b.on("/", problem.Invalid(map[string]string{"codigo": "El código no es correcto o ya se usó."}))
		}
		b.ServeHTTP(w, r)
	}))
	// notes takes only the token that the code gave.
	guarded := func(pattern string, answer any) {
		d.notes.on(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b := newBackend()
			if r.Header.Get("Authorization") == "Bearer "+d.token(d.given(physician, 0)) {
				b.on("/", answer)
			} else {
				b.on("/", challenge())
			}
			b.ServeHTTP(w, r)
		}))
	}
	guarded("POST /medico/nota/"+luzID+"/"+draft.ID.String()+"/firma", signed)
	guarded("PUT /medico/nota/"+luzID+"/"+draft.ID.String(), draft)
	guarded("POST /medico/nota/"+luzID+"/"+signed.ID.String()+"/adenda", notes.Addendum{})
	guarded("POST /medico/nota/"+luzID+"/"+signed.ID.String()+"/anulacion", signed)
	return draft, signed
}

// hasCode reports whether a form asks for a code.
func hasCode(form *html.Node) bool { return fieldsOf(form).Has("codigo") }

func TestSigningAsksForTheCode(t *testing.T) {
	d := newDoor(t)
	draft, signed := d.signing()
	stale := d.given(physician, auth.StepUpLife)
	note, sheet := "/notas/"+luzID+"/"+signed.ID.String(), "/notas/"+luzID+"/"+draft.ID.String()+"/firma"
	for _, tt := range []struct {
		page, action string
		typed        url.Values
		kept         string // the field whose text must stay
	}{
		{sheet, sheet, url.Values{"firma_paciente": {"Rosa Núñez, hija"}}, "firma_paciente"},
		{note, note + "/adenda", url.Values{"motivo": {"aclaracion"}, "texto": {"La tos era de ayer."}}, "texto"},
		{note, note + "/anulacion", url.Values{"motivo": {"Es de otra paciente."}}, "motivo"},
	} {
		fill := func(n *html.Node, code string) url.Values {
			v := fieldsOf(form(t, n, tt.action))
			if !v.Has("codigo") {
				t.Errorf("%s: the form does not ask for the code", tt.action)
			}
			for k := range tt.typed {
				v[k] = tt.typed[k]
			}
			v.Set("codigo", code)
			return v
		}
		v := fill(readPage(t, d.send(&stale, "GET", tt.page, nil), 200), "")
		for code, says := range map[string]string{"": "Escriba el código", "000000": "El código no es correcto o ya se usó."} {
			v.Set("codigo", code)
			page := readPage(t, d.send(&stale, "POST", tt.action, v), 422)
			wants(t, page, says)
			again := fieldsOf(form(t, page, tt.action))
			if again.Get(tt.kept) != tt.typed.Get(tt.kept) || again.Get("codigo") != "" {
				t.Errorf("%s: after a wrong code the form says %v", tt.action, again)
			}
			v = fill(page, "123456")
		}
		resp := d.send(&stale, "POST", tt.action, v)
		leads(t, resp, "/notas/"+luzID+"/"+map[bool]string{true: draft.ID.String(), false: signed.ID.String()}[tt.page == sheet])
		if c := cookies(resp); c[accessCookie] == nil || c[accessCookie].Value != d.token(d.given(physician, 0)) || c[refreshCookie] != nil {
			t.Errorf("%s: the browser keeps %v", tt.action, c)
		}
	}
}

// Whoever has no second factor, and who gave it not long ago, is not asked.
func TestSigningAsksNobodyElse(t *testing.T) {
	for name, w := range map[string]func(*door) who{
		"without one": func(*door) who { return physician },
		"just given":  func(d *door) who { return d.given(physician, auth.StepUpLife-time.Second) },
	} {
		d := newDoor(t)
		draft, signed := d.signing()
		caller := w(d)
		sheet, note := "/notas/"+luzID+"/"+draft.ID.String()+"/firma", "/notas/"+luzID+"/"+signed.ID.String()
		if hasCode(form(t, readPage(t, d.send(&caller, "GET", sheet, nil), 200), sheet)) {
			t.Errorf("%s: the sheet to sign asks for a code", name)
		}
		page := readPage(t, d.send(&caller, "GET", note, nil), 200)
		if hasCode(form(t, page, note+"/adenda")) || hasCode(form(t, page, note+"/anulacion")) {
			t.Errorf("%s: the note asks for a code", name)
		}
	}
}

// A code that runs out between the form and its answer is asked for, and what
// was typed stays.
func TestCodeRunsOutMeanwhile(t *testing.T) {
	d := newDoor(t)
	_, signed := d.signing()
	late := d.given(physician, auth.StepUpLife-time.Second) // notes has it expired already
	action := "/notas/" + luzID + "/" + signed.ID.String() + "/adenda"
	page := readPage(t, d.send(&late, "POST", action, url.Values{"motivo": {"aclaracion"}, "texto": {"La tos era de ayer."}, "idempotencia": {"k"}}), 422)
	v := fieldsOf(form(t, page, action))
	if !v.Has("codigo") || v.Get("texto") != "La tos era de ayer." || v.Get("idempotencia") != "k" {
		t.Errorf("the form says %v", v)
	}
}

// A page without a field for the code sends to where there is one, and the
// session stays.
func TestStepUpElsewhere(t *testing.T) {
	d := newDoor(t)
	d.patient.on("GET /", challenge())
	resp := d.send(&admin, "GET", "/revision", nil)
	leads(t, resp, "/reforzar?siguiente=%2Frevision")
	if len(cookies(resp)) != 0 {
		t.Errorf("the browser is told %v", cookies(resp))
	}
	access := uuid.NewString()
	d.patient.on("POST /", challenge())
	for referer, back := range map[string]string{
		"http://example.com/revision": "%2Frevision", "http://evil.example/revision": "%2F", "": "%2F",
	} {
		resp := d.send(&admin, "POST", "/revision/"+luzID+"/"+access, url.Values{"decision": {"justificado"}}, header("Referer", referer))
		leads(t, resp, "/reforzar?siguiente="+back)
	}
}
