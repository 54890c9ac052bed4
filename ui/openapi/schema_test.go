package openapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	admission "hce.co/functions/admission/api"
	login "hce.co/functions/login/api"
	notes "hce.co/functions/notes/api"
	patient "hce.co/functions/patient/api"
	pdf "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/client"
	"hce.co/ui/catalog"
)

// requests are the schemas of what is sent: a field that they lack is refused.
var requests = map[string]any{
	"SolicitudToken": login.TokenRequest{}, "Refuerzo": login.Reinforce{}, "CambioClave": login.PasswordChange{}, "CodigoMFA": login.Code{},
	"RegistroPaciente": login.Registration{}, "UsuarioNuevo": login.NewUser{}, "CambioUsuario": login.UserChange{},
	"ProductorNuevo": login.NewProducer{}, "CambioProductor": login.ProducerChange{},
	"DatosPaciente": patient.Demographics{}, "CambioPaciente": patient.Change{}, "Busqueda": patient.Search{}, "DocumentoNuevo": patient.NewDocument{},
	"SolicitudRetiro":     patient.Withdrawal{},
	"SolicitudEmergencia": patient.EmergencyRequest{}, "Revision": patient.Review{},
	"SolicitudUnion": patient.MergeRequest{}, "SolicitudSeparacion": patient.UnmergeRequest{},
	"AdmisionNueva": admission.Opening{}, "SolicitudTriage": admission.TriageRequest{}, "SolicitudTraslado": admission.TransferRequest{},
	"SolicitudEgreso": admission.DischargeRequest{}, "SolicitudCancelacion": admission.CancelRequest{},
	"NotaNueva": notes.NewNote{}, "BorradorNota": notes.Draft{}, "SolicitudAdenda": notes.AddendumRequest{},
	"SolicitudAnulacion": notes.AnnulRequest{}, "ResultadoNuevo": notes.NewResult{},
	"SolicitudPDF": pdf.Request{}, "Revocacion": pdf.Revocation{},
}

// answers are the schemas of what comes back, or goes both ways.
var answers = map[string]any{
	"Token": login.Token{}, "JWKS": auth.JWKS{}, "JWK": auth.JWK{}, "Registrado": login.Registered{}, "Yo": login.Me{},
	"InscripcionMFA": login.Enrolment{}, "MFAActivado": login.Enrolled{}, "Usuario": login.User{}, "UsuarioCreado": login.CreatedUser{},
	"ProfesionalNuevo": login.NewProfessional{}, "Profesional": login.Professional{}, "ClaveUnica": login.OneTimePassword{},
	"Productor": login.Producer{}, "ProductorCreado": login.CreatedProducer{},
	"Paciente": patient.Patient{}, "ResumenPaciente": patient.Summary{}, "Documento": patient.Document{}, "CodigoRegistro": patient.Code{},
	"Acceso": patient.Access{}, "AccesoEmergencia": patient.EmergencyAccess{}, "Contacto": patient.Contact{}, "Voluntad": patient.Will{},
	"Union": patient.Merge{}, "LadoUnion": patient.MergeSide{}, "ComparacionUnion": patient.MergePreview{},
	"EstadoSistema": patient.SystemState{}, "EventosEnEspera": patient.Backlog{},
	"Admision": admission.Admission{}, "Acompanante": admission.Companion{}, "Pagador": admission.Payer{},
	"ProfesionalAdmision": admission.Professional{}, "Triage": admission.Triage{}, "EventoAdmision": admission.Event{}, "Estancia": admission.Stay{},
	"Nota": notes.Note{}, "Diagnostico": notes.Diagnosis{}, "SignosVitales": notes.VitalSigns{}, "Alergia": notes.Allergy{},
	"Medicamento": notes.Medication{}, "Autor": notes.Author{}, "Firma": notes.Signature{}, "Anulacion": notes.Annulment{},
	"Adenda": notes.Addendum{}, "Advertencia": notes.Warning{}, "ResumenBorrador": notes.DraftSummary{}, "Signo": notes.Vital{}, "ResultadoSinVer": notes.UnseenResult{},
	"DiagnosticoRegistrado": notes.Condition{}, "AlergiaRegistrada": notes.RegisteredAllergy{},
	"MedicamentoPrescrito": notes.PrescribedMedication{}, "Resultado": notes.Result{}, "CodigoCIE10": notes.Code{},
	"EventosRecibidos": notes.Accepted{},
	"TrabajoPDF":       pdf.Job{}, "Verificacion": pdf.Verification{}, "TrabajoPendiente": pdf.PendingJob{},
}

// foreign are the schemas that no type of ours stands behind.
var foreign = []string{"Problema", "CloudEvent", "co.hce.resultado.emitido.v1", "co.hce.pdf.solicitado.v1"}

// coded are the members that hold codes of a table: of every schema, or of the
// one before the dot.
var coded = map[string]catalog.Table{
	"tipo_documento": catalog.DocumentTypes, "sexo_biologico": catalog.Sexes, "identidad_genero": catalog.GenderIdentities, "zona": catalog.Zones,
	"etnia": catalog.Ethnicities, "estado_civil": catalog.MaritalStatuses, "grupo_sanguineo": catalog.BloodGroups, "factor_rh": catalog.RhFactors,
	"regimen_afiliacion": catalog.Regimes, "tipo_usuario": catalog.UserTypes, "discapacidades": catalog.Disabilities,
	"clase": catalog.EncounterClasses, "causa_motivo": catalog.Causes, "via_ingreso": catalog.EntryRoutes, "finalidad": catalog.Purposes,
	"modalidad": catalog.Modalities, "grupo_servicios": catalog.ServiceGroups, "entorno": catalog.Settings,
	"condicion_egreso": catalog.DischargeConditions, "estado_egreso": catalog.VitalStates, "criticidad": catalog.Criticalities,
	"accion": catalog.AuditActions,

	"UsuarioNuevo.rol": catalog.Roles, "UsuarioNuevo.roles": catalog.Roles, "CambioUsuario.rol": catalog.Roles, "CambioUsuario.roles": catalog.Roles,
	"RegistroPaciente.rol": catalog.Roles, "RegistroPaciente.roles": catalog.Roles, "Usuario.rol": catalog.Roles, "Usuario.roles": catalog.Roles,
	"UsuarioCreado.rol": catalog.Roles, "UsuarioCreado.roles": catalog.Roles,
	"Admision.estado": catalog.EncounterStates, "Estancia.estado": catalog.EncounterStates, "EventoAdmision.estado": catalog.EncounterStates,
	"EventoAdmision.tipo": catalog.AdmissionEvents,
	"Nota.estado":         catalog.NoteStates, "Nota.tipo": catalog.NoteTypes, "NotaNueva.tipo": catalog.NoteTypes, "BorradorNota.tipo": catalog.NoteTypes,
	"ResumenBorrador.tipo": catalog.NoteTypes, "Diagnostico.tipo": catalog.DiagnosisTypes, "DiagnosticoRegistrado.tipo": catalog.DiagnosisTypes,
	"DiagnosticoRegistrado.rol": catalog.DiagnosisRoles, "Alergia.tipo": catalog.AllergyTypes, "AlergiaRegistrada.tipo": catalog.AllergyTypes,
	"Alergia.estado": catalog.AllergyStates, "AlergiaRegistrada.estado": catalog.AllergyStates, "Medicamento.estado": catalog.MedicationStates,
	"MedicamentoPrescrito.estado": catalog.MedicationStates, "Resultado.estado": catalog.ResultStates, "ResultadoNuevo.estado": catalog.ResultStates,
	"ResultadoSinVer.estado": catalog.ResultStates,
	"SolicitudAdenda.motivo": catalog.AddendumReasons, "Adenda.motivo": catalog.AddendumReasons,
	"SolicitudPDF.tipo": catalog.DocumentKinds, "TrabajoPDF.tipo": catalog.DocumentKinds, "TrabajoPDF.estado": catalog.DocumentStates,
}

// codesOf are the codes that a member of a schema may hold, nil for any text.
func codesOf(schema, member string) []any {
	table, ok := coded[schema+"."+member]
	if !ok {
		table = coded[member]
	}
	var out []any
	for _, e := range table {
		out = append(out, e.Code)
	}
	return out
}

// demanded are the members that a request needs although their type, which
// other schemas share, lets them be missing.
var demanded = map[string][]string{"NotaNueva": {"tipo"}}

type object = map[string]any

// names finds the schema of a type.
var names = func() map[reflect.Type]string {
	out := map[reflect.Type]string{}
	for _, group := range []map[string]any{requests, answers} {
		for name, v := range group {
			out[reflect.TypeOf(v)] = name
		}
	}
	return out
}()

// schemaOf is what a struct looks like as JSON: its members, their types and
// codes, and those that are always there.
func schemaOf(schema string, v any, closed bool) object {
	properties, required := object{}, []any{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				walk(f.Type)
				continue
			case !f.IsExported() || name == "-":
				continue
			}
			p := typeOf(f.Type)
			if codes := codesOf(schema, name); codes != nil {
				if items, ok := p["items"].(object); ok {
					items["enum"] = codes
				} else {
					p["enum"] = codes
				}
			}
			properties[name] = p
			if !strings.Contains(options, "omit") || slices.Contains(demanded[schema], name) {
				required = append(required, name)
			}
		}
	}
	walk(reflect.TypeOf(v))
	slices.SortFunc(required, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	s := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	if closed {
		s["additionalProperties"] = false
	}
	return s
}

func typeOf(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := names[t]; ok {
		return object{"$ref": "#/components/schemas/" + name}
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[client.ReadOnly]():
		return object{"readOnly": true}
	case reflect.TypeFor[uuid.UUID]():
		return object{"type": "string", "format": "uuid"}
	case reflect.TypeFor[[]byte]():
		return object{"type": "string", "contentEncoding": "base64"}
	}
	switch t.Kind() { //nolint:exhaustive // what JSON has
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "items": typeOf(t.Elem())}
	case reflect.Interface:
		return object{}
	}
	panic("no JSON type for " + t.String())
}

// annotations are what a schema may say beyond what Go types do.
var annotations = []string{
	"description", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "default", "examples", "deprecated",
}

// bare is a schema without its annotations. A string may have any format, and
// what a Go type leaves open any type.
func bare(s, is object) object {
	out := object{}
	for k, v := range s {
		switch {
		case slices.Contains(annotations, k) && is[k] == nil, k == "format" && is["format"] == nil && is["type"] == "string", k == "type" && is["type"] == nil && is["$ref"] == nil:
			continue
		case k == "properties":
			members := object{}
			for name, p := range v.(object) {
				of, _ := is["properties"].(object)[name].(object)
				members[name] = bare(p.(object), of)
			}
			v = members
		case k == "items":
			of, _ := is["items"].(object)
			v = bare(v.(object), of)
		}
		out[k] = v
	}
	return out
}

// merged is the schema of a Go type with the annotations of the one that is
// written.
func merged(written, is object) object {
	out := object{}
	for k, v := range is {
		out[k] = v
	}
	for k, v := range written {
		if slices.Contains(annotations, k) && is[k] == nil || k == "format" && is["format"] == nil && is["type"] == "string" || k == "type" && is["type"] == nil && is["$ref"] == nil {
			out[k] = v
		}
	}
	if properties, ok := is["properties"].(object); ok {
		members := object{}
		old, _ := written["properties"].(object)
		for name, p := range properties {
			was, _ := old[name].(object)
			members[name] = merged(was, p.(object))
		}
		out["properties"] = members
	}
	if items, ok := is["items"].(object); ok {
		was, _ := written["items"].(object)
		out["items"] = merged(was, items)
	}
	return out
}

// plain is v as it comes out of JSON.
func plain(v any) object {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out object
	if err := json.Unmarshal(b, &out); err != nil {
		panic(err)
	}
	return out
}
