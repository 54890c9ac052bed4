package hce_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	admissionapi "hce.co/functions/admission/api"
	loginapi "hce.co/functions/login/api"
	notesapi "hce.co/functions/notes/api"
	patientapi "hce.co/functions/patient/api"
	pdfapi "hce.co/functions/pdf-export/api"
	"hce.co/shared/auth"
	"hce.co/shared/db/dbtest"
)

// sample is a request of a route that its caller, when they may, is not refused.
type sample struct {
	path, body         string
	contentType, match string
}

// chart is a record with what the routes name, made when one first does.
type chart struct {
	t         *testing.T
	c         *clinic
	id        string
	person    patientapi.Demographics
	admission uuid.UUID
	made      map[string]string
}

// newChart opens a record and admits its patient to a service of the demo médico.
func (c *clinic) newChart(t *testing.T) *chart {
	t.Helper()
	desk := c.as(t, "admisionista")
	d := patientapi.Demographics{
		TipoDocumento: "CC", NumeroDocumento: dbtest.DocumentoID(), PrimerNombre: "Eufrosina", PrimerApellido: "Irrepetible", // nobody else's
		FechaNacimiento: "1961-05-17", SexoBiologico: "02", Celular: "3009871234",
	}
	p, err := c.patient.Register(desk, d, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.admission.Open(desk, admissionapi.Opening{DocumentoID: p.DocumentoID, Clase: "EMER", CausaMotivo: "38"}, "")
	if err != nil {
		t.Fatal(err)
	}
	return &chart{t: t, c: c, id: p.DocumentoID, person: d, admission: a.ID, made: map[string]string{}}
}

// twin opens another record of the same person; of nobody's chart it is nobody's
// record.
func (ch *chart) twin() patientapi.Patient {
	if ch.t == nil {
		return patientapi.Patient{DocumentoID: "CC-" + dbtest.DocumentoID()}
	}
	ch.t.Helper()
	d := ch.person
	d.NumeroDocumento = dbtest.DocumentoID()
	p, err := ch.c.patient.Register(ch.c.as(ch.t, "admisionista"), d, "")
	if err != nil {
		ch.t.Fatal(err)
	}
	return p
}

// sample is what to ask the route with.
func (ch *chart) sample(t *testing.T, method, path string) sample {
	t.Helper()
	make, known := samples[method+" "+path]
	if !known && method != "GET" && method != "DELETE" {
		t.Fatalf("with what is %s %s to be asked?", method, path)
	}
	s := sample{contentType: "application/json"}
	if known {
		s = make(ch)
		if s.contentType == "" && s.body != "" {
			s.contentType = "application/json"
		}
	}
	if method == "GET" || method == "DELETE" {
		s.contentType = ""
	}
	s.path = ch.fill(t, method, path) + s.path
	return s
}

// fill writes what the record has in the places of a path.
func (ch *chart) fill(t *testing.T, method, path string) string {
	t.Helper()
	for _, hole := range pathParameter.FindAllString(path, -1) {
		name := strings.Trim(hole, "{}")
		switch {
		case name == "documento_id" || name == "id" && !strings.HasPrefix(path, "/usuarios/"):
			path = strings.Replace(path, hole, ch.id, 1)
			continue
		case name == "admision":
			path = strings.Replace(path, hole, ch.admission.String(), 1)
			continue
		case name == "nota" && (method != "POST" && method != "GET" || strings.HasSuffix(path, "/firma")):
			name = "borrador"
		}
		if ch.made[name] == "" {
			ch.made[name] = ch.make(t, name)
		}
		path = strings.Replace(path, hole, ch.made[name], 1)
	}
	return path
}

// make makes what a route names and returns its id.
func (ch *chart) make(t *testing.T, what string) (id string) {
	t.Helper()
	c, doctor := ch.c, ch.c.as(t, "medico")
	var err error
	switch what {
	case "borrador", "nota":
		n := notesapi.NewNote{Firmar: what == "nota"}
		n.DocumentoID, n.AdmisionID, n.Tipo = ch.id, ch.admission.String(), "evolucion"
		n.MotivoConsulta, n.EvolucionMedica = "Tos", "Tos húmeda de siete días."
		n.Diagnosticos = []notesapi.Diagnosis{{CIE10: "J209", Tipo: "01", Rol: "principal"}}
		var out notesapi.Note
		out, err = c.notes.Write(doctor, n, "")
		id = out.ID.String()
	case "resultado":
		var out notesapi.Result
		out, err = c.notes.AddResult(doctor, notesapi.NewResult{DocumentoID: ch.id, Nombre: "Hemoglobina", Valor: 13.2}, "")
		id = out.ID.String()
	case "adenda":
		var out notesapi.Addendum
		out, err = c.notes.Add(doctor, ch.id, uuid.MustParse(ch.made["nota"]), notesapi.AddendumRequest{Motivo: "aclaracion", Texto: "La tos es seca."}, "")
		id = out.ID.String()
	case "acceso":
		var out patientapi.EmergencyAccess
		out, err = c.patient.BreakGlass(doctor, ch.id, "Llegó inconsciente a urgencias", "")
		id = out.ID.String()
	case "duplicado":
		id = ch.twin().DocumentoID
		_, err = c.patient.Merge(c.as(t, "admisionista"), ch.id, 1, patientapi.MergeRequest{Duplicado: id, Motivo: "Se registró dos veces"}, "")
	case "documento": // one that the record had, and has no more
		desk, number := c.as(t, "admisionista"), dbtest.DocumentoID()
		for _, d := range []patientapi.NewDocument{{TipoDocumento: "PA", NumeroDocumento: number}, {TipoDocumento: "CC", NumeroDocumento: ch.person.NumeroDocumento}} {
			if _, err = c.patient.AddDocument(desk, ch.id, d, ""); err != nil {
				break
			}
		}
		id = "PA-" + number
	case "trabajo", "codigo":
		clerk := c.as(t, "resultados")
		var j pdfapi.Job
		j, err = c.pdf.Ask(clerk, ch.id, pdfapi.Request{}, "")
		for until := time.Now().Add(20 * time.Second); err == nil && !j.Done() && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
			j, err = c.pdf.Follow(clerk, ch.id, j.ID)
		}
		if id = j.ID.String(); what == "codigo" {
			id = j.CodigoVerificacion
		}
	case "id": // of an account
		var out loginapi.CreatedUser
		out, err = c.login.CreateUser(c.as(t, "admin"), loginapi.NewUser{Username: "otra" + dbtest.DocumentoID(), Rol: auth.Operator}, "")
		id = out.ID.String()
	case "client_id":
		var out loginapi.CreatedProducer
		out, err = c.login.CreateProducer(c.as(t, "admin"), loginapi.NewProducer{
			ClientID: "lab" + dbtest.DocumentoID(), Nombre: "Otro laboratorio", Tipos: []string{"co.hce.resultado.emitido.v1"},
		}, "")
		id = out.ClientID
	default:
		t.Fatalf("nobody knows how to make a %q", what)
	}
	if err != nil {
		t.Fatalf("make %s: %v", what, err)
	}
	return id
}

func of(body string) func(*chart) sample { return func(*chart) sample { return sample{body: body} } }

func version(n int, body string) func(*chart) sample {
	return func(*chart) sample { return sample{body: body, match: fmt.Sprintf("%q", fmt.Sprint(n))} }
}

func query(q string) func(*chart) sample { return func(*chart) sample { return sample{path: q} } }

// about puts the record's documento_id into a body.
func about(format string) func(*chart) sample {
	return func(ch *chart) sample { return sample{body: fmt.Sprintf(format, ch.id)} }
}

func demographics(surname string, number func(*chart) string) func(*chart) sample {
	return func(ch *chart) sample {
		return sample{match: `"1"`, body: fmt.Sprintf(`{"tipo_documento":"CC","numero_documento":%q,"primer_nombre":"Eufrosina","primer_apellido":%q,`+
			`"fecha_nacimiento":"1961-05-17","sexo_biologico":"02"}`, number(ch), surname)}
	}
}

func resultEvent(ch *chart) sample {
	return sample{contentType: "application/cloudevents+json", body: fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/laboratorio",`+
		`"type":"co.hce.resultado.emitido.v1","subject":%q,"time":"2026-11-20T10:00:00Z","datacontenttype":"application/json",`+
		`"data":{"documento_id":%[2]q,"nombre":"Hemoglobina","valor":13.2,"unidad":"g/dL","estado":"final"}}`, uuid.NewString(), ch.id)}
}

// samples are the requests of the routes that take more than a path.
var samples = map[string]func(*chart) sample{
	"POST /login": func(*chart) sample {
		return sample{contentType: "application/x-www-form-urlencoded", body: "grant_type=magia"}
	},
	"POST /login/reforzar":   of(`{}`),
	"POST /logout":           of(``),
	"POST /register":         of(`{}`),
	"POST /yo/clave":         of(`{}`),
	"POST /yo/mfa":           of(``),
	"POST /yo/mfa/confirmar": of(`{"codigo":"x"}`),
	"POST /usuarios": func(*chart) sample {
		return sample{body: `{"username":"alta` + dbtest.DocumentoID() + `","rol":"operador"}`}
	},
	"PATCH /usuarios/{id}":      version(1, `{"nombre":"Otra Persona"}`),
	"POST /usuarios/{id}/clave": of(``),
	"POST /productores": func(*chart) sample {
		return sample{body: `{"client_id":"lab` + dbtest.DocumentoID() + `","nombre":"Laboratorio","tipos":["co.hce.resultado.emitido.v1"]}`}
	},
	"PATCH /productores/{client_id}": version(1, `{"nombre":"Laboratorio del centro"}`),

	"POST /paciente":           demographics("Nuevo", func(*chart) string { return dbtest.DocumentoID() }),
	"GET /paciente":            query("?q=irrepetible"),
	"POST /paciente/buscar":    of(`{"q":"irrepetible"}`),
	"POST /paciente/parecidos": of(`{"primer_nombre":"Eufrosina","fecha_nacimiento":"1961-05-17"}`),
	"PUT /paciente/{id}":       demographics("Irrepetible", func(ch *chart) string { return ch.person.NumeroDocumento }),
	"POST /paciente/{id}/documentos": func(*chart) sample {
		return sample{body: `{"tipo_documento":"PA","numero_documento":"` + dbtest.DocumentoID() + `"}`}
	},
	"POST /paciente/{id}/documentos/{documento}/retiro": func(*chart) sample {
		return sample{match: "*", body: `{"motivo":"Era el documento de otra persona"}`}
	},
	"GET /paciente/{id}/fusion": func(ch *chart) sample {
		return sample{path: "?duplicado=" + ch.twin().DocumentoID}
	},
	"POST /paciente/{id}/fusion": func(ch *chart) sample {
		return sample{match: `"1"`, body: `{"duplicado":"` + ch.twin().DocumentoID + `","motivo":"Se registró dos veces"}`}
	},
	"POST /paciente/{id}/fusion/{duplicado}/reversion": of(`{"motivo":"Son dos personas"}`),
	"POST /paciente/{id}/codigo":                       of(``),
	"POST /paciente/{id}/acceso-emergencia":            of(`{"motivo":"Llegó inconsciente a urgencias"}`),
	"POST /accesos-emergencia/{id}/{acceso}/revision":  of(`{"decision":"justificado"}`),
	"POST /eventos/pendientes":                         of(``),
	"POST /eventos/muertos":                            of(`{}`),

	"POST /admision": about(`{"documento_id":%q,"clase":"AMB","causa_motivo":"38"}`),
	"POST /admision/{documento_id}/{admision}/llegada":     of(``),
	"POST /admision/{documento_id}/{admision}/triage":      of(`{"nivel":2}`),
	"POST /admision/{documento_id}/{admision}/atencion":    of(``),
	"POST /admision/{documento_id}/{admision}/traslado":    func(ch *chart) sample { return sample{body: `{"servicio":"129","cama":"` + ch.id[5:] + `"}`} },
	"POST /admision/{documento_id}/{admision}/egreso":      of(`{"condicion_egreso":"01","estado_egreso":"vivo"}`),
	"POST /admision/{documento_id}/{admision}/cancelacion": of(`{"motivo":"Se fue antes de ser atendida"}`),

	"POST /medico/nota":                                        about(`{"documento_id":%q,"tipo":"evolucion","motivo_consulta":"Tos"}`),
	"PUT /medico/nota/{documento_id}/{nota}":                   version(1, `{"tipo":"evolucion","motivo_consulta":"Tos seca"}`),
	"DELETE /medico/nota/{documento_id}/{nota}":                version(1, ``),
	"POST /medico/nota/{documento_id}/{nota}/firma":            version(1, ``),
	"POST /medico/nota/{documento_id}/{nota}/adenda":           of(`{"motivo":"aclaracion","texto":"La tos es seca."}`),
	"POST /medico/nota/{documento_id}/{nota}/anulacion":        of(`{"motivo":"Se escribió en la historia de otra persona"}`),
	"POST /medico/resultado":                                   about(`{"documento_id":%q,"nombre":"Glucosa","valor":90}`),
	"POST /medico/resultados/{documento_id}/{resultado}/visto": version(1, ``),
	"GET /cie10":            query("?q=tos"),
	"POST /eventos":         resultEvent,
	"POST /eventos/recibir": of(`{}`),

	"POST /exportar_pdf/{id}":                      of(`{}`),
	"POST /exportar_pdf/{id}/{trabajo}/revocacion": of(`{"motivo":"Se entregó a quien no era"}`),
}
