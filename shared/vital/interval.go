package vital

// Range is a closed interval, in the unit of the sign.
type Range struct{ Low, High float64 }

// Side is where a value lies.
type Side int

// The sides of an interval.
const (
	Below  Side = -1
	Within Side = 0
	Above  Side = 1
)

// Side tells where a value lies.
func (r Range) Side(x float64) Side {
	switch {
	case x < r.Low:
		return Below
	case x > r.High:
		return Above
	}
	return Within
}

// Mark is what stands beside a value that lies outside.
func (s Side) Mark() string {
	switch s {
	case Below:
		return "▼"
	case Above:
		return "▲"
	}
	return ""
}

// Word says what the mark shows.
func (s Side) Word() string {
	switch s {
	case Below:
		return "bajo"
	case Above:
		return "alto"
	}
	return ""
}

// ageBand is the reference intervals up to an age.
type ageBand struct {
	belowMonths                                     int
	systolic, diastolic, heartRate, respiratoryRate Range
}

// ageBands are the intervals that change with age: of children those of Pediatric
// Advanced Life Support (American Heart Association, 2020), of adults the usual
// ones, hypertension beginning at 140/90 mmHg.
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

// Reference is the interval that a chart marks values against, at an age in
// completed months, -1 for an unknown one; ok is false when there is none for it.
func (s Sign) Reference(months int) (r Range, ok bool) {
	switch s {
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
		return r, false
	}
	for _, band := range ageBands {
		if months < 0 || months >= band.belowMonths {
			continue
		}
		switch s {
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
	return r, false
}

// since is an interval that holds from an age in years on.
type since struct {
	years int
	Range
}

// likely are the values that nobody need be asked about. They are wider than the
// intervals of a chart, those of the Manual AIEPI for children: who is ill has
// unusual values, and a form that remarks on all of them is read by nobody.
var likely = map[Sign][]since{
	Systolic:         {{0, Range{60, 105}}, {1, Range{75, 115}}, {6, Range{85, 125}}, {12, Range{90, 140}}},
	Diastolic:        {{0, Range{30, 70}}, {1, Range{40, 80}}, {6, Range{50, 85}}, {12, Range{60, 90}}},
	HeartRate:        {{0, Range{90, 180}}, {1, Range{80, 150}}, {6, Range{65, 130}}, {12, Range{50, 110}}},
	RespiratoryRate:  {{0, Range{25, 60}}, {1, Range{20, 40}}, {6, Range{16, 30}}, {12, Range{10, 24}}},
	Temperature:      {{0, Range{35.5, 38}}},
	OxygenSaturation: {{0, Range{90, 100}}}, // Bogotá lies at 2600 m
	Weight:           {{0, Range{1.5, 15}}, {1, Range{6, 40}}, {6, Range{14, 90}}, {12, Range{30, 180}}},
	Height:           {{0, Range{35, 90}}, {1, Range{60, 130}}, {6, Range{95, 180}}, {12, Range{120, 215}}},
	BodyMassIndex:    {{12, Range{16, 40}}},
	Glasgow:          {{0, Range{15, 15}}},
	Pain:             {{0, Range{0, 7}}},
	Glucose:          {{0, Range{60, 200}}},
}

// Likely is the interval outside of which whoever types a value is asked to look
// again, at an age in completed years; ok is false when there is none.
func (s Sign) Likely(years int) (r Range, ok bool) {
	for _, at := range likely[s] {
		if years >= at.years {
			r, ok = at.Range, true
		}
	}
	return r, ok
}
