package pdfexport

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"hce.co/shared/db/dbtest"
	"hce.co/shared/ident"
)

// row is a row of a table, by column.
type row map[string]any

// with returns a copy with some columns changed.
func (r row) with(pairs ...any) row {
	out := maps.Clone(r)
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

func (r row) id() uuid.UUID { return r["id"].(uuid.UUID) }

// insert writes a row as the function whose table it is would.
func (w *world) insert(table string, r row) row {
	w.t.Helper()
	columns := slices.Sorted(maps.Keys(r))
	marks, values := make([]string, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		marks[i], values[i] = fmt.Sprintf("$%d", i+1), r[c]
	}
	w.exec(`INSERT INTO historia_clinica.`+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...)
	return r
}

// bogota is an instant in Colombia's legal time.
func bogota(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04 -07:00", s+" -05:00")
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// patientRowOf is a record in which every column has a value.
func patientFixture(number string) row {
	return row{
		"documento_id": "CC-" + number, "version": 3, "creado_en": bogota("2019-03-01 06:50"), "actualizado_en": bogota("2026-11-14 06:41"),
		"actualizado_por": ident.NewID(), "tipo_documento": "CC", "numero_documento": number, "primer_apellido": "Peña",
		"segundo_apellido": "Rodríguez", "primer_nombre": "Luz", "segundo_nombre": "Marina", "nombre_identitario": "Luzma",
		"fecha_nacimiento": "1984-02-29", "hora_nacimiento": "14:35", "sexo_biologico": "02", "identidad_genero": "02",
		"nacionalidades": []string{"170", "862"}, "direccion_residencia": "Calle 63 # 9A-45", "barrio": "Chapinero", "municipio": "11001",
		"departamento": "11", "pais": "170", "zona": "urbana", "etnia": "01", "comunidad_etnica": "Wayuu", "discapacidades": []string{"02"},
		"ocupacion": "Profesora", "telefono": "601 555 0199", "celular": "310 555 0177", "correo_electronico": "luzma@correo.example.co",
		"estado_civil": "union_libre", "grupo_sanguineo": "O", "factor_rh": "-", "entidad_codigo": "EPS037", "entidad_nombre": "Nueva EPS",
		"regimen_afiliacion": "contributivo", "tipo_usuario": "01",
		"contacto_emergencia": map[string]any{"nombre": "Óscar Peña", "parentesco": "hermano", "telefono": "320 555 0111"},
		"responsable":         map[string]any{"nombre": "Blanca Rodríguez", "parentesco": "madre", "telefono": "311 555 0122"},
		"voluntad_anticipada": map[string]any{"manifiesta": true, "fecha": "2023-05-04", "detalle": "No reanimación"},
		"oposicion_donacion":  map[string]any{"manifiesta": true, "fecha": "2023-05-06", "detalle": "Notaría 19"},
		"nombre_busqueda":     " pena rodriguez luz marina", "nombre_orden": " peña rodriguez luz marina",
	}
}

// patient opens a record and returns it.
func (w *world) patient() row {
	number := dbtest.DocumentoID()
	p := w.insert("paciente", patientFixture(number))
	w.insert("identificador", row{"clave": "CC-" + number, "documento_id": "CC-" + number, "desde": "2019-03-01"})
	return p
}

func admissionFixture(documentoID string) row {
	return row{
		"documento_id": documentoID, "id": ident.NewID(), "version": 4, "clase": "IMP", "estado": "finished",
		"inicio": bogota("2026-11-14 06:40"), "fin": bogota("2026-11-20 12:15"), "via_ingreso": "01", "causa_motivo": "38", "finalidad": "16",
		"modalidad": "01", "grupo_servicios": "03", "entorno": "05", "servicio": "129", "cups": "890701", "sede": "Sede principal", "cama": "418-B",
		"profesional_id": ident.NewID(), "profesional_nombre": "Andrés Acuña", "triage_nivel": 2, "triage_hora": bogota("2026-11-14 06:52"),
		"triage_por": "Yeimy Cuesta", "triage_motivo": "Dificultad respiratoria",
		"acompanante": map[string]any{"nombre": "Óscar Peña", "parentesco": "hermano", "telefono": "320 555 0111"},
		"eapb_codigo": "EPS037", "eapb_nombre": "Nueva EPS", "tipo_usuario": "02", "num_autorizacion": "AUT-99381274", "condicion_egreso": "06",
		"estado_egreso": "vivo", "prestador_remite": "250010001101", "prestador_destino": "110010555501",
		"observaciones_egreso": "Entrega de copia de la historia", "admitido_por": ident.NewID(), "admitido_por_nombre": "Jhon Palacios",
		"creado_en": bogota("2026-11-14 06:40"),
	}
}

// noteFixture is a signed note in which every section has a text of its own.
func noteFixture(documentoID string, admission uuid.UUID) row {
	n := row{
		"documento_id": documentoID, "id": ident.NewID(), "admision_id": admission, "version": 5, "tipo": "ingreso", "estado": "firmada",
		"fecha_atencion": bogota("2026-11-14 07:05"), "fecha_registro": bogota("2026-11-14 09:20"), "actualizado_en": bogota("2026-11-14 09:20"),
		"autor_id": ident.NewID(), "autor_nombre": "María Ñáñez Güiza", "autor_registro": "52871345", "autor_especialidad": "Medicina interna",
		"firmada_en": bogota("2026-11-14 09:21"), "firma_sha256": []byte(strings.Repeat("\xab\x12", 16)), "firma": []byte("firma"),
		"firma_clave_id": "prof-52871345-2026", "firma_paciente": "Luz Marina Peña, firma en tableta",
	}
	for _, s := range sections {
		n[s] = "Texto de " + strings.ReplaceAll(s, "_", " ") + ": tos ≥ 5 días → SpO₂ 87 %, «µ°€» ñandú."
	}
	return n
}

var sections = []string{
	"motivo_consulta", "enfermedad_actual", "antecedentes_personales", "antecedentes_familiares", "alergias", "habitos",
	"medicamentos_actuales", "examen_fisico_general", "examen_fisico_sistemas", "impresion_diagnostica", "conducta_plan_manejo",
	"recomendaciones", "medicos_interconsultados", "procedimientos_realizados", "resultados_examenes", "diagnostico_definitivo",
	"evolucion_medica", "tratamiento_instaurado", "formulacion_medica", "educacion_paciente", "referencia_contrareferencia",
}

// story is a record with everything in it.
type story struct {
	id                                                  string // documento_id
	patient, admission, note, addendum, allergy, active row
	past, diagnosis, result                             row
	vitals                                              []row
}

// chart writes a whole record.
func (w *world) chart() story {
	s := story{patient: w.patient()}
	s.id = s.patient["documento_id"].(string)
	s.admission = w.insert("admision", admissionFixture(s.id))
	for i, m := range []row{
		{"en": bogota("2026-11-14 06:40"), "estado": "arrived", "servicio": "1102", "cama": "", "tipo": "ingreso"},
		{"en": bogota("2026-11-14 07:05"), "estado": "in-progress", "servicio": "1102", "cama": "OBS-12", "tipo": "atencion", "detalle": "Nivel II. Se agravó"},
		{"en": bogota("2026-11-14 19:30"), "estado": "in-progress", "servicio": "129", "cama": "418-B", "tipo": "traslado"},
		{"en": bogota("2026-11-20 12:15"), "estado": "finished", "servicio": "129", "cama": "418-B", "tipo": "egreso"},
	} {
		w.insert("admision_evento", m.with("documento_id", s.id, "admision_id", s.admission.id(), "id", ident.NewID(), "usuario_id", ident.NewID(),
			"usuario_nombre", fmt.Sprintf("Usuario %d", i+1)))
	}
	s.note = w.insert("nota", noteFixture(s.id, s.admission.id()))
	s.addendum = w.insert("adenda", row{
		"documento_id": s.id, "nota_id": s.note.id(), "id": ident.NewID(), "en": bogota("2026-11-14 15:40"), "autor_id": ident.NewID(),
		"autor_nombre": "Andrés Acuña", "autor_registro": "80123987", "motivo": "correccion", "texto": "Donde dice diez léase uno.",
		"hash_previo": []byte(strings.Repeat("\xcd\x34", 16)), "firma_sha256": []byte(strings.Repeat("\xef\x56", 16)), "firma": []byte("x"),
		"firma_clave_id": "prof-80123987-2026",
	})
	s.diagnosis = w.insert("diagnostico", row{
		"documento_id": s.id, "id": ident.NewID(), "nota_id": s.note.id(), "admision_id": s.admission.id(), "orden": 1, "cie10": "J18.9",
		"descripcion": "Neumonía, no especificada", "tipo": "02", "rol": "principal", "en": bogota("2026-11-14 07:05"),
	})
	for _, v := range []row{
		{"nombre": "pas", "codigo": "8480-6", "valor": 148, "unidad": "mm[Hg]"}, {"nombre": "pad", "codigo": "8462-4", "valor": 86, "unidad": "mm[Hg]"},
		{"nombre": "temp", "codigo": "8310-5", "valor": 38.6, "unidad": "Cel"}, {"nombre": "peso", "codigo": "29463-7", "valor": 68.45, "unidad": "kg"},
		{"nombre": "perímetro abdominal", "codigo": "8280-0", "valor": 92.5, "unidad": "cm"},
	} {
		s.vitals = append(s.vitals, w.insert("signo_vital", v.with("documento_id", s.id, "id", ident.NewID(), "nota_id", s.note.id(),
			"tomado_en", bogota("2026-11-14 07:10"), "tomado_por", "Yeimy Cuesta")))
	}
	s.allergy = w.insert("alergia", row{
		"documento_id": s.id, "id": ident.NewID(), "nota_id": s.note.id(), "tipo": "01", "sustancia": "Penicilina G", "reaccion": "Anafilaxia",
		"criticidad": "alta", "estado": "activa", "registrada_en": bogota("2025-06-03 09:12"), "registrada_por": "Carlos Mosquera",
	})
	medication := row{
		"documento_id": s.id, "nota_id": s.note.id(), "dci": "Losartán", "cum": "19935305-1", "dosis": "50", "unidad": "mg", "via": "oral",
		"frecuencia": "Cada 12 horas", "duracion": "90 días", "cantidad": "180 tabletas", "estado": "activo",
		"prescrito_en": bogota("2026-11-20 11:00"), "prescrito_por": "M. Ñáñez",
	}
	s.active = w.insert("medicamento", medication.with("id", ident.NewID()))
	s.past = w.insert("medicamento", medication.with("id", ident.NewID(), "dci", "Levofloxacina", "cum", "19977712-2", "dosis", "750",
		"via", "intravenosa", "frecuencia", "Cada 24 horas", "duracion", "7 días", "cantidad", "7 bolsas", "estado", "terminado",
		"prescrito_en", bogota("2026-11-14 09:15"), "prescrito_por", "A. Acuña"))
	s.result = w.insert("resultado", row{
		"documento_id": s.id, "id": ident.NewID(), "admision_id": s.admission.id(), "cups": "902210", "loinc": "6690-2", "nombre": "Leucocitos",
		"valor": "16,8", "valor_tipo": "numero", "unidad": "10*3/uL", "rango": "4,5–11,0", "interpretacion": "H", "estado": "final",
		"tomado_en": bogota("2026-11-14 07:40"), "emitido_en": bogota("2026-11-14 08:31"), "emisor": "Laboratorio central",
		"visto_por": "A. Acuña", "visto_en": bogota("2026-11-14 08:45"),
	})
	return s
}

func (r row) get(column string) uuid.UUID { return r[column].(uuid.UUID) }
