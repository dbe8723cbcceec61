package hwtest_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
)

var seven = time.Date(2026, time.November, 30, 7, 0, 0, 0, time.Local)

// measuredDaily are the values of the days before seven, the newest last, each measured as often a day.
func measuredDaily(timesADay int, values ...float64) (past []hwtest.Point) {
	for i, v := range values {
		day := seven.AddDate(0, 0, i-len(values)+1)
		for n := range timesADay {
			past = append(past, hwtest.Point{At: day.Add(-time.Duration(n) * time.Minute), Value: v})
		}
	}
	return past
}

// slope are 22 days: 15 as they were, and then on the way to the last.
func slope(from, to float64) (values []float64) {
	for i := range 22 {
		values = append(values, from+(to-from)*float64(max(0, min(i-14, 3)))/3)
	}
	return values
}

func sharpness() hwtest.Measure {
	return hwtest.Measure{Value: 0.28, Unit: hwtest.CyclesPixel, Min: new(0.2)}
}

func TestSharpnessThatFellByThirtyPercentInTwoWeeksIsAWarningBeforeItIsAFailure(t *testing.T) {
	r := hwtest.Report{At: seven, Checks: []hwtest.Check{{
		ID: "camera.sharpness", Device: devices.KindCamera, Result: hwtest.Passed, State: devices.StateOnline, Measure: new(sharpness()),
	}}}
	r.Trends(map[string][]hwtest.Point{"camera.sharpness": measuredDaily(3, slope(0.4, 0.28)...)})
	if c := r.Checks[0]; c.Result != hwtest.Passed || c.State != devices.StateDegraded || r.Healthy() {
		t.Fatalf("%+v", c)
	}
	for language, want := range map[string]string{
		"en": "fell from 0.4 to 0.28 cycles per pixel in 14 days: 60 % of the way to its limit, 0.2",
		"de": "in 14 Tagen von 0,4 auf 0,28 Perioden je Pixel gefallen: 60 % des Weges bis zur Grenze, 0,2",
	} {
		words, err := wording.Load(language)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := r.WriteText(&b, words, nil); err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(said, want) || !strings.Contains(said, "hwtest history --device camera.sharpness") {
			t.Errorf("%s", b.String())
		}
	}
}

func TestATrendIsToldInTheDirectionOfALimitAlone(t *testing.T) {
	hot := hwtest.Measure{Unit: hwtest.Celsius, Max: new(85.0)}
	for _, c := range []struct {
		name  string
		past  []hwtest.Point
		of    hwtest.Measure
		tells bool
	}{
		{"it falls towards its least", measuredDaily(1, slope(0.4, 0.28)...), sharpness(), true},
		{"it gets better", measuredDaily(1, slope(0.28, 0.4)...), sharpness(), false},
		{"it rises towards its most", measuredDaily(1, slope(45, 65)...), hot, true},
		{"it cools down", measuredDaily(1, slope(65, 45)...), hot, false},
		{"it is well away from its limit", measuredDaily(1, slope(3, 20)...), hwtest.Measure{Max: new(500.0)}, false},
		{"it has no limit", measuredDaily(1, slope(0.4, 0.1)...), hwtest.Measure{}, false},
		{"nothing is known of before", measuredDaily(100, slope(0.4, 0.28)[15:]...), sharpness(), false},
		{"it was that low on a day before", measuredDaily(1, append([]float64{0.4, 0.4, 0.4, 0.25}, slope(0.4, 0.28)[4:]...)...), sharpness(), false},
		{"one bad day", measuredDaily(9, append(slope(0.4, 0.4)[1:], 0.21)...), sharpness(), false},
		{"nothing is known", nil, sharpness(), false},
		{"it was beyond its limit before", measuredDaily(1, slope(0.1, 0.05)...), sharpness(), false},
	} {
		if _, told := hwtest.TrendOf(c.past, c.of, seven); told != c.tells {
			t.Errorf("%s: told %v", c.name, told)
		}
	}
}

func TestNoiseIsNotTakenForATrend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			level   = rapid.Float64Range(-100, 1000).Draw(t, "level")
			room    = rapid.Float64Range(0.01, 500).Draw(t, "room to the limit")
			noise   = rapid.Float64Range(0, 0.25).Draw(t, "standard deviation in parts of the room")
			a       = rapid.IntRange(1, 20).Draw(t, "measured a day")
			outlier = rapid.IntRange(0, 21).Draw(t, "a day of outliers")
			random  = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		)
		past := measuredDaily(a, make([]float64, 22)...)
		for i := range past {
			past[i].Value = level + random.NormFloat64()*noise*room
			if i/a == outlier {
				past[i].Value -= 0.99 * room
			}
		}
		if trend, told := hwtest.TrendOf(past, hwtest.Measure{Min: new(level - room), Max: new(level + room)}, seven); told {
			t.Fatalf("%+v", trend)
		}
	})
}
