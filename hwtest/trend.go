package hwtest

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// What is said of a measure that nears its limit.
const (
	saysFalls     devices.Key = "trend.falls"  // before, now, unit, days, percent, limit
	saysRises     devices.Key = "trend.rises"  // before, now, unit, days, percent, limit
	seeToItInTime devices.Key = "remedy.trend" // check
)

// What a trend is, see [TrendOf].
const (
	recentDays     = 5      // whose median is how it is now
	beforeFrom     = 21     // days ago: what it is held against begins
	beforeTo       = 7      // days ago: and ends
	fewestRecent   = 3      // days that have to be known
	fewestBefore   = 7      // and before
	steep          = 0.3    // as much of the way to the limit in two weeks is told
	unlikely       = 4      // standard deviations that chance does not reach
	deviationOfMAD = 1.4826 // of a normal distribution, in its median absolute deviations
)

// Lookback is how far into the past trends look.
const Lookback = beforeFrom * 24 * time.Hour

// Point is a measured value, when it was measured.
type Point struct {
	At    time.Time
	Value float64
}

// Trend is a measure that nears its limit.
type Trend struct {
	Before, Now float64 // medians of the days two weeks ago, and of the last few
	Limit       float64 // the one it nears
	Share       float64 // of the way from Before to Limit that is gone
}

// Trends marks what is still well, but will not be for long, by what was measured before; past has the points of each check by its id,
// this report's with them.
func (r *Report) Trends(past map[string][]Point) {
	for i, c := range r.Checks {
		if c.Measure == nil || c.Result != Passed || c.wantsSomebody() {
			continue
		}
		if trend, is := TrendOf(past[c.ID], *c.Measure, r.At); is {
			r.Checks[i] = c.soon(trend.said(c.Measure.Unit), devices.Say(seeToItInTime).With("check", c.ID))
		}
	}
}

func (t Trend) said(u Unit) devices.Message {
	key := saysFalls
	if t.Now > t.Before {
		key = saysRises
	}
	before, unit := u.scaled(t.Before)
	now, _ := u.scaled(t.Now)
	limit, _ := u.scaled(t.Limit)
	return devices.Say(key).With("before", figures(before)).With("now", figures(now)).With("unit", unit).
		With("days", strconv.Itoa((beforeFrom+beforeTo)/2)).With("percent", strconv.Itoa(int(math.Round(100*t.Share)))).With("limit", figures(limit))
}

// TrendOf tells whether a measure nears one of its limits. The medians of the last days are held against those of the days two weeks ago:
// they have to have gone three tenths of the way to the limit, all lie beyond each of those, and further off than four times their spread,
// so that neither noise nor a bad day is taken for a trend. A day counts once however often it was measured in it.
func TrendOf(past []Point, m Measure, now time.Time) (Trend, bool) {
	var recent, before []float64
	for _, day := range daily(past, now) {
		switch {
		case day.ago < recentDays:
			recent = append(recent, day.value)
		case day.ago >= beforeTo && day.ago < beforeFrom:
			before = append(before, day.value)
		}
	}
	if len(recent) < fewestRecent || len(before) < fewestBefore {
		return Trend{}, false
	}
	t := Trend{Before: median(before), Now: median(recent)}
	t.Limit = m.limit(t.Now < t.Before)
	way := t.Limit - t.Before
	t.Share = (t.Now - t.Before) / way
	apart := slices.Min(recent) > slices.Max(before)
	if way < 0 {
		apart = slices.Max(recent) < slices.Min(before)
	}
	noise := deviationOfMAD * spread(before)
	return t, t.Share >= steep && apart && math.Abs(t.Now-t.Before) > unlikely*noise
}

// limit is the limit in that direction; NaN, which nothing nears, where there is none.
func (m Measure) limit(falls bool) float64 {
	limit := m.Max
	if falls {
		limit = m.Min
	}
	if limit == nil {
		return math.NaN()
	}
	return *limit
}

// dayValue is the median of a day.
type dayValue struct {
	ago   int // days
	value float64
}

// daily are the medians by day, counted back from now, the newest first.
func daily(past []Point, now time.Time) (days []dayValue) {
	of := map[int][]float64{}
	for _, p := range past {
		if age := now.Sub(p.At); age >= 0 {
			ago := int(age / (24 * time.Hour))
			of[ago] = append(of[ago], p.Value)
		}
	}
	for ago, values := range of {
		days = append(days, dayValue{ago, median(values)})
	}
	slices.SortFunc(days, func(a, b dayValue) int { return cmp.Compare(a.ago, b.ago) })
	return days
}

// median of at least one value.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// spread is the median absolute deviation.
func spread(values []float64) float64 {
	centre := median(values)
	var off []float64
	for _, v := range values {
		off = append(off, math.Abs(v-centre))
	}
	return median(off)
}

// scaled is a value in the unit that people read it in.
func (u Unit) scaled(value float64) (float64, string) {
	if u == Bytes {
		return value / (1 << 30), "gigabytes"
	}
	return value, string(u)
}

// figures writes a value with three significant figures, and whole numbers whole.
func figures(value float64) string {
	if math.Abs(value) >= 100 || value == math.Trunc(value) {
		return strconv.FormatFloat(math.Round(value), 'f', -1, 64)
	}
	places := 2 - int(math.Floor(math.Log10(math.Abs(value))))
	scale := math.Pow10(min(places, 9))
	return strconv.FormatFloat(math.Round(value*scale)/scale, 'f', -1, 64)
}
