package interactive

import (
	"context"
	"image"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

// scripted is a pad of which a pen's samples are known to the millisecond, as no emulated pad's are.
type scripted struct {
	devices.SignaturePad
	samples []devices.Sample
	perMM   float64
}

func (s scripted) Size() devices.PadSize {
	return devices.PadSize{MaxX: 10800, MaxY: 6480, MaxPressure: 1023, Width: 80, Height: 48}
}
func (s scripted) Show(context.Context, image.Image) error { return nil }
func (s scripted) UnitsPerMillimetre() float64             { return s.perMM }
func (s scripted) Capture(ctx context.Context, sink func(devices.Sample)) error {
	for _, sample := range s.samples {
		sink(sample)
	}
	<-ctx.Done()
	return nil
}

// drawn is a line on the line, a sample every period, varied by change.
func drawn(period time.Duration, change func(i int, s *devices.Sample)) (all []devices.Sample) {
	for i := range 200 {
		s := devices.Sample{X: 1000 + 40*i, Y: 3240, Pressure: 300 + 2*i, Down: true, At: time.Duration(i) * period}
		change(i, &s)
		all = append(all, s)
	}
	return all
}

func TestEachFaultOfAPenIsNamedByItsOwnCheck(t *testing.T) {
	for name, c := range map[string]struct {
		period time.Duration
		change func(i int, s *devices.Sample)
		want   []string
	}{
		"sound":     {5 * time.Millisecond, func(int, *devices.Sample) {}, nil},
		"trembling": {5 * time.Millisecond, func(i int, s *devices.Sample) { s.Y += 500 * (i%2*2 - 1) }, nil},
		"off":       {5 * time.Millisecond, func(_ int, s *devices.Sample) { s.Y += 400 }, []string{"line"}},
		"lossy":     {5 * time.Millisecond, func(i int, s *devices.Sample) { s.At += time.Duration(i/50) * 60 * time.Millisecond }, []string{"gaps"}},
		"flat":      {5 * time.Millisecond, func(_ int, s *devices.Sample) { s.Pressure = 500 }, []string{"pressure"}},
		"slow":      {20 * time.Millisecond, func(int, *devices.Sample) {}, []string{"sample_rate"}},
		"irregular": {8 * time.Millisecond, func(i int, s *devices.Sample) { s.At += time.Duration(i%2) * 7 * time.Millisecond }, []string{"jitter"}},
	} {
		t.Run(name, func(t *testing.T) {
			var failed []string
			alongLine(t.Context(), scripted{samples: drawn(c.period, c.change), perMM: 100}, func(check hwtest.Check) {
				if check.Result != hwtest.Passed {
					failed = append(failed, check.ID[len("signature_pad."):])
				}
			})
			if !slices.Equal(failed, c.want) {
				t.Errorf("failed %v, want %v", failed, c.want)
			}
		})
	}
}

func TestAPadThatSaysHowFineItIsIsMeasuredByThat(t *testing.T) {
	off := func(_ int, s *devices.Sample) { s.Y += 400 }
	var measured []float64
	for _, perMM := range []float64{0, 50} { // one that does not say is taken for a Wacom
		alongLine(t.Context(), scripted{samples: drawn(5*time.Millisecond, off), perMM: perMM}, func(c hwtest.Check) {
			if c.ID == "signature_pad.line" {
				measured = append(measured, c.Measure.Value)
			}
		})
	}
	if len(measured) != 2 || math.Abs(measured[0]-4) > 0.01 || math.Abs(measured[1]-8) > 0.01 {
		t.Errorf("%v mm", measured)
	}
}

func TestAPadThatReportsNoPenFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	trail, err := written(ctx, scripted{samples: []devices.Sample{{Down: true}}}, nil, time.Millisecond)
	n := 0
	unwritten(ctx, trail, err, lineChecks(), func(c hwtest.Check) {
		if n++; c.Result != hwtest.Failed || !c.Reason.Is(saysNoPen) {
			t.Errorf("%+v", c)
		}
	})
	if n != len(lineChecks()) {
		t.Errorf("%d checks", n)
	}
}
