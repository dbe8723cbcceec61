package kiosk

import (
	"context"
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

func TestASlowStationStillReadsWhatWasWrittenWhenTheVisitorGoesOn(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.pad.late = 20 * time.Millisecond })
	b.begin(flow.StepSignature)
	b.until("some ink", func() bool { _, ink := b.screen.counts(); return ink > 0 })
	b.Send(flow.Next{})
	if v := b.shows(flow.Review, flow.Waiting); v.State.Problem != "" || !v.State.HaveSignature {
		t.Errorf("the visitor sees %+v", v.State)
	}
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
