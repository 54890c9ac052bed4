package catalog

// Vital is a vital sign: how it is called, measured and judged. Outside
// [Min, Max] it is refused as a typing error; outside [Low, High], which are an
// adult's at rest, it is remarked on.
type Vital struct {
	Name  string // of the JSON field
	Label string
	Short string // for tables and charts
	Unit  string // UCUM
	LOINC string

	Min, Max, Low, High float64
}

// Vitals are the vital signs of a note, in the order in which they are taken.
// The body mass index is computed, never typed.
var Vitals = []Vital{
	{"pas", "Presión sistólica", "PAS", "mm[Hg]", "8480-6", 30, 300, 90, 140},
	{"pad", "Presión diastólica", "PAD", "mm[Hg]", "8462-4", 10, 200, 60, 90},
	{"fc", "Frecuencia cardíaca", "FC", "/min", "8867-4", 10, 300, 50, 110},
	{"fr", "Frecuencia respiratoria", "FR", "/min", "9279-1", 3, 120, 10, 24},
	{"temp", "Temperatura", "Temp.", "Cel", "8310-5", 25, 45, 35.5, 38},
	{"spo2", "Saturación de oxígeno", "SpO₂", "%", "59408-5", 20, 100, 90, 100},
	{"peso", "Peso", "Peso", "kg", "29463-7", 0.3, 500, 30, 180},
	{"talla", "Talla", "Talla", "cm", "8302-2", 20, 260, 120, 215},
	{"glasgow", "Glasgow", "Glasgow", "{score}", "9269-2", 3, 15, 15, 15},
	{"dolor", "Dolor (0–10)", "Dolor", "{score}", "72514-3", 0, 10, 0, 7},
	{"glucometria", "Glucometría", "Gluc.", "mg/dL", "2339-0", 5, 1500, 60, 200},
}

// children are the usual values below 12 years, by the age in years from which
// they hold (Manual AIEPI and PALS, widened, as the chart judges them).
var children = map[string][]struct{ age, low, high float64 }{
	"pas":   {{0, 60, 105}, {1, 75, 115}, {6, 85, 125}},
	"pad":   {{0, 30, 70}, {1, 40, 80}, {6, 50, 85}},
	"fc":    {{0, 90, 180}, {1, 80, 150}, {6, 65, 130}},
	"fr":    {{0, 25, 60}, {1, 20, 40}, {6, 16, 30}},
	"peso":  {{0, 1.5, 15}, {1, 6, 40}, {6, 14, 90}},
	"talla": {{0, 35, 90}, {1, 60, 130}, {6, 95, 180}},
}

// At is the vital sign with the usual values of an age in whole years.
func (v Vital) At(years int) Vital {
	if years >= 12 {
		return v
	}
	for _, r := range children[v.Name] {
		if float64(years) >= r.age {
			v.Low, v.High = r.low, r.high
		}
	}
	return v
}

// UnitLabel is how a UCUM unit is written for people.
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
	case "/min":
		return "/min"
	}
	return ucum
}
