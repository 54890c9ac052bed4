package main

import (
	"net/url"
	"time"

	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

// now is when the book was written, so that its pages never change.
var now = time.Date(2026, 11, 23, 15, 32, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

const (
	draftID     = "0193a5c2-7b1e-7c3d-9a4f-2f6f0f6d9a11"
	noteID      = "0193a1b0-1111-7aaa-8bbb-cccccccccccc"
	admissionID = "0193a5c1-2222-7aaa-8bbb-dddddddddddd"
	jobID       = "0193a5d0-3333-7aaa-8bbb-eeeeeeeeeeee"
)

func user(name string, roles ...string) *view.User {
	return &view.User{Name: name, Roles: roles, SessionEnds: time.Now().Add(4 * time.Hour)}
}

func physician() view.Page {
	return view.Page{User: user("Dra. Ana Ruiz Mejía", "medico"), Section: view.PatientsSection}
}

func registrar() view.Page {
	return view.Page{User: user("Carlos Pardo", "admisionista"), Section: view.PatientsSection}
}

func admin() view.Page { return view.Page{User: user("Marta Solano", "administrador")} }

func self() view.Page {
	u := user("Luz Marina Peña", "paciente")
	u.PatientID = luz().ID
	return view.Page{User: u, Section: view.HomeSection}
}

func luz() view.Patient {
	return view.Patient{
		ID: "CC-1032456789", Name: "Peña Rodríguez, Luz Marina", Document: component.FormatDocument("CC", "1032456789"),
		BirthDate: "1984-02-29", Age: component.Age("1984-02-29", now), Sex: "Mujer", Blood: "O+", Payer: "EPS Sanitas",
		Allergies: []string{"Penicilina", "Ácido acetilsalicílico"}, Alerts: []string{"Embarazo 24 semanas"},
	}
}

func newborn() view.Patient {
	return view.Patient{
		ID: "CN-A20261123", Name: "Muñoz, Hijo de Yuliana", Document: "CN A20261123", BirthDate: "2026-11-19",
		Age: component.Age("2026-11-19", now), Sex: "Hombre",
	}
}

func doctorChart(tab view.Tab) view.Chart {
	return view.Chart{
		Page: physician(), Patient: luz(), Tab: tab,
		Can: view.Can{ReadChart: true, Admissions: true, Write: true, Admit: true, Triage: true, Move: true, Export: true},
	}
}

func registrarChart(tab view.Tab) view.Chart {
	return view.Chart{
		Page: registrar(), Patient: luz(), Tab: tab,
		Can: view.Can{Admissions: true, Edit: true, Admit: true, Triage: true, Move: true, IssueCode: true},
	}
}

func ownChart(tab view.Tab) view.Chart {
	p := self()
	return view.Chart{Page: p, Patient: luz(), Tab: tab, Can: view.Can{ReadChart: true, Admissions: true, Export: true, Trail: true}}
}

// values makes a form's values from names and values in turn.
func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

const key = "0193a5c2-9f00-7000-8000-000000000001"

func stays() []view.Stay {
	return []view.Stay{
		{
			PatientID: "CC-1032456789", Name: "Peña Rodríguez, Luz Marina", Document: "CC 1.032.456.789", Age: "42 años", Sex: "Mujer",
			AdmissionID: admissionID, Class: "EMER", State: "in-progress", Service: "Urgencias", Bed: "U-04", Since: ago(95 * time.Minute), Waited: "1 h",
			Triage: 2, Reason: "Disnea y fiebre de dos días", Physician: "Dra. Ana Ruiz Mejía", Allergies: true,
		},
		{
			PatientID: "CC-79456123", Name: "Gómez Ávila, Hernán Darío", Document: "CC 79.456.123", Age: "68 años", Sex: "Hombre",
			AdmissionID: "a2", Class: "IMP", State: "in-progress", Service: "Medicina interna", Bed: "302-A", Since: ago(75 * time.Hour), Waited: "3 días",
			Reason: "I50.9 Insuficiencia cardíaca, no especificada", Physician: "Dr. Óscar Ñáñez",
		},
		{
			PatientID: "TI-1098765432", Name: "Ñustes Wilches, Valentina", Document: "TI 1.098.765.432", Age: "12 años", Sex: "Mujer",
			AdmissionID: "a3", Class: "EMER", State: "triaged", Service: "Urgencias", Since: ago(58 * time.Minute), Waited: "58 min",
			Triage: 3, Reason: "Trauma de antebrazo derecho", Late: true,
		},
		{
			PatientID: "PT-5566778", Name: "Rojas Mendoza, Yorgelis del Carmen", Document: "PT 5.566.778", Age: "29 años", Sex: "Mujer",
			AdmissionID: "a4", Class: "OBSENC", State: "in-progress", Service: "Urgencias", Bed: "OBS-2", Since: ago(6 * time.Hour), Waited: "6 h",
			Triage: 4, Reason: "Migraña refractaria", Allergies: true,
		},
	}
}

func waiting() []view.Stay {
	return []view.Stay{
		{
			PatientID: "CC-52123456", Name: "Castaño Bernal, María Inés", Document: "CC 52.123.456", Age: "51 años", Sex: "Mujer",
			AdmissionID: "b1", Class: "EMER", State: "arrived", Service: "Urgencias", Since: ago(7 * time.Minute), Waited: "7 min",
			Reason: "Dolor abdominal",
		},
		{
			PatientID: "RC-1123456789", Name: "Acosta Lugo, Matías", Document: "RC 1.123.456.789", Age: "20 meses", Sex: "Hombre",
			AdmissionID: "b2", Class: "EMER", State: "arrived", Service: "Urgencias", Since: ago(3 * time.Minute), Waited: "3 min",
			Reason: "Fiebre",
		},
	}
}

func found() []view.PatientItem {
	return []view.PatientItem{
		{ID: "CC-1032456789", Name: "Peña Rodríguez, Luz Marina", Document: "CC 1.032.456.789", BirthDate: "1984-02-29", Age: "42 años", Sex: "Mujer", Likely: true, Place: "Bogotá, D. C.", Admitted: "Urgencias, cama U-04"},
		{ID: "CC-52987654", Name: "Pena Rodríguez, Luz María", Document: "CC 52.987.654", BirthDate: "1979-07-02", Age: "47 años", Sex: "Mujer", Why: "Parecido 84 %", Place: "Soacha"},
		{ID: "CE-445566", Name: "Peña Rojas, Luzmila", Document: "CE 445.566", BirthDate: "1991-12-24", Age: "34 años", Sex: "Mujer", Inactive: true},
	}
}
