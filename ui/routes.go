package ui

import (
	"net/http"

	"hce.co/shared/auth"
	"hce.co/ui/static"
)

// routes is the whole door on one screen: the pages, and the wire behind it.
func (f *Function) routes() {
	on := f.router.On
	open := func(pattern string, h func(*page) error) { on(pattern, auth.Public, f.open(h)) }
	page := func(pattern string, h func(*page) error) { on(pattern, auth.Public, f.screen(h)) }

	on("GET /static/", auth.Public, func(w http.ResponseWriter, r *http.Request) error { static.Handler().ServeHTTP(w, r); return nil })
	on("GET /favicon.ico", auth.Public, f.icon)
	on("GET /robots.txt", auth.Public, f.robots)

	open("GET /ingresar", f.signInForm)
	open("POST /ingresar", f.signIn)
	open("GET /ingresar/codigo", f.secondFactorForm)
	open("POST /ingresar/codigo", f.secondFactor)
	open("GET /registro", f.signUpForm)
	open("POST /registro", f.signUp)
	open("POST /salir", f.signOut)
	on("POST /sesion", auth.Public, f.renewSession)
	page("GET /clave", f.passwordForm)
	page("POST /clave", f.changePassword)
	page("GET /segundo-factor", f.enrolForm)
	page("POST /segundo-factor", f.enrol)
	page("GET /segundo-factor/nuevo", f.enrolNew)
	page("POST /segundo-factor/retiro", f.enrolRemove)
	page("GET /reforzar", f.reinforceForm)
	page("POST /reforzar", f.reinforce)

	page("GET /{$}", f.home)
	page("GET /pacientes", f.searchForm)
	page("POST /pacientes/buscar", f.search)
	page("GET /pacientes/nuevo", f.registerForm)
	page("POST /pacientes", f.register)
	page("GET /pacientes/{id}", f.summary)
	page("GET /pacientes/{id}/editar", f.editForm)
	page("POST /pacientes/{id}", f.edit)
	page("GET /pacientes/{id}/documentos/nuevo", f.identityForm)
	page("POST /pacientes/{id}/documentos", f.addIdentity)
	page("GET /pacientes/{id}/codigo", f.codeForm)
	page("POST /pacientes/{id}/codigo", f.issueCode)
	page("GET /pacientes/{id}/acceso-emergencia", f.emergencyForm)
	page("POST /pacientes/{id}/acceso-emergencia", f.breakGlass)
	page("GET /pacientes/{id}/accesos", f.trail)
	page("GET /pacientes/{id}/signos", f.vitals)
	page("GET /pacientes/{id}/diagnosticos", f.diagnoses)
	page("GET /pacientes/{id}/alergias", f.allergies)
	page("GET /pacientes/{id}/medicamentos", f.medications)
	page("GET /pacientes/{id}/resultados", f.results)
	page("GET /pacientes/{id}/resultados/nuevo", f.resultForm)
	page("POST /pacientes/{id}/resultados", f.addResult)
	page("POST /pacientes/{id}/resultados/{resultado}/visto", f.resultSeen)

	page("GET /pacientes/{id}/admisiones", f.admissions)
	page("GET /pacientes/{id}/admisiones/nueva", f.admitForm)
	page("POST /pacientes/{id}/admisiones", f.admit)
	page("GET /pacientes/{id}/admisiones/{admision}", f.admissionDetail)
	page("POST /pacientes/{id}/admisiones/{admision}/{paso}", f.admissionStep)
	page("GET /camas", f.census)
	page("GET /triage", f.triage)

	page("GET /notas/{id}", f.notesOf)
	page("GET /notas/{id}/nueva", f.noteForm)
	page("POST /notas/{id}", f.openNote)
	page("GET /notas/{id}/{nota}", f.note)
	page("GET /notas/{id}/{nota}/editar", f.editor)
	page("POST /notas/{id}/{nota}", f.saveNote)
	page("GET /notas/{id}/{nota}/firma", f.signForm)
	page("POST /notas/{id}/{nota}/firma", f.sign)
	page("POST /notas/{id}/{nota}/adenda", f.addendum)
	page("POST /notas/{id}/{nota}/anulacion", f.annul)
	page("POST /cie10/sugerencias", f.suggestions)

	page("GET /documentos/{id}", f.exports)
	page("POST /documentos/{id}", f.askExport)
	page("GET /documentos/{id}/{trabajo}", f.export)
	page("GET /documentos/{id}/{trabajo}/descarga", f.download)
	page("POST /documentos/{id}/{trabajo}/revocacion", f.revokeExport)
	open("GET /verificar", f.verifyForm)
	open("POST /verificar", f.verifyTyped)

	page("GET /usuarios/nuevo", f.userForm)
	page("POST /usuarios/buscar", f.users)
	page("POST /usuarios/{id}/{paso}", f.userStep)
	page("GET /revision", f.review)
	page("POST /revision/{id}/{acceso}", f.decide)
	page("GET /operacion", f.operation)

	for _, wire := range f.forwarded() {
		for _, pattern := range wire.patterns {
			on(pattern, auth.Public, forward(wire.to))
		}
	}
	// What browsers and programs share.
	on("GET /login", auth.Public, redirectTo("/ingresar"))
	on("GET /register", auth.Public, redirectTo("/registro"))
	on("GET /usuarios", auth.Public, pageOrAPI(f.screen(f.users), forward(f.Backends.Login)))
	on("POST /usuarios", auth.Public, pageOrAPI(f.screen(f.createUser), forward(f.Backends.Login)))
	on("GET /usuarios/{id}", auth.Public, pageOrAPI(f.screen(f.editUserForm), forward(f.Backends.Login)))
	on("POST /usuarios/{id}", auth.Public, f.screen(f.editUser))
	on("POST /usuarios/{id}/clave", auth.Public, pageOrAPI(f.screen(f.resetPassword), forward(f.Backends.Login)))
	on("GET /verificar/{codigo}", auth.Public, pageOrAPI(f.open(f.verified), forward(f.Backends.PDFExport)))
	on("GET /openapi.json", auth.Public, f.openAPI)
}
