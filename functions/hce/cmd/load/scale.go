package main

import "math"

// scale is an axis: where a value is on it, and which values it names.
type scale struct {
	bottom, top float64
	log         bool
	ticks       []float64
}

// newScale returns an axis from bottom to highest or a little more. The values of
// a whole one are counts, of which there are no halves.
func newScale(bottom, highest float64, log, whole bool) scale {
	s := scale{bottom: bottom, log: log}
	if log {
		s.top = math.Pow(10, math.Ceil(math.Log10(math.Max(highest, bottom*10))))
		for v := bottom; v <= s.top*1.001; v *= 10 {
			s.ticks = append(s.ticks, v)
		}
		return s
	}
	every := niceStep((highest - bottom) / 4)
	if whole {
		every = math.Max(every, 1)
	}
	s.top = bottom + every*math.Max(1, math.Ceil((highest-bottom)/every))
	for v := bottom; v <= s.top+every/2; v += every {
		s.ticks = append(s.ticks, v)
	}
	return s
}

// at is where a value is, from 0 at the bottom to 1 at the top.
func (s scale) at(v float64) float64 {
	if s.log {
		return math.Log10(math.Max(v, s.bottom)/s.bottom) / math.Log10(s.top/s.bottom)
	}
	return (v - s.bottom) / (s.top - s.bottom)
}

// niceStep is the least of 1, 2 and 5 times a power of ten that is not under v.
func niceStep(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= v {
			return n * power
		}
	}
	return 10 * power
}
