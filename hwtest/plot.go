package hwtest

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The place of a plot's line within its picture of 320 by 130, in SVG's user units.
const (
	plotLeft, plotRight = 48.0, 308.0
	plotTop, plotBottom = 12.0, 104.0
	plotPoints          = 200 // more than these are not told apart
)

// plot is a line with its limits, in an SVG picture's units.
type plot struct {
	Line           string // x,y x,y
	EndX, EndY     string // where it ends
	Limits         []plotLimit
	Highest        string // what is at the top and at the bottom of the picture, and left and right
	Lowest         string
	From, To       string
	Title, Caption string
}

// plotLimit is a limit that is in the picture.
type plotLimit struct{ Y, TextY, Value string }

// line is a plot without its words. xs rise, and there are as many as ys, at least two.
func line(xs, ys []float64, m Measure) plot {
	low, high := slices.Min(ys), slices.Max(ys)
	near := 2 * max(high-low, 0.15*max(math.Abs(high), math.Abs(low)))
	var limits []float64
	for _, l := range []*float64{m.Min, m.Max} {
		if l != nil && *l > low-near && *l < high+near {
			limits = append(limits, *l)
		}
	}
	low, high = slices.Min(append(limits, low)), slices.Max(append(limits, high))
	if low == high {
		low, high = low-1, high+1
	}
	across := scale(xs[0], xs[len(xs)-1], plotLeft, plotRight)
	up := scale(low, high, plotBottom, plotTop)
	p := plot{Highest: figures(high), Lowest: figures(low)}
	var points []string
	for i, x := range xs {
		points = append(points, across(x)+","+up(ys[i]))
	}
	p.Line = strings.Join(points, " ")
	p.EndX, p.EndY, _ = strings.Cut(points[len(points)-1], ",")
	for _, l := range limits {
		y, _ := strconv.ParseFloat(up(l), 64)
		text := y - 3
		if text < plotTop+6 {
			text = y + 9
		}
		p.Limits = append(p.Limits, plotLimit{up(l), strconv.FormatFloat(text, 'f', 1, 64), figures(l)})
	}
	return p
}

// scale puts values between two others between two places.
func scale(from, to, first, last float64) func(float64) string {
	if from == to {
		to = from + 1
	}
	return func(v float64) string {
		return strconv.FormatFloat(first+(v-from)/(to-from)*(last-first), 'f', 1, 64)
	}
}

// pastPlot is a plot over time.
func pastPlot(past []Point, m Measure) plot {
	past = Thinned(past, plotPoints)
	var xs, ys []float64
	for _, p := range past {
		v, _ := m.Unit.scaled(p.Value)
		xs, ys = append(xs, float64(p.At.Unix())), append(ys, v)
	}
	p := line(xs, ys, m.scaled())
	p.From, p.To = past[0].At.Format(time.DateOnly), past[len(past)-1].At.Format(time.DateOnly)
	return p
}

// scaled is the measure in the unit that people read it in.
func (m Measure) scaled() Measure {
	of := func(v *float64) *float64 {
		if v == nil {
			return nil
		}
		scaled, _ := m.Unit.scaled(*v)
		return &scaled
	}
	value, unit := m.Unit.scaled(m.Value)
	return Measure{Value: value, Unit: Unit(unit), Min: of(m.Min), Max: of(m.Max)}
}

// Thinned are as many points at most, each the median of those that it stands for, at the last one's time. Points are in the order of
// their time.
func Thinned(past []Point, most int) (thin []Point) {
	for i := range min(most, len(past)) {
		n := min(most, len(past))
		stretch := past[i*len(past)/n : (i+1)*len(past)/n]
		var values []float64
		for _, p := range stretch {
			values = append(values, p.Value)
		}
		thin = append(thin, Point{stretch[len(stretch)-1].At, median(values)})
	}
	return thin
}
