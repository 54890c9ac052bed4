package component

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Form is what was typed, or is stored, with what is wrong with it.
type Form struct {
	Prefix   string            // of the element ids, where a page has two forms
	Values   url.Values        // by field name
	Errors   map[string]string // by field name, as `campos` of a problem
	Warnings map[string]string // by field name: unusual but acceptable
	Problem  string            // what is wrong with the form as a whole
	Key      string            // idempotency key of a form that creates
	Version  string            // ETag of what a form changes
}

// ID is the id of the element for a field name.
func (f Form) ID(name string) string {
	return f.Prefix + strings.NewReplacer(".", "-", "_", "-").Replace(name)
}

func (f Form) id(field Field) string {
	if field.Nth > 0 {
		return f.ID(field.Name) + "-" + strconv.Itoa(field.Nth+1)
	}
	return f.ID(field.Name)
}

func (f Form) error(field Field) string {
	if field.Nth > 0 {
		return ""
	}
	return f.Errors[field.Name]
}

// Value is what was typed in field, or its default when nothing was.
func (f Form) Value(field Field) string {
	values, ok := f.Values[field.Name]
	switch {
	case !ok:
		return field.Default
	case field.Nth < len(values):
		return values[field.Nth]
	}
	return ""
}

// Chosen says whether value is among those chosen for field.
func (f Form) Chosen(field Field, value string) bool {
	if f.Values.Has(field.Name) {
		return slices.Contains(f.Values[field.Name], value)
	}
	return value != "" && value == field.Default
}

// Filled says whether any of fields has a value, an error or a warning.
func (f Form) Filled(fields []Field) bool {
	return slices.ContainsFunc(fields, func(field Field) bool {
		return f.Value(field) != field.Default || f.error(field) != "" || f.Warnings[field.Name] != ""
	})
}

// describedBy lists the ids of what explains field.
func (f Form) describedBy(field Field) string {
	var ids []string
	id := f.id(field)
	if f.error(field) != "" {
		ids = append(ids, id+"-error")
	}
	if field.Soft() || f.Warnings[field.Name] != "" {
		ids = append(ids, id+"-warn")
	}
	if field.Hint != "" {
		ids = append(ids, id+"-hint")
	}
	return strings.Join(ids, " ")
}

// Mistake is an entry of the error summary.
type Mistake struct{ Href, Text string }

// Mistakes lists what is wrong in the order of the fields; an error of a field
// that no group has is listed last, without a link.
func (f Form) Mistakes(groups []Group) []Mistake {
	var mistakes []Mistake
	known := map[string]bool{}
	for _, g := range groups {
		for _, field := range g.Fields {
			if message := f.Errors[field.Name]; message != "" && !known[field.Name] {
				mistakes = append(mistakes, Mistake{Href: "#" + f.focus(field), Text: field.Called() + ": " + message})
			}
			known[field.Name] = true
		}
	}
	var rest []string
	for name := range f.Errors {
		if !known[name] {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		mistakes = append(mistakes, Mistake{Text: f.Errors[name]})
	}
	return mistakes
}

// focus is the id of the first element of field that takes the keyboard.
func (f Form) focus(field Field) string {
	if field.Anchor != "" {
		return field.Anchor
	}
	if (field.Kind == Radio || field.Kind == Checks) && len(field.Options) > 0 {
		return f.ID(field.Name) + "-" + field.Options[0].Value
	}
	return f.id(field)
}

// Placed moves an error that names an inner object ("responsable") to the first
// of its fields in groups ("responsable.nombre"), so that it is shown there.
func (f Form) Placed(groups []Group) Form {
	errors := maps.Clone(f.Errors)
	for _, g := range groups {
		for _, field := range g.Fields {
			object, _, inner := strings.Cut(field.Name, ".")
			if message := errors[object]; inner && message != "" {
				delete(errors, object)
				errors[field.Name] = message
			}
		}
	}
	f.Errors = errors
	return f
}
