package main

import (
	"hce.co/ui/catalog"
	"hce.co/ui/view"
	"hce.co/ui/view/component"
)

func accountStories() []story {
	return []story{
		{slug: "ingresar", title: "Ingresar", screen: view.SignIn{}},
		{slug: "ingresar-error", title: "Ingresar, clave equivocada", screen: view.SignIn{
			Form: component.Form{Values: values("username", "ana.ruiz"), Problem: "El usuario o la clave no son correctos."},
		}},
		{slug: "ingresar-vencida", title: "Ingresar, sesión vencida", screen: view.SignIn{Ended: true, Awaiting: view.Awaiting{Next: "/notas/CC-1032456789"}}},
		{slug: "ingresar-codigo", title: "Segundo factor", screen: view.SecondFactor{
			Form: component.Form{Values: values("codigo", "123 456"), Errors: map[string]string{"codigo": "El código no es correcto o ya venció."}},
		}},
		{slug: "registro", title: "Registro de pacientes", screen: view.SignUp{Types: catalog.DocumentTypes.Options(), Form: component.Form{Key: key}}},
		{slug: "registro-errores", title: "Registro, con errores", screen: view.SignUp{Types: catalog.DocumentTypes.Options(), Form: component.Form{
			Key:    key,
			Values: values("tipo_documento", "CC", "numero_documento", "1032456789", "fecha_nacimiento", "1984-02-29", "codigo", "AAAA", "username", "luz"),
			Errors: map[string]string{"codigo": "El código no corresponde a ese documento y fecha, o ya venció.", "password": "Use al menos 12 caracteres."},
		}}},
		{slug: "clave", title: "Cambiar la clave", screen: view.PasswordChange{Page: physician()}},
		{slug: "clave-obligada", title: "Cambiar la clave de un solo uso", screen: view.PasswordChange{Page: physician(), Forced: true}},
		{slug: "segundo-factor", title: "Activar el segundo factor", screen: view.Enrol{
			Page: physician(), Secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP", URI: "otpauth://totp/HCE:ana.ruiz?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=HCE",
		}},
		{slug: "segundo-factor-sin-activar", title: "Sin segundo factor", screen: view.Enrol{Page: physician()}},
		{slug: "segundo-factor-codigos", title: "Códigos de recuperación", screen: view.Enrol{
			Page: physician(), Recovery: []string{"4K7Q-M2XD", "9TPA-6HRV", "C3WN-8ZJE", "F5YB-1GSK", "H2QM-7DXP", "K9TV-4ARN", "M6ZC-3WEJ", "P1GF-8YBS"},
		}},
		{slug: "segundo-factor-activo", title: "Segundo factor activo", screen: view.Enrol{Page: physician(), Enabled: true}},
		{slug: "reforzar", title: "Confirme que es usted", screen: view.Reinforce{Page: physician(), Factor: true, Next: "/usuarios"}},
		{slug: "reforzar-clave", title: "Confirme que es usted, con la clave", screen: view.Reinforce{Page: physician(), Form: component.Form{Problem: "La clave no es correcta."}}},
		{slug: "sesion-terminada", title: "La sesión terminó", screen: view.SignIn{Awaiting: view.Awaiting{Next: "/notas/CC-1032456789", Written: "c2VsbGFkbw"}, Ended: true}},
		{slug: "sesion-terminada-sin-texto", title: "La sesión terminó y lo escrito no cabe", screen: view.SignIn{Awaiting: view.Awaiting{Next: "/notas/CC-1032456789"}, Ended: true, Lost: true}},
	}
}

func homeStories() []story {
	search := component.Form{}
	doctor, desk, clerk, boss, ops := physician(), registrar(), view.Page{User: user("Rosa Ibáñez", "resultados")}, admin(), view.Page{User: user("Jairo Téllez", "operador")}
	for _, p := range []*view.Page{&doctor, &desk, &clerk, &boss, &ops} {
		p.Section = view.HomeSection
	}
	system := operation()
	flash := doctor
	flash.Flash = component.Notice{Tone: component.Good, Text: "Nota firmada."}
	return []story{
		{slug: "inicio-paciente", title: "Paciente", screen: view.Home{Page: self(), Patient: &view.PatientHome{
			Patient: luz(), Notes: notes()[1:], Exports: exports(), Accesses: accesses()[:3], Medications: medications(),
		}}},
		{slug: "inicio-medico", title: "Médico", screen: view.Home{Page: flash, Search: search, Physician: &view.PhysicianHome{
			Drafts: drafts(), Patients: stays(), Unseen: results()[:2], UnseenMore: true, Services: "Urgencias, Medicina interna",
		}}},
		{slug: "inicio-medico-vacio", title: "Médico, sin nada pendiente", screen: view.Home{Page: doctor, Physician: &view.PhysicianHome{}}},
		{slug: "inicio-admisiones", title: "Admisionista", screen: view.Home{Page: desk, Reception: &view.ReceptionHome{
			Waiting: waiting(), Beds: []view.ServiceCount{
				{Service: "Urgencias", Occupied: 11, Total: 14}, {Service: "Medicina interna", Occupied: 22, Total: 24},
				{Service: "Pediatría", Occupied: 5, Total: 12}, {Service: "Consulta externa", Occupied: 9},
			},
		}}},
		{slug: "inicio-resultados", title: "Resultados", screen: view.Home{Page: clerk, Clerk: &view.ClerkHome{Exports: clerkExports()}}},
		{slug: "inicio-administrador", title: "Administrador", screen: view.Home{Page: boss, Admin: &view.AdminHome{
			Active: 128, Disabled: 9, Reviews: 2, Last: []view.Sign{
				{When: ago(4 * minute), Name: "Dra. Ana Ruiz Mejía", Role: "medico"}, {When: ago(9 * minute), Name: "Carlos Pardo", Role: "admisionista"},
			},
		}}},
		{slug: "inicio-operador", title: "Operador", screen: view.Home{Page: ops, System: &system}},
	}
}
