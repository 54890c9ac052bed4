package notes

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
	"hce.co/shared/event"
	"hce.co/shared/problem"
)

// at is a signed note of a day in January, with an allergy of its own.
func at(documentoID string, day int, allergy string) api.NewNote {
	n := evolution(documentoID)
	when := time.Date(2026, 1, day, 10, 0, 0, 0, time.UTC)
	n.FechaAtencion = &when
	n.MotivoConsulta = fmt.Sprintf("Día %d", day)
	n.SignosVitales = &api.VitalSigns{PAS: num(100 + float64(day))}
	n.Diagnosticos = []api.Diagnosis{{CIE10: "J20.9", Tipo: "01", Rol: "principal"}}
	n.AlergiasRegistradas = []api.Allergy{{Tipo: "01", Sustancia: allergy, Criticidad: "alta"}}
	n.Medicamentos = []api.Medication{{DCI: fmt.Sprintf("Medicina %d", day)}}
	return n
}

// twins are two records of one person, with notes that alternate: those of odd
// days in the first, those of even days in the second.
func (w *world) twins(by auth.Principal, days int) (one, other string) {
	w.t.Helper()
	one, other = w.patient(), w.patient()
	for day := 1; day <= days; day++ {
		id := one
		if day%2 == 0 {
			id = other
		}
		w.write(by, at(id, day, fmt.Sprintf("Sustancia %d", day)))
	}
	return one, other
}

// A chart of two records is read as one, page by page, and the trail of each
// tells it.
func TestListsOfMergedRecords(t *testing.T) {
	w := newWorld(t)
	by := w.physician()
	one, other := w.twins(by, 7)
	dbtest.Merge(t, one, other)
	c, ctx := w.as(by)
	for _, limit := range []int{1, 2, 3, 20} {
		for name, days := range map[string][]string{
			"notes":  pages(t, func(after string) ([]api.Note, string, error) { return c.Notes(ctx, other, limit, after) }, func(n api.Note) string { return n.MotivoConsulta[len("Día "):] + n.DocumentoID }),
			"vitals": pages(t, func(after string) ([]api.Vital, string, error) { return c.Vitals(ctx, one, "pas", limit, after) }, func(v api.Vital) string { return fmt.Sprint(v.Valor-100) + v.DocumentoID }),
			"allergies": pages(t, func(after string) ([]api.RegisteredAllergy, string, error) {
				return c.Allergies(ctx, one, limit, after)
			}, func(a api.RegisteredAllergy) string { return a.Sustancia[len("Sustancia "):] + a.DocumentoID }),
			"medications": pages(t, func(after string) ([]api.PrescribedMedication, string, error) {
				return c.Medications(ctx, other, limit, after)
			}, func(m api.PrescribedMedication) string { return m.DCI[len("Medicina "):] + m.DocumentoID }),
			"diagnoses": pages(t, func(after string) ([]api.Condition, string, error) { return c.Diagnoses(ctx, one, limit, after) }, func(d api.Condition) string { return fmt.Sprint(d.En.Day()) + d.DocumentoID }),
		} {
			want := []string{"7" + one, "6" + other, "5" + one, "4" + other, "3" + one, "2" + other, "1" + one}
			if !slices.Equal(days, want) {
				t.Errorf("%s, %d a page: %v", name, limit, days)
			}
		}
	}
	for _, id := range []string{one, other} {
		if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND recurso = 'alergias/' || $1`, id); n == 0 {
			t.Errorf("the trail of %s does not tell who read its allergies", id)
		}
	}
	// By itself the merged record is as it was.
	own, _, err := c.Merged().Notes(ctx, other, 20, "")
	if err != nil || len(own) != 3 || slices.ContainsFunc(own, func(n api.Note) bool { return n.DocumentoID != other }) {
		t.Errorf("the duplicate by itself: %+v, %v", own, err)
	}
	// A note is found under its own record, under the one that goes on, and by either's documents.
	for _, id := range []string{one, other} {
		for _, n := range own[:1] {
			if got, err := c.Read(ctx, id, n.ID); err != nil || got.DocumentoID != other || got.MotivoConsulta != n.MotivoConsulta {
				t.Errorf("the note under %s: %+v, %v", id, got, err)
			}
			if b, err := c.SignedContent(ctx, id, n.ID); err != nil || len(b) == 0 {
				t.Errorf("what was signed, under %s: %v", id, err)
			}
		}
	}
	dbtest.Part(t, one)
	if list, _, err := c.Notes(ctx, one, 20, ""); err != nil || len(list) != 4 {
		t.Errorf("apart there are %d notes, %v", len(list), err)
	}
}

func pages[T any](t *testing.T, read func(after string) ([]T, string, error), name func(T) string) (all []string) {
	t.Helper()
	for after, first := "", true; first || after != ""; first = false {
		page, next, err := read(after)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range page {
			all = append(all, name(x))
		}
		after = next
	}
	return all
}

// An empty list is a list.
func TestEmptyListsOfMergedRecords(t *testing.T) {
	w := newWorld(t)
	one, other := w.patient(), w.patient()
	dbtest.Merge(t, one, other)
	for _, list := range []string{"notas", "signos", "diagnosticos", "alergias", "medicamentos", "resultados"} {
		if a := w.send(clerk, "GET", "/medico/"+list+"/"+one, ""); a.status != 200 || a.raw != "[]\n" {
			t.Errorf("%s: %d %q", list, a.status, a.raw)
		}
	}
}

// A patient reads what their account was tied to, and a médico who treats either
// record reads both.
func TestWhoReadsMergedRecords(t *testing.T) {
	w := newWorld(t)
	author := w.physician()
	one, other := w.patient(), w.patient()
	w.write(author, at(other, 2, "Dipirona"))
	stranger := w.physician()
	w.write(w.physician(), at(one, 1, "Látex"))
	dbtest.Merge(t, one, other)
	names := func(p auth.Principal, id string) (all []string, err error) {
		c, ctx := w.as(p)
		list, _, err := c.Allergies(ctx, id, 20, "")
		for _, a := range list {
			all = append(all, a.Sustancia)
		}
		slices.Sort(all)
		return all, err
	}
	both := []string{"Dipirona", "Látex"}
	for _, tt := range []struct {
		name, id string
		p        auth.Principal
		want     []string
		status   int
	}{
		{"who wrote in the duplicate", one, author, both, 0},
		{"who wrote in the duplicate, by its name", other, author, both, 0},
		{"resultados", one, clerk, both, 0},
		{"a médico of neither", one, stranger, nil, 403},
		{"the patient of the one that goes on", one, account(one), []string{"Látex"}, 0},
		{"the patient of the duplicate", other, account(other), []string{"Dipirona"}, 0},
		{"the patient of the duplicate, the other", one, account(other), nil, 403},
		{"the patient of the one that goes on, the duplicate", other, account(one), nil, 403},
	} {
		got, err := names(tt.p, tt.id)
		if tt.status == 0 && (err != nil || !slices.Equal(got, tt.want)) || tt.status != 0 && problem.Status(err) != tt.status {
			t.Errorf("%s reads %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}

// A merged record takes nothing more, and says where to write.
func TestWritesToAMergedRecord(t *testing.T) {
	w := newWorld(t)
	by := w.physician()
	c, ctx := w.as(by)
	one, other := w.patient(), w.patient()
	signed := w.write(by, evolution(other))
	draft := w.write(by, unsigned(other))
	dbtest.Merge(t, one, other)
	for name, write := range map[string]func() error{
		"a note":  func() error { _, err := c.Write(ctx, evolution(other), ""); return err },
		"a draft": func() error { _, err := c.Write(ctx, unsigned(other), ""); return err },
		"an autosave": func() error {
			_, err := c.SaveDraft(ctx, other, draft.ID, 1, api.Draft{Content: draft.Content})
			return err
		},
		"a signature": func() error { _, err := c.Sign(ctx, other, draft.ID, 1); return err },
		"an addendum": func() error {
			_, err := c.Add(ctx, other, signed.ID, api.AddendumRequest{Motivo: "correccion", Texto: "x"}, "")
			return err
		},
		"an annulment": func() error { _, err := c.Annul(ctx, other, signed.ID, "Es de otra persona"); return err },
		"a result": func() error {
			_, err := c.AddResult(ctx, api.NewResult{DocumentoID: other, Nombre: "Glicemia", Valor: 92.5}, "")
			return err
		},
	} {
		var p *problem.Error
		if err := write(); !errors.As(err, &p) || p.Status != 409 || p.Members["documento_id"] != one {
			t.Errorf("%s: %v, want a 409 that names %s", name, err, one)
		}
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.nota WHERE documento_id IN ($1, $2)`, one, other); n != 2 {
		t.Errorf("%d notes, want the two of before", n)
	}
	// A draft can go away; the other record takes the note.
	if err := c.Discard(ctx, other, draft.ID, 1); err != nil {
		t.Errorf("discard: %v", err)
	}
	w.write(by, evolution(one))
	dbtest.Part(t, one)
	w.write(by, evolution(other))
}

// A laboratory's result goes to the record that it names, is seen in the chart,
// and is there when they part.
func TestResultForAMergedRecord(t *testing.T) {
	w := newWorld(t)
	by := w.physician()
	c, ctx := w.as(by)
	lab := w.producer(event.ResultIssued)
	one, other := w.patient(), w.patient()
	w.write(by, evolution(one))
	dbtest.Merge(t, one, other)
	body := hemoglobin(other)
	e := structured("/lab", uuid.NewString(), event.ResultIssued, other, body)
	if a := w.send(lab, "POST", "/eventos", e, "Content-Type", structuredType); a.status != 202 {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	sent := w.sent.wait(t, other, 1)
	if len(sent) != 1 {
		t.Fatalf("%d events about the record that it names", len(sent))
	}
	b, err := json.Marshal(sent[0])
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if status := w.deliver(string(b)); status != 204 {
			t.Fatalf("delivered: %d", status)
		}
	}
	list, _, err := c.Results(ctx, one, 20, "")
	if err != nil || len(list) != 1 || list[0].DocumentoID != other {
		t.Fatalf("the chart's results: %+v, %v", list, err)
	}
	// The result of one, with the data of the other: they are one person's.
	mixed := structured("/lab", uuid.NewString(), event.ResultIssued, one, body)
	if a := w.send(lab, "POST", "/eventos", mixed, "Content-Type", structuredType); a.status != 202 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if r, err := c.MarkSeen(ctx, one, list[0].ID, 0); err != nil || r.VistoPor == "" {
		t.Errorf("seen: %+v, %v", r, err)
	}
	dbtest.Part(t, one)
	own, _, err := c.Results(ctx, one, 20, "")
	if err != nil || len(own) != 0 {
		t.Errorf("apart, the one that went on has %+v, %v", own, err)
	}
	clk, kctx := w.as(clerk)
	if theirs, _, err := clk.Results(kctx, other, 20, ""); err != nil || len(theirs) != 1 {
		t.Errorf("apart, the duplicate has %+v, %v", theirs, err)
	}
}
