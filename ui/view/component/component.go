// Package component holds the pieces that the screens are made of.
package component

import (
	"strconv"

	"github.com/a-h/templ"
)

// Option is a choice of a form field.
type Option struct{ Value, Label string }

// Tone says how a notice, a badge or a chip weighs.
type Tone string

// The tones, from none to the one that must not be missed.
const (
	Plain   Tone = ""
	Good    Tone = "good"
	Info    Tone = "info"
	Caution Tone = "caution"
	Danger  Tone = "danger"
)

// Notice is a message to the person at the screen.
type Notice struct {
	Tone  Tone
	Title string
	Text  string
}

// Badge is a word in a coloured box: a state, a level, a count.
type Badge struct {
	Tone Tone
	Text string
}

// Link is where to go and how it is called.
type Link struct {
	Href, Text string
	Current    bool
	Count      int // shown beside Text when not zero
}

// Term is a name and its value in a list of facts; a Term without a value is
// not shown.
type Term struct {
	Name  string
	Value string
	Tone  Tone
}

// Pager is the keyset pagination of a list.
type Pager struct {
	Next  string // where the next page is; empty on the last one
	First string // where the first page is; empty on it
}

func (n Notice) role() string {
	if n.Tone == Danger {
		return "alert"
	}
	return "status"
}

func (l Link) current() templ.Attributes {
	if l.Current {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func (l Link) count() string { return strconv.Itoa(l.Count) }
