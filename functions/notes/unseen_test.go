package notes

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
)

// result puts a result in the record.
func (w *world) result(documentoID, name string, issued time.Time) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO historia_clinica.resultado (documento_id, id, nombre, valor, valor_tipo, interpretacion, estado, emitido_en, emisor)
		VALUES ($1, $2, $3, '6.8', 'numero', 'HH', 'final', $4, 'Laboratorio')`, documentoID, id, name, issued)
	return id
}

// allUnseen reads the list page by page.
func (w *world) allUnseen(by auth.Principal, limit int) (names []string, pages int) {
	w.t.Helper()
	c, ctx := w.as(by)
	for after := ""; ; {
		page, next, err := c.UnseenResults(ctx, limit, after)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range page {
			names = append(names, r.Nombre)
		}
		if pages++; next == "" {
			return names, pages
		}
		after = next
	}
}

func TestUnseenResultsOfTheirPatients(t *testing.T) {
	w := newWorld(t)
	by, colleague := w.physician(), w.physician()
	// The services of this test are its own: other tests admit people too.
	service := "9" + by.ID.String()[24:27]
	by.Services = []string{service, "no-" + service}
	now := time.Now().UTC().Truncate(time.Second)
	written, here, mine, gone, stranger := w.patient(), w.patient(), w.patient(), w.patient(), w.patient()
	w.write(by, unsigned(written))
	admit := func(doc, service, state string, who any) {
		id := w.admission(doc, "IMP", state, now.Add(-time.Hour))
		w.exec(`UPDATE historia_clinica.admision SET servicio = $3, profesional_id = $4 WHERE documento_id = $1 AND id = $2`, doc, id, service, who)
	}
	admit(here, service, "in-progress", nil)
	admit(mine, "", "in-progress", by.ID)
	admit(gone, service, "finished", nil)
	admit(stranger, "", "in-progress", nil)
	w.write(colleague, unsigned(stranger))

	w.result(written, "de quien escribió", now.Add(-3*time.Hour))
	first := w.result(here, "de su servicio", now.Add(-2*time.Hour))
	w.result(mine, "a su cargo", now.Add(-1*time.Hour))
	w.result(here, "de hace mucho", now.Add(-unseenFor-time.Hour))
	w.result(gone, "de quien ya salió", now)
	w.result(stranger, "de nadie suyo", now)
	same := now.Add(-4 * time.Hour) // at one instant: the id orders them
	for _, name := range []string{"igual 1", "igual 2", "igual 3"} {
		w.result(written, name, same)
	}
	want := []string{"a su cargo", "de su servicio", "de quien escribió", "igual 3", "igual 2", "igual 1"}
	for _, limit := range []int{1, 2, 4, 100} {
		got, pages := w.allUnseen(by, limit)
		if diff := cmp.Diff(want, got); diff != "" || pages != (len(want)+limit-1)/limit {
			t.Errorf("in pages of %d, %d of them (-want +got):\n%s", limit, pages, diff)
		}
	}
	if got, _ := w.allUnseen(colleague, 10); !cmp.Equal(got, []string{"de nadie suyo"}) {
		t.Errorf("a colleague's list: %v", got)
	}

	c, ctx := w.as(by)
	page, _, err := c.UnseenResults(ctx, 2, "")
	if err != nil {
		t.Fatal(err)
	}
	row := api.UnseenResult{
		DocumentoID: here, ID: first, Paciente: "Peña Núñez Luz", Nombre: "de su servicio", Interpretacion: "HH", Estado: "final", EmitidoEn: now.Add(-2 * time.Hour),
	}
	if diff := cmp.Diff(row, page[1], cmpopts.EquateApproxTime(0)); diff != "" {
		t.Error(diff)
	}
	if a := w.send(by, "GET", "/medico/resultados-sin-ver", ""); strings.Contains(a.raw, "6.8") || !strings.Contains(a.raw, `"HH"`) {
		t.Errorf("the list tells a value, of whose reading the patient would not learn: %s", a.raw)
	}
	if _, err := c.MarkSeen(ctx, here, first, 0); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.allUnseen(by, 10); cmp.Equal(got, want) || len(got) != len(want)-1 {
		t.Errorf("once one is seen: %v", got)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND recurso = 'resultados-sin-ver'`, "usuario:"+by.ID.String()); n < 4 {
		t.Errorf("%d audit rows of the list", n)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND recurso = 'resultados-sin-ver'`, here); n != 0 {
		t.Errorf("%d audit rows in the record itself", n)
	}
}

func TestUnseenResultsAreForPhysicians(t *testing.T) {
	w := newWorld(t)
	for _, p := range []auth.Principal{clerk, account(w.patient()), authtest.Principal("Ana", auth.Registrar), authtest.Principal("Alba", auth.Admin)} {
		if a := w.send(p, "GET", "/medico/resultados-sin-ver", ""); a.status != 403 {
			t.Errorf("%s: %d", p.Name, a.status)
		}
	}
	by := w.physician()
	by.Services = nil
	if a := w.send(by, "GET", "/medico/resultados-sin-ver", ""); a.status != 200 || strings.TrimSpace(a.raw) != "[]" {
		t.Errorf("nobody's patients: %d %s", a.status, a.raw)
	}
	for target, field := range map[string]string{"limite=0": "limite", "limite=101": "limite", "despues=x": "despues"} {
		if a := w.send(by, "GET", "/medico/resultados-sin-ver?"+target, ""); a.status != 422 || a.field(field) == nil {
			t.Errorf("%s: %d %s", target, a.status, a.raw)
		}
	}
}
