package notes

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"hce.co/functions/notes/api"
	"hce.co/shared/vital"
)

// normaliseVitals writes the instant as the database keeps it, values with at
// most two decimals, and computes the body mass index.
func normaliseVitals(v *api.VitalSigns, now time.Time) {
	v.TomadoPor = line(v.TomadoPor)
	if v.TomadoEn != nil {
		at := instant(*v.TomadoEn, now)
		v.TomadoEn = &at
	}
	v.IMC = nil
	for s := range vital.Count {
		if p := v.Value(s); *p != nil {
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
	for s := range vital.Count {
		p, info := *v.Value(s), s.Info()
		switch name := "signos_vitales." + info.Name; {
		case p == nil:
		case info.Possible.Side(*p) != vital.Within && s == vital.BodyMassIndex:
			f.Add("signos_vitales.talla", "Revise el peso y la talla: dan un índice de masa corporal imposible.")
		case info.Possible.Side(*p) != vital.Within:
			f.Add(name, fmt.Sprintf("Escriba un valor entre %s y %s.", decimal(info.Possible.Low), decimal(info.Possible.High)))
		case info.Decimals == 0 && *p != math.Trunc(*p):
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

// warnVitals remarks on values that are possible but unlikely at an age in years.
func warnVitals(v *api.VitalSigns, age int, w *warnings) {
	for s := range vital.Count {
		p := *v.Value(s)
		if p == nil {
			continue
		}
		usual, known := s.Likely(age)
		if !known {
			continue
		}
		info, limit := s.Info(), ""
		side := usual.Side(*p)
		switch side {
		case vital.Within:
			continue
		case vital.Below:
			limit = "desde " + decimal(usual.Low)
		case vital.Above:
			limit = "hasta " + decimal(usual.High)
		}
		w.add("signos_vitales."+info.Name, fmt.Sprintf("Valor %s: %s %s (usual %s).", side.Word(), decimal(*p), vital.UnitLabel(info.Unit), limit))
	}
}

// decimal writes a number as people in Colombia do.
func decimal(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1)
}

// measurement is a row of signo_vital.
type measurement struct {
	vital.Info
	amount float64
}

// measurements lists what was measured.
func measurements(v *api.VitalSigns) []measurement {
	if v == nil {
		return nil
	}
	var all []measurement
	for s := range vital.Count {
		if p := *v.Value(s); p != nil {
			all = append(all, measurement{s.Info(), *p})
		}
	}
	return all
}
