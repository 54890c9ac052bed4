package view

import (
	"net/url"
	"slices"
	"strings"

	"hce.co/ui/view/component"
)

// ChangesBetween lists what differs between the data that are stored and those
// that somebody typed, in the words of the form.
func ChangesBetween(theirs, mine url.Values) []Change {
	return slices.DeleteFunc(SideBySide(theirs, mine), func(c Change) bool { return c.Theirs == c.Mine })
}

// SideBySide lists what one or the other says, in the words of the form.
func SideBySide(theirs, mine url.Values) []Change {
	var changes []Change
	for _, g := range patientGroups(StandardPatientCodes()) {
		for _, field := range g.Fields {
			if field.Nth > 0 {
				continue // all values of a name are compared at once
			}
			a, b := shown(field, theirs[field.Name]), shown(field, mine[field.Name])
			if a != "" || b != "" {
				label := field.Label
				if field.Title != "" {
					label = field.Title
				}
				changes = append(changes, Change{Label: label, Theirs: a, Mine: b})
			}
		}
	}
	return changes
}

// shown is what was chosen or typed, as people read it.
func shown(field component.Field, values []string) string {
	var words []string
	for _, v := range values {
		if v = strings.Join(strings.Fields(v), " "); v == "" {
			continue
		}
		if field.Kind == component.Check {
			v = "Sí"
		} else if i := slices.IndexFunc(field.Options, func(o component.Option) bool { return o.Value == v }); i >= 0 {
			v = field.Options[i].Label
		}
		words = append(words, v)
	}
	return strings.Join(words, ", ")
}
