package hce_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"hce.co/functions/hce/demo"
	"hce.co/shared/db/dbtest"
)

// idle makes a browser one at which nobody did anything until the session ran
// out.
func (b *browser) idle() {
	b.t.Helper()
	for _, name := range []string{"__Host-acceso", "__Host-refresco"} {
		b.do(network.DeleteCookies(name).WithURL(b.base + "/"))
	}
}

// resign signs in on the page where the browser is.
func (b *browser) resign(username string) {
	b.t.Helper()
	b.fill("username", username)
	b.fill("password", password)
	b.press("Ingresar")
}

// value is what a field of the page has in it.
func (b *browser) value(name string) (v string) {
	b.t.Helper()
	b.do(chromedp.Value(`main [name="`+name+`"]:not([type=hidden])`, &v, chromedp.ByQuery))
	return v
}

// What somebody sends after their session ended is there again for them, in a
// real browser, with and without scripts; for the next person it is not.
func TestLateForms(t *testing.T) {
	c := theClinic(t)
	for _, tt := range []struct {
		name    string
		scripts bool
		width   int64
	}{{"scripts", true, 1280}, {"no scripts on a phone", false, 360}} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBrowser(t, c.url, tt.scripts, tt.width)
			number := dbtest.DocumentoID()
			b.signIn("admisionista", password)
			b.open("/pacientes/nuevo")
			b.fill("numero_documento", number)
			b.fill("primer_nombre", "Íngrid")
			b.fill("primer_apellido", "Ñustes")
			b.date("fecha_nacimiento", "1991-07-19")
			b.choose("sexo_biologico", "03")
			b.idle()
			b.press("Registrar paciente")
			b.sees("La sesión terminó", "volverá a verlo")
			b.fill("username", "admisionista")
			b.fill("password", "no es la clave")
			b.press("Ingresar")
			b.sees("El usuario o la clave no son correctos")
			b.resign("admisionista")
			b.sees("esto no se envió")
			for name, want := range map[string]string{"numero_documento": number, "primer_nombre": "Íngrid", "fecha_nacimiento": "1991-07-19"} {
				if got := b.value(name); got != want {
					t.Errorf("%s says %q, want %q", name, got, want)
				}
			}
			b.open("/pacientes/CC-" + number)
			b.sees("No existe") // nothing was sent on their behalf

			// The médico's words are not for whoever signs in next.
			b.signIn("medico", password)
			b.open("/pacientes/" + demo.OwnerID + "/acceso-emergencia")
			b.fill("motivo", "Paciente inconsciente en la puerta de urgencias")
			b.idle()
			b.press("Abrir")
			b.sees("La sesión terminó")
			b.resign("admisionista")
			b.sees("no se puede mostrar", "Óscar Iván Bermúdez")
			var html string
			b.do(chromedp.OuterHTML("html", &html, chromedp.ByQuery))
			if strings.Contains(html, "inconsciente") {
				t.Error("the next person reads what the médico wrote")
			}

			b.signIn("medico", password)
			b.open("/pacientes/" + demo.OwnerID + "/acceso-emergencia")
			b.fill("motivo", "Paciente inconsciente en la puerta de urgencias")
			b.idle()
			b.press("Abrir")
			b.resign("medico")
			b.sees("esto no se envió")
			if got := b.value("motivo"); got != "Paciente inconsciente en la puerta de urgencias" {
				t.Errorf("the reason is now %q", got)
			}
			b.press("Abrir")
			b.sees("Tiene acceso a esta historia por 60 minutos")
		})
	}
}

// Whoever types an address reads a page, and finds the way back.
func TestUnknownAddresses(t *testing.T) {
	c := theClinic(t)
	b := newBrowser(t, c.url, false, 360)
	b.open("/nada")
	b.sees("No encontramos esta página", "Ir al inicio")
	b.open("/static/app.000000000000.css")
	b.sees("No encontramos esta página")
	b.signIn("admisionista", password)
	b.open("/pacientes/" + demo.OwnerID + "/admisiones/0193a5c1-2222-7aaa-8bbb-dddddddddddd/egreso")
	b.sees("Esta página no se abre así")
	b.press("Ir al inicio")
	b.sees("Óscar Iván Bermúdez")
}
