package main

import (
	"net/http"
	"time"

	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
	"hce.co/ui/view/link"
)

func adminStories() []story {
	users, system := admin(), admin()
	users.Section, system.Section = view.UsersSection, view.OperationSection
	form := view.UserForm{Page: users, Roles: catalog.Roles.Options(), Services: catalog.Services.Options(), Types: catalog.ProfessionTypes.Suggestions(), Form: component.Form{Key: key}}
	wrong, edit := form, form
	wrong.Form.Values = values("nombre", "Ana Ruiz", "username", "ana ruiz", "roles", "medico")
	wrong.Form.Errors = map[string]string{"username": "Use letras, números, punto o guion, sin espacios.", "profesional.registro_medico": "Un médico necesita su registro."}
	edit.ID = "0193a0aa-4444-7aaa-8bbb-ffffffffffff"
	edit.Account = view.UserItem{Username: "ana.ruiz", Active: true, SecondFactor: true, LastSignIn: ago(4 * minute)}
	edit.Form = component.Form{Version: `"2"`, Values: values(
		"nombre", "Ana Ruiz Mejía", "email", "ana.ruiz@ejemplo.co", "roles", "medico", "profesional.nombre_profesional", "Dra. Ana Ruiz Mejía",
		"profesional.tipo_profesional", "Medicina", "profesional.registro_medico", "25-44871", "profesional.especialidad", "Medicina interna", "profesional.servicios", "1102", "profesional.servicios", "329",
	)}
	unlicensed := edit
	unlicensed.Account.Roles = []string{"medico"}
	unlicensed.Form.Values = values("nombre", "Ana Ruiz Mejía", "roles", "medico", "profesional.especialidad", "Medicina interna")
	return []story{
		{slug: "usuarios", title: "Usuarios", screen: view.UserList{Page: users, More: "marta", Items: []view.UserItem{
			{ID: "u1", Name: "Ana Ruiz Mejía", Username: "ana.ruiz", Email: "ana.ruiz@ejemplo.co", Roles: []string{"medico"}, Active: true, SecondFactor: true, License: "25-44871", Specialty: "Medicina interna", LastSignIn: ago(4 * minute)},
			{ID: "u5", Name: "Beto Cano", Username: "beto", Roles: []string{"medico"}, Active: true, Specialty: "Pediatría"},
			{ID: "u2", Name: "Carlos Pardo", Username: "carlos.pardo", Roles: []string{"admisionista"}, Active: true, LastSignIn: ago(9 * minute)},
			{ID: "u3", Name: "Luz Marina Peña", Username: "luz84", Email: "luz@ejemplo.co", Roles: []string{"paciente"}, Active: true},
			{ID: "u4", Name: "Marta Solano", Username: "marta", Roles: []string{"administrador", "operador"}, Active: false, SecondFactor: true, LastSignIn: ago(900 * time.Hour)},
		}}},
		{slug: "usuario-nuevo", title: "Nueva cuenta", screen: form},
		{slug: "usuario-nuevo-errores", title: "Nueva cuenta, con errores", screen: wrong},
		{slug: "usuario-editar", title: "Editar cuenta", screen: edit},
		{slug: "usuario-sin-registro", title: "Editar cuenta de un médico sin registro", screen: unlicensed},
		{slug: "usuario-clave-sin-registro", title: "Clave de un solo uso de un médico sin registro", screen: view.UserPassword{
			Page: users, ID: "u1", Name: "Ana Ruiz Mejía", Username: "ana.ruiz", Password: "cobre-lluvia-tapir-38", Created: true, Unlicensed: true,
		}},
		{slug: "usuario-clave", title: "Clave de un solo uso", screen: view.UserPassword{Page: users, ID: "u1", Name: "Ana Ruiz Mejía", Username: "ana.ruiz", Password: "cobre-lluvia-tapir-38", Created: true}},
		{slug: "operacion", title: "Operación", screen: view.Operation{Page: system, System: operation()}},
	}
}

func operation() view.System {
	return view.System{
		At: now, Functions: []view.Function{
			{Name: "login", Healthy: true, Detail: "Base de datos: versión 9", Latency: 4 * time.Millisecond, Version: "1.4.0"},
			{Name: "patient", Healthy: true, Detail: "Base de datos: versión 9", Latency: 5 * time.Millisecond, Version: "1.4.0"},
			{Name: "admission", Healthy: true, Detail: "Base de datos: versión 9", Latency: 6 * time.Millisecond, Version: "1.4.0"},
			{Name: "notes", Healthy: false, Detail: "No responde desde las 10:29", Version: "1.4.0"},
			{Name: "pdf-export", Healthy: true, Detail: "Arrancó en frío en 900 ms", Latency: 912 * time.Millisecond, Version: "1.4.0"},
		},
		Backlog: []view.Backlog{
			{Type: "co.hce.nota.firmada.v1", Waiting: 14, Oldest: ago(6 * minute), Late: true},
			{Type: "co.hce.pdf.solicitado.v1", Waiting: 1, Oldest: ago(20 * time.Second)},
		},
		Jobs: []view.Job{
			{ID: jobID, State: "generando", Attempts: 1, Requested: ago(minute)},
			{ID: "0193a5d0-3333-7aaa-8bbb-000000000000", State: "fallido", Attempts: 5, Requested: ago(3 * time.Hour), Failure: "la historia cambiaba mientras se preparaba"},
		},
	}
}

func faultStories() []story {
	const ref = "01JD8Z6T4Q8N4Y5J7B2M"
	fault := func(slug, title string, f view.Fault) story {
		f.Page, f.RequestID = physician(), ref
		f.Section = view.NoSection
		return story{slug: slug, title: title, screen: f}
	}
	return []story{
		fault("error-403", "403", view.Fault{Status: http.StatusForbidden}),
		fault("error-403-historia", "403, sin relación con el paciente", view.Fault{
			Status: http.StatusForbidden, Emergency: link.Emergency(luz().ID),
			Detail: "No tiene una atención en curso con este paciente. Si es una urgencia, pida acceso de emergencia con su motivo.",
		}),
		fault("error-404", "404", view.Fault{Status: http.StatusNotFound}),
		fault("error-405", "405", view.Fault{Status: http.StatusMethodNotAllowed}),
		fault("error-410", "410", view.Fault{Status: http.StatusGone}),
		fault("error-429", "429", view.Fault{Status: http.StatusTooManyRequests, Retry: 90}),
		fault("error-500", "500", view.Fault{Status: http.StatusInternalServerError}),
		fault("error-503", "503", view.Fault{Status: http.StatusServiceUnavailable, Retry: 5}),
	}
}
