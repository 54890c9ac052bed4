package pdfexport

import (
	"time"

	"github.com/google/uuid"

	patient "hce.co/functions/patient/api"
)

// patientRow is a patient as the registry writes it, with who changed it last.
type patientRow struct{ patient.Patient }

// patientColumns are named as the registry's wire names them.
const patientColumns = `documento_id, version, creado_en, actualizado_en, tipo_documento, numero_documento, primer_apellido, segundo_apellido,
	primer_nombre, segundo_nombre, nombre_identitario, fecha_nacimiento, hora_nacimiento, sexo_biologico, identidad_genero, nacionalidades,
	direccion_residencia, barrio, municipio, departamento, pais, zona, etnia, comunidad_etnica, discapacidades, ocupacion, telefono, celular,
	correo_electronico, estado_civil, grupo_sanguineo, factor_rh, entidad_codigo, entidad_nombre AS entidad_pertenece, regimen_afiliacion,
	tipo_usuario, contacto_emergencia, responsable, voluntad_anticipada, oposicion_donacion, fallecido, fecha_fallecimiento, activo, fusionado_en`

type documentRow struct{ Tipo, Numero string }

type allergyRow struct {
	Tipo, Sustancia, Reaccion, Criticidad, Estado string
	RegistradaEn                                  time.Time `json:"registrada_en"`
	RegistradaPor                                 string    `json:"registrada_por"`
}

type medicationRow struct {
	NotaID                                                               *uuid.UUID `json:"nota_id"`
	DCI, CUM, Dosis, Unidad, Via, Frecuencia, Duracion, Cantidad, Estado string
	PrescritoEn                                                          time.Time `json:"prescrito_en"`
	Anulado                                                              bool      // with the note that prescribed it
	PrescritoPor                                                         string    `json:"prescrito_por"`
}

const admissionColumns = `id, numero, version, clase, estado, inicio, fin, via_ingreso, causa_motivo, finalidad, modalidad, grupo_servicios,
	entorno, servicio, cups, sede, profesional_nombre, triage_nivel, triage_hora, triage_por, triage_motivo, acompanante, eapb_codigo,
	eapb_nombre, tipo_usuario, num_autorizacion, condicion_egreso, estado_egreso, prestador_remite, prestador_destino, observaciones_egreso,
	admitido_por_nombre`

type admissionRow struct {
	ID                  uuid.UUID
	Numero              int64
	Version             int
	Clase, Estado       string
	Inicio              time.Time
	Fin                 *time.Time
	ViaIngreso          string `json:"via_ingreso"`
	CausaMotivo         string `json:"causa_motivo"`
	Finalidad           string
	Modalidad           string
	GrupoServicios      string `json:"grupo_servicios"`
	Entorno             string
	Servicio            string
	CUPS                string
	Sede                string
	ProfesionalNombre   string           `json:"profesional_nombre"`
	TriageNivel         *int             `json:"triage_nivel"`
	TriageHora          *time.Time       `json:"triage_hora"`
	TriagePor           string           `json:"triage_por"`
	TriageMotivo        string           `json:"triage_motivo"`
	Acompanante         *patient.Contact `json:"acompanante"`
	EAPBCodigo          string           `json:"eapb_codigo"`
	EAPBNombre          string           `json:"eapb_nombre"`
	TipoUsuario         string           `json:"tipo_usuario"`
	NumAutorizacion     string           `json:"num_autorizacion"`
	CondicionEgreso     string           `json:"condicion_egreso"`
	EstadoEgreso        string           `json:"estado_egreso"`
	PrestadorRemite     string           `json:"prestador_remite"`
	PrestadorDestino    string           `json:"prestador_destino"`
	ObservacionesEgreso string           `json:"observaciones_egreso"`
	AdmitidoPorNombre   string           `json:"admitido_por_nombre"`

	historia string // documento_id of the merged record that it is of
}

// movementRow is a step of an admission (admision_evento).
type movementRow struct {
	AdmisionID                      uuid.UUID `json:"admision_id"`
	En                              time.Time
	Estado, Servicio, Cama, Detalle string
	UsuarioNombre                   string `json:"usuario_nombre"`
}

const noteColumns = `id, admision_id, version, tipo, estado, fecha_atencion, fecha_registro, autor_nombre, autor_registro, autor_especialidad,
	motivo_consulta, enfermedad_actual, antecedentes_personales, antecedentes_familiares, alergias, habitos, medicamentos_actuales,
	examen_fisico_general, examen_fisico_sistemas, impresion_diagnostica, conducta_plan_manejo, recomendaciones, medicos_interconsultados,
	procedimientos_realizados, resultados_examenes, diagnostico_definitivo, evolucion_medica, tratamiento_instaurado, formulacion_medica,
	educacion_paciente, referencia_contrareferencia, firmada_en, encode(firma_sha256, 'hex') AS firma_sha256, firma_clave_id, firma_paciente,
	anulada_en, anulada_motivo`

type noteRow struct {
	ID                         uuid.UUID
	AdmisionID                 uuid.UUID `json:"admision_id"`
	Version                    int
	Tipo, Estado               string
	FechaAtencion              time.Time `json:"fecha_atencion"`
	FechaRegistro              time.Time `json:"fecha_registro"`
	AutorNombre                string    `json:"autor_nombre"`
	AutorRegistro              string    `json:"autor_registro"`
	AutorEspecialidad          string    `json:"autor_especialidad"`
	MotivoConsulta             string    `json:"motivo_consulta"`
	EnfermedadActual           string    `json:"enfermedad_actual"`
	AntecedentesPersonales     string    `json:"antecedentes_personales"`
	AntecedentesFamiliares     string    `json:"antecedentes_familiares"`
	Alergias                   string
	Habitos                    string
	MedicamentosActuales       string     `json:"medicamentos_actuales"`
	ExamenFisicoGeneral        string     `json:"examen_fisico_general"`
	ExamenFisicoSistemas       string     `json:"examen_fisico_sistemas"`
	ImpresionDiagnostica       string     `json:"impresion_diagnostica"`
	ConductaPlanManejo         string     `json:"conducta_plan_manejo"`
	Recomendaciones            string     `json:"recomendaciones"`
	MedicosInterconsultados    string     `json:"medicos_interconsultados"`
	ProcedimientosRealizados   string     `json:"procedimientos_realizados"`
	ResultadosExamenes         string     `json:"resultados_examenes"`
	DiagnosticoDefinitivo      string     `json:"diagnostico_definitivo"`
	EvolucionMedica            string     `json:"evolucion_medica"`
	TratamientoInstaurado      string     `json:"tratamiento_instaurado"`
	FormulacionMedica          string     `json:"formulacion_medica"`
	EducacionPaciente          string     `json:"educacion_paciente"`
	ReferenciaContrareferencia string     `json:"referencia_contrareferencia"`
	FirmadaEn                  *time.Time `json:"firmada_en"`
	FirmaSHA256                string     `json:"firma_sha256"`
	FirmaClaveID               string     `json:"firma_clave_id"`
	FirmaPaciente              string     `json:"firma_paciente"`
	AnuladaEn                  *time.Time `json:"anulada_en"`
	AnuladaMotivo              string     `json:"anulada_motivo"`

	historia string // likewise
}

type addendumRow struct {
	ID            uuid.UUID
	NotaID        uuid.UUID `json:"nota_id"`
	En            time.Time
	AutorNombre   string `json:"autor_nombre"`
	AutorRegistro string `json:"autor_registro"`
	Motivo, Texto string
	HashPrevio    string `json:"hash_previo"`
	FirmaSHA256   string `json:"firma_sha256"`
	FirmaClaveID  string `json:"firma_clave_id"`
}

type diagnosisRow struct {
	NotaID                        uuid.UUID `json:"nota_id"`
	CIE10, Descripcion, Tipo, Rol string
	En                            time.Time
}

type vitalRow struct {
	NotaID         uuid.UUID `json:"nota_id"`
	Nombre, Codigo string
	Valor          float64
	Unidad         string
	TomadoEn       time.Time `json:"tomado_en"`
	TomadoPor      string    `json:"tomado_por"`
}

// correctionRow is what a result said before it was corrected.
type correctionRow struct {
	ResultadoID   uuid.UUID `json:"resultado_id"`
	Valor, Unidad string
	Hasta         time.Time
}

type resultRow struct {
	ID                                                                uuid.UUID
	CUPS, LOINC, Nombre, Valor, Unidad, Rango, Interpretacion, Estado string
	TomadoEn                                                          *time.Time `json:"tomado_en"`
	EmitidoEn                                                         time.Time  `json:"emitido_en"`
	Emisor                                                            string
	VistoPor                                                          string     `json:"visto_por"`
	VistoEn                                                           *time.Time `json:"visto_en"`
}
