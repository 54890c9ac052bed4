package main

import (
	"time"

	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

func mergeStories() []story {
	compare := func() view.MergeCompare {
		return view.MergeCompare{
			Page: registrar(), Form: component.Form{Key: key},
			One:   view.MergeSide{ID: luz().ID, Name: luz().Name, Version: `"7"`, Notes: 12, Stays: 3, Opened: now.AddDate(-4, 0, 0), MergedIn: []string{"TI-84022912345"}},
			Other: view.MergeSide{ID: "CC-1032456798", Name: "Pena Rodriguez, Luz M", Version: `"1"`, Notes: 1, Stays: 1, Opened: now.AddDate(0, 0, -2)},
			Rows: []view.Change{
				{Label: "Tipo de documento", Theirs: "Cédula de ciudadanía", Mine: "Cédula de ciudadanía"},
				{Label: "Número de documento", Theirs: "1032456789", Mine: "1032456798"},
				{Label: "Primer apellido", Theirs: "Peña", Mine: "Pena"},
				{Label: "Primer nombre", Theirs: "Luz", Mine: "Luz"},
				{Label: "Segundo nombre", Theirs: "Marina", Mine: "M"},
				{Label: "Fecha de nacimiento", Theirs: "1984-02-29", Mine: "1984-02-29"},
				{Label: "Celular", Theirs: "300 123 4567", Mine: ""},
			},
		}
	}
	grave, wrong := compare(), compare()
	grave.Rows[5].Mine = "1994-02-28"
	grave.Other.Open = true
	grave.Grave = []string{"la fecha de nacimiento", "el sexo biológico"}
	grave.StepUp = true
	wrong.Form = component.Form{Key: key, Values: values("conserva", luz().ID, "motivo", "porque sí"), Errors: map[string]string{
		"motivo": "Explique el motivo en 10 a 500 caracteres: el paciente lo leerá.", "confirmo": "Compruebe los documentos y márquelo.",
	}}
	items := []view.MergeItem{
		{Duplicate: "CC-1032456798", When: now.Add(-time.Hour), By: "Ana Admisiones", Why: "Se registró dos veces: en la segunda se cambiaron dos números de la cédula."},
		{
			Duplicate: "CC-52000111", When: now.AddDate(0, -2, 0), By: "Ana Admisiones", Why: "Tienen el mismo nombre y la misma fecha de nacimiento.",
			Undone: now.AddDate(0, -2, 1), UndoneBy: "Alba Administra", UndoneWhy: "Son dos hermanas gemelas; se comprobó con los registros civiles.",
		},
	}
	chart := registrarChart(view.SummaryTab)
	chart.Patient.Includes = []string{"CC-1032456798"}
	chart.Can.Merge = true
	reserved := view.Chart{Page: admin(), Patient: view.Patient{ID: luz().ID, Name: "Historia " + luz().ID, Document: luz().ID, Reserved: true}}
	failed := view.MergeList{Chart: reserved, Items: items, Undo: items[0].Duplicate, StepUp: true, Form: component.Form{
		Values: values("motivo", "no"), Errors: map[string]string{"motivo": "Explique el motivo en 10 a 500 caracteres: el paciente lo leerá."},
	}}
	return []story{
		{slug: "unir", title: "Buscar el duplicado", screen: view.MergeFind{Page: registrar(), ID: luz().ID, Name: luz().Name}},
		{slug: "unir-dos", title: "Buscar las dos, para el administrador", screen: view.MergeFind{Page: admin(), Form: component.Form{
			Values: values("historia", luz().ID, "duplicado", "CC-9"), Errors: map[string]string{"duplicado": "No existe una historia clínica con ese documento."},
		}}},
		{slug: "unir-comparar", title: "Comparar", screen: compare()},
		{slug: "unir-dudosas", title: "Comparar, con segundo factor: pueden ser dos personas", screen: grave},
		{slug: "unir-errores", title: "Comparar, con errores", screen: wrong},
		{slug: "uniones", title: "Uniones de una historia", screen: view.MergeList{Chart: chart, Items: items}},
		{slug: "uniones-ninguna", title: "Uniones, ninguna", screen: view.MergeList{Chart: registrarChart(view.SummaryTab)}},
		{slug: "uniones-errores", title: "Deshacer, con errores, para el administrador", screen: failed},
	}
}
