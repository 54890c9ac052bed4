package main

import (
	"time"

	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

const minute = time.Minute

func freeBeds() []component.Option {
	return []component.Option{{Value: "U-07", Label: "Urgencias"}, {Value: "303-B", Label: "Medicina interna"}}
}

func admissionStories() []story {
	codes := view.StandardAdmissionCodes()
	codes.Beds = freeBeds()
	desk, doctor := registrarChart(view.AdmissionsTab), doctorChart(view.AdmissionsTab)
	facts := []component.Term{
		{Name: "Clase", Value: "Urgencias"}, {Name: "Inicio", Value: component.FormatTime(ago(95 * minute))}, {Name: "Servicio", Value: "Urgencias"}, {Name: "Cama", Value: "U-04"},
		{Name: "Vía de ingreso", Value: "Demanda espontánea"}, {Name: "Causa", Value: "Enfermedad general"}, {Name: "Finalidad", Value: "Diagnóstico"},
		{Name: "Profesional", Value: "Dra. Ana Ruiz Mejía"}, {Name: "EPS", Value: "EPS Sanitas"}, {Name: "Autorización", Value: "A-778812"},
		{Name: "Acompañante", Value: "Jorge Peña (padre)"}, {Name: "Admitió", Value: "Carlos Pardo"},
	}
	history := []view.AdmissionEvent{
		{When: ago(40 * minute), What: "Traslado", Place: "Urgencias, cama U-04", By: "Carlos Pardo"},
		{When: ago(60 * minute), What: "Inicio de la atención", Place: "Urgencias", By: "Dra. Ana Ruiz Mejía"},
		{When: ago(85 * minute), What: "Triage II", Detail: "Disnea, SpO₂ 89 %", By: "Dra. Ana Ruiz Mejía"},
		{When: ago(95 * minute), What: "Ingreso", Place: "Urgencias", By: "Carlos Pardo"},
	}
	arrived := stays()[0]
	arrived.Triage, arrived.State, arrived.Bed = 0, "arrived", ""
	done := stays()[0]
	done.State = "finished"
	census := view.Census{Page: registrar(), At: now, Services: catalog.Services.Options(), Free: true, Groups: []view.Ward{
		{Count: view.ServiceCount{Service: "Urgencias", Occupied: 3, Total: 5}, Stays: []view.Stay{stays()[0], stays()[2], stays()[3]}, Free: []string{"U-05", "U-07"}},
		{Count: view.ServiceCount{Service: "Medicina interna", Occupied: 1, Total: 3}, Stays: stays()[1:2], Free: []string{"302-B", "303-B"}},
	}}
	census.Section = view.CensusSection
	queue := view.TriageQueue{Page: physician(), At: now, Unclassified: waiting(), Levels: [5][]view.Stay{1: stays()[:1], 2: stays()[2:3], 3: stays()[3:]}}
	queue.Section = view.TriageSection
	empty := view.TriageQueue{Page: queue.Page, At: now}
	return []story{
		{slug: "admision-nueva", title: "Admitir", screen: view.AdmissionForm{Chart: desk, Codes: codes, Form: component.Form{Key: key, Values: values("clase", "EMER", "causa_motivo", "38", "eapb.nombre", "EPS Sanitas", "tipo_usuario", "01")}}},
		{slug: "admision-nueva-errores", title: "Admitir, con errores", screen: view.AdmissionForm{Chart: desk, Codes: codes, Open: link.Admission(luz().ID, admissionID), Form: component.Form{
			Key: key, Problem: "El paciente ya tiene una hospitalización abierta.",
			Values: values("clase", "IMP", "inicio", "2031-01-01T08:00", "causa_motivo", ""),
			Errors: map[string]string{"causa_motivo": "Elija la causa.", "inicio": "El inicio no puede estar en el futuro."},
		}}},
		{slug: "admision", title: "Admisión en curso", screen: view.AdmissionDetail{
			Chart: doctor, Stay: stays()[0], Number: "2026-004512", Facts: facts, History: history, Notes: notes()[:2], Codes: codes,
			Triage: &component.Form{Version: `"4"`, Values: values("nivel", "2", "motivo", "Disnea, SpO₂ 89 %")}, Transfer: &component.Form{Version: `"4"`},
			Discharge: &component.Form{Version: `"4"`, Values: values("fin", component.LocalInput(now))}, Cancel: &component.Form{Version: `"4"`},
		}},
		{slug: "admision-triage", title: "Admisión que espera triage", screen: view.AdmissionDetail{
			Chart: desk, Stay: arrived, Number: "2026-004513", Facts: facts[:3], History: history[3:], Codes: codes,
			Triage: &component.Form{Version: `"1"`}, Attend: &component.Form{Version: `"1"`}, Cancel: &component.Form{Version: `"1"`},
		}},
		{slug: "admision-egreso-errores", title: "Egreso con errores", screen: view.AdmissionDetail{
			Chart: doctor, Stay: stays()[0], Number: "2026-004512", Facts: facts, History: history, Codes: codes,
			Discharge: &component.Form{
				Version: `"4"`, Values: values("fin", "2026-11-20T08:00", "estado_egreso", "muerto", "condicion_egreso", "01"),
				Errors: map[string]string{"fin": "El egreso no puede ser anterior al ingreso.", "condicion_egreso": "No corresponde con el estado al egreso."},
			},
		}},
		{slug: "admision-cerrada", title: "Admisión finalizada", screen: view.AdmissionDetail{Chart: doctor, Stay: done, Number: "2026-004512", Facts: facts, History: history, Notes: notes()[1:]}},
		{slug: "admisiones", title: "Admisiones de un paciente", screen: view.AdmissionList{Chart: desk, Pager: component.Pager{Next: "?despues=x"}, Items: []view.AdmissionItem{
			{ID: admissionID, Number: "2026-004512", Class: "EMER", State: "in-progress", Start: ago(95 * minute), Service: "Urgencias", Bed: "U-04", Cause: "38"},
			{ID: "a9", Number: "2025-001201", Class: "AMB", State: "finished", Start: ago(400 * 24 * time.Hour), End: ago(400*24*time.Hour - 30*minute), Service: "Medicina general", Cause: "40", Condition: "01"},
			{ID: "a8", Number: "2024-000031", Class: "IMP", State: "cancelled", Start: ago(700 * 24 * time.Hour), End: ago(700 * 24 * time.Hour), Service: "Ginecobstetricia", Cause: "42"},
		}}},
		{slug: "camas", title: "Camas", screen: census},
		{slug: "triage", title: "Triage", screen: queue},
		{slug: "triage-vacio", title: "Triage, nadie espera", screen: empty},
	}
}
