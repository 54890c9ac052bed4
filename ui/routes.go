package ui

import (
	"net/http"
	"strings"

	"hce.co/shared/auth"
	"hce.co/shared/service"
)

// routes is the whole door on one screen: the pages, and the wire behind it.
func (f *Function) routes() {
	on := f.router.On
	shown := func(pattern string, screen, answer service.Handler) {
		f.pages.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			screen(w, r) //nolint:errcheck // a screen shows its errors itself
		})
		on(pattern, auth.Public, answer)
	}
	open := func(pattern string, h func(*page) error) { s := f.open(h); shown(pattern, s, s) }
	form := func(pattern string, perm auth.Permission, h func(*page) error) { // for who may send it
		s := f.screen(only(perm, h))
		shown(pattern, s, s)
	}
	page := func(pattern string, h func(*page) error) { s := f.screen(h); shown(pattern, s, s) }

	on("GET /static/", auth.Public, f.asset)
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
	page("POST /segundo-factor/nuevo", f.enrolNew)
	page("POST /segundo-factor/retiro", f.enrolRemove)
	page("GET /reforzar", f.reinforceForm)
	page("POST /reforzar", f.reinforce)
	page("POST /retomar", f.retake)

	page("GET /{$}", f.home)
	page("GET /pacientes", f.searchForm)
	page("POST /pacientes/buscar", f.search)
	form("GET /pacientes/nuevo", auth.RegisterPatient, f.registerForm)
	page("POST /pacientes", f.register)
	page("GET /pacientes/{id}", f.summary)
	form("GET /pacientes/{id}/editar", auth.UpdatePatient, f.editForm)
	page("POST /pacientes/{id}", f.edit)
	form("GET /pacientes/{id}/documentos/nuevo", auth.UpdatePatient, f.identityForm)
	page("POST /pacientes/{id}/documentos", f.addIdentity)
	page("POST /pacientes/{id}/documentos/{documento}/retiro", f.withdrawIdentity)
	form("GET /pacientes/{id}/codigo", auth.IssueCode, f.codeForm)
	page("POST /pacientes/{id}/codigo", f.issueCode)
	form("GET /pacientes/{id}/acceso-emergencia", auth.BreakGlass, f.emergencyForm)
	page("POST /pacientes/{id}/acceso-emergencia", f.breakGlass)
	page("GET /pacientes/{id}/accesos", f.trail)
	page("GET /unir", f.mergeForm)
	page("GET /pacientes/{id}/unir", f.mergeForm)
	page("POST /unir", f.compare)
	page("GET /pacientes/{id}/uniones", f.merges)
	page("POST /pacientes/{id}/uniones", f.merge)
	page("POST /pacientes/{id}/uniones/{duplicado}/reversion", f.unmerge)
	page("GET /pacientes/{id}/signos", f.vitals)
	page("GET /pacientes/{id}/diagnosticos", f.diagnoses)
	page("GET /pacientes/{id}/alergias", f.allergies)
	page("GET /pacientes/{id}/medicamentos", f.medications)
	page("GET /pacientes/{id}/resultados", f.results)
	form("GET /pacientes/{id}/resultados/nuevo", auth.WriteNote, f.resultForm)
	page("POST /pacientes/{id}/resultados", f.addResult)
	page("POST /pacientes/{id}/resultados/{resultado}/visto", f.resultSeen)

	page("GET /pacientes/{id}/admisiones", f.admissions)
	form("GET /pacientes/{id}/admisiones/nueva", auth.Admit, f.admitForm)
	page("POST /pacientes/{id}/admisiones", f.admit)
	page("GET /pacientes/{id}/admisiones/{admision}", f.admissionDetail)
	page("POST /pacientes/{id}/admisiones/{admision}/{paso}", f.admissionStep)
	page("GET /camas", f.census)
	page("GET /triage", f.triage)

	page("GET /notas/{id}", f.notesOf)
	form("GET /notas/{id}/nueva", auth.WriteNote, f.noteForm)
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

	form("GET /usuarios/nuevo", auth.ManageUsers, f.userForm)
	page("POST /usuarios/buscar", f.users)
	page("POST /usuarios/{id}/{paso}", f.userStep)
	page("GET /revision", f.review)
	page("POST /revision/{id}/{acceso}", f.decide)
	page("GET /operacion", f.operation)

	for _, wire := range f.forwarded() {
		for _, pattern := range wire.patterns {
			on(pattern, auth.Public, forward(wire.to))
			f.wires.Handle(pattern[strings.Index(pattern, "/"):], wire.to)
		}
	}
	// What browsers and programs share.
	on("GET /login", auth.Public, redirectTo("/ingresar"))
	on("GET /register", auth.Public, redirectTo("/registro"))
	both := func(pattern string, screen service.Handler, to http.Handler) {
		shown(pattern, screen, pageOrAPI(screen, forward(to)))
	}
	both("GET /usuarios", f.screen(f.users), f.Backends.Login)
	both("POST /usuarios", f.screen(f.createUser), f.Backends.Login)
	both("GET /usuarios/{id}", f.screen(f.editUserForm), f.Backends.Login)
	page("POST /usuarios/{id}", f.editUser)
	both("POST /usuarios/{id}/clave", f.screen(f.resetPassword), f.Backends.Login)
	both("GET /verificar/{codigo}", f.open(f.verified), f.Backends.PDFExport)
	on("GET /openapi.json", auth.Public, f.openAPI)
}
