package ui

import (
	"maps"
	"net/url"
	"slices"

	patient "hce.co/functions/patient/api"
	"hce.co/ui/catalog"
)

// named are the fields of a patient that people write by name and the record
// keeps by code.
var named = map[string]catalog.Table{
	"pais": catalog.Countries, "nacionalidades": catalog.Countries, "municipio": catalog.Municipalities,
}

// typedDemographics reads the form of a patient's data.
func typedDemographics(v url.Values) (patient.Demographics, error) {
	var d patient.Demographics
	coded := maps.Clone(v)
	for field, table := range named {
		coded[field] = translated(coded[field], func(s string) string {
			if code, ok := table.Find(s); ok {
				return code
			}
			return s // the function says what is wrong with it
		})
	}
	if err := bind(coded, &d); err != nil {
		return d, err
	}
	if code, ok := catalog.Payers.Find(d.EntidadPertenece); ok && d.EntidadCodigo == "" {
		d.EntidadCodigo = code
	}
	return d, nil
}

// demographicsForm writes a patient's data into the fields of the form. A field
// that the record leaves empty stays empty, whatever a blank form would suggest.
func demographicsForm(d patient.Demographics) (url.Values, error) {
	v, err := fill(d)
	if err != nil {
		return nil, err
	}
	for field, table := range named {
		v[field] = translated(v[field], table.Label)
		if len(v[field]) == 0 {
			v[field] = []string{""}
		}
	}
	return v, nil
}

func translated(values []string, by func(string) string) []string {
	values = slices.Clone(values)
	for i, s := range values {
		values[i] = by(s)
	}
	return values
}
