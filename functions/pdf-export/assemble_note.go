package pdfexport

import (
	"strconv"

	"github.com/google/uuid"

	"hce.co/functions/pdf-export/chart"
	"hce.co/shared/vital"
)

// notes puts each note together with its diagnoses, vitals, prescriptions and
// addenda.
func notes(s snapshot) []chart.Note {
	numbers := map[uuid.UUID]string{}
	for _, a := range s.Admisiones {
		numbers[a.ID] = strconv.FormatInt(a.Numero, 10)
	}
	at := map[uuid.UUID]int{}
	list := make([]chart.Note, 0, len(s.Notas))
	for i, n := range s.Notas {
		at[n.ID] = i
		list = append(list, n.note(numbers[n.AdmisionID]))
	}
	for _, d := range s.Diagnosticos {
		if i, ok := at[d.NotaID]; ok {
			list[i].Diagnoses = append(list[i].Diagnoses, chart.Diagnosis{
				Code: d.CIE10, Description: d.Descripcion, Type: chart.Coded{Code: d.Tipo}, Role: chart.Coded{Code: d.Rol},
			})
		}
	}
	for _, m := range s.Medicamentos {
		if m.NotaID == nil {
			continue
		}
		if i, ok := at[*m.NotaID]; ok {
			list[i].Prescriptions = append(list[i].Prescriptions, m.medication())
		}
	}
	for _, v := range s.Signos {
		if i, ok := at[v.NotaID]; ok {
			v.addTo(&list[i])
		}
	}
	for _, a := range s.Adendas {
		if i, ok := at[a.NotaID]; ok {
			list[i].Addenda = append(list[i].Addenda, a.addendum())
		}
	}
	return list
}

func (n noteRow) note(admission string) chart.Note {
	author := chart.Professional{Name: n.AutorNombre, Registration: n.AutorRegistro, Speciality: n.AutorEspecialidad}
	out := chart.Note{
		ID: n.ID.String(), Version: n.Version, Type: chart.NoteType(n.Tipo), State: chart.NoteState(n.Estado),
		CareAt: n.FechaAtencion, RecordedAt: n.FechaRegistro, AdmissionNumber: admission, Author: author, RecordID: n.historia,
		Sections: chart.Sections{
			ChiefComplaint: n.MotivoConsulta, PresentIllness: n.EnfermedadActual, PersonalHistory: n.AntecedentesPersonales,
			FamilyHistory: n.AntecedentesFamiliares, Allergies: n.Alergias, Habits: n.Habitos, CurrentMedications: n.MedicamentosActuales,
			GeneralExamination: n.ExamenFisicoGeneral, SystemsExamination: n.ExamenFisicoSistemas, DiagnosticImpression: n.ImpresionDiagnostica,
			ManagementPlan: n.ConductaPlanManejo, Recommendations: n.Recomendaciones, ConsultedPhysicians: n.MedicosInterconsultados,
			Procedures: n.ProcedimientosRealizados, ExaminationResults: n.ResultadosExamenes, DefinitiveDiagnosis: n.DiagnosticoDefinitivo,
			MedicalProgress: n.EvolucionMedica, Treatment: n.TratamientoInstaurado, Prescription: n.FormulacionMedica,
			PatientEducation: n.EducacionPaciente, Referral: n.ReferenciaContrareferencia,
		},
	}
	if n.AnuladaEn != nil {
		out.Annulment = &chart.Annulment{At: *n.AnuladaEn, By: n.AutorNombre, Reason: n.AnuladaMotivo} // only its author may
	}
	if n.FirmadaEn != nil {
		out.Signature = &chart.Signature{
			Author: author, At: *n.FirmadaEn, SHA256: n.FirmaSHA256, Algorithm: signatureAlgorithm, KeyID: n.FirmaClaveID, PatientSignature: n.FirmaPaciente,
		}
	}
	return out
}

const signatureAlgorithm = "Ed25519"

func (a addendumRow) addendum() chart.Addendum {
	author := chart.Professional{Name: a.AutorNombre, Registration: a.AutorRegistro}
	return chart.Addendum{
		ID: a.ID.String(), Author: author, At: a.En, Reason: a.Motivo, Text: a.Texto, PreviousHash: a.HashPrevio,
		Signature: &chart.Signature{Author: author, At: a.En, SHA256: a.FirmaSHA256, Algorithm: signatureAlgorithm, KeyID: a.FirmaClaveID},
	}
}

// addTo puts a measurement into the note's set of the same instant and person.
// One that the printer has no column for is written out as text.
func (v vitalRow) addTo(n *chart.Note) {
	sign, known := vital.Coded(v.Codigo)
	if !known {
		if n.Sections.VitalSigns != "" {
			n.Sections.VitalSigns += "\n"
		}
		n.Sections.VitalSigns += v.Nombre + ": " + number(v.Valor) + " " + unit(v.Unidad)
		return
	}
	measure := chart.Measure{Sign: sign, Value: v.Valor}
	for i := range n.VitalSigns {
		if set := &n.VitalSigns[i]; set.TakenAt.Equal(v.TomadoEn) && set.TakenBy == v.TomadoPor {
			set.Measures = append(set.Measures, measure)
			return
		}
	}
	n.VitalSigns = append(n.VitalSigns, chart.VitalSigns{TakenAt: v.TomadoEn, TakenBy: v.TomadoPor, Measures: []chart.Measure{measure}})
}
