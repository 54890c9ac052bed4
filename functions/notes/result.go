package notes

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/civil"
	"hce.co/shared/event"
	"hce.co/shared/ident"
	"hce.co/shared/problem"
)

var (
	cupsPattern  = regexp.MustCompile(`^[A-Z0-9]{4,8}$`)
	loincPattern = regexp.MustCompile(`^[0-9]{1,7}-[0-9]$`)
)

const (
	maxValue  = 4000 // characters of a result's value
	maxNumber = 40   // of one that is a number
)

var numberPattern = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// progress is the order of a result's states (FHIR Observation.status).
var progress = map[string]int{"registered": 0, "preliminary": 1, "final": 2, "corrected": 3}

// resultOf is the result that an event brings to a record, or what is wrong with
// it; its data is valid by the schema of its type. Without an id of its own it
// has one that follows from the event.
func resultOf(documentoID string, e cloudevents.Event, now time.Time) (api.Result, error) {
	var in struct {
		event.ResultData
		Valor json.RawMessage `json:"valor"` // a number as it was written
	}
	if err := json.Unmarshal(e.Data(), &in); err != nil {
		return api.Result{}, problem.Unprocessable("Los datos del evento no corresponden a su tipo.").Because(err)
	}
	r := api.Result{
		DocumentoID: documentoID, ID: event.ForeignUUID(e), Version: 1, AdmisionID: in.AdmisionID, CUPS: in.CUPS, LOINC: in.LOINC,
		Nombre: line(in.Nombre), Unidad: line(in.Unidad), Rango: line(in.Rango), Interpretacion: line(in.Interpretacion),
		EmitidoEn: now, Emisor: e.Source(), ProductorID: event.Producer(e),
	}
	if in.ResultadoID != nil {
		r.ID = *in.ResultadoID
	}
	if at := e.Time().UTC(); !at.IsZero() && at.Before(now) {
		r.EmitidoEn = at.Truncate(time.Microsecond)
	}
	f := fields{problem.Fields{}}
	f.value(&r, in.Valor, in.ValorTipo, in.Estado)
	f.times(&r, in.TomadoEn, in.EmitidoEn, now)
	return r, f.Err()
}

// resultBody is what POST /medico/resultado takes, a number as it was written.
type resultBody struct {
	api.NewResult
	Valor json.RawMessage `json:"valor"`
}

// newResult reads what POST /medico/resultado takes, or says what is wrong.
func newResult(in resultBody, by auth.Principal, now time.Time) (api.Result, error) {
	f := fields{problem.Fields{}}
	r := api.Result{
		ID: f.id("id", in.ID, 7), Version: 1, CUPS: line(in.CUPS), LOINC: line(in.LOINC), Nombre: line(in.Nombre),
		Unidad: line(in.Unidad), Rango: line(in.Rango), Interpretacion: line(in.Interpretacion), EmitidoEn: now, Emisor: by.Name,
	}
	if r.ID == uuid.Nil {
		r.ID = ident.NewID()
	}
	if id := f.id("admision_id", in.AdmisionID, 0); id != uuid.Nil {
		r.AdmisionID = &id
	}
	f.value(&r, in.Valor, in.ValorTipo, in.Estado)
	f.times(&r, in.TomadoEn, in.EmitidoEn, now)
	f.oneOf("valor_tipo", r.ValorTipo, "numero", "texto", "codigo")
	f.oneOf("estado", r.Estado, "registered", "preliminary", "final", "corrected")
	if in.DocumentoID == "" {
		f.Add("documento_id", "Diga de qué paciente es el resultado.")
	}
	if r.CUPS != "" && !cupsPattern.MatchString(r.CUPS) {
		f.Add("cups", "Use el código CUPS, como 902210.")
	}
	if r.LOINC != "" && !loincPattern.MatchString(r.LOINC) {
		f.Add("loinc", "Use el código LOINC, como 718-7.")
	}
	if ident.Blank(r.Nombre) {
		f.Add("nombre", "Escriba el nombre del examen.")
	}
	for name, value := range map[string]string{
		"nombre": r.Nombre, "unidad": r.Unidad, "rango": r.Rango, "interpretacion": r.Interpretacion,
	} {
		f.text(name, value, maxLine)
	}
	return r, f.Err()
}

// value gives a result its value, with its kind, and its state.
func (f fields) value(r *api.Result, written json.RawMessage, kind, state string) {
	text, number := "", false
	switch {
	case len(written) == 0:
	case written[0] == '"':
		if json.Unmarshal(written, &text) != nil {
			text = ""
		}
	case written[0] == '-' || written[0] >= '0' && written[0] <= '9':
		text, number = string(written), true
	}
	r.Valor, r.ValorTipo, r.Estado = paragraph(text), kind, state
	if r.ValorTipo == "" {
		r.ValorTipo = "texto"
		if number {
			r.ValorTipo = "numero"
		}
	}
	if r.Estado == "" {
		r.Estado = "final"
	}
	switch {
	case ident.Blank(r.Valor):
		f.Add("valor", "Escriba el valor: un número o un texto.")
	case (number || r.ValorTipo == "numero") && !isNumber(r.Valor):
		f.Add("valor", "Escriba un número, como 7.10, o diga que el valor es un texto.")
	}
	f.text("valor", r.Valor, maxValue)
}

// isNumber reports whether a text is a number that a chart can hold.
func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && len(s) <= maxNumber && numberPattern.MatchString(s)
}

// times gives a result the moments at which the sample was taken and the result
// issued. When nobody says when it was issued, it keeps the one that it has.
func (f fields) times(r *api.Result, taken, issued *time.Time, now time.Time) {
	if taken != nil {
		at := instant(*taken, now)
		r.TomadoEn = &at
		f.past("tomado_en", &at, now)
	}
	if issued == nil {
		return
	}
	r.EmitidoEn = instant(*issued, now)
	f.past("emitido_en", &r.EmitidoEn, now)
	if r.TomadoEn != nil && r.TomadoEn.After(r.EmitidoEn) {
		f.Add("tomado_en", "La muestra no pudo tomarse después de emitirse el resultado.")
	}
}

// resultFacts are what a record says about a result that comes to it.
type resultFacts struct {
	admitted bool // its admission, if it names one, is of the record
	birth    time.Time
}

// judgeResult reports what the record does not allow of a result.
func judgeResult(r api.Result, x resultFacts) error {
	f := fields{problem.Fields{}}
	if !x.admitted {
		f.Add("admision_id", "Esa admisión no es de este paciente.")
	}
	if r.TomadoEn != nil && civil.Today(*r.TomadoEn).Before(x.birth) {
		f.Add("tomado_en", "La muestra no pudo tomarse antes de nacer el paciente.")
	}
	if civil.Today(r.EmitidoEn).Before(x.birth) {
		f.Add("emitido_en", "El resultado no pudo emitirse antes de nacer el paciente.")
	}
	return f.Err()
}

// errForeign says that a result's id belongs to another issuer.
var errForeign = errors.New("the result is another issuer's")

// supersedes reports whether a result that arrives is a later state of the one
// that is there, and of the same issuer: what counts is the account that sent it,
// since any producer may call itself anything. Events come in any order: an earlier state that comes late
// changes nothing.
func supersedes(r, there api.Result) (bool, error) {
	if r.ProductorID != there.ProductorID || r.Emisor != there.Emisor {
		return false, errForeign
	}
	if r.EmitidoEn.Equal(there.EmitidoEn) {
		return progress[r.Estado] > progress[there.Estado], nil
	}
	return r.EmitidoEn.After(there.EmitidoEn), nil
}
