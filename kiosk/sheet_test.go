package kiosk

import (
	"context"
	"image"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// The fake pad's screen has 100 x 60 pixels, and 1000 x 600 units: its buttons stand below 50 pixels.
var (
	againAt = image.Pt(200, 560)
	doneAt  = image.Pt(800, 560)
)

// withButtons draws a sheet with two buttons, and a brand picture.
func withButtons(language *string) func(*Config) {
	return func(c *Config) {
		c.Sheet = func(spoken string, size devices.PadSize) (Sheet, error) {
			*language = spoken
			return Sheet{
				Picture: image.NewGray(image.Rect(0, 0, size.Width, size.Height)),
				Paper:   image.Rect(0, 0, size.Width, 50),
				Buttons: []SheetButton{
					{Area: image.Rect(0, 50, 48, 60), Event: flow.Retry{}}, {Area: image.Rect(52, 50, 100, 60), Event: flow.Next{}},
				},
			}, nil
		}
		c.PadPicture = func(size devices.PadSize) (image.Image, error) {
			return image.NewRGBA(image.Rect(0, 0, size.Width, size.Height)), nil
		}
	}
}

func TestTheButtonsOnThePadDoWhatTheScreensDoAndAreNeverInk(t *testing.T) {
	var language string
	b := newBed(t, func(b *bed, c *Config) {
		withButtons(&language)(c)
		b.pad.taps = []image.Point{againAt, doneAt}
	})
	b.begin(flow.StepSignature) // nobody touches the screen from here on
	b.finish()
	b.pad.mu.Lock()
	captures := b.pad.captures
	b.pad.mu.Unlock()
	if captures != 2 {
		t.Errorf("%d captures, want a second one after \"again\"", captures)
	}
	for _, s := range b.signed(t) {
		if s[1] >= 500 && s[3] == 1 {
			t.Fatalf("the signature has %v, which was a tap", s)
		}
	}
	if language != "uk" {
		t.Errorf("the sheet is in %q, the visitor's language is uk", language)
	}
}

func TestWhileNobodySignsThePadShowsThePictureOfTheOffice(t *testing.T) {
	var language string
	b := newBed(t, func(b *bed, c *Config) {
		withButtons(&language)(c)
		b.pad.taps = []image.Point{doneAt}
	})
	brand := func(p image.Image) bool { _, is := p.(*image.RGBA); return is }
	b.until("the picture before", func() bool { all := b.pad.shown(); return len(all) > 0 && brand(all[0]) })
	b.begin(flow.StepSignature)
	b.until("the sheet", func() bool { all := b.pad.shown(); return len(all) > 1 && !brand(all[1]) })
	b.finish()
	b.until("the picture after", func() bool { all := b.pad.shown(); return brand(all[len(all)-1]) })
}

func TestASignatureSaysWhatItMisses(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.pad.missed = 2 })
	b.begin(flow.StepSignature)
	b.until("ink", func() bool { _, ink := b.screen.counts(); return ink == 50 })
	b.Send(flow.Next{})
	b.finish()
	if said := b.strokes(t); said.Missed == nil || *said.Missed != 100 {
		t.Errorf("missed is %v, want 100", said.Missed)
	}
	if r := b.office.received(t, 0).record; !told(r, "signature-samples", stationv1.DroppedShortened, 100) {
		t.Errorf("staff are told of %v, want that the signature misses 100 samples", r.GetDropped())
	}
}

func TestWithoutAPadSigningIsLeftToStaff(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.padless = true })
	b.begin(flow.StepSignature)
	b.showsThat("that staff will help", func(s flow.State) bool { return s.Screen == flow.Signature && s.Problem == flow.DeviceMissing })
	b.Send(flow.Next{})
	b.finish()
	for _, d := range b.Status(t.Context()).GetDevices() {
		if d.GetKind() == string(devices.KindSignaturePad) {
			t.Error("a pad that is not to be there is told of")
		}
	}
}

func TestATapBeginsAndEndsOnItsButton(t *testing.T) {
	size := devices.PadSize{MaxX: 1000, MaxY: 600, MaxPressure: 1023, Width: 100, Height: 60}
	button := SheetButton{Area: image.Rect(52, 50, 100, 60), Event: flow.Next{}}
	paper, other := image.Pt(500, 100), image.Pt(100, 560)
	for name, c := range map[string]struct {
		way    []image.Point // of the pen while it is down
		ink    int
		tapped bool
	}{
		"a tap":                       {[]image.Point{doneAt, doneAt}, 0, true},
		"a tap that slips a little":   {[]image.Point{doneAt, doneAt.Add(image.Pt(30, -20))}, 0, true},
		"a tap that changes its mind": {[]image.Point{doneAt, paper}, 0, false},
		"a stroke over the button":    {[]image.Point{paper, doneAt, other}, 3, false},
		"a stroke that ends on it":    {[]image.Point{paper, doneAt}, 2, false},
	} {
		pen := tapped{buttons: []SheetButton{button}, size: size}
		ink, events := 0, 0
		note := func(s devices.Sample) {
			isInk, event := pen.take(s)
			if isInk && s.Down {
				ink++
			}
			if event != nil {
				events++
			}
		}
		for _, at := range c.way {
			note(devices.Sample{X: at.X, Y: at.Y, Down: true})
		}
		last := c.way[len(c.way)-1]
		note(devices.Sample{X: last.X, Y: last.Y})
		note(devices.Sample{X: last.X, Y: last.Y}) // in the air
		if want := map[bool]int{true: 1}[c.tapped]; ink != c.ink || events != want {
			t.Errorf("%s: %d of ink, want %d; %d events, want %d", name, ink, c.ink, events, want)
		}
	}
}

func TestASignatureThatBeginsTakesThePadFromThePicture(t *testing.T) {
	slow := &slowPad{pad: pad{fake: newFake(devices.KindSignaturePad)}, showing: make(chan struct{}, 1)}
	place := devices.NewSlot(devices.KindSignaturePad, present[devices.SignaturePad](slow, &slow.fake), time.Millisecond, nil)
	r := &running{}
	r.start(t.Context(), place.Run)
	t.Cleanup(r.stop)
	e := newEasel(place, func(size devices.PadSize) (image.Image, error) { return image.NewGray(image.Rect(0, 0, 1, 1)), nil }, func(error) {})
	r.start(t.Context(), func(ctx context.Context) error { e.run(ctx); return nil })
	<-slow.showing
	e.take() // returns although the picture would take for ever
	e.give()
	<-slow.showing // and is shown anew
}

// slowPad takes for ever to show anything.
type slowPad struct {
	pad
	showing chan struct{}
}

func (p *slowPad) Show(ctx context.Context, _ image.Image, _ image.Rectangle) error {
	p.showing <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}
