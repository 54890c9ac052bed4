package component

import (
	"strconv"

	"github.com/a-h/templ"
)

// attributes are those that every control of field has.
func (f Form) attributes(field Field) templ.OrderedAttributes {
	var list templ.OrderedAttributes
	set := func(key, value string) {
		if value != "" {
			list = append(list, templ.KeyValue[string, any]{Key: key, Value: value})
		}
	}
	flag := func(key string, on bool) {
		if on {
			list = append(list, templ.KeyValue[string, any]{Key: key, Value: true})
		}
	}
	set("id", f.id(field))
	set("name", field.Name)
	flag("required", field.Required)
	flag("autofocus", field.Autofocus && len(f.Errors) == 0 && f.Problem == "")
	if f.error(field) != "" {
		set("aria-invalid", "true")
	}
	set("aria-describedby", f.describedBy(field))
	set("autocomplete", field.Autocomplete)
	set("inputmode", field.inputMode())
	set("list", field.List)
	if field.MaxLength > 0 {
		set("maxlength", strconv.Itoa(field.MaxLength))
	}
	if field.Kind == Date || field.Kind == DateTime {
		set("min", field.Min)
		set("max", field.Max)
	}
	if field.Kind == Number {
		set("data-min", field.Min)
		set("data-max", field.Max)
		set("data-low", field.Low)
		set("data-high", field.High)
	}
	if field.Code {
		set("class", "code")
		set("autocapitalize", "none")
		set("spellcheck", "false")
	}
	return list
}

// explanation ties a group of choices to its messages.
func (f Form) explanation(field Field) templ.Attributes {
	attributes := templ.Attributes{}
	if ids := f.describedBy(field); ids != "" {
		attributes["aria-describedby"] = ids
	}
	return attributes
}

func (f Field) choiceType() string {
	if f.Kind == Checks {
		return "checkbox"
	}
	return "radio"
}
