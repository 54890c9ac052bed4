package notes

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"hce.co/functions/notes/api"
)

// sign is one of the vital signs: what it is called, its code and unit (LOINC,
// UCUM), and the limits beyond which a value is a mistake.
type sign struct {
	name     string
	loinc    string
	unit     string
	min, max float64
	whole    bool // counted, not measured
	value    func(*api.VitalSigns) **float64
}

var signs = []sign{
	{"pas", "8480-6", "mm[Hg]", 30, 300, true, func(v *api.VitalSigns) **float64 { return &v.PAS }},
	{"pad", "8462-4", "mm[Hg]", 10, 200, true, func(v *api.VitalSigns) **float64 { return &v.PAD }},
	{"fc", "8867-4", "/min", 10, 300, true, func(v *api.VitalSigns) **float64 { return &v.FC }},
	{"fr", "9279-1", "/min", 3, 120, true, func(v *api.VitalSigns) **float64 { return &v.FR }},
	{"temp", "8310-5", "Cel", 25, 45, false, func(v *api.VitalSigns) **float64 { return &v.Temp }},
	{"spo2", "59408-5", "%", 20, 100, false, func(v *api.VitalSigns) **float64 { return &v.SpO2 }},
	{"peso", "29463-7", "kg", 0.3, 500, false, func(v *api.VitalSigns) **float64 { return &v.Peso }},
	{"talla", "8302-2", "cm", 20, 260, false, func(v *api.VitalSigns) **float64 { return &v.Talla }},
	{"imc", "39156-5", "kg/m2", 3, 150, false, func(v *api.VitalSigns) **float64 { return &v.IMC }},
	{"glasgow", "9269-2", "{score}", 3, 15, true, func(v *api.VitalSigns) **float64 { return &v.Glasgow }},
	{"dolor", "72514-3", "{score}", 0, 10, true, func(v *api.VitalSigns) **float64 { return &v.Dolor }},
	{"glucometria", "2339-0", "mg/dL", 5, 1500, false, func(v *api.VitalSigns) **float64 { return &v.Glucometria }},
}

// normaliseVitals writes the instant as the database keeps it, values with at
// most two decimals, and computes the body mass index.
func normaliseVitals(v *api.VitalSigns, now time.Time) {
	v.TomadoPor = line(v.TomadoPor)
	if v.TomadoEn != nil {
		at := instant(*v.TomadoEn, now)
		v.TomadoEn = &at
	}
	v.IMC = nil
	for _, s := range signs {
		if p := s.value(v); *p != nil {
			rounded := round(**p)
			*p = &rounded
		}
	}
	if v.Peso != nil && v.Talla != nil && *v.Talla > 0 {
		metres := *v.Talla / 100
		imc := round(*v.Peso / (metres * metres))
		v.IMC = &imc
	}
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

// checkVitals reports values that no living person has.
func checkVitals(v *api.VitalSigns, f fields, now time.Time) {
	for _, s := range signs {
		p := *s.value(v)
		switch name := "signos_vitales." + s.name; {
		case p == nil:
		case *p < s.min || *p > s.max:
			if s.name == "imc" {
				f.Add("signos_vitales.talla", "Revise el peso y la talla: dan un índice de masa corporal imposible.")
				continue
			}
			f.Add(name, fmt.Sprintf("Escriba un valor entre %s y %s.", decimal(s.min), decimal(s.max)))
		case s.whole && *p != math.Trunc(*p):
			f.Add(name, "Escriba un número entero.")
		}
	}
	switch {
	case v.PAD != nil && v.PAS == nil:
		f.Add("signos_vitales.pas", "Escriba también la presión sistólica.")
	case v.PAD != nil && *v.PAD > *v.PAS:
		f.Add("signos_vitales.pad", "La presión diastólica no puede ser mayor que la sistólica.")
	}
	f.past("signos_vitales.tomado_en", v.TomadoEn, now)
	f.text("signos_vitales.tomado_por", v.TomadoPor, maxLine)
}

func completeVitals(v *api.VitalSigns, at time.Time, by string) {
	if v.TomadoEn == nil {
		v.TomadoEn = &at
	}
	if v.TomadoPor == "" {
		v.TomadoPor = by
	}
}

// usual are the values between which a sign is nothing to remark, from an age
// in years on.
type usual struct {
	age      int
	min, max float64
}

// The ranges widen those of the Manual AIEPI and of PALS for children; above 12
// years they are an adult's. Bogotá lies at 2600 m: from 90 % of saturation on
// nothing is said.
var usualValues = map[string][]usual{
	"pas":         {{0, 60, 105}, {1, 75, 115}, {6, 85, 125}, {12, 90, 140}},
	"pad":         {{0, 30, 70}, {1, 40, 80}, {6, 50, 85}, {12, 60, 90}},
	"fc":          {{0, 90, 180}, {1, 80, 150}, {6, 65, 130}, {12, 50, 110}},
	"fr":          {{0, 25, 60}, {1, 20, 40}, {6, 16, 30}, {12, 10, 24}},
	"temp":        {{0, 35.5, 38}},
	"spo2":        {{0, 90, 100}},
	"peso":        {{0, 1.5, 15}, {1, 6, 40}, {6, 14, 90}, {12, 30, 180}},
	"talla":       {{0, 35, 90}, {1, 60, 130}, {6, 95, 180}, {12, 120, 215}},
	"imc":         {{12, 16, 40}},
	"glasgow":     {{0, 15, 15}},
	"dolor":       {{0, 0, 7}},
	"glucometria": {{0, 60, 200}},
}

// warnVitals remarks on values that are possible but unusual at an age in years.
func warnVitals(v *api.VitalSigns, age int, w *warnings) {
	for _, s := range signs {
		p := *s.value(v)
		if p == nil {
			continue
		}
		var u *usual
		for i, r := range usualValues[s.name] {
			if age >= r.age {
				u = &usualValues[s.name][i]
			}
		}
		if u == nil || *p >= u.min && *p <= u.max {
			continue
		}
		side, limit := "alto", u.max
		if *p < u.min {
			side, limit = "bajo", u.min
		}
		w.add("signos_vitales."+s.name, fmt.Sprintf("Valor %s: %s %s (usual %s %s).", side, decimal(*p), unitName(s.unit), bound(side), decimal(limit)))
	}
}

func bound(side string) string {
	if side == "alto" {
		return "hasta"
	}
	return "desde"
}

// decimal writes a number as people in Colombia do.
func decimal(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1)
}

// unitName writes a unit of UCUM as people do.
func unitName(ucum string) string {
	switch ucum {
	case "mm[Hg]":
		return "mmHg"
	case "Cel":
		return "°C"
	case "/min":
		return "por minuto"
	case "kg/m2":
		return "kg/m²"
	case "{score}":
		return "puntos"
	}
	return ucum
}

// measurement is a row of signo_vital.
type measurement struct {
	sign
	amount float64
}

// measurements lists what was measured.
func measurements(v *api.VitalSigns) []measurement {
	if v == nil {
		return nil
	}
	var all []measurement
	for _, s := range signs {
		if p := *s.value(v); p != nil {
			all = append(all, measurement{s, *p})
		}
	}
	return all
}
