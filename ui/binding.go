package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/schema"

	"hce.co/shared/problem"
	"hce.co/ui/view/component"
)

// decoder reads forms into the functions' request types: a field's name is that
// of the JSON member, with dots for what is inside (contacto_emergencia.nombre,
// medicamentos.0.dosis).
var decoder = func() *schema.Decoder {
	d := schema.NewDecoder()
	d.SetAliasTag("json")
	d.IgnoreUnknownKeys(true)
	d.RegisterConverter(float64(0), func(s string) reflect.Value { // decimals with a comma
		v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
		if err != nil {
			return reflect.Value{}
		}
		return reflect.ValueOf(v)
	})
	d.RegisterConverter(false, func(s string) reflect.Value { return reflect.ValueOf(s == "si" || s == "true") })
	d.RegisterConverter(time.Time{}, func(s string) reflect.Value { // as <input type="datetime-local"> writes it
		for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly} {
			if t, err := time.ParseInLocation(layout, s, component.Bogota); err == nil {
				return reflect.ValueOf(t.UTC())
			}
		}
		return reflect.Value{}
	})
	return d
}()

// bind reads what was typed into a request. Empty fields count as missing. What
// cannot be read at all comes back as a 422 with the field.
func bind(values url.Values, into any) error {
	typed := url.Values{}
	for name, vs := range values {
		if name == "version" || name == "idempotencia" { // the form's own, see component.Keys
			continue
		}
		for _, v := range vs {
			if v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")); v != "" {
				typed.Add(name, v)
			}
		}
	}
	err := decoder.Decode(into, typed)
	if err == nil {
		return nil
	}
	fields := map[string]string{}
	var multi schema.MultiError
	if errors.As(err, &multi) {
		for name := range multi {
			fields[name] = "El valor no es válido."
		}
		return problem.Invalid(fields)
	}
	return problem.BadRequest("El formulario no se pudo leer.").Because(err)
}

// fill writes a resource into the fields of a form, as bind reads them.
func fill(v any) (url.Values, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("fill form: %w", err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, fmt.Errorf("fill form: %w", err)
	}
	values := url.Values{}
	flatten(values, "", tree)
	return values, nil
}

func flatten(into url.Values, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if name != "" {
				k = name + "." + k
			}
			flatten(into, k, inner)
		}
	case []any:
		for i, inner := range v {
			if _, object := inner.(map[string]any); object {
				flatten(into, name+"."+strconv.Itoa(i), inner)
			} else {
				flatten(into, name, inner)
			}
		}
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			v = component.LocalInput(t)
		}
		into.Add(name, v)
	case float64:
		into.Add(name, component.FormatNumber(v))
	case bool:
		if v {
			into.Add(name, "si")
		}
	}
}
