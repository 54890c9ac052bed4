package component

import "strconv"

// Kind is the control that a field is typed with.
type Kind int

// The controls.
const (
	Text Kind = iota
	Password
	Email
	Tel
	Date
	DateTime
	Time
	Number
	Area
	Select
	Radio
	Checks
	Check
	Hidden
)

// Field is a field of a form. Name is that of the JSON field; a field of an
// inner object is written "contacto_emergencia.nombre".
type Field struct {
	Name, Label, Hint string
	Title             string // in the error summary, where Label needs its fieldset
	Kind              Kind
	Required          bool
	Options           []Option // of Select, Radio, Checks
	Blank             string   // what a Select says while nothing is chosen
	Default           string
	Autocomplete      string
	InputMode         string
	MaxLength         int
	Rows              int    // of Area
	Min, Max, Step    string // of Number, Date, DateTime: outside is an error
	Low, High         string // of Number: outside is a warning
	Unit              string
	List              string // id of a Suggestions
	Width             Width
	Autofocus         bool
	Anchor            string // id of the element to go to, where the field has none of its own
	Nth               int    // which value of a name that repeats, from 0
	Code              bool   // monospaced, without spelling or capitals
}

// Width is how much of the form's row a field takes.
type Width string

// The widths.
const (
	Normal Width = ""
	Narrow Width = "narrow"
	Wide   Width = "wide"
)

// Soft says whether the browser can warn about the value.
func (f Field) Soft() bool { return f.Kind == Number && f.Max != "" }

// Called is the field's name where it stands without its fieldset.
func (f Field) Called() string {
	if f.Title != "" {
		return f.Title
	}
	return f.Label
}

func (f Field) blank() string {
	if f.Blank != "" {
		return f.Blank
	}
	return "Elija…"
}

func (f Field) inputType() string {
	switch f.Kind {
	case Password:
		return "password"
	case Email:
		return "email"
	case Tel:
		return "tel"
	case Date:
		return "date"
	case DateTime:
		return "datetime-local"
	case Time:
		return "time"
	case Hidden:
		return "hidden"
	}
	return "text"
}

// inputMode of a number is decimal: a type=number field loses what it cannot
// parse, and a decimal comma is what is typed in Colombia.
func (f Field) inputMode() string {
	if f.InputMode == "" && f.Kind == Number {
		return "decimal"
	}
	return f.InputMode
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "3"
	}
	return strconv.Itoa(f.Rows)
}

// Group is a fieldset of a form.
type Group struct {
	Legend string
	Hint   string
	Fields []Field
	Folded bool // shown closed while nothing in it is filled
}
