package catalog

import "strings"

// Roles an account may have.
var Roles = Table{
	{"paciente", "Paciente"},
	{"admisionista", "Admisionista"},
	{"medico", "Médico"},
	{"resultados", "Resultados"},
	{"administrador", "Administrador"},
	{"operador", "Operador"},
}

// ProfessionTypes suggest the health professions of the RETHUS; the field is
// free.
var ProfessionTypes = Table{
	{"medicina", "Medicina"},
	{"enfermeria", "Enfermería"},
	{"odontologia", "Odontología"},
	{"psicologia", "Psicología"},
	{"nutricion", "Nutrición y dietética"},
	{"fisioterapia", "Fisioterapia"},
	{"bacteriologia", "Bacteriología"},
	{"auxiliar_enfermeria", "Auxiliar de enfermería"},
}

// DocumentKinds are the PDFs that can be asked for.
var DocumentKinds = Table{
	{"historia", "Historia clínica completa"},
	{"epicrisis", "Epicrisis"},
	{"nota", "Una nota"},
}

// DocumentStates a PDF goes through.
var DocumentStates = Table{
	{"solicitado", "Solicitado"},
	{"generando", "En preparación"},
	{"listo", "Listo"},
	{"fallido", "Falló"},
	{"revocado", "Revocado"},
}

// AuditActions are the CRUD-E letters of FHIR AuditEvent.action.
var AuditActions = Table{
	{"C", "Creó"},
	{"R", "Consultó"},
	{"U", "Modificó"},
	{"D", "Eliminó"},
	{"E", "Ejecutó"},
}

// AuditTypes are what an audit row tells of.
var AuditTypes = Table{
	{"read", "Consulta de la historia"},
	{"search", "Búsqueda"},
	{"create", "Registro nuevo"},
	{"update", "Cambio de datos"},
	{"sign", "Firma de una nota"},
	{"login", "Ingreso al sistema"},
	{"logout", "Salida del sistema"},
	{"export", "Exportación a PDF"},
	{"verify", "Verificación de un documento"},
	{"break-glass", "Acceso de emergencia"},
	{"annul", "Anulación de una nota"},
	{"revoke", "Revocación de un documento"},
	{"review", "Revisión de un acceso"},
	{"merge", "Unión con otra historia"},
	{"unmerge", "Separación de otra historia"},
}

// resources are what an audit row touched, by the first part of its name.
var resources = Table{
	{"paciente", "Datos personales"},
	{"historia", "Historia clínica"},
	{"documentos", "Documentos de identidad"},
	{"documento", "Documento de identidad"},
	{"codigo", "Código de registro"},
	{"acceso-emergencia", "Acceso de emergencia"},
	{"accesos-emergencia", "Accesos de emergencia"},
	{"auditoria", "Accesos a la historia"},
	{"fusion", "Unión de historias"},
	{"fusiones", "Uniones de historias"},
	{"admision", "Admisión"},
	{"admisiones", "Admisiones"},
	{"censo", "Censo de camas"},
	{"nota", "Nota"},
	{"notas", "Notas"},
	{"borradores", "Borradores"},
	{"adenda", "Adenda"},
	{"signos", "Signos vitales"},
	{"diagnosticos", "Diagnósticos"},
	{"alergias", "Alergias"},
	{"medicamentos", "Medicamentos"},
	{"resultado", "Resultado"},
	{"resultados", "Resultados"},
	{"pdf", "Documento PDF"},
	{"usuario", "Cuenta"},
	{"usuarios", "Cuentas"},
	{"sesion", "Sesión"},
	{"productor", "Productor de eventos"},
	{"productores", "Productores de eventos"},
}

// ResourceLabel says in words what an audit row touched: "nota/0193…/1" is
// "Nota".
func ResourceLabel(resource string) string {
	kind, _, _ := strings.Cut(resource, "/")
	return resources.Label(kind)
}
