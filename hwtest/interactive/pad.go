package interactive

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

// What a person is asked to do with a signature pad, and what is said of it.
const (
	askLine        devices.Key = "ask.pad_line"       // seconds; draw along it
	askEdges       devices.Key = "ask.pad_edges"      // seconds; press the corners, go along the edges
	saysNoPen      devices.Key = "pad.no_pen"         // nothing was written
	saysOffLine    devices.Key = "pad.off_line"       // value, max
	saysGaps       devices.Key = "pad.gaps"           // value, max
	saysFlat       devices.Key = "pad.flat_pressure"  // value, min
	saysSlowPen    devices.Key = "pad.slow_pen"       // value, min
	saysJitter     devices.Key = "pad.jitter"         // value, max
	saysShortReach devices.Key = "pad.short_reach"    // value, max
	saysDeadZones  devices.Key = "pad.dead_zones"     // names
	tryPen         devices.Key = "remedy.try_pen"     // another pen, then another pad
	writeAgain     devices.Key = "remedy.write_again" // slowly
)

// Limits of what a pen does.
const (
	lineHeight   = 0.5 // of the line on the pad, a part of its height
	mostOffLine  = 3.0 // millimetres: parallax of the glass, and a hand
	mostGaps     = 2
	leastRange   = 8.0 // percent: a line drawn with one hand varies by more
	leastSamples = 100 // a second: below that a signature has corners (ISO/IEC 19794-7 leaves the rate open)
	mostJitter   = 5.0 // milliseconds
	mostReach    = 4.0 // millimetres: a pen's tip beside a frame

	begins     = 30 * time.Second // until something is written
	quietLine  = 1500 * time.Millisecond
	quietEdges = 3 * time.Second // the pen goes from corner to corner
)

func lineChecks() []string { return []string{"line", "gaps", "pressure", "sample_rate", "jitter"} }
func edgeChecks() []string { return []string{"reach", "dead_zones"} }

// resolution is a pad that says how fine it is.
type resolution interface {
	UnitsPerMillimetre() float64
}

// SignaturePad has a person draw along a line, and go along the edges.
func SignaturePad(open func(context.Context) (devices.SignaturePad, error), person Person) hwtest.Subject {
	return hwtest.Act[devices.SignaturePad]{
		Kind: devices.KindSignaturePad, Open: open, Checks: append(lineChecks(), edgeChecks()...), Limit: patience,
		Do: func(ctx context.Context, pad devices.SignaturePad, tell func(hwtest.Check)) {
			defer whiten(ctx, pad)
			tell = told(person, tell)
			if asked(ctx, person, within(devices.Say(askLine), begins), devices.KindSignaturePad, lineChecks(), tell) {
				alongLine(ctx, pad, tell)
			}
			if ctx.Err() == nil && asked(ctx, person, within(devices.Say(askEdges), begins), devices.KindSignaturePad, edgeChecks(), tell) {
				alongEdges(ctx, pad, tell)
			}
		},
	}.Subject()
}

// whiten leaves nothing on the pad.
func whiten(ctx context.Context, pad devices.SignaturePad) {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), putAway)
	defer cancel()
	pad.Clear(ending) // of a pad that fails the checks tell
}

// written shows a picture, and gives what is written on it, until the pen has been quiet for so long.
func written(ctx context.Context, pad devices.SignaturePad, picture image.Image, quiet time.Duration) (trail, error) {
	t := trail{size: pad.Size(), unit: 1.0 / unitsPerMillimetre}
	if says, can := pad.(resolution); can && says.UnitsPerMillimetre() > 0 {
		t.unit = 1 / says.UnitsPerMillimetre()
	}
	if err := pad.Show(ctx, picture, picture.Bounds()); err != nil {
		return t, err
	}
	writing, done := context.WithCancel(ctx)
	defer done()
	end := time.AfterFunc(begins, done)
	defer end.Stop()
	err := pad.Capture(writing, func(s devices.Sample) {
		const most = 100_000 // eight minutes
		if len(t.samples) < most {
			t.samples = append(t.samples, s)
		}
		if s.Down {
			end.Reset(quiet)
		}
	})
	return t, err
}

// unwritten tells checks of which there is nothing to measure; false where there is.
func unwritten(ctx context.Context, t trail, err error, checks []string, tell func(hwtest.Check)) bool {
	for _, name := range checks {
		switch {
		case ctx.Err() != nil:
			return true
		case err != nil:
			tell(hwtest.Failing(devices.KindSignaturePad, name, err))
		case len(t.down()) < 2:
			tell(hwtest.Faulty(devices.KindSignaturePad, name, devices.Say(saysNoPen), devices.Say(tryPen)))
		default:
			return false
		}
	}
	return true
}

func alongLine(ctx context.Context, pad devices.SignaturePad, tell func(hwtest.Check)) {
	size := pad.Size()
	t, err := written(ctx, pad, linePicture(size.Width, size.Height), quietLine)
	if unwritten(ctx, t, err, lineChecks(), tell) {
		return
	}
	kind := devices.KindSignaturePad
	rate, jitter, gaps := t.pace()
	tell(hwtest.Judged(kind, "line", hwtest.AtMost(t.offset(lineHeight), hwtest.Millimetres, mostOffLine), saysOffLine, writeAgain))
	tell(hwtest.Judged(kind, "gaps", hwtest.AtMost(float64(gaps), hwtest.Count, mostGaps), saysGaps, tryPen))
	tell(hwtest.Judged(kind, "pressure", hwtest.AtLeast(t.pressures(), hwtest.Percent, leastRange), saysFlat, writeAgain))
	tell(hwtest.Judged(kind, "sample_rate", hwtest.AtLeast(rate, hwtest.PerSecond, leastSamples), saysSlowPen, tryPen))
	tell(hwtest.Judged(kind, "jitter", hwtest.AtMost(jitter, hwtest.Milliseconds, mostJitter), saysJitter, tryPen))
}

func alongEdges(ctx context.Context, pad devices.SignaturePad, tell func(hwtest.Check)) {
	size := pad.Size()
	t, err := written(ctx, pad, edgesPicture(size.Width, size.Height), quietEdges)
	if unwritten(ctx, t, err, edgeChecks(), tell) {
		return
	}
	kind := devices.KindSignaturePad
	tell(hwtest.Judged(kind, "reach", hwtest.AtMost(t.reach(), hwtest.Millimetres, mostReach), saysShortReach, writeAgain))
	missing := t.untouched()
	zones := hwtest.Judged(kind, "dead_zones", hwtest.AtMost(float64(len(missing)), hwtest.Count, 0), saysDeadZones, writeAgain)
	if len(missing) > 0 {
		zones.Reason = zones.Reason.With("names", listed(missing))
	}
	zones.Pictures = t.raster()
	tell(zones)
}

// linePicture is a line from left to right.
func linePicture(width, height int) image.Image {
	m := whitePicture(width, height)
	y := int(lineHeight * float64(height))
	draw.Draw(m, image.Rect(width/10, y-1, width*9/10, y+1), image.Black, image.Point{}, draw.Src)
	return m
}

// edgesPicture is a frame, with a black square in each corner.
func edgesPicture(width, height int) image.Image {
	m := whitePicture(width, height)
	thick, corner := max(1, width/160), max(4, width/20)
	for _, area := range []image.Rectangle{
		image.Rect(0, 0, width, thick), image.Rect(0, height-thick, width, height), image.Rect(0, 0, thick, height), image.Rect(width-thick, 0, width, height),
		image.Rect(0, 0, corner, corner), image.Rect(width-corner, 0, width, corner),
		image.Rect(0, height-corner, corner, height), image.Rect(width-corner, height-corner, width, height),
	} {
		draw.Draw(m, area, image.Black, image.Point{}, draw.Src)
	}
	return m
}

func whitePicture(width, height int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	return m
}

// raster is where the pen was, a point a sample.
func (t trail) raster() []hwtest.Picture {
	const width = 400
	height := width * t.size.MaxY / t.size.MaxX
	m := whitePicture(width, max(1, height))
	for _, s := range t.down() {
		m.SetGray(s.X*(width-1)/t.size.MaxX, s.Y*(height-1)/t.size.MaxY, color.Gray{})
	}
	var b bytes.Buffer
	if png.Encode(&b, m) != nil {
		return nil
	}
	return []hwtest.Picture{{Name: "pad_edges", PNG: b.Bytes()}}
}
