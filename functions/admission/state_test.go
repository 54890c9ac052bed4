package admission

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/admission/api"
	"hce.co/shared/auth"
	"hce.co/shared/problem"
	"hce.co/shared/service"
)

var (
	noon  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	order = []string{planned, arrived, triaged, inProgress, finished, cancelled}
)

// in returns an admission in a state, as it came to be there.
func in(state string) current {
	a := api.Admission{
		DocumentoID: "CC-1", ID: uuid.Max, Version: 3, Clase: "EMER", Estado: state, Inicio: noon.Add(-time.Hour), Servicio: "1102", Cama: "1",
		Historia: []api.Event{{Tipo: "ingreso", Estado: arrived}},
	}
	switch state {
	case planned:
		a.Inicio, a.Cama = noon.Add(time.Hour), ""
	case triaged:
		a.Triage = &api.Triage{Nivel: 4, Hora: noon.Add(-30 * time.Minute), Profesional: "Otra", Rol: "admisionista"}
	case finished:
		end := noon.Add(-time.Minute)
		a.Fin, a.CondicionEgreso, a.EstadoEgreso = &end, "01", "vivo"
	case cancelled:
		a.Historia = append(a.Historia, api.Event{Tipo: "cancelacion", Estado: cancelled, Detalle: "Otro motivo"})
	}
	return current{Admission: a}
}

func must(t testing.TB) func(change, error) change {
	return func(c change, err error) change {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// steps returns one change of each kind, none of which is done already.
func steps(t testing.TB, by auth.Principal) map[step]change {
	ok := must(t)
	return map[step]change{
		arrival:      ok(arrive(service.Nothing{}, by, noon)),
		triage:       ok(classify(api.TriageRequest{Nivel: 2, Motivo: "Dolor torácico"}, by, noon)),
		attention:    ok(attend(service.Nothing{}, by, noon)),
		transfer:     ok(move(api.TransferRequest{Servicio: "129", Cama: "302"}, by, noon)),
		discharging:  ok(discharge(api.DischargeRequest{CondicionEgreso: "04", EstadoEgreso: "vivo"}, by, noon)),
		cancellation: ok(cancel(api.CancelRequest{Motivo: "Se registró por error"}, by, noon)),
	}
}

func TestEveryStateAndStep(t *testing.T) {
	const no = ""              // 409
	want := map[step][]string{ // by state, in the order of order
		arrival:      {arrived, arrived, no, no, no, no},
		triage:       {triaged, triaged, triaged, no, no, no},
		attention:    {inProgress, inProgress, inProgress, inProgress, no, no},
		transfer:     {no, arrived, triaged, inProgress, no, no},
		discharging:  {no, finished, finished, finished, no, no},
		cancellation: {cancelled, cancelled, cancelled, cancelled, no, no},
	}
	retried := map[step]string{arrival: arrived, attention: inProgress} // have nothing but the state to tell a retry by
	for s, c := range steps(t, physician) {
		for i, from := range order {
			t.Run(string(s)+" from "+from, func(t *testing.T) {
				cur := in(from)
				got, err := c.apply(cur, nil, physician, noon)
				if want[s][i] == no {
					p, status := conflict(err)
					if status != 409 || p.Members["estado"] != from {
						t.Fatalf("got %s and %v, want a 409 that names %s", got.Estado, err, from)
					}
					return
				}
				if err != nil || got.Estado != want[s][i] {
					t.Fatalf("got %s and %v, want %s", got.Estado, err, want[s][i])
				}
				if slices.Index(order, got.Estado) < slices.Index(order, from) {
					t.Errorf("went back from %s to %s", from, got.Estado)
				}
				if retried[s] == from {
					if diff := cmp.Diff(cur.Admission, got); diff != "" {
						t.Errorf("a retry changed the admission:\n%s", diff)
					}
					return
				}
				last := got.Historia[len(got.Historia)-1]
				if got.Version != cur.Version+1 || len(got.Historia) != len(cur.Historia)+1 || last.Tipo != string(s) ||
					last.Estado != got.Estado || last.Usuario != physician.Name {
					t.Errorf("version %d, last event %+v", got.Version, last)
				}
				if from == planned && got.Estado != cancelled && got.Inicio != noon {
					t.Errorf("a planned patient who came began at %s, want %s", got.Inicio, noon)
				}
				if got.Fin != nil && (got.Fin.Before(got.Inicio) || got.Fin.After(noon)) {
					t.Errorf("from %s to %s at %s", got.Inicio, got.Fin, noon)
				}
				again, err := c.apply(current{Admission: got}, service.Versions{cur.Version}, physician, noon.Add(time.Second))
				if err != nil {
					t.Fatalf("the retry got %v", err)
				}
				if diff := cmp.Diff(got, again); diff != "" {
					t.Errorf("the retry changed the admission:\n%s", diff)
				}
			})
		}
	}
}

func TestStaleVersion(t *testing.T) {
	for s, c := range steps(t, physician) {
		for _, from := range []string{arrived, finished} {
			_, err := c.apply(in(from), service.Versions{2}, physician, noon)
			done := s == arrival && from == arrived
			if p, status := conflict(err); !done && (status != 412 || p.Members["version"] != 3) {
				t.Errorf("%s of a version not seen got %v, want 412", s, err)
			}
		}
		if _, err := c.apply(in(arrived), service.Versions{3}, physician, noon); err != nil {
			t.Errorf("%s of the version seen: %v", s, err)
		}
	}
}

func TestOtherDataIsNoRetry(t *testing.T) {
	ok := must(t)
	end := noon.Add(-time.Minute)
	for _, tt := range []struct {
		name string
		c    change
		from string
		want int // 0 when it is taken
	}{
		{"discharged with the same data", ok(discharge(api.DischargeRequest{Fin: &end, CondicionEgreso: "01", EstadoEgreso: "vivo"}, physician, noon)), finished, 0},
		{"discharged another way", ok(discharge(api.DischargeRequest{Fin: &end, CondicionEgreso: "04", EstadoEgreso: "vivo"}, physician, noon)), finished, 409},
		{"discharged at another time", ok(discharge(api.DischargeRequest{Fin: ago(90 * time.Minute), CondicionEgreso: "01", EstadoEgreso: "vivo"}, physician, time.Now())), finished, 409},
		{"cancelled for another reason", ok(cancel(api.CancelRequest{Motivo: "Este"}, physician, noon)), cancelled, 409},
		{"cancelled for the same reason", ok(cancel(api.CancelRequest{Motivo: " Otro  motivo "}, physician, noon)), cancelled, 0},
		{"to the same bed", ok(move(api.TransferRequest{Cama: "1"}, physician, noon)), arrived, 0},
		{"to the same bed, discharged", ok(move(api.TransferRequest{Cama: "1"}, physician, noon)), finished, 409},
	} {
		got, err := tt.c.apply(in(tt.from), nil, physician, noon)
		if tt.want == 0 && (err != nil || got.Version != 3) || tt.want != 0 && problem.Status(err) != tt.want {
			t.Errorf("%s: version %d and %v, want %d", tt.name, got.Version, err, tt.want)
		}
	}
}

func TestTriage(t *testing.T) {
	ok := must(t)
	first, err := ok(classify(api.TriageRequest{Nivel: 3}, registrar, noon)).apply(in(arrived), nil, registrar, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := &api.Triage{Nivel: 3, Hora: noon, Profesional: registrar.Name, Rol: "admisionista"}
	if diff := cmp.Diff(want, first.Triage); diff != "" {
		t.Error(diff)
	}
	second, err := ok(classify(api.TriageRequest{Nivel: 1, Motivo: "Se agravó"}, physician, noon)).apply(current{Admission: first}, nil, physician, noon)
	if err != nil || second.Triage.Nivel != 1 || second.Historia[len(second.Historia)-1].Detalle != "Nivel I. Se agravó" {
		t.Fatalf("%+v %v", second.Triage, err)
	}
	if _, err := ok(classify(api.TriageRequest{Nivel: 4}, registrar, noon)).apply(current{Admission: second}, nil, registrar, noon); problem.Status(err) != 403 {
		t.Errorf("an admisionista over a médico got %v, want 403", err)
	}
	for _, level := range []int{-1, 0, 6} {
		if _, err := classify(api.TriageRequest{Nivel: level}, physician, noon); problem.Status(err) != 422 {
			t.Errorf("level %d got %v, want 422", level, err)
		}
	}
}

func TestDischarge(t *testing.T) {
	at := func(d time.Duration) *time.Time { t := noon.Add(d); return &t }
	for _, tt := range []struct {
		name             string
		fin              *time.Time
		condition, state string
		field            string
		want             time.Duration // of fin, from noon
	}{
		{"now when missing", nil, "01", "vivo", "", 0},
		{"before now", at(-time.Minute), "01", "vivo", "", -time.Minute},
		{"a clock that is ahead", at(30 * time.Second), "01", "vivo", "", 0},
		{"the future", at(2 * time.Minute), "01", "vivo", "fin", 0},
		{"the very beginning", at(-10*time.Minute - 30*time.Second), "01", "vivo", "", -10*time.Minute - 30*time.Second},
		{"the minute of the beginning", at(-11 * time.Minute), "01", "vivo", "", -10*time.Minute - 30*time.Second},
		{"before the beginning", at(-12 * time.Minute), "01", "vivo", "fin", 0},
		{"no condition", nil, "", "vivo", "condicion_egreso", 0},
		{"condition 09", nil, "09", "vivo", "condicion_egreso", 0},
		{"no state", nil, "01", "", "estado_egreso", 0},
		{"state in English", nil, "01", "alive", "estado_egreso", 0},
		{"dead", nil, "02", "muerto", "", 0},
		{"dead and gone home", nil, "01", "muerto", "estado_egreso", 0},
		{"dead but alive", nil, "02", "vivo", "estado_egreso", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cur := in(arrived)
			cur.Inicio = noon.Add(-10*time.Minute - 30*time.Second)
			c, err := discharge(api.DischargeRequest{Fin: tt.fin, CondicionEgreso: tt.condition, EstadoEgreso: tt.state}, physician, noon)
			var a api.Admission
			if err == nil {
				a, err = c.apply(cur, nil, physician, noon)
			}
			if tt.field != "" {
				if p, status := conflict(err); status != 422 || p.Fields[tt.field] == "" {
					t.Fatalf("got %v, want a message for %s", err, tt.field)
				}
				return
			}
			if err != nil || !a.Fin.Equal(noon.Add(tt.want)) || bedOf(a) != "" {
				t.Errorf("fin %v, bed %q and %v", a.Fin, bedOf(a), err)
			}
		})
	}
}

func TestSignedNotesForbidAnEarlierEnd(t *testing.T) {
	last := noon.Add(-2 * time.Minute)
	for back, want := range map[time.Duration]time.Duration{
		0: 0, 2 * time.Minute: -2 * time.Minute, 2*time.Minute + time.Second: -2 * time.Minute, 3 * time.Minute: -2 * time.Minute, 3*time.Minute + time.Second: 1, 8 * time.Minute: 1,
	} {
		cur, fin := in(inProgress), noon.Add(-back)
		cur.Last = &last
		c := must(t)(discharge(api.DischargeRequest{Fin: &fin, CondicionEgreso: "01", EstadoEgreso: "vivo"}, physician, noon))
		a, err := c.apply(cur, nil, physician, noon)
		switch p, _ := err.(*problem.Error); { //nolint:errorlint // ours, never wrapped
		case want == 1:
			if p == nil || p.Status != 422 || !strings.Contains(p.Fields["fin"], "notas firmadas") {
				t.Errorf("%v ago: %v, want 422 at fin", back, err)
			}
		case err != nil || !a.Fin.Equal(noon.Add(want)) || !a.Historia[len(a.Historia)-1].En.Equal(*a.Fin):
			t.Errorf("%v ago: %v %v, want %v", back, a.Fin, err, want)
		}
	}
}

func TestSignedNotesForbidCancelling(t *testing.T) {
	cur := in(inProgress)
	cur.Signed = true
	c := steps(t, physician)
	if _, err := c[cancellation].apply(cur, nil, physician, noon); problem.Status(err) != 409 {
		t.Errorf("got %v, want 409", err)
	}
	if _, err := c[discharging].apply(cur, nil, physician, noon); err != nil {
		t.Errorf("discharge: %v", err)
	}
}

func TestWhoAttendsIsResponsible(t *testing.T) {
	c := steps(t, physician)[attention]
	a, err := c.apply(in(triaged), nil, physician, noon)
	if err != nil || a.Profesional == nil || a.Profesional.ID != physician.ID {
		t.Errorf("responsible %+v, %v", a.Profesional, err)
	}
	other := in(triaged)
	other.Profesional = &api.Professional{ID: uuid.Max, Nombre: "Otra"}
	if a, err := c.apply(other, nil, physician, noon); err != nil || a.Profesional.ID != uuid.Max {
		t.Errorf("responsible %+v, %v", a.Profesional, err)
	}
}
