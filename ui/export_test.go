package ui

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	pdf "hce.co/functions/pdf-export/api"
	"hce.co/shared/problem"
	"hce.co/ui/view"
)

var jobID = uuid.MustParse("0193a5d0-3333-7aaa-8bbb-eeeeeeeeeeee")

func jobIn(state string) pdf.Job {
	return pdf.Job{ID: jobID, DocumentoID: luzID, Request: pdf.Request{Tipo: pdf.Full}, Estado: state, Progreso: 40, SolicitadoPor: "Rita Resultados", CodigoVerificacion: "ABCD-EFGH"}
}

func TestAskForAPDF(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	d.export.on("GET /exportar_pdf/{id}/trabajos", []pdf.Job{})
	d.export.on("POST /exportar_pdf/{id}", jobIn(pdf.Requested))
	at := "/documentos/" + luzID
	v := fieldsOf(form(t, readPage(t, d.send(&clerk, "GET", at, nil), 200), at))
	v.Set("desde", "2026-01-01")
	wants(t, readPage(t, d.send(&clerk, "POST", at, v), 422), "Motivo: Escriba para qué se pide.")
	if slices.Contains(d.export.got(), "POST /exportar_pdf/"+luzID) {
		t.Fatal("a PDF was asked for without a reason")
	}
	v.Set("motivo", "Auditoría")
	leads(t, d.send(&clerk, "POST", at, v), at+"/"+jobID.String())
	sent := d.export.last(t, "POST /exportar_pdf/"+luzID)
	if sent.body != `{"tipo":"historia","desde":"2026-01-01","motivo":"Auditoría"}` || sent.header.Get("Idempotency-Key") != v.Get("idempotencia") {
		t.Errorf("asked for %s under %s", sent.body, sent.header.Get("Idempotency-Key"))
	}
	// The patient's own copy needs no reason (Ley 2015/2020).
	leads(t, d.send(&luz, "POST", at, url.Values{"tipo": {"historia"}}), at+"/"+jobID.String())

	d = newDoor(t)
	d.charted(record(3, least()))
	d.export.on("GET /exportar_pdf/{id}/trabajos", []pdf.Job{})
	d.export.on("POST /exportar_pdf/{id}", problem.Invalid(map[string]string{"hasta": "El período termina antes de comenzar."}))
	page := readPage(t, d.send(&luz, "POST", at, url.Values{"tipo": {"historia"}, "desde": {"2026-02-01"}, "hasta": {"2026-01-01"}}), 422)
	wants(t, page, "Hasta: El período termina antes de comenzar.")
}

// Waiting for a PDF must not fill the trail with readings of the record.
func TestFollowAPDF(t *testing.T) {
	d := newDoor(t)
	d.charted(record(3, least()))
	d.export.on("GET /exportar_pdf/{id}/{trabajo}", jobIn(pdf.Generating))
	at := "/documentos/" + luzID + "/" + jobID.String()
	wants(t, readPage(t, d.send(&clerk, "GET", at, nil), 200), "Preparamos el PDF", "Peña, Luz")
	before := len(d.patient.got())
	page := readPage(t, d.send(&clerk, "GET", at, nil, header("HX-Request", "true")), 200)
	wants(t, page, "Preparamos el PDF")
	if got := d.patient.got(); len(got) != before {
		t.Errorf("a script that asks again reads the record: %v", got[before:])
	}
	if len(d.notes.got()) > 1 {
		t.Errorf("notes was asked %v", d.notes.got())
	}
	readPage(t, d.send(&clerk, "GET", "/documentos/"+luzID+"/x", nil), 404)
}

func TestDownload(t *testing.T) {
	at := "/documentos/" + luzID + "/" + jobID.String() + "/descarga"
	d := newDoor(t)
	big := strings.Repeat("%PDF", 1<<20)
	d.export.on("GET /exportar_pdf/{id}/{trabajo}/archivo", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/pdf")
		h.Set("Content-Disposition", `attachment; filename=historia-clinica-20261123-1000.pdf`)
		h.Set("ETag", `"abc"`)
		h.Set("Set-Cookie", "x=y")
		h.Set("Content-Security-Policy", "default-src *")
		if r.Header.Get("If-None-Match") == `"abc"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, big) //nolint:errcheck // a test's
	}))
	resp := d.send(&clerk, "GET", at, nil)
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || string(b) != big {
		t.Fatalf("%d, %d bytes, %v", resp.StatusCode, len(b), err)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename=historia-clinica-20261123-1000.pdf", "Cache-Control": "no-store",
		"Set-Cookie": "", "Content-Security-Policy": view.ContentSecurityPolicy, "ETag": `"abc"`,
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	h := d.export.last(t, "GET /exportar_pdf/"+luzID+"/"+jobID.String()+"/archivo").header
	if h.Get("Authorization") != "Bearer "+d.token(clerk) || h.Get("Cookie") != "" || h.Get("X-Forwarded-For") != "192.0.2.1" {
		t.Errorf("the function is asked with %v", h)
	}
	if resp := d.send(&clerk, "GET", at, nil, header("If-None-Match", `"abc"`)); resp.StatusCode != http.StatusNotModified {
		t.Errorf("who has it already gets %d", resp.StatusCode)
	}
}

func TestDownloadThatIsRefused(t *testing.T) {
	at := "/documentos/" + luzID + "/" + jobID.String()
	refusing := func(err error) *door {
		d := newDoor(t)
		d.charted(record(3, least()))
		d.export.on("GET /exportar_pdf/{id}/{trabajo}/archivo", err)
		return d
	}
	wants(t, readPage(t, refusing(&problem.Error{Status: 410, Detail: "El documento fue revocado."}).send(&clerk, "GET", at+"/descarga", nil), 410), "Ya no está disponible", "El documento fue revocado.")
	wants(t, readPage(t, refusing(problem.Forbidden("No es suya.").With("acceso_emergencia", true)).send(&physician, "GET", at+"/descarga", nil), 403), "No es suya.", "Pedir acceso de emergencia")
	leads(t, refusing(problem.Conflict("El documento todavía se está generando.")).send(&clerk, "GET", at+"/descarga", nil), at)
	readPage(t, refusing(problem.Unavailable(errors.New("x"))).send(&clerk, "GET", at+"/descarga", nil), 503)
	wants(t, readPage(t, newDoor(t).send(&clerk, "GET", at+"/descarga", nil), 404), "No encontramos")
}

func TestRevoke(t *testing.T) {
	at := "/documentos/" + luzID + "/" + jobID.String()
	d := newDoor(t)
	d.charted(record(3, least()))
	d.export.on("GET /exportar_pdf/{id}/{trabajo}", jobIn(pdf.Ready))
	d.export.on("POST /exportar_pdf/{id}/{trabajo}/revocacion", problem.Invalid(map[string]string{"motivo": "Escriba por qué se revoca."}))
	form(t, readPage(t, d.send(&clerk, "GET", at, nil), 200), at+"/revocacion")
	wants(t, readPage(t, d.send(&clerk, "POST", at+"/revocacion", url.Values{"motivo": {"x"}}), 422), "Escriba por qué se revoca.")
	if said := text(readPage(t, d.send(&physician, "GET", at, nil), 200)); strings.Contains(said, "Revocar") {
		t.Error("a médico is offered to revoke what another asked for")
	}
}

func TestVerify(t *testing.T) {
	d := newDoor(t)
	leads(t, d.send(nil, "POST", "/verificar", url.Values{"codigo": {" abcd efgh-jkmn "}}), "/verificar/ABCDEFGH-JKMN")
	for _, code := range []string{"", "   ", strings.Repeat("A", 50), "../usuarios"} {
		wants(t, readPage(t, d.send(nil, "POST", "/verificar", url.Values{"codigo": {code}}), 422), "Escriba el código")
	}
	for state, says := range map[string]string{pdf.Valid: "Documento válido", pdf.Superseded: "Hay una versión más reciente", pdf.Revoked: "Documento revocado"} {
		d := newDoor(t)
		d.export.on("GET /verificar/{codigo}", pdf.Verification{Estado: state, Emisor: "Hospital de la Prueba", SHA256: "ab12"})
		wants(t, readPage(t, d.send(nil, "GET", "/verificar/ABCD", nil), 200), says, "Hospital de la Prueba", "ab12")
	}
	d.export.on("GET /verificar/{codigo}", problem.NotFound("Ese código no corresponde a ningún documento emitido."))
	wants(t, readPage(t, d.send(nil, "GET", "/verificar/NADA", nil), 404), "Código desconocido")
}
