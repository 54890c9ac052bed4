package main

import (
	"time"

	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

func documentStories() []story {
	chart := doctorChart(view.ExportsTab)
	kinds := catalog.DocumentKinds.Options()
	signed := []component.Option{{Value: noteID, Label: "Nota de ingreso · 23 nov 2026, 09:12"}}
	at := func(i int) view.ExportProgress { return view.ExportProgress{Chart: chart, Export: exports()[i]} }
	issued := ago(26 * time.Hour)
	verification := view.Verification{
		Code: "8QWM-2XK7-DPTR-9NVC", Kind: "historia", Issued: issued, Issuer: "Clínica de Ejemplo, NIT 900.123.456-7", Pages: 14,
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}
	valid, old, revoked := verification, verification, verification
	valid.Outcome = view.Valid
	old.Outcome, old.NewerOn = view.Superseded, ago(time.Hour)
	revoked.Outcome, revoked.Revoked, revoked.RevokedWhy = view.Revoked, ago(2*time.Hour), "Se emitió con un dato equivocado"
	ready := at(1)
	ready.Revoke = &component.Form{}
	own := ownChart(view.ExportsTab)
	own.Section = view.DocumentsSection
	return []story{
		{slug: "documentos", title: "Documentos", screen: view.ExportList{Chart: chart, Items: exports(), Kinds: kinds, Notes: signed, Form: component.Form{Key: key}, Pager: component.Pager{Next: "?despues=x"}}},
		{slug: "documentos-paciente", title: "Documentos, para el paciente", screen: view.ExportList{Chart: own, Kinds: kinds, Form: component.Form{Key: key}}},
		{slug: "documentos-errores", title: "Documentos, con errores", screen: view.ExportList{Chart: chart, Items: exports()[1:2], Kinds: kinds, Form: component.Form{
			Key: key, Values: values("tipo", "historia", "desde", "2026-12-01", "hasta", "2026-01-01"),
			Errors: map[string]string{"hasta": "Es anterior a la fecha inicial.", "motivo": "Escriba el motivo."},
		}}},
		{slug: "documento-progreso", title: "Documento en preparación", screen: at(0)},
		{slug: "documento-listo", title: "Documento listo", screen: ready},
		{slug: "documento-fallido", title: "Documento que falló", screen: at(2)},
		{slug: "documento-revocado", title: "Documento revocado", screen: at(3)},
		{slug: "verificar", title: "Verificar", screen: view.Verify{}},
		{slug: "verificar-error", title: "Verificar, código mal escrito", screen: view.Verify{Form: component.Form{Values: values("codigo", "8QW"), Errors: map[string]string{"codigo": "El código tiene 16 letras y números."}}}},
		{slug: "verificar-valido", title: "Verificación: válido", screen: valid},
		{slug: "verificar-sustituido", title: "Verificación: sustituido", screen: old},
		{slug: "verificar-revocado", title: "Verificación: revocado", screen: revoked},
		{slug: "verificar-desconocido", title: "Verificación: desconocido", screen: view.Verification{Code: "0000-0000-0000-0000", Outcome: view.Unknown}},
	}
}

func exports() []view.Export {
	id := luz().ID
	return []view.Export{
		{PatientID: id, ID: jobID, Kind: "historia", State: "generando", Requested: ago(minute), By: "Dra. Ana Ruiz Mejía", Reason: "Remisión a otra institución", Progress: 40},
		{PatientID: id, ID: "j2", Kind: "epicrisis", State: "listo", Requested: ago(30 * minute), By: "Dra. Ana Ruiz Mejía", Reason: "Egreso", Pages: 4, Bytes: 182_340, Ready: ago(29 * minute), Expires: now.Add(7 * 24 * time.Hour), Code: "8QWM-2XK7-DPTR-9NVC"},
		{PatientID: id, ID: "j3", Kind: "nota", State: "fallido", Requested: ago(3 * time.Hour), By: "Rosa Ibáñez", Failure: "La historia cambiaba mientras se preparaba. Pídalo de nuevo."},
		{PatientID: id, ID: "j4", Kind: "historia", State: "revocado", Requested: ago(50 * time.Hour), By: "Rosa Ibáñez", From: "2026-01-01", To: "2026-10-31", Pages: 14, Bytes: 1_240_000},
	}
}

func clerkExports() []view.Export {
	list := exports()
	for i := range list {
		list[i].PatientName = luz().Name
	}
	return list
}
