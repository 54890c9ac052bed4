// Package schema checks the data of events against the JSON Schema of their type.
package schema

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

//go:embed *.json
var files embed.FS

// Source returns the JSON Schema of a type of event, nil when there is none.
func Source(typ string) []byte {
	b, err := files.ReadFile(typ + ".json")
	if err != nil {
		return nil
	}
	return b
}

// ErrType says that there is no such type of event.
var ErrType = errors.New("no such type of event")

// Invalid says, in Spanish, what in an event's data breaks the schema of its
// type.
type Invalid struct{ Reasons []string }

func (e *Invalid) Error() string { return strings.Join(e.Reasons, " ") }

var compiled sync.Map // type of event → *jsonschema.Schema

// Check reports whether data is what an event of a type carries: nil, ErrType or
// an *Invalid.
func Check(typ string, data []byte) error {
	s, err := schemaOf(typ)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return &Invalid{[]string{"Los datos no son JSON."}}
	}
	var bad *jsonschema.ValidationError
	if err := s.Validate(v); errors.As(err, &bad) {
		return &Invalid{reasons(bad)}
	} else if err != nil {
		return fmt.Errorf("check event data: %w", err)
	}
	return nil
}

func schemaOf(typ string) (*jsonschema.Schema, error) {
	if s, ok := compiled.Load(typ); ok {
		return s.(*jsonschema.Schema), nil
	}
	source := Source(typ)
	if source == nil {
		return nil, ErrType
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		return nil, fmt.Errorf("read schema of %s: %w", typ, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	name := typ + ".json"
	if err := c.AddResource(name, v); err != nil {
		return nil, fmt.Errorf("read schema of %s: %w", typ, err)
	}
	s, err := c.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("compile schema of %s: %w", typ, err)
	}
	compiled.Store(typ, s)
	return s, nil
}

const maxReasons = 10

// reasons lists the leaves of a validation error: the fields, and what is wrong
// with them. Values stay out: they can be a patient's.
func reasons(e *jsonschema.ValidationError) []string {
	var all []string
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		for _, c := range e.Causes {
			walk(c)
		}
		if len(e.Causes) > 0 {
			return
		}
		where := strings.Join(e.InstanceLocation, ".")
		if where == "" {
			where = "data"
		}
		all = append(all, where+": "+reason(e.ErrorKind))
	}
	walk(e)
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), maxReasons)]
}

func reason(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Required:
		return "falta " + strings.Join(k.Missing, ", ") + "."
	case *kind.AdditionalProperties:
		if len(k.Properties) == 1 && len(k.Properties[0]) <= 60 {
			return "no se conoce el campo " + k.Properties[0] + "."
		}
		return "tiene campos desconocidos."
	case *kind.Type:
		return "el tipo de dato no es el esperado."
	case *kind.Enum:
		return "no es uno de los valores admitidos."
	case *kind.Format, *kind.Pattern:
		return "no tiene el formato esperado."
	case *kind.MinLength:
		return "está vacío."
	case *kind.MaxLength:
		return fmt.Sprintf("pasa de %d caracteres.", k.Want)
	}
	return "no corresponde al esquema."
}
