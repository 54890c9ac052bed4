package notes

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/shared/db/dbtest"
)

// lists writes a signed note of a day of January with nothing but these lists.
func (w *world) lists(by auth.Principal, documentoID string, day int, as []api.Allergy, ms []api.Medication) api.Note {
	w.t.Helper()
	n := evolution(documentoID)
	when := time.Date(2026, 1, day, 10, 0, 0, 0, time.UTC)
	n.FechaAtencion, n.AlergiasRegistradas, n.Medicamentos = &when, as, ms
	return w.write(by, n)
}

// current is what counts today, in words.
func (w *world) current(by auth.Principal, id string) (allergies, medications []string) {
	w.t.Helper()
	c, ctx := w.as(by)
	as, err := c.CurrentAllergies(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range as {
		allergies = append(allergies, a.Sustancia+" "+a.Estado)
	}
	ms, err := c.CurrentMedications(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range ms {
		medications = append(medications, m.DCI+" "+m.Dosis)
	}
	return allergies, medications
}

// The last word on a substance and on a medicine counts, whichever of the
// records of the person it stands in.
func TestWhatCountsToday(t *testing.T) {
	is := func(substance, state string) api.Allergy { return api.Allergy{Sustancia: substance, Estado: state} }
	takes := func(dci, dose, state string) api.Medication {
		return api.Medication{DCI: dci, Dosis: dose, Estado: state}
	}
	type note struct {
		allergies   []api.Allergy
		medications []api.Medication
		annulled    bool
	}
	w := newWorld(t)
	by := w.physician()
	for _, tt := range []struct {
		name  string
		notes []note // one a day
		as    []string
		ms    []string
	}{
		{"nothing", nil, nil, nil},
		{"resolved and stopped, in other letters", []note{
			{allergies: []api.Allergy{is("Penicilina", "activa")}, medications: []api.Medication{takes("Warfarina", "5", "activo")}},
			{allergies: []api.Allergy{is("PENICILINA", "resuelta")}, medications: []api.Medication{takes("warfarina", "", "suspendido")}},
		}, []string{"PENICILINA resuelta"}, nil},
		{"taken up again", []note{
			{allergies: []api.Allergy{is("Látex", "resuelta")}, medications: []api.Medication{takes("Enalapril", "5", "terminado")}},
			{allergies: []api.Allergy{is("Látex", "activa")}, medications: []api.Medication{takes("Enalapril", "10", "activo")}},
		}, []string{"Látex activa"}, []string{"Enalapril 10"}},
		{"two doses stand, the same again counts once", []note{
			{medications: []api.Medication{takes("Insulina", "10", "activo"), takes("Insulina", "20", "activo")}},
			{medications: []api.Medication{takes("Insulina", "10", "activo")}},
		}, nil, []string{"Insulina 10", "Insulina 20"}},
		{"a change of dose in one note", []note{
			{medications: []api.Medication{takes("Prednisona", "20", "activo")}},
			{medications: []api.Medication{takes("Prednisona", "20", "suspendido"), takes("Prednisona", "10", "activo")}},
		}, nil, []string{"Prednisona 10"}},
		{"an annulled note stops nothing", []note{
			{allergies: []api.Allergy{is("Yodo", "activa")}, medications: []api.Medication{takes("Losartán", "50", "activo")}},
			{allergies: []api.Allergy{is("Yodo", "resuelta")}, medications: []api.Medication{takes("Losartán", "", "terminado")}, annulled: true},
		}, []string{"Yodo activa"}, []string{"Losartán 50"}},
		{"a denial is one, the last", []note{{allergies: []api.Allergy{{Estado: "niega"}}}, {allergies: []api.Allergy{{Estado: "niega"}}}}, []string{" niega"}, nil},
	} {
		for _, merged := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, merged %v", tt.name, merged), func(t *testing.T) {
				one, other := w.patient(), w.patient()
				for i, n := range tt.notes {
					id := one
					if merged && i%2 == 1 {
						id = other
					}
					written := w.lists(by, id, i+1, n.allergies, n.medications)
					if c, ctx := w.as(by); n.annulled {
						if _, err := c.Annul(ctx, id, written.ID, "Escrita por equivocación"); err != nil {
							t.Fatal(err)
						}
					}
				}
				w.write(by, unsigned(one)) // a draft says nothing yet, and opens the chart to its author
				if merged {
					dbtest.Merge(t, one, other)
				}
				as, ms := w.current(by, one)
				slices.Sort(ms)
				if !slices.Equal(as, tt.as) || !slices.Equal(ms, tt.ms) {
					t.Errorf("allergies %q, medicines %q; want %q, %q", as, ms, tt.as, tt.ms)
				}
			})
		}
	}
}

// What is taken is found behind any number of rows that are not, page by page,
// with one look-up of one shard and one row of the trail each.
func TestWhatCountsIsPaged(t *testing.T) {
	w := newWorld(t)
	by, doc := w.physician(), w.patient()
	w.lists(by, doc, 1, nil, []api.Medication{{DCI: "Metformina"}, {DCI: "Losartán"}, {DCI: "Enalapril"}})
	var over []api.Medication
	for i := range 30 {
		over = append(over, api.Medication{DCI: fmt.Sprint("Antibiótico ", i), Estado: "terminado"})
	}
	w.lists(by, doc, 2, nil, over)

	pool, ran := dbtest.RecordingPool(t, "hce_notes")
	t.Cleanup(w.f.pool.Close)
	w.f.pool = pool
	if _, ms := w.current(by, doc); len(ms) != 3 {
		t.Errorf("the patient takes %q", ms)
	}
	ran.EachOneTask(t, pool)

	seen := 0
	for after := ""; after != "" || seen == 0; seen++ {
		a := w.send(clerk, "GET", "/medico/medicamentos/"+doc+client.Page(2, after)+"&vigentes=1", "")
		if a.status != 200 {
			t.Fatal(a.status, a.raw)
		}
		after = client.Next(a.header)
	}
	if seen != 2 {
		t.Errorf("three medicines, two a page, are %d pages", seen)
	}
	if n := w.count(`SELECT count(*) FROM historia_clinica.auditoria WHERE documento_id = $1 AND recurso = 'medicamentos/' || $1 AND rol = 'resultados'`, doc); n != 2 {
		t.Errorf("two pages leave %d rows in the trail", n)
	}
}
