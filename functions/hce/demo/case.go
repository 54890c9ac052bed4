package demo

// Case is a reason to come, with what a médico would write about it.
type Case struct {
	Class       string // of admission
	Cause       string // causa_motivo (RIPS)
	CIE10       string
	Related     string // a second diagnosis, or none
	MinAge      int    // years
	MaxAge      int    // years; 0 means none
	Complaint   string
	Illness     string
	Exam        string
	Impression  string
	Plan        string
	Advice      string
	Medicines   []Medicine
	Temperature float64 // °C
	Systolic    int     // mm[Hg]
	Diastolic   int
	Heart       int // /min
	Breath      int // /min
	Saturation  int // %
	Triage      int // 0 when there is none
}

// Medicine is a line of a prescription.
type Medicine struct {
	Name, Dose, Unit, Route, Frequency, Duration, Quantity string
}

// Cases are the reasons people come for.
var Cases = []Case{
	{
		Class: "AMB", Cause: "38", CIE10: "J20.9", MinAge: 2, Complaint: "Tos de una semana",
		Illness:     "Paciente con tos húmeda de siete días de evolución, expectoración amarillenta, sin disnea ni dolor torácico. Niega fiebre en las últimas 24 horas.",
		Exam:        "Ruidos respiratorios con roncus escasos en ambas bases, sin tirajes. Orofaringe eritematosa sin placas.",
		Impression:  "Bronquitis aguda, sin signos de dificultad respiratoria.",
		Plan:        "Manejo sintomático e hidratación. Control si hay fiebre o dificultad respiratoria.",
		Advice:      "Consultar por urgencias si aparece fiebre mayor de 38,5 °C, dolor en el pecho o ahogo.",
		Medicines:   []Medicine{{"Acetaminofén", "500", "mg", "oral", "cada 6 horas", "5 días", "20"}},
		Temperature: 37.1, Systolic: 118, Diastolic: 76, Heart: 82, Breath: 18, Saturation: 96,
	},
	{
		Class: "AMB", Cause: "38", CIE10: "I10", Related: "E78.5", MinAge: 35, Complaint: "Control de la presión",
		Illness:     "Asiste a control de hipertensión arterial. Refiere buena adherencia al tratamiento y dieta baja en sal. Sin cefalea, sin disnea, sin edemas.",
		Exam:        "Ruidos cardíacos rítmicos sin soplos. Pulsos periféricos simétricos. Sin edema de miembros inferiores.",
		Impression:  "Hipertensión arterial en seguimiento, con cifras por encima de la meta.",
		Plan:        "Se ajusta la dosis de losartán. Se solicitan creatinina, potasio y perfil lipídico. Control en un mes.",
		Advice:      "Caminar 30 minutos al día, medir la presión dos veces por semana y llevar registro.",
		Medicines:   []Medicine{{"Losartán", "50", "mg", "oral", "cada 12 horas", "30 días", "60"}, {"Atorvastatina", "20", "mg", "oral", "cada noche", "30 días", "30"}},
		Temperature: 36.5, Systolic: 148, Diastolic: 92, Heart: 74, Breath: 16, Saturation: 97,
	},
	{
		Class: "AMB", Cause: "38", CIE10: "E11.9", Related: "I10", MinAge: 40, Complaint: "Control de azúcar",
		Illness:     "Diabetes mellitus tipo 2 de ocho años de evolución. Glucometrías en ayunas entre 130 y 160 mg/dL. Sin hipoglucemias. Refiere parestesias ocasionales en los pies.",
		Exam:        "Pies sin úlceras, pulsos pedios presentes, sensibilidad al monofilamento conservada.",
		Impression:  "Diabetes mellitus tipo 2 sin complicaciones, control subóptimo.",
		Plan:        "Se solicita hemoglobina glicada y microalbuminuria. Se aumenta metformina. Valoración por nutrición.",
		Advice:      "Revisar los pies cada día y no caminar descalzo.",
		Medicines:   []Medicine{{"Metformina", "850", "mg", "oral", "cada 12 horas", "30 días", "60"}},
		Temperature: 36.6, Systolic: 132, Diastolic: 84, Heart: 78, Breath: 16, Saturation: 97,
	},
	{
		Class: "EMER", Cause: "38", CIE10: "A09.9", MinAge: 1, Complaint: "Diarrea y vómito desde anoche",
		Illness:     "Cuadro de doce horas con seis deposiciones líquidas sin sangre y tres vómitos. Tolera líquidos a tolerancia parcial. Niega viajes recientes.",
		Exam:        "Mucosas semisecas, llenado capilar de dos segundos, abdomen blando con dolor leve difuso, sin irritación peritoneal.",
		Impression:  "Gastroenteritis aguda con deshidratación leve.",
		Plan:        "Rehidratación oral supervisada y antiemético. Si tolera, egreso con recomendaciones.",
		Advice:      "Suero oral después de cada deposición. Volver si hay sangre, fiebre alta o decaimiento.",
		Medicines:   []Medicine{{"Sales de rehidratación oral", "1", "sobre", "oral", "después de cada deposición", "3 días", "6"}},
		Temperature: 37.8, Systolic: 108, Diastolic: 68, Heart: 104, Breath: 20, Saturation: 98, Triage: 3,
	},
	{
		Class: "EMER", Cause: "38", CIE10: "R07.4", MinAge: 30, Complaint: "Dolor en el pecho",
		Illness:     "Dolor opresivo retroesternal de dos horas, intensidad 6/10, sin irradiación, que apareció al subir escaleras. Niega síncope. Fumador de diez cigarrillos al día.",
		Exam:        "Diaforético, ruidos cardíacos rítmicos sin soplos, campos pulmonares limpios.",
		Impression:  "Dolor torácico en estudio; descartar síndrome coronario agudo.",
		Plan:        "Electrocardiograma inmediato, troponina seriada, monitoría y aspirina 300 mg.",
		Advice:      "Permanecer en reposo mientras se define el diagnóstico.",
		Medicines:   []Medicine{{"Ácido acetilsalicílico", "300", "mg", "oral", "dosis única", "1 día", "1"}},
		Temperature: 36.7, Systolic: 152, Diastolic: 94, Heart: 98, Breath: 22, Saturation: 95, Triage: 2,
	},
	{
		Class: "EMER", Cause: "38", CIE10: "J45.9", MinAge: 4, MaxAge: 50, Complaint: "Ahogo",
		Illness:     "Asma conocida. Desde ayer tos seca y sibilancias que no ceden con dos inhalaciones de salbutamol. Exposición a polvo en casa.",
		Exam:        "Sibilancias espiratorias bilaterales, tirajes intercostales leves, habla en frases.",
		Impression:  "Crisis asmática moderada.",
		Plan:        "Salbutamol inhalado cada 20 minutos por una hora, corticoide sistémico y revaloración.",
		Advice:      "Usar inhalocámara. Evitar humo y polvo.",
		Medicines:   []Medicine{{"Salbutamol", "100", "mcg", "inhalatoria", "cada 4 horas", "7 días", "1"}, {"Prednisolona", "40", "mg", "oral", "cada mañana", "5 días", "40"}},
		Temperature: 36.8, Systolic: 122, Diastolic: 78, Heart: 112, Breath: 28, Saturation: 92, Triage: 2,
	},
	{
		Class: "AMB", Cause: "38", CIE10: "N39.0", MinAge: 15, Complaint: "Ardor al orinar",
		Illness:     "Disuria y polaquiuria de tres días, sin fiebre ni dolor lumbar. Sin flujo vaginal.",
		Exam:        "Abdomen blando, dolor leve en hipogastrio. Puñopercusión negativa.",
		Impression:  "Infección de vías urinarias no complicada.",
		Plan:        "Uroanálisis y urocultivo. Antibiótico empírico.",
		Advice:      "Tomar abundante líquido y terminar el antibiótico completo.",
		Medicines:   []Medicine{{"Nitrofurantoína", "100", "mg", "oral", "cada 6 horas", "5 días", "20"}},
		Temperature: 36.9, Systolic: 116, Diastolic: 72, Heart: 80, Breath: 16, Saturation: 98,
	},
	{
		Class: "IMP", Cause: "38", CIE10: "J18.9", MinAge: 50, Complaint: "Fiebre y tos con flema",
		Illness:     "Cinco días de fiebre de hasta 39 °C, tos con expectoración purulenta y disnea de medianos esfuerzos. Antecedente de EPOC.",
		Exam:        "Crépitos en la base derecha con soplo tubárico. Frecuencia respiratoria de 26.",
		Impression:  "Neumonía adquirida en la comunidad, CURB-65 de 2.",
		Plan:        "Hospitalizar. Oxígeno por cánula, ampicilina sulbactam y claritromicina. Radiografía de tórax y hemocultivos.",
		Advice:      "Movilización temprana y ejercicios respiratorios.",
		Medicines:   []Medicine{{"Ampicilina + sulbactam", "3", "g", "intravenosa", "cada 6 horas", "7 días", "28"}, {"Claritromicina", "500", "mg", "oral", "cada 12 horas", "5 días", "10"}},
		Temperature: 38.6, Systolic: 110, Diastolic: 66, Heart: 108, Breath: 26, Saturation: 90, Triage: 2,
	},
	{
		Class: "AMB", Cause: "38", CIE10: "M54.5", MinAge: 18, Complaint: "Dolor de espalda",
		Illness:     "Dolor lumbar de una semana después de levantar peso, sin irradiación, sin pérdida de fuerza ni alteración de esfínteres.",
		Exam:        "Espasmo paravertebral lumbar. Lasègue negativo. Fuerza y reflejos conservados.",
		Impression:  "Lumbalgia mecánica sin signos de alarma.",
		Plan:        "Analgesia, calor local y ejercicios. Incapacidad por dos días.",
		Advice:      "Evitar el reposo prolongado y levantar objetos doblando las rodillas.",
		Medicines:   []Medicine{{"Naproxeno", "250", "mg", "oral", "cada 12 horas", "5 días", "10"}},
		Temperature: 36.5, Systolic: 120, Diastolic: 78, Heart: 72, Breath: 16, Saturation: 98,
	},
	{
		Class: "AMB", Cause: "38", CIE10: "J00", MaxAge: 12, Complaint: "Gripa",
		Illness:     "Tres días de rinorrea hialina, estornudos y tos seca. Un pico febril de 38 °C. Come y juega bien.",
		Exam:        "Activo, hidratado. Rinorrea hialina, tímpanos normales, pulmones limpios.",
		Impression:  "Rinofaringitis aguda.",
		Plan:        "Lavados nasales con solución salina y acetaminofén según peso si hay fiebre.",
		Advice:      "Signos de alarma explicados a la madre: respiración rápida, no recibe líquidos, fiebre por más de tres días.",
		Medicines:   []Medicine{{"Acetaminofén", "150", "mg/5 mL", "oral", "cada 6 horas si hay fiebre", "3 días", "1"}},
		Temperature: 37.4, Systolic: 98, Diastolic: 60, Heart: 100, Breath: 24, Saturation: 97,
	},
	{
		Class: "OBSENC", Cause: "38", CIE10: "R51", MinAge: 16, MaxAge: 60, Complaint: "Dolor de cabeza muy fuerte",
		Illness:     "Cefalea hemicraneana pulsátil de seis horas con fotofobia y náuseas, similar a episodios previos. Sin fiebre ni rigidez de nuca.",
		Exam:        "Alerta, orientado, sin déficit motor ni sensitivo. Fondo de ojo normal. Sin signos meníngeos.",
		Impression:  "Cefalea primaria con características migrañosas.",
		Plan:        "Analgesia intravenosa y observación por cuatro horas.",
		Advice:      "Llevar un diario de cefalea. Volver si aparece el peor dolor de la vida o debilidad.",
		Medicines:   []Medicine{{"Metoclopramida", "10", "mg", "intravenosa", "dosis única", "1 día", "1"}, {"Dipirona", "2", "g", "intravenosa", "dosis única", "1 día", "1"}},
		Temperature: 36.4, Systolic: 128, Diastolic: 82, Heart: 88, Breath: 18, Saturation: 98, Triage: 3,
	},
	{
		Class: "EMER", Cause: "26", CIE10: "S61.0", MinAge: 8, MaxAge: 75, Complaint: "Cortada en un dedo",
		Illness:     "Herida con cuchillo en el dedo índice izquierdo hace una hora, en casa. Vacuna antitetánica hace ocho años.",
		Exam:        "Herida de dos centímetros en el pulpejo, sin compromiso tendinoso, llenado capilar normal, sensibilidad conservada.",
		Impression:  "Herida de dedo de la mano sin daño de la uña.",
		Plan:        "Lavado, sutura con tres puntos bajo anestesia local y refuerzo de toxoide tetánico.",
		Advice:      "Curación diaria. Retiro de puntos en diez días.",
		Medicines:   []Medicine{{"Cefalexina", "500", "mg", "oral", "cada 6 horas", "5 días", "20"}},
		Temperature: 36.5, Systolic: 124, Diastolic: 80, Heart: 90, Breath: 18, Saturation: 99, Triage: 4,
	},
}
