// Package link builds the addresses of the pages.
package link

import "net/url"

// The pages that concern nobody in particular.
const (
	Home          = "/"
	SignIn        = "/ingresar"
	SecondFactor  = "/ingresar/codigo"
	SignOut       = "/salir"
	SignUp        = "/registro"
	Session       = "/sesion"
	Password      = "/clave"
	Enrol         = "/segundo-factor"
	EnrolNew      = "/segundo-factor/nuevo"
	EnrolRemove   = "/segundo-factor/retiro"
	Reinforce     = "/reforzar"
	Resume        = "/retomar"
	Patients      = "/pacientes"
	PatientSearch = "/pacientes/buscar"
	PatientNew    = "/pacientes/nuevo"
	Census        = "/camas"
	Triage        = "/triage"
	Codes         = "/cie10/sugerencias"
	Documents     = "/documentos"
	Verify        = "/verificar"
	Users         = "/usuarios"
	UserNew       = "/usuarios/nuevo"
	UserSearch    = "/usuarios/buscar"
	Review        = "/revision"
	Merge         = "/unir"
	Operation     = "/operacion"
)

func join(base string, parts ...string) string {
	for _, p := range parts {
		base += "/" + url.PathEscape(p)
	}
	return base
}

// FoundPatients shows what a search found; what it was for is in no address.
func FoundPatients(search string) string { return Patients + "?busqueda=" + url.QueryEscape(search) }

// PatientNewFound is [PatientNew] after a search that did not find the person.
func PatientNewFound(search string) string {
	if search == "" {
		return PatientNew
	}
	return PatientNew + "?busqueda=" + url.QueryEscape(search)
}

// Patient is the summary of a record.
func Patient(id string) string { return join(Patients, id) }

// PatientItself is the summary of a record that was merged into another, as it
// is by itself.
func PatientItself(id string) string { return Patient(id) + itself }

const itself = "?fusionada=1"

// NotesItself lists the notes of such a record.
func NotesItself(id string) string { return Notes(id) + itself }

// MergeWith asks which record is of the same person as this one; its form posts
// to [Merge].
func MergeWith(id string) string { return Patient(id) + "/unir" }

// Merges lists what was merged into a record, and takes a merge.
func Merges(id string) string { return Patient(id) + "/uniones" }

// Unmerge undoes a merge.
func Unmerge(id, duplicate string) string { return join(Merges(id), duplicate) + "/reversion" }

// PatientEdit is the form that changes a record; it posts to [Patient].
func PatientEdit(id string) string { return Patient(id) + "/editar" }

// Identity takes a new identity document; its form is at [IdentityNew].
func Identity(id string) string { return Patient(id) + "/documentos" }

// Withdrawal takes back a document that was given to the record by mistake; its
// form is at [IdentityNew].
func Withdrawal(id, document string) string { return join(Identity(id), document) + "/retiro" }

// IdentityNew is the form for a new identity document.
func IdentityNew(id string) string { return Identity(id) + "/nuevo" }

// Code asks for, and makes, the one-time code of a patient.
func Code(id string) string { return Patient(id) + "/codigo" }

// Emergency is break-the-glass for a record.
func Emergency(id string) string { return Patient(id) + "/acceso-emergencia" }

// Trail lists who saw a record.
func Trail(id string) string { return Patient(id) + "/accesos" }

// Vitals lists the vital signs of a record.
func Vitals(id string) string { return Patient(id) + "/signos" }

// Diagnoses lists those of a record.
func Diagnoses(id string) string { return Patient(id) + "/diagnosticos" }

// Allergies lists those of a record.
func Allergies(id string) string { return Patient(id) + "/alergias" }

// Medications lists those of a record.
func Medications(id string) string { return Patient(id) + "/medicamentos" }

// Results lists those of a record.
func Results(id string) string { return Patient(id) + "/resultados" }

// ResultNew is the form for a result that came on paper; it posts to [Results].
func ResultNew(id string) string { return Results(id) + "/nuevo" }

// ResultSeen marks a result as seen.
func ResultSeen(id, result string) string { return join(Results(id), result) + "/visto" }

// Admissions lists, and opens, those of a record.
func Admissions(id string) string { return Patient(id) + "/admisiones" }

// AdmissionNew is the form that admits; it posts to [Admissions].
func AdmissionNew(id string) string { return Admissions(id) + "/nueva" }

// Admission is one admission.
func Admission(id, admission string) string { return join(Admissions(id), admission) }

// AdmissionStep is where a patient arrives (llegada), is classified (triage),
// attended (atencion), moved (traslado) or discharged (egreso), or an admission
// is cancelled (cancelacion).
func AdmissionStep(id, admission, step string) string {
	return Admission(id, admission) + "/" + step
}

// Notes lists, and opens, the notes of a record.
func Notes(id string) string { return join("/notas", id) }

// NoteNew is the form that opens a note; it posts to [Notes].
func NoteNew(id string) string { return Notes(id) + "/nueva" }

// NoteIn is [NoteNew] for a note of an admission.
func NoteIn(id, admission string) string {
	return NoteNew(id) + "?admision_id=" + url.QueryEscape(admission)
}

// AllergyResolve is [NoteNew] for a note that resolves an allergy.
func AllergyResolve(id, allergy string) string {
	return NoteNew(id) + "?alergia=" + url.QueryEscape(allergy)
}

// MedicationStop is [NoteNew] for a note that stops a medicine.
func MedicationStop(id, medication string) string {
	return NoteNew(id) + "?medicamento=" + url.QueryEscape(medication)
}

// Note is one note; a draft is saved by posting to it.
func Note(id, note string) string { return join("/notas", id, note) }

// NoteEdit is the editor of a draft.
func NoteEdit(id, note string) string { return Note(id, note) + "/editar" }

// NoteSign is the confirmation before signing; it posts to itself.
func NoteSign(id, note string) string { return Note(id, note) + "/firma" }

// NoteAddendum takes an addendum.
func NoteAddendum(id, note string) string { return Note(id, note) + "/adenda" }

// NoteAnnul says that a signed note no longer counts.
func NoteAnnul(id, note string) string { return Note(id, note) + "/anulacion" }

// Exports lists, and asks for, the PDFs of a record.
func Exports(id string) string { return join(Documents, id) }

// Export follows one PDF.
func Export(id, job string) string { return join(Documents, id, job) }

// ExportFile is the PDF itself.
func ExportFile(id, job string) string { return Export(id, job) + "/descarga" }

// ExportRevoke declares a PDF void.
func ExportRevoke(id, job string) string { return Export(id, job) + "/revocacion" }

// VerifyCode tells whether a printed copy is valid.
func VerifyCode(code string) string { return join(Verify, code) }

// User is an account; its form posts to it.
func User(id string) string { return join(Users, id) }

// UserStep is where an account is disabled (desactivacion), enabled
// (activacion), given a one-time password (clave) or rid of its second factor
// (segundo-factor).
func UserStep(id, step string) string { return User(id) + "/" + step }

// ReviewOf decides on an emergency access.
func ReviewOf(id, access string) string { return join(Review, id, access) }
