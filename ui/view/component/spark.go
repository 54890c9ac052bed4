package component

import (
	"fmt"
	"strings"
)

// Spark is a small line chart of a series. The table beside it is what is read
// aloud, so the chart itself is hidden from assistive technology.
type Spark struct {
	Values    []float64 // oldest first
	Low, High float64   // the usual range, drawn as a band; equal for none
}

const sparkWidth, sparkHeight, sparkMargin = 160, 36, 4

func (s Spark) bounds() (low, high float64) {
	low, high = s.Values[0], s.Values[0]
	for _, v := range s.Values {
		low, high = min(low, v), max(high, v)
	}
	if s.High > s.Low {
		low, high = min(low, s.Low), max(high, s.High)
	}
	if high == low {
		high, low = high+1, low-1
	}
	return low, high
}

func (s Spark) y(v float64) float64 {
	low, high := s.bounds()
	return sparkMargin + (high-v)/(high-low)*(sparkHeight-2*sparkMargin)
}

func (s Spark) x(i int) float64 {
	if len(s.Values) == 1 {
		return sparkWidth / 2
	}
	return sparkMargin + float64(i)/float64(len(s.Values)-1)*(sparkWidth-2*sparkMargin)
}

func (s Spark) points() string {
	points := make([]string, len(s.Values))
	for i, v := range s.Values {
		points[i] = fmt.Sprintf("%.1f,%.1f", s.x(i), s.y(v))
	}
	return strings.Join(points, " ")
}

func (s Spark) last() (x, y string) {
	i := len(s.Values) - 1
	return fmt.Sprintf("%.1f", s.x(i)), fmt.Sprintf("%.1f", s.y(s.Values[i]))
}

func (s Spark) band() (y, height string) {
	top := s.y(s.High)
	return fmt.Sprintf("%.1f", top), fmt.Sprintf("%.1f", s.y(s.Low)-top)
}
