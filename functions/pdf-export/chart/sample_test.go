package chart_test

import (
	"strings"
	"time"

	"hce.co/functions/pdf-export/chart"
	"hce.co/shared/vital"
)

// at is an instant in Colombia's legal time.
func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", text+":00", time.FixedZone("", -5*60*60))
	if err != nil {
		panic(err)
	}
	return t
}

var (
	internist = chart.Professional{
		Name: "María Fernanda Ñáñez Güiza", Kind: "Médica", Registration: "52871345", Speciality: "Medicina interna",
		Position: "Hospitalización piso 4",
	}
	nurse     = chart.Professional{Name: "Yeimy Paola Cuesta", Kind: "Enfermera", Registration: "1077445821", Position: "Piso 4"}
	emergency = chart.Professional{Name: "Andrés Felipe Acuña", Kind: "Médico", Registration: "80123987", Speciality: "Medicina de urgencias", Position: "Urgencias"}
)

// sample is a chart in which every field of the model has a value.
func sample() chart.Chart {
	return chart.Chart{
		Institution: chart.Institution{
			Name: "Hospital Universitario de la Sabana E.S.E.", NIT: "899.999.123-4", REPSCode: "110010912301",
			Address: "Carrera 8 # 0-55 Sur", City: "Bogotá, D. C.", Phone: "(601) 555 0123", Email: "archivo@husabana.example.co",
		},
		Document: chart.Document{
			ID: "0199f2c4-7a10-7c3e-9a51-3f6f0a2f9b10", Kind: chart.KindFull,
			From: chart.Date{Year: 2026, Month: 1, Day: 1}, To: chart.Date{Year: 2026, Month: 11, Day: 22},
			RequestedBy: "Luz Marina Peña Rodríguez (paciente)", RequestedAt: at("2026-11-23 08:04"),
			Reason: "Copia para segunda opinión", GeneratedAt: at("2026-11-23 08:05").Add(17 * time.Second),
			ExpiresAt: at("2027-02-21 08:05"), VerificationCode: "7K3M9QXZT2H4VBNA", PublicURL: "https://hce.husabana.example.co",
		},
		Patient:       samplePatient(),
		AllergyDenial: &chart.AllergyDenial{At: at("2024-02-11 10:00"), By: "Carlos Iván Mosquera"},
		Allergies: []chart.Allergy{
			{Kind: chart.Coded{Code: "01"}, Substance: "Penicilina G benzatínica", Reaction: "Anafilaxia con edema de glotis", Criticality: "alta",
				Status: "confirmada", RecordedAt: at("2025-06-03 09:12"), RecordedBy: "Andrés Felipe Acuña"},
			{Kind: chart.Coded{Code: "02"}, Substance: "Maní", Reaction: "Urticaria generalizada", Criticality: "baja", Status: "activa",
				RecordedAt: at("2025-06-03 09:14"), RecordedBy: "Andrés Felipe Acuña"},
		},
		Medications: []chart.Medication{
			{Name: "Losartán potásico", CUM: "19935305-1", Dose: "50", DoseUnit: "mg", Route: chart.Coded{Code: "048", Text: "Oral"}, Frequency: "Cada 12 horas",
				Duration: "90 días", Quantity: "180 tabletas", Status: "activo", PrescribedBy: "M. F. Ñáñez Güiza", PrescribedAt: at("2026-11-20 11:00")},
			{Name: "Metformina clorhidrato", CUM: "20012345-3", Dose: "850", DoseUnit: "mg", Route: chart.Coded{Text: "Oral"}, Frequency: "Con el almuerzo",
				Duration: "90 días", Quantity: "90 tabletas", Status: "activo", PrescribedBy: "M. F. Ñáñez Güiza", PrescribedAt: at("2026-11-20 11:02")},
		},
		Problems: []chart.Problem{
			{Code: "J18.9", Description: "Neumonía, no especificada", Type: chart.Coded{Code: "02"}, Role: chart.Coded{Code: "principal"},
				FirstAt: at("2026-11-14 07:00"), LastAt: at("2026-11-20 10:30"), RecordedBy: "Andrés Felipe Acuña"},
			{Code: "I10.X", Description: "Hipertensión esencial (primaria)", Type: chart.Coded{Code: "03"}, Role: chart.Coded{Code: "relacionado1"},
				FirstAt: at("2019-03-01 07:00"), LastAt: at("2026-11-20 10:30"), RecordedBy: "Carlos Iván Mosquera"},
			{Code: "E11.9", Description: "Diabetes mellitus tipo 2, sin mención de complicación", Type: chart.Coded{Code: "03"},
				Role: chart.Coded{Code: "relacionado2"}, FirstAt: at("2021-08-19 07:00"), LastAt: at("2026-11-20 10:30")},
		},
		Admissions: []chart.Admission{sampleAdmission()},
		Notes:      sampleNotes(),
		Results:    sampleResults(),
	}
}

func samplePatient() chart.Patient {
	return chart.Patient{
		RecordID: "CC-1032456789", Version: 7, CreatedAt: at("2019-03-01 06:50"), UpdatedAt: at("2026-11-14 06:41"), UpdatedBy: "Jhon Jairo Palacios",
		DocumentType: chart.Coded{Code: "CC"}, DocumentNumber: "1032456789",
		OtherDocuments: []chart.Identifier{{Type: chart.Coded{Code: "TI"}, Number: "84022912345", Since: at("1995-01-10 00:00")}},
		FirstSurname:   "Peña", SecondSurname: "Rodríguez", FirstName: "Luz", SecondName: "Marina", PreferredName: "Luzma",
		BirthDate: chart.Date{Year: 1984, Month: 2, Day: 29}, BirthTime: "14:35",
		BiologicalSex: chart.Coded{Code: "02"}, GenderIdentity: chart.Coded{Code: "01", Text: "Femenino"},
		Nationalities: []chart.Coded{{Code: "170", Text: "Colombia"}, {Code: "862", Text: "Venezuela"}},
		Address:       "Calle 63 # 9A-45 apto. 502", Neighbourhood: "Chapinero Central", Municipality: chart.Coded{Code: "11001", Text: "Bogotá, D. C."},
		Department: chart.Coded{Code: "11", Text: "Bogotá, D. C."}, Country: chart.Coded{Code: "170", Text: "Colombia"}, Zone: "urbana",
		Ethnicity: chart.Coded{Code: "01", Text: "Indígena"}, EthnicCommunity: chart.Coded{Code: "812", Text: "Wayuu"},
		Disabilities: []chart.Coded{{Code: "02"}, {Code: "03"}}, Occupation: chart.Coded{Code: "2221", Text: "Profesora de secundaria"},
		MaritalStatus: chart.Coded{Code: "2", Text: "Unión libre"},
		Phone:         "601 555 0199", Mobile: "310 555 0177", Email: "luzma.pena@correo.example.co", BloodGroup: "O", RhFactor: "-",
		Payer: chart.Coded{Code: "EPS037", Text: "Nueva EPS"}, AffiliationRegime: chart.Coded{Code: "C", Text: "Contributivo"}, UserType: chart.Coded{Code: "01"},
		EmergencyContact: chart.Contact{Name: "Óscar Iván Peña", Relationship: "Hermano", Phone: "320 555 0111"},
		Guardian:         chart.Contact{Name: "Blanca Nubia Rodríguez", Relationship: "Madre", Phone: "311 555 0122"},
		AdvanceDirective: &chart.Declaration{Made: true, On: chart.Date{Year: 2023, Month: 5, Day: 4}, Detail: "Notaría 19 de Bogotá, no reanimación"},
		DonationOpposition: &chart.Declaration{
			On: chart.Date{Year: 2023, Month: 5, Day: 4}, Detail: "no se opone",
		},
		Deceased: false, Inactive: true, MergedInto: "CC-52000111",
		MergedFrom: []string{"CE-778899", "PA-AX552001"},
	}
}

func sampleAdmission() chart.Admission {
	return chart.Admission{
		ID: "0199f2c4-1111-7c3e-9a51-000000000001", Number: "2026-004512", Version: 9, RecordID: "CE-778899", Class: chart.Coded{Code: "IMP"}, State: "finished",
		States: []chart.StateChange{
			{State: "arrived", At: at("2026-11-14 06:40"), By: "Jhon Jairo Palacios"}, {State: "triaged", At: at("2026-11-14 06:52"), By: "Yeimy Paola Cuesta"},
			{State: "in-progress", At: at("2026-11-14 07:05"), By: "Andrés Felipe Acuña"}, {State: "finished", At: at("2026-11-20 12:15"), By: "María Fernanda Ñáñez Güiza"},
		},
		Start: at("2026-11-14 06:40"), End: at("2026-11-20 12:15"),
		EntryRoute: chart.Coded{Code: "01"}, Cause: chart.Coded{Code: "38"}, Purpose: chart.Coded{Code: "16", Text: "Tratamiento"}, Modality: chart.Coded{Code: "01"},
		ServiceGroup: chart.Coded{Code: "05"}, Setting: chart.Coded{Code: "05"}, Service: chart.Coded{Code: "1102", Text: "Servicio de urgencias"},
		Procedure:    chart.Coded{Code: "890701", Text: "Consulta de urgencias por medicina general"},
		Professional: emergency, Site: "Sede principal", Companion: chart.Contact{Name: "Óscar Iván Peña", Relationship: "Hermano", Phone: "320 555 0111"},
		Payer: chart.Coded{Code: "EPS037", Text: "Nueva EPS"}, UserType: chart.Coded{Code: "02"}, Authorization: "AUT-99381274", AdmittedBy: "Jhon Jairo Palacios",
		ReferredFrom: chart.Coded{Code: "250010001101", Text: "ESE Centro de Salud de Guasca"}, ReferredTo: chart.Coded{Code: "110010555501", Text: "IPS Cuidado en Casa"},
		Triage: &chart.Triage{Level: 2, At: at("2026-11-14 06:52"), By: "Yeimy Paola Cuesta", Note: "Dificultad respiratoria"},
		Stays: []chart.Stay{
			{Service: "Urgencias adultos", Bed: "OBS-12", From: at("2026-11-14 07:05"), To: at("2026-11-14 19:30"), By: "Andrés Felipe Acuña"},
			{Service: "Hospitalización medicina interna", Bed: "418-B", From: at("2026-11-14 19:30"), To: at("2026-11-20 12:15"), By: "Yeimy Paola Cuesta"},
		},
		DischargeCondition: chart.Coded{Code: "06"}, DischargeState: "vivo",
	}
}

func sampleResults() []chart.Result {
	return []chart.Result{
		{Code: "902210", Name: "Hemograma IV: leucocitos", Value: "16,8", Unit: "10³/µL", Range: "4,5–11,0", Interpretation: chart.Coded{Code: "H"}, State: "final",
			TakenAt: at("2026-11-14 07:40"), IssuedAt: at("2026-11-14 08:31"), Source: "Laboratorio clínico central", SeenBy: "A. F. Acuña", SeenAt: at("2026-11-14 08:45")},
		{Code: "906913", Name: "Proteína C reactiva", Value: "184", Unit: "mg/L", Range: "≤ 5", Interpretation: chart.Coded{Code: "HH"}, State: "corrected",
			TakenAt: at("2026-11-14 07:40"), IssuedAt: at("2026-11-14 08:50"), Comment: "Corrige el valor 18,4 por error de dilución"},
		{Code: "871121", Name: "Radiografía de tórax", Value: "Consolidación basal derecha con broncograma aéreo; sin derrame pleural → compatible con neumonía", State: "preliminary",
			Interpretation: chart.Coded{Code: "A"}, TakenAt: at("2026-11-14 08:10")},
		{Code: "903841", Name: "Glucosa en suero", Value: "98", Unit: "mg/dL", Range: "70–140", Interpretation: chart.Coded{Code: "N"}, State: "registered", TakenAt: at("2026-11-18 06:00")},
	}
}

const hash = "9f2c4e71b8a05d3361c7e4f0a98b2d5e6f7081923a4b5c6d7e8f901a2b3c4d5e"

func sampleNotes() []chart.Note {
	sections := chart.Sections{
		ChiefComplaint:       "«Me falta el aire y tengo fiebre».",
		PresentIllness:       "Cuadro de cinco días de tos con expectoración purulenta, fiebre no cuantificada y dolor pleurítico derecho.\nDesde ayer disnea de medianos esfuerzos → consulta.",
		PersonalHistory:      "Hipertensión arterial desde 2019. Diabetes mellitus tipo 2 desde 2021. Niega cirugías.",
		FamilyHistory:        "Madre con diabetes; padre fallecido por infarto a los 61 años.",
		Allergies:            "Penicilina: anafilaxia en 2025.",
		Habits:               "Exfumadora, 10 paquetes/año. Cocinó con leña durante 15 años.",
		CurrentMedications:   "Losartán 50 mg cada 12 h; metformina 850 mg al día.",
		VitalSigns:           "Tomados en reposo, con oxígeno a 2 L/min.",
		GeneralExamination:   "Alerta, hidratada, taquipneica, sin tirajes.",
		SystemsExamination:   "Tórax: crépitos en base derecha.\nCardiovascular: ruidos rítmicos, sin soplos.\nAbdomen: blando, no doloroso.",
		DiagnosticImpression: "Neumonía adquirida en la comunidad, CURB-65 de 2 puntos.",
		ManagementPlan:       "1. Hospitalizar en medicina interna.\n2. Levofloxacina 750 mg IV cada 24 h.\n3. Oxígeno por cánula para SpO₂ ≥ 90 %.",
		Recommendations:      "Vigilar patrón respiratorio y diuresis.",
		ConsultedPhysicians:  "Neumología: Dr. Hernán Zuluaga.",
		Procedures:           "Toma de gases arteriales sin complicaciones.",
		ExaminationResults:   "Leucocitos 16,8 × 10³/µL; PCR 184 mg/L; PaO₂/FiO₂ 271.",
		DefinitiveDiagnosis:  "Neumonía por Streptococcus pneumoniae.",
		MedicalProgress:      "Evolución favorable, afebril desde el tercer día.",
		Treatment:            "Levofloxacina por siete días; oxigenoterapia por tres.",
		Prescription:         "Continuar levofloxacina 750 mg VO por dos días.",
		PatientEducation:     "Signos de alarma explicados y entendidos; uso del inhalador (costo aproximado: 35 €).",
		Referral:             "Contrarreferida a su IPS primaria para control en ocho días.",
	}
	signature := &chart.Signature{
		Author: internist, At: at("2026-11-14 09:20").Add(41 * time.Second), SHA256: hash, KeyID: "prof-52871345-2026", Algorithm: "Ed25519",
		ClosedAt: at("2026-11-14 09:21"), RecordedBy: "Yeimy Paola Cuesta", PatientSignature: "Luz Marina Peña, firma en tableta",
	}
	return []chart.Note{
		{
			ID: "0199f2c4-2222-7c3e-9a51-000000000003", Version: 2, Type: chart.NoteNursing, State: chart.NoteAnnulled, CareAt: at("2026-11-15 06:00"), RecordedAt: at("2026-11-15 06:10"),
			AdmissionNumber: "2026-004512", Author: nurse, RecordID: "PA-AX552001",
			Annulment:  &chart.Annulment{At: at("2026-11-15 07:02"), By: "Yeimy Paola Cuesta", Reason: "Registrada en el paciente equivocado"},
			Sections:   chart.Sections{MedicalProgress: "Paciente en posoperatorio inmediato, herida limpia."},
			VitalSigns: []chart.VitalSigns{{TakenAt: at("2026-11-15 06:00"), Measures: []chart.Measure{{Sign: vital.HeartRate, Value: 72}}}},
		},
		{
			ID: "0199f2c4-2222-7c3e-9a51-000000000001", Version: 5, Type: chart.NoteAdmission, CareAt: at("2026-11-14 07:05"), RecordedAt: at("2026-11-14 09:20"),
			AdmissionNumber: "2026-004512", Author: internist, Sections: sections,
			VitalSigns: []chart.VitalSigns{
				{TakenAt: at("2026-11-14 07:10"), TakenBy: "Yeimy Paola Cuesta", Measures: []chart.Measure{
					{Sign: vital.Systolic, Value: 148}, {Sign: vital.Diastolic, Value: 86}, {Sign: vital.HeartRate, Value: 112}, {Sign: vital.RespiratoryRate, Value: 26},
					{Sign: vital.Temperature, Value: 38.6}, {Sign: vital.OxygenSaturation, Value: 87}, {Sign: vital.Weight, Value: 68.4}, {Sign: vital.Height, Value: 158},
					{Sign: vital.BodyMassIndex, Value: 27.3994}, {Sign: vital.Glasgow, Value: 15}, {Sign: vital.Pain, Value: 6}, {Sign: vital.Glucose, Value: 212},
				}},
				{TakenAt: at("2026-11-14 11:00"), TakenBy: "Yeimy Paola Cuesta", Measures: []chart.Measure{
					{Sign: vital.Systolic, Value: 126}, {Sign: vital.Diastolic, Value: 78}, {Sign: vital.HeartRate, Value: 96}, {Sign: vital.RespiratoryRate, Value: 20},
					{Sign: vital.Temperature, Value: 37.4}, {Sign: vital.OxygenSaturation, Value: 93}, {Sign: vital.Glucose, Value: 68, Range: &vital.Range{Low: 80, High: 180}},
				}},
			},
			Diagnoses: []chart.Diagnosis{
				{Code: "J13.X", Description: "Neumonía debida a Streptococcus pneumoniae", Type: chart.Coded{Code: "02"}, Role: chart.Coded{Code: "principal"}},
				{Code: "J96.0", Description: "Insuficiencia respiratoria aguda", Type: chart.Coded{Code: "01"}, Role: chart.Coded{Code: "complicacion"}},
			},
			Prescriptions: []chart.Medication{{Name: "Levofloxacina", CUM: "19977712-2", Dose: "750", DoseUnit: "mg", Route: chart.Coded{Text: "Intravenosa"}, Frequency: "Cada 24 horas",
				Duration: "7 días", Quantity: "7 bolsas", Status: "completado", PrescribedBy: "M. F. Ñáñez Güiza", PrescribedAt: at("2026-11-14 09:15")}},
			Signature: signature,
			Addenda: []chart.Addendum{{
				ID: "0199f2c4-3333-7c3e-9a51-000000000001", Author: emergency, At: at("2026-11-14 15:40"), Reason: "correccion",
				Text:         "Donde dice «10 paquetes/año» léase «1,0 paquetes/año».\nNo cambia la conducta.",
				PreviousHash: hash,
				Signature:    &chart.Signature{Author: emergency, At: at("2026-11-14 15:41"), SHA256: strings.Repeat("ab12", 16), KeyID: "prof-80123987-2026", Algorithm: "Ed25519"},
			}},
		},
		{
			ID: "0199f2c4-2222-7c3e-9a51-000000000009", Version: 1, Type: chart.NoteDischarge, CareAt: at("2026-11-20 11:30"), RecordedAt: at("2026-11-20 11:45"),
			AdmissionNumber: "2026-004512", Author: internist,
			Sections: chart.Sections{ManagementPlan: "Egreso con recomendaciones y control."},
		},
	}
}
