package hce_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"hce.co/functions/hce/demo"
	"hce.co/shared/db/dbtest"
)

// browser is a headless Chromium with one page.
type browser struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // chromedp's browser is a context
	base string
	shot int
	name string
}

// newBrowser starts Chromium; scripts says whether its pages may run any.
func newBrowser(t *testing.T, base string, scripts bool, width int64) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("no chromium to test with: %v", err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(int(width), 900))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, stopPage := chromedp.NewContext(alloc)
	t.Cleanup(stopPage)
	timed, stopTime := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stopTime)
	b := &browser{t: t, ctx: timed, base: base, name: strings.ReplaceAll(t.Name(), "/", "-")}
	chromedp.ListenTarget(timed, func(ev any) { // "leave this page?": yes
		if _, ok := ev.(*page.EventJavascriptDialogOpening); ok {
			go chromedp.Run(timed, page.HandleJavaScriptDialog(true)) //nolint:errcheck // the dialog may be gone
		}
	})
	if err := chromedp.Run(timed); err != nil { // the browser lives as long as the context that starts it
		t.Fatal(err)
	}
	b.do(emulation.SetScriptExecutionDisabled(!scripts), chromedp.EmulateViewport(width, 900))
	return b
}

func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.picture()
		var where, text string
		chromedp.Run(b.ctx, chromedp.Location(&where), chromedp.Text("body", &text, chromedp.ByQuery)) //nolint:errcheck // only to say more
		b.t.Fatalf("at %s: %v\n%.1500s", where, err, text)
	}
}

// picture keeps what the page looks like, where HCE_SCREENSHOTS says.
func (b *browser) picture() {
	dir := os.Getenv("HCE_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	var png []byte
	if err := chromedp.Run(ctx, chromedp.FullScreenshot(&png, 90)); err == nil {
		b.shot++
		os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%02d.jpg", b.name, b.shot)), png, 0o600) //nolint:errcheck // only for the eye
	}
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base+path), chromedp.WaitReady("main", chromedp.ByQuery))
	b.picture()
}

// fill types into the field of a name.
func (b *browser) fill(name, value string) {
	b.t.Helper()
	sel := fmt.Sprintf(`main [name=%q]:not([type=hidden])`, name)
	b.set(sel, "")
	b.do(chromedp.SendKeys(sel, value, chromedp.ByQuery))
}

// choose picks an option of a select, or a radio button, or a check box.
func (b *browser) choose(name, value string) {
	b.t.Helper()
	sel := fmt.Sprintf(`main input[name=%q][value=%q]`, name, value)
	var radio bool
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		return chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q) !== null`, sel), &radio).Do(ctx)
	}))
	if radio {
		b.do(chromedp.Click(sel, chromedp.ByQuery))
		return
	}
	b.set(fmt.Sprintf(`main select[name=%q]`, name), value)
}

// date sets a field that browsers have a picker for.
func (b *browser) date(name, value string) {
	b.t.Helper()
	b.set(fmt.Sprintf(`main [name=%q]`, name), value)
}

// set gives an element its value as a picker does.
func (b *browser) set(selector, value string) {
	b.t.Helper()
	b.do(chromedp.WaitReady(selector, chromedp.ByQuery),
		chromedp.Evaluate(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); })()`, selector, value), nil))
}

// press uses the button or link that is called so, and waits for the next page.
func (b *browser) press(text string) {
	b.t.Helper()
	var before float64
	b.do(chromedp.Evaluate(`performance.timeOrigin`, &before))
	b.tap(text)
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			var now float64
			var ready bool
			if err := chromedp.Evaluate(`performance.timeOrigin`, &now).Do(ctx); err == nil && now != before {
				if err := chromedp.Evaluate(`document.readyState === "complete"`, &ready).Do(ctx); err == nil && ready {
					return nil
				}
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("no page after pressing %q: %w", text, ctx.Err())
			case <-time.After(30 * time.Millisecond):
			}
		}
	}))
	b.picture()
}

// tap uses the button or link that is called so, once it is there.
func (b *browser) tap(text string) {
	b.t.Helper()
	path := fmt.Sprintf(`(//main//button[contains(normalize-space(.), %[1]q)] | //main//a[contains(normalize-space(.), %[1]q)])[1]`, text)
	b.do(chromedp.WaitVisible(path, chromedp.BySearch), chromedp.ScrollIntoView(path, chromedp.BySearch), chromedp.Click(path, chromedp.BySearch))
}

// sees fails unless the page says all of texts.
func (b *browser) sees(texts ...string) {
	b.t.Helper()
	var body string
	b.do(chromedp.Evaluate(`document.body.innerText`, &body))
	for _, text := range texts {
		if !strings.Contains(strings.ToLower(flat(body)), strings.ToLower(text)) {
			var where string
			b.do(chromedp.Location(&where))
			b.picture()
			b.t.Fatalf("%s does not say %q:\n%.2000s", where, text, body)
		}
	}
}

// path is where the browser is.
func (b *browser) path() string {
	b.t.Helper()
	var where string
	b.do(chromedp.Location(&where))
	return strings.TrimPrefix(where, b.base)
}

func (b *browser) signIn(username, secret string) {
	b.t.Helper()
	b.do(network.ClearBrowserCookies())
	b.open("/ingresar")
	b.fill("username", username)
	b.fill("password", secret)
	b.press("Ingresar")
}

// The journeys in a browser: with scripts on a desk, without them on a phone.
func TestBrowser(t *testing.T) {
	c := theClinic(t)
	for _, tt := range []struct {
		name    string
		scripts bool
		width   int64
	}{{"scripts", true, 1280}, {"no scripts on a phone", false, 360}} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBrowser(t, c.url, tt.scripts, tt.width)
			number := dbtest.DocumentoID()
			id := "CC-" + number

			b.signIn("admisionista", "no es la clave")
			b.sees("El usuario o la clave no son correctos")
			b.signIn("admisionista", password)
			b.sees("Óscar Iván Bermúdez")
			b.open("/pacientes/nuevo")
			for _, f := range [][2]string{
				{"numero_documento", number}, {"primer_nombre", "Luz"}, {"primer_apellido", "Peña"}, {"segundo_apellido", "Ibáñez"},
			} {
				b.fill(f[0], f[1])
			}
			b.press("Registrar paciente")
			b.sees("Escriba la fecha de nacimiento", "Elija el sexo biológico")
			b.date("fecha_nacimiento", "1984-02-29")
			b.choose("sexo_biologico", "02")
			b.press("Registrar paciente")
			b.sees("¿Es alguno de estos?", "Peña Núñez, Luz Marina") // the demo patient was born on that day too
			b.choose("confirmar_nuevo", "si")
			b.press("Registrar paciente")
			b.sees("historia clínica quedó abierta", "Peña Ibáñez", "29 feb 1984")
			if got := b.path(); got != "/pacientes/"+id {
				t.Fatalf("after registering the browser is at %s", got)
			}
			b.open("/pacientes/" + id + "/admisiones/nueva")
			b.choose("clase", "AMB")
			b.press("Admitir")
			b.sees("La admisión quedó abierta", "Medicina general")

			b.signIn("medico", password)
			b.open("/pacientes")
			b.fill("q", "peña "+number)
			b.open("/notas/" + id + "/nueva")
			b.choose("tipo", "evolucion")
			b.press("Empezar")
			b.fill("motivo_consulta", "Tos de siete días <b>fuerte</b>")
			b.fill("evolucion_medica", "Tos húmeda, sin fiebre.")
			b.fill("signos_vitales.pas", "120")
			b.fill("signos_vitales.pad", "80")
			b.fill("cie10_q", "bronquitis aguda")
			if tt.scripts { // codes are found and added without leaving the page
				b.tap("J20.9")
				b.do(chromedp.WaitVisible(`[name="quitar_diagnostico"]`, chromedp.ByQuery))
			} else {
				b.press("Buscar")
				b.press("J20.9")
			}
			b.sees("J20.9 Bronquitis aguda")
			b.press("Revisar y firmar")
			b.sees("no se puede cambiar", "Tos húmeda, sin fiebre", "<b>fuerte</b>", "J20.9", "Marcela Ríos Cárdenas")
			b.press("Firmar la nota")
			b.sees("La nota quedó firmada", "SHA-256", "Marcela Ríos Cárdenas")
			b.do(chromedp.Click(`//summary[contains(., "Agregar una adenda")]`, chromedp.BySearch))
			b.choose("motivo", "aclaracion")
			b.fill("texto", "La tos es seca.")
			b.press("Firmar la adenda")
			b.sees("La tos es seca")
			b.open("/documentos/" + id)
			b.fill("motivo", "Interconsulta en otra institución")
			b.press("Pedir")
			for range 100 { // the page follows the work by itself; here it is asked again
				var text string
				b.do(chromedp.Evaluate(`document.body.innerText`, &text))
				if strings.Contains(text, "Descargar") {
					break
				}
				time.Sleep(100 * time.Millisecond)
				b.do(chromedp.Reload(), chromedp.WaitReady("main", chromedp.ByQuery))
			}
			b.picture()
			b.sees("Descargar")

			b.signIn("paciente", password)
			b.sees("Peña Núñez")
			b.open("/pacientes/" + id)
			b.sees("No tiene permiso")
			b.open("/pacientes/" + demo.OwnerID + "/accesos")
			b.sees("Quién vio mi historia", "Marcela Ríos Cárdenas")
			for _, user := range []string{"resultados", "admin", "operador"} {
				b.signIn(user, password)
				b.sees("Inicio")
			}
			b.open("/operacion")
			b.sees("patient")
		})
	}
}
