package view

import (
	"strings"
	"time"

	"hce.co/ui/view/component"
)

// MergeFind asks which two records are of one person; it posts to link.Merge.
type MergeFind struct {
	Page
	ID, Name string         // of the record that the user came from; empty: the form asks for it too
	Form     component.Form // historia, duplicado
}

// MergeSide is one of two records that may be of one person.
type MergeSide struct {
	ID, Name  string
	Version   string // ETag
	Notes     int
	Stays     int
	Open      bool // there is an open admission
	Opened    time.Time
	MergedIn  []string // documento_id of those merged into it
	BirthDate string   // 2006-01-02
}

// MergeCompare shows two records side by side, and asks which one goes on; it
// posts to link.Merges.
type MergeCompare struct {
	Page
	Form       component.Form // conserva, motivo, confirmo
	One, Other MergeSide
	Rows       []Change // what each of them says
	Grave      []string // what differs that one person does not have twice
	StepUp     bool     // it takes a code of the second factor too, in [CodeField]
}

// MergeItem is a merge in a list.
type MergeItem struct {
	Duplicate string // documento_id
	When      time.Time
	By, Why   string

	Undone              time.Time
	UndoneBy, UndoneWhy string
}

// MergeList lists what was merged into a record; each can be undone at
// link.Unmerge.
type MergeList struct {
	Chart
	Items  []MergeItem
	Form   component.Form // motivo, of the one in Undo
	Undo   string         // documento_id of the one whose form came back with errors
	StepUp bool
}

const mergeHint = "Tipo y número, como CC-1032456789. Sirve cualquier documento de la persona."

func (m MergeFind) groups() []component.Group {
	other := component.Field{
		Name: "duplicado", Label: "Documento de la otra historia", Hint: mergeHint, Required: true, Code: true, MaxLength: 40, Autocomplete: "off", Width: component.Wide,
	}
	first := component.Field{Name: "historia", Kind: component.Hidden, Default: m.ID}
	if m.ID == "" {
		first = component.Field{
			Name: "historia", Label: "Documento de una historia", Hint: mergeHint, Required: true, Code: true, MaxLength: 40, Autocomplete: "off", Width: component.Wide,
		}
	}
	return one(first, other)
}

func (m MergeCompare) groups() []component.Group {
	keep := component.Field{Name: "conserva", Label: "¿Qué historia se conserva?", Kind: component.Radio, Required: true, Width: component.Wide}
	for _, s := range []MergeSide{m.One, m.Other} {
		keep.Options = append(keep.Options, component.Option{Value: s.ID, Label: s.ID + ": " + s.content()})
	}
	return signing(m.StepUp, keep,
		component.Field{
			Name: "motivo", Label: "Motivo", Kind: component.Area, Required: true, MaxLength: 500, Width: component.Wide,
			Hint: "De 10 a 500 caracteres. Lo leen los pacientes: no escriba datos de otra persona.",
		},
		component.Field{Name: "confirmo", Label: "Comprobé con los documentos que las dos historias son de la misma persona", Kind: component.Check, Required: true, Width: component.Wide},
	)
}

func undoGroups(stepUp bool) []component.Group {
	return signing(stepUp, component.Field{
		Name: "motivo", Label: "Por qué se deshace", Kind: component.Area, Required: true, MaxLength: 500, Width: component.Wide, Hint: "De 10 a 500 caracteres. Lo leen los pacientes.",
	})
}

// content says in short what a record holds.
func (s MergeSide) content() string {
	parts := []string{plural(s.Notes, "nota", "notas"), plural(s.Stays, "admisión", "admisiones")}
	if s.Open {
		parts = append(parts, "con una admisión abierta")
	}
	return strings.Join(parts, ", ")
}

func (m MergeCompare) differences() int {
	n := 0
	for _, r := range m.Rows {
		if r.Theirs != r.Mine {
			n++
		}
	}
	return n
}

func (m MergeCompare) grave() string { return strings.Join(m.Grave, ", ") }

// summary says how much differs.
func (m MergeCompare) summary() string {
	if n := m.differences(); n > 0 {
		return "Difieren en " + plural(n, "dato", "datos") + ", marcados abajo."
	}
	return "Dicen lo mismo."
}

func (m MergeCompare) rows() []Change {
	return append([]Change{
		{Label: "Contenido", Theirs: m.One.content(), Mine: m.Other.content()},
		{Label: "Abierta el", Theirs: component.FormatTime(m.One.Opened), Mine: component.FormatTime(m.Other.Opened)},
		{Label: "Historias ya unidas a ella", Theirs: strings.Join(m.One.MergedIn, ", "), Mine: strings.Join(m.Other.MergedIn, ", ")},
	}, m.Rows...)
}

// marks reports whether a row is one of the record's data that differ.
func (m MergeCompare) marks(i int) bool { return i >= 3 && m.rows()[i].Theirs != m.rows()[i].Mine }

func (i MergeItem) undone() bool { return !i.Undone.IsZero() }

func (m MergeList) form(i MergeItem) component.Form {
	f := component.Form{}
	if i.Duplicate == m.Undo {
		f = m.Form
	}
	f.Prefix = i.Duplicate + "-"
	return f
}
