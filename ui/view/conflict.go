package view

import (
	"net/url"
	"slices"
	"strings"
	"time"

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
				changes = append(changes, Change{Label: field.Called(), Theirs: a, Mine: b})
			}
		}
	}
	return changes
}

// OriginalField carries what a form was filled with, encoded as an address
// encodes a query.
const OriginalField = "original"

// Reconcile puts together what two people made of the same original: where only
// one of them changed a field, theirs counts. What both changed is left as it is
// in mine, and listed. Without an original all that differs is.
func Reconcile(original, theirs, mine url.Values) (merged url.Values, conflicts []Change) {
	merged = url.Values{}
	seen := map[string]bool{}
	for _, g := range patientGroups(StandardPatientCodes()) {
		for _, field := range g.Fields {
			if seen[field.Name] {
				continue // all values of a name are compared at once
			}
			seen[field.Name] = true
			was, a, b := shown(field, original[field.Name]), shown(field, theirs[field.Name]), shown(field, mine[field.Name])
			merged[field.Name] = mine[field.Name]
			switch {
			case a == b:
			case original != nil && b == was:
				merged[field.Name] = theirs[field.Name]
			case original == nil || a != was:
				conflicts = append(conflicts, Change{Label: field.Called(), Theirs: a, Mine: b})
			}
		}
	}
	return merged, conflicts
}

// shown is what was chosen or typed, as people read it.
func shown(field component.Field, values []string) string {
	var words []string
	for _, v := range values {
		if v = strings.Join(strings.Fields(v), " "); v == "" {
			continue
		}
		switch field.Kind {
		case component.Check:
			v = "Sí"
		case component.Date:
			v = component.FormatDate(v)
		case component.DateTime:
			if t, err := time.ParseInLocation("2006-01-02T15:04", v, component.Bogota); err == nil {
				v = component.FormatTime(t)
			}
		}
		if i := slices.IndexFunc(field.Options, func(o component.Option) bool { return o.Value == v }); i >= 0 {
			v = field.Options[i].Label
		}
		words = append(words, v)
	}
	return strings.Join(words, ", ")
}
