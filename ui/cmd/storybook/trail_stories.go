package main

import (
	"time"

	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

func trailStories() []story {
	own := ownChart(view.TrailTab)
	own.Section = view.TrailSection
	boss := admin()
	reviewer := view.Chart{Page: boss, Patient: luz(), Tab: view.TrailTab, Can: view.Can{Trail: true}}
	closed := doctorChart(view.SummaryTab)
	closed.Can = view.Can{Emergency: true}
	review := boss
	review.Section = view.ReviewSection
	return []story{
		{slug: "accesos", title: "Quién vio mi historia", screen: view.Trail{Chart: own, Own: true, Items: accesses(), Pager: component.Pager{Next: "?despues=x"}}},
		{slug: "accesos-vacio", title: "Quién vio mi historia, nadie", screen: view.Trail{Chart: own, Own: true}},
		{slug: "accesos-administrador", title: "Accesos, para el administrador", screen: view.Trail{Chart: reviewer, Items: accesses()}},
		{slug: "acceso-emergencia", title: "Acceso de emergencia", screen: view.Emergency{Chart: closed, Form: component.Form{Key: key}}},
		{slug: "acceso-emergencia-error", title: "Acceso de emergencia, sin motivo", screen: view.Emergency{Chart: closed, Form: component.Form{
			Key: key, Values: values("motivo", "urg"), Errors: map[string]string{"motivo": "Explique el motivo con al menos 20 caracteres."},
		}}},
		{slug: "revision", title: "Revisión de accesos", screen: view.Review{Page: review, Items: []view.EmergencyItem{
			{PatientID: luz().ID, ID: "e1", PatientName: luz().Name, Who: "Dr. Óscar Ñáñez", Why: "Paro respiratorio en el pasillo; necesito saber alergias y medicamentos.", From: ago(3 * time.Hour), Until: ago(2 * time.Hour)},
			{PatientID: "CC-79456123", ID: "e2", PatientName: "Gómez Ávila, Hernán Darío", Who: "Dra. Sofía Lleras", Why: "Quería ver cómo siguió.", From: ago(30 * time.Hour), Until: ago(29 * time.Hour)},
			{PatientID: "CC-52987654", ID: "e3", PatientName: "Pena Rodríguez, Luz María", Who: "Dra. Sofía Lleras", Why: "Paciente inconsciente en urgencias.", From: ago(80 * time.Hour), Until: ago(79 * time.Hour), Decision: view.Justified, DecidedBy: "Marta Solano", Decided: ago(60 * time.Hour)},
		}}},
		{slug: "revision-vacia", title: "Revisión de accesos, ninguno", screen: view.Review{Page: review}},
	}
}

func accesses() []view.Access {
	return []view.Access{
		{When: ago(5 * minute), Name: "Dra. Ana Ruiz Mejía", Role: "medico", Type: "create", Resources: []string{"Nota de evolución (borrador)"}},
		{When: ago(50 * minute), Name: "Dr. Óscar Ñáñez", Role: "medico", Type: "break-glass", Resources: []string{"Historia completa"}, Reason: "Paro respiratorio en el pasillo; necesito saber alergias y medicamentos.", Emergency: true},
		{When: ago(80 * minute), Name: "Dra. Ana Ruiz Mejía", Role: "medico", Type: "sign", Resources: []string{"Nota de ingreso"}},
		{When: ago(95 * minute), Name: "Carlos Pardo", Role: "admisionista", Type: "create", Resources: []string{"Admisión 2026-004512"}},
		{When: ago(26 * time.Hour), Name: "Rosa Ibáñez", Role: "resultados", Type: "export", Resources: []string{"Epicrisis"}, Reason: "Solicitud de la EPS"},
		{When: ago(30 * time.Hour), Name: "Dra. Sofía Lleras", Role: "medico", Type: "read", Resources: []string{"Resumen"}, Refused: true},
	}
}
