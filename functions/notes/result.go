package notes

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/google/uuid"

	"hce.co/functions/notes/api"
	"hce.co/shared/auth"
	"hce.co/shared/event"
	"hce.co/shared/ident"
)

var (
	cupsPattern  = regexp.MustCompile(`^[A-Z0-9]{4,8}$`)
	loincPattern = regexp.MustCompile(`^[0-9]{1,7}-[0-9]$`)
)

const maxValue = 4000 // characters of a result's value

// progress is the order of a result's states (FHIR Observation.status).
var progress = map[string]int{"registered": 0, "preliminary": 1, "final": 2, "corrected": 3}

// resultOf is the result that an event brings; data is valid by the schema of
// its type. Without an id of its own it has one that follows from the event.
func resultOf(documentoID, from, eventID string, at time.Time, data []byte) (api.Result, error) {
	var in struct {
		event.ResultData
		Valor json.RawMessage `json:"valor"` // a number as it was written
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return api.Result{}, fmt.Errorf("decode result: %w", err)
	}
	r := api.Result{
		DocumentoID: documentoID, ID: event.ForeignUUID(from, eventID), Version: 1, AdmisionID: in.AdmisionID, CUPS: in.CUPS, LOINC: in.LOINC,
		Nombre: line(in.Nombre), Unidad: line(in.Unidad), Rango: line(in.Rango), Interpretacion: line(in.Interpretacion), Emisor: from,
	}
	text, number := string(in.Valor), true
	if in.Valor[0] == '"' {
		number = false
		if err := json.Unmarshal(in.Valor, &text); err != nil {
			return r, fmt.Errorf("decode value: %w", err)
		}
	}
	setValue(&r, text, number, in.ValorTipo, in.Estado)
	if in.ResultadoID != nil {
		r.ID = *in.ResultadoID
	}
	if in.TomadoEn != nil {
		taken := in.TomadoEn.UTC().Truncate(time.Microsecond)
		r.TomadoEn = &taken
	}
	if in.EmitidoEn != nil {
		at = *in.EmitidoEn
	}
	r.EmitidoEn = at.UTC().Truncate(time.Microsecond)
	return r, nil
}

// newResult reads what POST /medico/resultado takes, or says what is wrong.
func newResult(in api.NewResult, by auth.Principal, now time.Time) (api.Result, error) {
	f := fields{}
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
	switch v := in.Valor.(type) {
	case float64:
		setValue(&r, strconv.FormatFloat(v, 'f', -1, 64), true, in.ValorTipo, in.Estado)
	case string:
		setValue(&r, v, false, in.ValorTipo, in.Estado)
	}
	if r.Valor == "" {
		f.add("valor", "Escriba el valor: un número o un texto.")
	}
	f.text("valor", r.Valor, maxValue)
	f.oneOf("valor_tipo", r.ValorTipo, "numero", "texto", "codigo")
	f.oneOf("estado", r.Estado, "registered", "preliminary", "final", "corrected")
	if in.DocumentoID == "" {
		f.add("documento_id", "Diga de qué paciente es el resultado.")
	}
	if r.CUPS != "" && !cupsPattern.MatchString(r.CUPS) {
		f.add("cups", "Use el código CUPS, como 902210.")
	}
	if r.LOINC != "" && !loincPattern.MatchString(r.LOINC) {
		f.add("loinc", "Use el código LOINC, como 718-7.")
	}
	if r.Nombre == "" {
		f.add("nombre", "Escriba el nombre del examen.")
	}
	for name, value := range map[string]string{
		"nombre": r.Nombre, "unidad": r.Unidad, "rango": r.Rango, "interpretacion": r.Interpretacion,
	} {
		f.text(name, value, maxLine)
	}
	if in.TomadoEn != nil {
		at := instant(*in.TomadoEn, now)
		r.TomadoEn = &at
		f.past("tomado_en", &at, now)
	}
	if in.EmitidoEn != nil {
		r.EmitidoEn = instant(*in.EmitidoEn, now)
		f.past("emitido_en", &r.EmitidoEn, now)
	}
	return r, f.problem()
}

// setValue writes a value with its kind, and the state.
func setValue(r *api.Result, text string, number bool, kind, state string) {
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
}

// errForeign says that a result's id belongs to another issuer.
var errForeign = errors.New("the result is another issuer's")

// supersedes reports whether a result that arrives is a later state of the one
// that is there. Events come in any order: an earlier state that comes late
// changes nothing.
func supersedes(r, there api.Result) (bool, error) {
	if r.Emisor != there.Emisor {
		return false, errForeign
	}
	if r.EmitidoEn.Equal(there.EmitidoEn) {
		return progress[r.Estado] > progress[there.Estado], nil
	}
	return r.EmitidoEn.After(there.EmitidoEn), nil
}
