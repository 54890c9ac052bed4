package admission

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hce.co/functions/admission/api"
	"hce.co/shared/auth"
	"hce.co/shared/auth/authtest"
	"hce.co/shared/civil"
	"hce.co/shared/db/dbtest"
)

// walk reads a list page by page.
func walk(t *testing.T, page func(after string) ([]api.Stay, string, error)) []api.Stay {
	t.Helper()
	var all []api.Stay
	after := ""
	for {
		list, next, err := page(after)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
		if after = next; next == "" {
			return all
		}
	}
}

func TestCensus(t *testing.T) {
	w := newWorld(t)
	reader := authtest.Principal("Rosa Resultados", auth.RecordsClerk)
	c, ctx := w.as(reader)
	tag := bedFor("CC-" + dbtest.DocumentoID())
	desk, dctx := w.as(registrar)
	second := w.admitTo("IMP", "107", tag+"-2")
	first := w.admitTo("IMP", "107", tag+"-1")
	bedless := w.admitTo("IMP", "107", "")
	waiting := w.admitTo("IMP", "107", "")
	gone := w.admitTo("IMP", "107", tag+"-3")
	if _, err := desk.Discharge(dctx, gone.DocumentoID, gone.ID, 1, api.DischargeRequest{CondicionEgreso: "01", EstadoEgreso: "vivo"}); err != nil {
		t.Fatal(err)
	}
	tomorrow := time.Now().Add(24 * time.Hour)
	if _, err := desk.Open(dctx, api.Opening{DocumentoID: w.patient(), Clase: "IMP", CausaMotivo: "38", Servicio: "107", Inicio: &tomorrow}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Triage(dctx, first.DocumentoID, first.ID, 1, api.TriageRequest{Nivel: 2}); err != nil {
		t.Fatal(err)
	}

	pages := 0
	census := func(service string, limit int) (mine []api.Stay) {
		for i, s := range walk(t, func(after string) ([]api.Stay, string, error) { pages++; return c.Census(ctx, service, limit, after) }) {
			if s.Numero >= second.Numero && s.Servicio == "107" { // other tests have patients too
				mine = append(mine, s)
			} else if service != "" && s.Servicio != service {
				t.Errorf("line %d of %s is in %s", i, service, s.Servicio)
			}
		}
		return mine
	}
	got := census("107", 1)
	var order []string
	for _, s := range got {
		order = append(order, fmt.Sprint(s.Numero, " ", s.Cama))
	}
	want := []string{
		fmt.Sprint(bedless.Numero, " "), fmt.Sprint(waiting.Numero, " "), fmt.Sprint(first.Numero, " ", first.Cama), fmt.Sprint(second.Numero, " ", second.Cama),
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Fatalf("census (-want +got):\n%s", diff)
	}
	s := got[2]
	at := s.TriageHora
	level := 2
	full := api.Stay{
		DocumentoID: first.DocumentoID, TipoDocumento: "CC", NumeroDocumento: first.DocumentoID[3:], Nombre: "Luz Peña Núñez",
		FechaNacimiento: "1984-02-29", Edad: civil.Age(time.Date(1984, 2, 29, 0, 0, 0, 0, time.UTC), civil.Today(time.Now())), SexoBiologico: "02",
		AdmisionID: first.ID, Numero: first.Numero, Clase: "IMP", Estado: "triaged", Inicio: first.Inicio, Servicio: "107",
		ServicioNombre: "Cuidado intermedio adultos", Cama: first.Cama, TriageNivel: &level, TriageHora: at,
	}
	if diff := cmp.Diff(full, s); diff != "" || at == nil {
		t.Errorf("a line of the census (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, census("", 2)); diff != "" {
		t.Errorf("the census of all services differs from that of one:\n%s", diff)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND recurso = 'censo' AND tipo = 'search'`, "usuario:"+reader.ID.String()); n != pages {
		t.Errorf("%d readings of the census in the trail, want one for each of %d pages", n, pages)
	}
}

func TestTriageQueue(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.as(physician)
	var mine []api.Admission
	for i, level := range []int{3, 1, 0, 3, 0} {
		a, err := c.Open(ctx, api.Opening{DocumentoID: w.patient(), Clase: "EMER", CausaMotivo: "38", Inicio: ago(time.Duration(10-i) * time.Hour)}, "")
		if err != nil {
			t.Fatal(err)
		}
		if level > 0 {
			if a, err = c.Triage(ctx, a.DocumentoID, a.ID, 0, api.TriageRequest{Nivel: level}); err != nil {
				t.Fatal(err)
			}
		}
		mine = append(mine, a)
	}
	in := w.admit("EMER") // attended: waits no more
	if _, err := c.Attend(ctx, in.DocumentoID, in.ID, 0); err != nil {
		t.Fatal(err)
	}
	w.admit("AMB")
	place := map[int64]int{}
	for i, s := range walk(t, func(after string) ([]api.Stay, string, error) { return c.TriageQueue(ctx, 2, after) }) {
		if _, twice := place[s.Numero]; twice {
			t.Errorf("%d stands twice", s.Numero)
		}
		place[s.Numero] = i
		if s.Clase != "EMER" || s.Numero == in.Numero {
			t.Errorf("%+v is in the queue", s)
		}
	}
	want := []int{2, 4, 1, 0, 3} // not classified, level I, level III; each by time
	for i := 1; i < len(want); i++ {
		before, ok1 := place[mine[want[i-1]].Numero]
		after, ok2 := place[mine[want[i]].Numero]
		if !ok1 || !ok2 || before >= after {
			t.Errorf("%d stands at %d (%v), %d at %d (%v)", want[i-1], before, ok1, want[i], after, ok2)
		}
	}
}
