package kiosk

import (
	"context"
	"encoding/json"
	"image"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
)

func TestASignatureIsDrawnWhereThePenWas(t *testing.T) {
	size := devices.PadSize{MaxX: 1000, MaxY: 600, MaxPressure: 1023, Width: 101, Height: 61}
	down := func(x, y int) devices.Sample { return devices.Sample{X: x, Y: y, Pressure: 1023, Down: true} }
	up := devices.Sample{X: 900, Y: 500}
	picture := render([]devices.Sample{down(100, 300), down(500, 300), up, down(900, 100)}, size)
	for at, want := range map[image.Point]uint8{
		{X: 10, Y: 30}: 0, {X: 30, Y: 30}: 0, {X: 50, Y: 30}: 0, // along the stroke
		{X: 30, Y: 40}: 255, {X: 70, Y: 40}: 255, {X: 90, Y: 10}: 255, // beside it, in the air, a single point
	} {
		if got := picture.GrayAt(at.X, at.Y).Y; got != want {
			t.Errorf("%v is %d, want %d", at, got, want)
		}
	}
}

func TestADotOrAPenInTheAirIsNoSignature(t *testing.T) {
	size := devices.PadSize{MaxX: 10800, MaxY: 6480, MaxPressure: 1023, Width: 800, Height: 480}
	written := func(n int, step int, down bool) []devices.Sample {
		var samples []devices.Sample
		for i := range n {
			samples = append(samples, devices.Sample{X: 5000 + i*step, Y: 3000, Pressure: 500, Down: down})
		}
		return samples
	}
	for name, test := range map[string]struct {
		samples []devices.Sample
		want    bool
	}{
		"nothing":                  {nil, false},
		"a pen in the air":         {written(200, 20, false), false},
		"a pen that rests":         {written(200, 0, true), false},
		"a pen that trembles":      {append(written(100, 1, true), written(100, -1, true)...), false},
		"a touch in passing":       {written(19, 100, true), false},
		"a short stroke":           {written(30, 10, true), true},
		"strokes with air between": {append(written(15, 20, true), append(written(50, 20, false), written(15, 20, true)...)...), true},
	} {
		if got := isSigned(test.samples, size); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestASlowStationStillReadsWhatWasWrittenWhenTheVisitorIsDone: the hand takes a quarter of a second, the station four times
// as long to read it.
func TestASlowStationStillReadsWhatWasWrittenWhenTheVisitorIsDone(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.pad.late = 20 * time.Millisecond })
	b.begin(flow.StepSignature)
	b.until("the ink of a quarter of a second", func() bool { _, ink := b.screen.counts(); return ink > 15 })
	b.Send(flow.Next{})
	b.finish()
	if n := len(b.signed(t)); n != 50 {
		t.Errorf("%d samples of the 50 that were written have arrived", n)
	}
}

// TestWhatIsWrittenAfterTheVisitorIsDoneIsNobodysSignature has a hand that never stops, and moves down once the visitor has
// touched "Done".
func TestWhatIsWrittenAfterTheVisitorIsDoneIsNobodysSignature(t *testing.T) {
	const after = 500
	b := newBed(t, func(b *bed, _ *Config) { b.pad.restless, b.pad.late = true, 5*time.Millisecond })
	b.begin(flow.StepSignature)
	b.until("ink", func() bool { _, ink := b.screen.counts(); return ink > 30 })
	b.Send(flow.Next{})
	b.showsThat("that the visitor is done", func(s flow.State) bool { return s.Screen != flow.Signature || s.Phase != flow.Waiting })
	b.pad.writeAt(after)
	begin := time.Now()
	b.finish()
	if took := time.Since(begin); took > lateTime {
		t.Errorf("a hand that does not stop holds the visitor up for %v", took)
	}
	signed := b.signed(t)
	for _, s := range signed {
		if s[1] == after {
			t.Fatalf("the signature has %v, which was written later", s)
		}
	}
	if len(signed) == 0 {
		t.Error("nothing was signed")
	}
}

// TestASampleCountsByWhenItWasWritten holds one that comes late, and one that was written late.
func TestASampleCountsByWhenItWasWritten(t *testing.T) {
	w := &writing{done: make(chan struct{})}
	at := func(written time.Duration) devices.Sample { return devices.Sample{Down: true, At: written} }
	w.take(at(time.Second), today.Add(time.Second))
	w.finish(today.Add(2 * time.Second))
	for _, test := range []struct {
		written, arrived time.Duration
		want             bool
	}{
		{1900 * time.Millisecond, 2500 * time.Millisecond, true},
		{2100 * time.Millisecond, 2500 * time.Millisecond, false},
	} {
		if got := w.take(at(test.written), today.Add(test.arrived)); got != test.want {
			t.Errorf("what was written after %v and arrives after %v counts: %v", test.written, test.arrived, got)
		}
	}
}

// TestWhoeverWritesEndsTheCountdown: somebody thinks for longer than the screen waits, and then takes the pen.
func TestWhoeverWritesEndsTheCountdown(t *testing.T) {
	counting := func(s flow.State) bool { return s.Screen == flow.Signature && s.Countdown }
	b := newBed(t, func(b *bed, c *Config) {
		b.pad.late = 600 * time.Millisecond
		c.Patience = func(s flow.State) time.Duration {
			if s.Screen == flow.Signature && !s.Countdown {
				return 200 * time.Millisecond
			}
			return 0
		}
	})
	b.begin(flow.StepSignature)
	b.showsThat("the countdown", counting)
	b.showsThat("the signature without it", func(s flow.State) bool { return s.Screen == flow.Signature && !s.Countdown })
}

// TestEachTryBeginsOnAnEmptySheet: a dot that was no signature is not shown under the next one.
func TestEachTryBeginsOnAnEmptySheet(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.pad.hand = false })
	b.begin(flow.StepSignature)
	b.shows(flow.Signature, flow.Waiting)
	b.until("a sheet", func() bool { return b.screen.begun() == 1 })
	b.Send(flow.Next{})
	b.showsThat("another try", func(s flow.State) bool { return s.Screen == flow.Signature && s.Attempt == 2 })
	b.until("an empty sheet", func() bool { return b.screen.begun() == 2 })
	b.Send(flow.Retry{})
	b.until("another one", func() bool { return b.screen.begun() == 3 })
}

// signed are the samples of the first signature that the office got.
func (b *bed) signed(t *testing.T) [][5]int {
	t.Helper()
	return b.strokes(t).Samples
}

func (b *bed) strokes(t *testing.T) signatureSamples {
	t.Helper()
	var s signatureSamples
	if err := json.Unmarshal(b.office.received(t, 0).files["signature-samples"], &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNoPadMakesTheDrawingFail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.IntRange(-1<<31, 1<<31)
		size := devices.PadSize{
			MaxX: number.Draw(t, "max x"), MaxY: number.Draw(t, "max y"), MaxPressure: number.Draw(t, "max pressure"),
			Width: rapid.IntRange(1, 60).Draw(t, "width"), Height: rapid.IntRange(1, 60).Draw(t, "height"),
		}
		sample := rapid.Custom(func(t *rapid.T) devices.Sample {
			return devices.Sample{X: number.Draw(t, "x"), Y: number.Draw(t, "y"), Pressure: number.Draw(t, "pressure"), Down: true}
		})
		render(rapid.SliceOfN(sample, 0, 20).Draw(t, "samples"), size)
	})
}

func TestNothingOfAStoppedStepIsDrawn(t *testing.T) {
	s := newScreen()
	d := display{to: s}
	ctx, cancel := context.WithCancel(t.Context())
	j := &job{ctx: ctx, cancel: cancel}
	d.preview(j, nil)
	d.ink(j, devices.Sample{}, devices.PadSize{})
	j.stop()
	d.preview(j, nil)
	d.ink(j, devices.Sample{}, devices.PadSize{})
	if previews, ink := s.counts(); previews != 1 || ink != 1 {
		t.Errorf("%d frames and %d samples drawn, want 1 of each", previews, ink)
	}
}
