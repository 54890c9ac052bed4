package chart

import "time"

// Sign is a vital sign.
type Sign int

// The vital signs, in the order in which they are printed.
const (
	Systolic Sign = iota
	Diastolic
	HeartRate
	RespiratoryRate
	Temperature
	OxygenSaturation
	Weight
	Height
	BodyMassIndex
	Glasgow
	Pain
	Glucose
	signCount
)

// VitalSigns is one set of measurements (signo_vital).
type VitalSigns struct {
	TakenAt  time.Time
	TakenBy  string
	Measures []Measure
}

// Measure is the value of one sign, in the unit of the data model.
type Measure struct {
	Sign  Sign
	Value float64
	// Range is the reference interval to mark the value against; nil for the one of the patient's age.
	Range *Range
}

// Range is a closed reference interval.
type Range struct{ Low, High float64 }

// signInfo is what is printed of a sign beside its value.
type signInfo struct {
	name, unit, loinc string
	// decimals is how many are printed at most.
	decimals int
}

var signs = [signCount]signInfo{
	Systolic:         {"PAS", "mmHg", "8480-6", 2},
	Diastolic:        {"PAD", "mmHg", "8462-4", 2},
	HeartRate:        {"FC", "/min", "8867-4", 2},
	RespiratoryRate:  {"FR", "/min", "9279-1", 2},
	Temperature:      {"Temp.", "°C", "8310-5", 2},
	OxygenSaturation: {"SpO₂", "%", "59408-5", 2},
	Weight:           {"Peso", "kg", "29463-7", 3},
	Height:           {"Talla", "cm", "8302-2", 2},
	BodyMassIndex:    {"IMC", "kg/m²", "39156-5", 1},
	Glasgow:          {"Glasgow", "/15", "9269-2", 2},
	Pain:             {"Dolor", "/10", "72514-3", 2},
	Glucose:          {"Glucom.", "mg/dL", "2339-0", 2},
}

// ageBand is the reference intervals up to an age.
type ageBand struct {
	belowMonths                                     int
	systolic, diastolic, heartRate, respiratoryRate Range
}

// ageBands are the intervals that change with age: of children those of Pediatric Advanced Life Support (American Heart
// Association, 2020), of adults the usual ones, hypertension beginning at 140/90 mmHg.
var ageBands = []ageBand{
	{1, Range{67, 84}, Range{35, 53}, Range{100, 205}, Range{30, 60}},
	{12, Range{72, 104}, Range{37, 56}, Range{100, 180}, Range{30, 53}},
	{3 * 12, Range{86, 106}, Range{42, 63}, Range{98, 140}, Range{22, 37}},
	{6 * 12, Range{89, 112}, Range{46, 72}, Range{80, 120}, Range{20, 28}},
	{10 * 12, Range{97, 115}, Range{57, 76}, Range{75, 118}, Range{18, 25}},
	{12 * 12, Range{102, 120}, Range{61, 80}, Range{75, 118}, Range{18, 25}},
	{18 * 12, Range{110, 131}, Range{64, 83}, Range{60, 100}, Range{12, 20}},
	{200 * 12, Range{90, 139}, Range{60, 89}, Range{60, 100}, Range{12, 20}},
}

const adultMonths = 18 * 12

// reference is the interval of sign at an age in months, -1 for an unknown age; false when the sign has none.
func reference(sign Sign, months int) (Range, bool) {
	switch sign {
	case Temperature:
		return Range{36, 37.9}, true
	case OxygenSaturation:
		return Range{90, 100}, true // at the altitude of Bogotá
	case Glasgow:
		return Range{15, 15}, true
	case Pain:
		return Range{0, 3}, true
	case Glucose:
		return Range{70, 140}, true
	case BodyMassIndex:
		return Range{18.5, 24.9}, months >= adultMonths
	case Weight, Height:
		return Range{}, false
	}
	for _, band := range ageBands {
		if months < 0 || months >= band.belowMonths {
			continue
		}
		switch sign {
		case Systolic:
			return band.systolic, true
		case Diastolic:
			return band.diastolic, true
		case HeartRate:
			return band.heartRate, true
		case RespiratoryRate:
			return band.respiratoryRate, true
		}
	}
	return Range{}, false
}
