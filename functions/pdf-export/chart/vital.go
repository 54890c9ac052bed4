package chart

import (
	"time"

	"hce.co/shared/vital"
)

// VitalSigns is one set of measurements (signo_vital).
type VitalSigns struct {
	TakenAt  time.Time
	TakenBy  string
	Measures []Measure
}

// Measure is the value of one sign, in the unit of the data model.
type Measure struct {
	Sign  vital.Sign
	Value float64
	// Range is the reference interval to mark the value against; nil for the one of the patient's age.
	Range *vital.Range
}
