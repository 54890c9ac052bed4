package main

import (
	"bytes"
	"fmt"
	"math"
	"time"
)

// The chart's measures, in pixels.
const (
	width, left, right   = 880, 64, 152
	panel, gap, top, end = 132, 46, 40, 44
	plot                 = width - left - right
)

// colours are told apart on light and on dark paper, and by who sees red and
// green alike (Okabe and Ito, darkened to stand on white).
var colours = []string{"#0072b2", "#c26a00", "#009e73", "#b0578d", "#3d9bd1", "#8a7f00"}

// series is a line of a panel.
type series struct {
	name, colour string
	values       []float64 // one for each second; NaN: none
	step, filled bool
}

// chart draws the run as SVG: text and lines in a grey that stands on light and
// on dark, and no paper of its own.
func (m *meter) chart() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := func(value func(second) float64) []float64 {
		v := make([]float64, len(m.seconds))
		for i, s := range m.seconds {
			v[i] = value(s)
		}
		return v
	}
	ms := func(s second, d time.Duration) float64 {
		if s.requests == 0 {
			return math.NaN()
		}
		return float64(d.Microseconds()) / 1000
	}
	type panelOf struct {
		title  string
		lines  []series
		log    bool
		whole  bool // values are counts
		bottom float64
	}
	panels := []panelOf{
		{title: "Clients at once", whole: true, lines: []series{
			{"clients", "#808080", of(func(s second) float64 { return float64(s.clients) }), true, true},
		}},
		{title: "Requests each second", whole: true, lines: []series{
			{"answered", colours[0], of(func(s second) float64 { return float64(s.requests - s.errors) }), false, false},
			{"failed", "#d03b3b", of(func(s second) float64 { return float64(s.errors) }), false, false},
		}},
		{title: "Time to answer, ms", log: true, bottom: 1, lines: []series{
			{"p50", colours[0], of(func(s second) float64 { return ms(s, s.p50) }), false, false},
			{"p99", colours[1], of(func(s second) float64 { return ms(s, s.p99) }), false, false},
		}},
	}
	var instances []series
	for i, f := range functions {
		instances = append(instances, series{f, colours[i], of(func(s second) float64 { return float64(s.replicas[f]) }), true, false})
	}
	panels = append(panels, panelOf{title: "Instances ready", whole: true, lines: instances})
	counted := of(func(s second) float64 {
		if s.connections < 0 {
			return math.NaN()
		}
		return float64(s.connections)
	})
	if highestOf([]series{{values: counted}}) > 0 {
		panels = append(panels, panelOf{title: "Connections of the coordinator", whole: true, lines: []series{{"connections", colours[2], counted, true, false}}})
	}

	height := top + len(panels)*(panel+gap) + end - gap
	seconds := 10.0
	if n := len(m.seconds); n > 0 {
		seconds = math.Max(seconds, m.seconds[n-1].at.Seconds())
	}
	x := func(i int) float64 { return left + m.seconds[i].at.Seconds()/seconds*plot }
	b := &bytes.Buffer{}
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t" font-family="system-ui,sans-serif" font-size="12" fill="#767676">`+"\n", width, height, width, height)
	fmt.Fprintf(b, `<title id="t">%d requests in rising steps of clients: rate, time to answer and instances of each function</title>`+"\n", len(m.all))
	for i, p := range panels {
		y0 := float64(top + i*(panel+gap))
		scale := newScale(p.bottom, highestOf(p.lines), p.log, p.whole)
		y := func(v float64) float64 { return y0 + panel - scale.at(v)*panel }
		fmt.Fprintf(b, `<text x="%d" y="%.0f" font-size="13" font-weight="600">%s</text>`+"\n", left, y0-10, p.title)
		for _, v := range scale.ticks {
			fmt.Fprintf(b, `<path d="M%d %.1fh%d" stroke="#808080" stroke-opacity=".28"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", left, y(v), plot, left-8, y(v)+4, v)
		}
		for k, s := range p.lines {
			y := y
			if len(p.lines) > 2 { // lines that lie on each other are drawn side by side
				apart := 2.4 * float64(k)
				y = func(v float64) float64 { return y0 + panel - scale.at(v)*panel - apart }
			}
			if s.filled {
				fmt.Fprintf(b, `<path d="%sV%.1fH%dZ" fill="%s" fill-opacity=".3"/>`+"\n", path(s, x, y), y(scale.bottom), left, s.colour)
			}
			fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round"/>`+"\n", path(s, x, y), s.colour)
			ly := y0 + 8 + float64(k)*20
			fmt.Fprintf(b, `<path d="M%d %.1fh16" stroke="%s" stroke-width="3"/><text x="%d" y="%.1f">%s</text>`+"\n", left+plot+14, ly, s.colour, left+plot+36, ly+4, s.name)
		}
	}
	bottom := float64(height - end)
	every := niceStep(seconds / 10)
	for t := 0.0; t <= seconds; t += every {
		fmt.Fprintf(b, `<text x="%.1f" y="%.0f" text-anchor="middle">%g</text>`+"\n", left+t/seconds*plot, bottom+18, t)
	}
	fmt.Fprintf(b, `<text x="%d" y="%.0f" text-anchor="middle">seconds</text>`+"\n</svg>\n", left+plot/2, bottom+36)
	return b.Bytes()
}

// path draws a line, with gaps where there is no value.
func path(s series, x func(int) float64, y func(float64) float64) string {
	b := &bytes.Buffer{}
	drawing := false
	for i, v := range s.values {
		switch {
		case math.IsNaN(v):
			drawing = false
			continue
		case !drawing && s.filled:
			fmt.Fprintf(b, "M%d %.1fH%.1f", left, y(v), x(i))
		case !drawing:
			fmt.Fprintf(b, "M%.1f %.1f", x(i), y(v))
		case s.step:
			fmt.Fprintf(b, "H%.1fV%.1f", x(i), y(v))
		default:
			fmt.Fprintf(b, "L%.1f %.1f", x(i), y(v))
		}
		drawing = true
	}
	return b.String()
}

func highestOf(lines []series) (top float64) {
	for _, s := range lines {
		for _, v := range s.values {
			if v > top {
				top = v
			}
		}
	}
	return top
}
