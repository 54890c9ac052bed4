package chart

import "time"

// NoteType is the type of a note (nota.tipo).
type NoteType string

// The types of note.
const (
	NoteAdmission    NoteType = "ingreso"
	NoteProgress     NoteType = "evolucion"
	NoteConsultation NoteType = "interconsulta"
	NoteDischarge    NoteType = "egreso"
	NoteNursing      NoteType = "enfermeria"
)

// NoteState is where a note is in its life.
type NoteState string

// The states of a note. The zero NoteState is NoteSigned when there is a signature, else NoteDraft.
const (
	NoteDraft    NoteState = "borrador"
	NoteSigned   NoteState = "firmada"
	NoteAnnulled NoteState = "anulada"
)

// Note is a clinical note (nota) with what belongs to it.
type Note struct {
	ID      string
	Version int
	Type    NoteType
	// LOINC overrides the code of the type (which nursing notes do not have).
	LOINC string
	State NoteState
	// Annulment says why, when the note is annulled.
	Annulment *Annulment
	// CareAt is fecha_atencion, RecordedAt fecha_registro.
	CareAt, RecordedAt time.Time
	// AdmissionNumber is that of the admission the note belongs to.
	AdmissionNumber string
	Author          Professional
	// RecordID is the merged record that the note was written in, empty for the patient's own.
	RecordID string

	Sections      Sections
	VitalSigns    []VitalSigns
	Diagnoses     []Diagnosis
	Prescriptions []Medication
	Signature     *Signature
	Addenda       []Addendum
}

// Annulment is who declared a note void, when and why.
type Annulment struct {
	At     time.Time
	By     string
	Reason string
}

// Sections are the texts of a note, in the order in which they are printed.
type Sections struct {
	ChiefComplaint       string // motivo_consulta
	PresentIllness       string // enfermedad_actual
	PersonalHistory      string // antecedentes_personales
	FamilyHistory        string // antecedentes_familiares
	Allergies            string // alergias
	Habits               string // habitos
	CurrentMedications   string // medicamentos_actuales
	VitalSigns           string // signos_vitales
	GeneralExamination   string // examen_fisico_general
	SystemsExamination   string // examen_fisico_sistemas
	DiagnosticImpression string // impresion_diagnostica
	ManagementPlan       string // conducta_plan_manejo
	Recommendations      string // recomendaciones
	ConsultedPhysicians  string // medicos_interconsultados
	Procedures           string // procedimientos_realizados
	ExaminationResults   string // resultados_examenes
	DefinitiveDiagnosis  string // diagnostico_definitivo
	MedicalProgress      string // evolucion_medica
	Treatment            string // tratamiento_instaurado
	Prescription         string // formulacion_medica
	PatientEducation     string // educacion_paciente
	Referral             string // referencia_contrareferencia
}

// Diagnosis is a CIE-10 code in a note (diagnostico).
type Diagnosis struct {
	// Code is CIE-10 with its dot (A05.9).
	Code, Description string
	// Type is 01 impresión, 02 confirmado nuevo, 03 confirmado repetido.
	Type Coded
	// Role is principal, relacionado, ingreso, egreso, complicacion or muerte.
	Role Coded
}

// Signature is an electronic signature over the canonical content of a note or addendum.
type Signature struct {
	Author Professional
	At     time.Time
	// SHA256 is the fingerprint of the canonical content in hexadecimal, KeyID names the key that signed it.
	SHA256    string
	Algorithm string
	KeyID     string
	// PatientSignature is firma_paciente, ClosedAt fecha_hora_cierre, RecordedBy responsable_registro.
	PatientSignature string
	ClosedAt         time.Time
	RecordedBy       string
}

// Addendum is what was added to a signed note (adenda).
type Addendum struct {
	ID     string
	Author Professional
	At     time.Time
	// Reason is correccion, aclaracion or ampliacion.
	Reason string
	Text   string
	// PreviousHash is the fingerprint of what the addendum adds to (hash_previo).
	PreviousHash string
	Signature    *Signature
}
