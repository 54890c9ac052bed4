package service

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"hce.co/shared/problem"
)

// Nothing is the body of a request that needs none: {} or no body at all.
type Nothing struct{}

// Decode reads the request's JSON body into v. The names of its members are
// those of v to the letter, each at most once: what one reader of a request
// overlooks and another takes is how a check is got round. Unknown members,
// text that is no Unicode and anything after the value are refused.
func Decode(r *http.Request, v any) error {
	_, err := Read(r, v)
	return err
}

// Read is [Decode] for whoever needs the body too. Of a [Nothing] it may be
// missing.
func Read(r *http.Request, v any) ([]byte, error) {
	if _, none := v.(*Nothing); none {
		return ReadIfAny(r, v)
	}
	b, err := Body(r)
	if err != nil {
		return nil, err
	}
	return b, DecodeBytes(b, v)
}

// ReadIfAny is [Read] for a body that may be missing: then v stays as it is.
func ReadIfAny(r *http.Request, v any) ([]byte, error) {
	b, err := Text(r)
	if err != nil || len(b) == 0 {
		return nil, err
	}
	if err := saysJSON(r); err != nil {
		return nil, err
	}
	return b, DecodeBytes(b, v)
}

// DecodeBytes reads a body that [Body] returned into v, as [Decode] does.
func DecodeBytes(b []byte, v any) error {
	d, err := begin(b)
	if err != nil {
		return err
	}
	if err := json.UnmarshalDecode(d, v, json.RejectUnknownMembers(true)); err != nil {
		return jsonProblem(err)
	}
	return end(d)
}

// WellFormed checks JSON that is decoded elsewhere for what [Decode] refuses
// whatever it is decoded into.
func WellFormed(b []byte) error {
	if err := isText(b); err != nil {
		return err
	}
	d, err := begin(b)
	if err != nil {
		return err
	}
	if err := d.SkipValue(); err != nil {
		return jsonProblem(err)
	}
	return end(d)
}

func begin(b []byte) (*jsontext.Decoder, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(b))
	switch d.PeekKind() {
	case jsontext.KindNull:
		return nil, problem.BadRequest("El contenido es null: envíe un objeto JSON.")
	case jsontext.KindInvalid:
		if len(bytes.TrimSpace(b)) == 0 {
			return nil, problem.BadRequest("Falta el contenido.")
		}
	}
	return d, nil
}

func end(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return problem.BadRequest("Hay contenido de más después del JSON.")
	}
	return nil
}

// jsonProblem says what is wrong with a body, and in which field.
func jsonProblem(err error) error {
	var p *problem.Error
	var bad *jsontext.SyntacticError
	var unfit *json.SemanticError
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &unfit):
		return inField(fieldName(unfit.JSONPointer), "El JSON tiene un campo desconocido", "Campo desconocido.").Because(err)
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &bad):
		return inField(fieldName(bad.JSONPointer), "El JSON tiene un campo repetido", "Campo repetido.").Because(err)
	case errors.As(err, &unfit) && unfit.JSONPointer != "":
		message := "El tipo de dato no es el esperado."
		if unfit.GoType == reflect.TypeFor[time.Time]() {
			message = "Escriba la fecha con hora y zona, como 2026-11-23T10:00:00Z."
		}
		return problem.Invalid(map[string]string{fieldName(unfit.JSONPointer): message}).Because(err)
	case errors.As(err, &bad) && bad.JSONPointer != "":
		return inField(fieldName(bad.JSONPointer), "El JSON no es válido en el campo", "No es JSON válido.").Because(err)
	}
	return problem.BadRequest("El JSON no es válido.").Because(err)
}

// inField is a 400 that names a field, unless its name is no field's of ours.
func inField(name, detail, message string) *problem.Error {
	if len(name) > 60 {
		return problem.BadRequest("%s.", detail)
	}
	return &problem.Error{Status: http.StatusBadRequest, Detail: detail + ": " + name + ".", Fields: map[string]string{name: message}}
}

// fieldName writes a pointer as forms name their fields: lista.0.nombre.
func fieldName(p jsontext.Pointer) string { return strings.Join(slices.Collect(p.Tokens()), ".") }
