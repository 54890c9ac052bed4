package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScale(t *testing.T) {
	for _, tt := range []struct {
		name                 string
		bottom, highest      float64
		log, whole           bool
		top, value, position float64
		ticks                []float64
	}{
		{"counts", 0, 5, false, true, 6, 3, 0.5, []float64{0, 2, 4, 6}},
		{"nothing happened", 0, 0, false, true, 1, 0, 0, []float64{0, 1}},
		{"hundreds", 0, 730, false, true, 800, 400, 0.5, []float64{0, 200, 400, 600, 800}},
		{"decades", 1, 420, true, false, 1000, 10, 1. / 3, []float64{1, 10, 100, 1000}},
		{"under the bottom", 1, 0.4, true, false, 10, 0.4, 0, []float64{1, 10}},
	} {
		s := newScale(tt.bottom, tt.highest, tt.log, tt.whole)
		if diff := cmp.Diff(tt.ticks, s.ticks); diff != "" || s.top != tt.top {
			t.Errorf("%s: top %v, ticks (-want +got):\n%s", tt.name, s.top, diff)
		}
		if got := s.at(tt.value); math.Abs(got-tt.position) > 1e-9 {
			t.Errorf("%s: %v is at %v, want %v", tt.name, tt.value, got, tt.position)
		}
	}
}

func TestQuantile(t *testing.T) {
	var times []time.Duration
	for i := 100; i > 0; i-- {
		times = append(times, time.Duration(i))
	}
	for percent, want := range map[int]time.Duration{50: 51, 99: 100, 100: 100} {
		if got := quantile(times, percent); got != want {
			t.Errorf("p%d is %d, want %d", percent, got, want)
		}
	}
	if quantile(nil, 50) != 0 {
		t.Error("a quantile of nothing is not 0")
	}
}

// The chart is XML whatever happened, without NaN, and names what it draws.
func TestChart(t *testing.T) {
	m := &meter{}
	for _, seconds := range [][]second{
		nil,
		{{at: time.Second, connections: -1}},
		{
			{at: time.Second, clients: 4, requests: 80, p50: 3 * time.Millisecond, p99: 2 * time.Second, replicas: map[string]int{"ui": 1}, connections: 12},
			{at: 2 * time.Second, clients: 4, connections: -1},
			{at: 3 * time.Second, clients: 16, requests: 9, errors: 9, p50: time.Microsecond, p99: time.Minute, replicas: map[string]int{"ui": 5}, connections: 90},
		},
	} {
		m.seconds = seconds
		svg := string(m.chart())
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%d seconds: %v", len(seconds), err)
			}
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%d seconds: a coordinate is no number", len(seconds))
		}
		for _, f := range functions {
			if !strings.Contains(svg, ">"+f+"</text>") {
				t.Errorf("%s is not in the legend", f)
			}
		}
	}
	if !strings.Contains(string(m.chart()), "Connections of the coordinator") {
		t.Error("the connections that were counted are not drawn")
	}
}
