// Package vital says what the vital signs are, and which values of them are
// impossible, unlikely, or outside their reference interval.
package vital

import "math"

// Sign is a vital sign.
type Sign int

// The vital signs, in the order in which they are taken and printed.
const (
	Systolic Sign = iota
	Diastolic
	HeartRate
	RespiratoryRate
	Temperature
	OxygenSaturation
	Weight
	Height
	BodyMassIndex // computed, never typed
	Glasgow
	Pain
	Glucose

	Count // of them: a range over it goes through them all
)

// Info is how a vital sign is called and measured.
type Info struct {
	Name  string // of the JSON field, and in signo_vital
	Label string
	Short string // for tables and charts
	LOINC string
	Unit  string // UCUM, see [UnitLabel]

	Possible Range // what lies outside is a typing error
	Decimals int   // that are shown at most; what has none is counted, not measured
}

var infos = [Count]Info{
	Systolic:         {"pas", "Presión sistólica", "PAS", "8480-6", "mm[Hg]", Range{30, 300}, 0},
	Diastolic:        {"pad", "Presión diastólica", "PAD", "8462-4", "mm[Hg]", Range{10, 200}, 0},
	HeartRate:        {"fc", "Frecuencia cardíaca", "FC", "8867-4", "/min", Range{10, 300}, 0},
	RespiratoryRate:  {"fr", "Frecuencia respiratoria", "FR", "9279-1", "/min", Range{3, 120}, 0},
	Temperature:      {"temp", "Temperatura", "Temp.", "8310-5", "Cel", Range{25, 45}, 2},
	OxygenSaturation: {"spo2", "Saturación de oxígeno", "SpO₂", "59408-5", "%", Range{20, 100}, 2},
	Weight:           {"peso", "Peso", "Peso", "29463-7", "kg", Range{0.3, 500}, 3},
	Height:           {"talla", "Talla", "Talla", "8302-2", "cm", Range{20, 260}, 2},
	BodyMassIndex:    {"imc", "Índice de masa corporal", "IMC", "39156-5", "kg/m2", Range{3, 150}, 1},
	Glasgow:          {"glasgow", "Glasgow", "Glasgow", "9269-2", "{score}", Range{3, 15}, 0},
	Pain:             {"dolor", "Dolor (0–10)", "Dolor", "72514-3", "{score}", Range{0, 10}, 0},
	Glucose:          {"glucometria", "Glucometría", "Glucom.", "2339-0", "mg/dL", Range{5, 1500}, 2},
}

// Info is how the sign is called and measured.
func (s Sign) Info() Info { return infos[s] }

// Round keeps as many decimals of a value as are shown.
func (i Info) Round(x float64) float64 {
	scale := math.Pow10(i.Decimals)
	return math.Round(x*scale) / scale
}

// Named finds a sign by the name of its field.
func Named(name string) (s Sign, ok bool) {
	return find(func(i Info) bool { return i.Name == name })
}

// Coded finds a sign by its LOINC code.
func Coded(loinc string) (s Sign, ok bool) {
	return find(func(i Info) bool { return i.LOINC == loinc })
}

func find(is func(Info) bool) (s Sign, ok bool) {
	for s := range Count {
		if is(infos[s]) {
			return s, true
		}
	}
	return 0, false
}

// UnitLabel is how a UCUM unit of a vital sign is written for people.
func UnitLabel(ucum string) string {
	switch ucum {
	case "mm[Hg]":
		return "mmHg"
	case "Cel":
		return "°C"
	case "{score}":
		return "puntos"
	case "kg/m2":
		return "kg/m²"
	}
	return ucum
}
