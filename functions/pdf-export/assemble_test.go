package pdfexport

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"hce.co/functions/pdf-export/chart"
)

// day is a day of November 2026.
func day(n int) time.Time { return time.Date(2026, 11, n, 15, 0, 0, 0, time.UTC) }

func TestMedicationsThatStand(t *testing.T) {
	losartan := medicationRow{DCI: "Losartán", Dosis: "50", Unidad: "mg", Via: "oral", Frecuencia: "Cada 12 horas", Estado: "activo", PrescritoEn: day(1)}
	at := func(m medicationRow, n int, change func(*medicationRow)) medicationRow {
		m.PrescritoEn = day(n)
		change(&m)
		return m
	}
	same := func(*medicationRow) {}
	for name, tt := range map[string]struct {
		rows []medicationRow
		want []string
	}{
		"one":                                    {[]medicationRow{losartan}, []string{"50 01"}},
		"prescribed again":                       {[]medicationRow{losartan, at(losartan, 2, same)}, []string{"50 02"}},
		"two schemes in one note":                {[]medicationRow{losartan, at(losartan, 1, func(m *medicationRow) { m.Dosis = "100" })}, []string{"50 01", "100 01"}},
		"another dose later, both stand":         {[]medicationRow{losartan, at(losartan, 2, func(m *medicationRow) { m.Dosis = "100" })}, []string{"50 01", "100 02"}},
		"stopped later":                          {[]medicationRow{losartan, at(losartan, 2, func(m *medicationRow) { m.DCI, m.Dosis, m.Estado = "LOSARTÁN", "", "suspendido" })}, nil},
		"stopped, then begun again":              {[]medicationRow{losartan, at(losartan, 2, func(m *medicationRow) { m.Estado = "terminado" }), at(losartan, 3, same)}, []string{"50 03"}},
		"stopped in a note that was annulled":    {[]medicationRow{losartan, at(losartan, 2, func(m *medicationRow) { m.Estado, m.Anulado = "suspendido", true })}, []string{"50 01"}},
		"prescribed in a note that was annulled": {[]medicationRow{at(losartan, 1, func(m *medicationRow) { m.Anulado = true })}, nil},
	} {
		var got []string
		for _, m := range medications(snapshot{Medicamentos: tt.rows}) {
			got = append(got, m.Dose+" "+m.PrescribedAt.Format("02"))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAllergiesAsLastWrittenDown(t *testing.T) {
	list, denial := allergies(snapshot{Alergias: []allergyRow{
		{Estado: "niega", RegistradaEn: day(1), RegistradaPor: "Ana"},
		{Sustancia: "Penicilina", Estado: "activa", Criticidad: "alta", RegistradaEn: day(2)},
		{Sustancia: "Maní", Estado: "activa", Criticidad: "indeterminada", RegistradaEn: day(3)},
		{Sustancia: "PENICILINA", Estado: "inactiva", RegistradaEn: day(4)},
		{Estado: "niega", RegistradaEn: day(5), RegistradaPor: "Luis"},
	}})
	want := []chart.Allergy{
		{Substance: "Maní", Status: "activa", Criticality: "No se puede determinar", RecordedAt: day(3)},
		{Substance: "PENICILINA", Status: "inactiva", RecordedAt: day(4)},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if denial == nil || !denial.At.Equal(day(5)) || denial.By != "Luis" {
		t.Errorf("denial %+v", denial)
	}
}

func TestProblemsOnceEach(t *testing.T) {
	signed, void := uuid.New(), uuid.New()
	got := problems(snapshot{
		Notas: []noteRow{{ID: signed, Estado: "firmada", AutorNombre: "Ana"}, {ID: void, Estado: "anulada", AutorNombre: "Luis"}},
		Diagnosticos: []diagnosisRow{
			{NotaID: signed, CIE10: "J18.9", Tipo: "01", En: day(1)}, {NotaID: signed, CIE10: "I10.X", Tipo: "03", En: day(2)},
			{NotaID: signed, CIE10: "J18.9", Tipo: "02", En: day(3)}, {NotaID: void, CIE10: "Z99.9", En: day(4)},
		},
	})
	want := []chart.Problem{
		{Code: "J18.9", Type: chart.Coded{Code: "02"}, FirstAt: day(1), LastAt: day(3), RecordedBy: "Ana"},
		{Code: "I10.X", Type: chart.Coded{Code: "03"}, FirstAt: day(2), LastAt: day(2), RecordedBy: "Ana"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAdmissionsOfManyMovements(t *testing.T) {
	id := uuid.New()
	end := day(9)
	got := admissions(snapshot{
		Admisiones: []admissionRow{{ID: id, Clase: "IMP", Estado: "finished", Inicio: day(1), Fin: &end}},
		Movimientos: []movementRow{
			{AdmisionID: id, En: day(1), Estado: "arrived", Servicio: "1102", UsuarioNombre: "Ana"},
			{AdmisionID: id, En: day(2), Estado: "triaged", Servicio: "1102", Detalle: "Nivel II", UsuarioNombre: "Ana"},
			{AdmisionID: id, En: day(2), Estado: "triaged", Servicio: "1102", Detalle: "Nivel I. Se agravó", UsuarioNombre: "Luis"},
			{AdmisionID: id, En: day(3), Estado: "in-progress", Servicio: "1102", UsuarioNombre: "Luis"},
			{AdmisionID: id, En: day(4), Estado: "in-progress", Servicio: "129", Cama: "418-B", UsuarioNombre: "Eva"},
			{AdmisionID: id, En: day(5), Estado: "in-progress", Servicio: "129", Cama: "420-A", UsuarioNombre: "Eva"},
			{AdmisionID: id, En: day(9), Estado: "finished", Servicio: "129", Cama: "420-A", UsuarioNombre: "Luis"},
			{AdmisionID: uuid.New(), En: day(9), Estado: "finished"},
		},
	})
	wantStays := []chart.Stay{
		{Service: "Urgencias", From: day(1), To: day(4), By: "Ana"},
		{Service: "Hospitalización adultos", Bed: "418-B", From: day(4), To: day(5), By: "Eva"},
		{Service: "Hospitalización adultos", Bed: "420-A", From: day(5), To: day(9), By: "Eva"},
	}
	wantStates := []chart.StateChange{
		{State: "arrived", At: day(1), By: "Ana"}, {State: "triaged", At: day(2), By: "Ana · Nivel II"},
		{State: "triaged", At: day(2), By: "Luis · Nivel I. Se agravó"}, {State: "in-progress", At: day(3), By: "Luis"},
		{State: "finished", At: day(9), By: "Luis"},
	}
	if diff := cmp.Diff(wantStays, got[0].Stays); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantStates, got[0].States); diff != "" {
		t.Error(diff)
	}
}
