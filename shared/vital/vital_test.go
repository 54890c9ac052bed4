package vital_test

import (
	"testing"

	"hce.co/shared/vital"
)

// Every sign is found by its name and its code, and what it says of an age lies
// in what is possible.
func TestSigns(t *testing.T) {
	for s := range vital.Count {
		info := s.Info()
		if named, ok := vital.Named(info.Name); !ok || named != s {
			t.Errorf("%q names %d, %v", info.Name, named, ok)
		}
		if coded, ok := vital.Coded(info.LOINC); !ok || coded != s {
			t.Errorf("%q codes %d, %v", info.LOINC, coded, ok)
		}
		if info.Label == "" || info.Short == "" || info.Unit == "" {
			t.Errorf("%+v lacks something", info)
		}
		for months := -1; months < 110*12; months++ {
			for what, of := range map[string]func() (vital.Range, bool){
				"reference": func() (vital.Range, bool) { return s.Reference(months) },
				"likely":    func() (vital.Range, bool) { return s.Likely(months / 12) },
			} {
				r, known := of()
				if known && (r.Low > r.High || info.Possible.Side(r.Low) != vital.Within || info.Possible.Side(r.High) != vital.Within) {
					t.Errorf("%s at %d months: %s %v, possible %v", info.Name, months, what, r, info.Possible)
				}
			}
		}
	}
	if _, ok := vital.Named("otro"); ok {
		t.Error("there is a sign that nobody knows")
	}
}

// A child's values are not an adult's, and nobody knows what is usual at an unknown
func TestReference(t *testing.T) {
	for _, tt := range []struct {
		sign   vital.Sign
		months int
		want   vital.Range
		known  bool
	}{
		{vital.HeartRate, 0, vital.Range{Low: 100, High: 205}, true},
		{vital.HeartRate, 5 * 12, vital.Range{Low: 80, High: 120}, true},
		{vital.HeartRate, 18*12 - 1, vital.Range{Low: 60, High: 100}, true},
		{vital.Systolic, 18 * 12, vital.Range{Low: 90, High: 139}, true},
		{vital.Systolic, -1, vital.Range{}, false},
		{vital.BodyMassIndex, 10 * 12, vital.Range{Low: 18.5, High: 24.9}, false},
		{vital.Weight, 40 * 12, vital.Range{}, false},
	} {
		if got, known := tt.sign.Reference(tt.months); known != tt.known || known && got != tt.want {
			t.Errorf("%s at %d months: %v, %v", tt.sign.Info().Name, tt.months, got, known)
		}
	}
}

// Whoever types a value is asked about what is unlikely at the age, and about no
// other.
func TestLikely(t *testing.T) {
	for _, tt := range []struct {
		sign  vital.Sign
		years int
		value float64
		want  vital.Side
	}{
		{vital.HeartRate, 0, 130, vital.Within},
		{vital.HeartRate, 40, 130, vital.Above},
		{vital.RespiratoryRate, 0, 16, vital.Below},
		{vital.Weight, 7, 7, vital.Below},
		{vital.Temperature, 90, 38, vital.Within},
	} {
		r, known := tt.sign.Likely(tt.years)
		if !known || r.Side(tt.value) != tt.want {
			t.Errorf("%s %v at %d: %v in %v", tt.sign.Info().Name, tt.value, tt.years, r.Side(tt.value), r)
		}
	}
	if r, known := vital.BodyMassIndex.Likely(5); known {
		t.Errorf("a child's index: %v", r)
	}
}

func TestSide(t *testing.T) {
	r := vital.Range{Low: 60, High: 100}
	for value, want := range map[float64]string{59.9: "▼bajo", 60: "", 100: "", 100.1: "▲alto"} {
		if s := r.Side(value); s.Mark()+s.Word() != want {
			t.Errorf("%v: %s%s, want %q", value, s.Mark(), s.Word(), want)
		}
	}
}

func TestRound(t *testing.T) {
	for _, tt := range []struct {
		sign     vital.Sign
		in, want float64
	}{
		{vital.BodyMassIndex, 27.3994, 27.4}, {vital.Weight, 3.125, 3.125}, {vital.Glasgow, 15, 15},
	} {
		if got := tt.sign.Info().Round(tt.in); got != tt.want {
			t.Errorf("%s %v: %v, want %v", tt.sign.Info().Name, tt.in, got, tt.want)
		}
	}
}
