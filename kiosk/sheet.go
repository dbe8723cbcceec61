package kiosk

import (
	"context"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// Sheet is what a signature pad shows while a visitor signs: a picture as large as its screen, the part of it that is written on, and
// buttons that do what those on the station's screen do.
type Sheet struct {
	Picture image.Image
	Paper   image.Rectangle // pixels of the picture
	Buttons []SheetButton
}

// SheetButton is an area of the picture. A tap inside of it is its event, and never ink.
type SheetButton struct {
	Area  image.Rectangle
	Event flow.Event
}

// tapped tells ink from taps. A pen that comes down on a button writes nothing until it is lifted; lifted from the same button, it has
// tapped that. One that comes down elsewhere writes, wherever it goes.
type tapped struct {
	buttons []SheetButton
	size    devices.PadSize
	down    bool
	on      int // the button on which the pen came down, counted from 1; 0 is none
	at      image.Point
}

// take says whether a sample is ink or in the air, and the event of a button that was tapped, or nil.
func (t *tapped) take(s devices.Sample) (ink bool, event flow.Event) {
	was := t.down
	t.down = s.Down
	if !s.Down {
		if was && t.on > 0 && t.at.In(t.buttons[t.on-1].Area) {
			event = t.buttons[t.on-1].Event
		}
		t.on = 0
		return true, event
	}
	at := onScreen(s, t.size)
	t.at = image.Pt(int(at.X+0.5), int(at.Y+0.5))
	if !was {
		t.on = t.under(t.at)
	}
	return t.on == 0, nil
}

// under is the button at a place, counted from 1.
func (t *tapped) under(at image.Point) int {
	for i, b := range t.buttons {
		if at.In(b.Area) {
			return i + 1
		}
	}
	return 0
}

// sheet lays a sheet in the visitor's language on the pad, or leaves it white.
func (s *Station) sheet(ctx context.Context, pad devices.SignaturePad, language string) ([]SheetButton, error) {
	if s.config.Sheet == nil || !pad.Traits().Screen {
		return nil, pad.Clear(ctx)
	}
	sheet, err := s.config.Sheet(language, pad.Size())
	if err != nil {
		s.config.Log.Error("the pad's sheet was not drawn", "err", err)
		return nil, pad.Clear(ctx)
	}
	return sheet.Buttons, pad.Show(ctx, sheet.Picture, sheet.Paper)
}

// easel keeps a picture on the signature pad while nobody signs. Nothing waits for it: a signature that begins takes the pad from it.
type easel struct {
	place *devices.Slot[devices.SignaturePad]
	draw  func(devices.PadSize) (image.Image, error)
	say   func(error)

	mu      sync.Mutex
	signing bool
	shows   devices.SignaturePad // that bears the picture, or could not be made to
	cancel  context.CancelFunc   // of the picture that is under way; nil without one
	idle    chan struct{}        // closed when none is under way
	changed chan struct{}        // has a value when there is something to do
}

// lookEvery is how often the easel looks for another pad.
const lookEvery = time.Second

func newEasel(place *devices.Slot[devices.SignaturePad], draw func(devices.PadSize) (image.Image, error), say func(error)) *easel {
	e := &easel{place: place, draw: draw, say: say, idle: make(chan struct{}), changed: make(chan struct{}, 1)}
	close(e.idle)
	return e
}

// run shows the picture whenever it may, until ctx ends.
func (e *easel) run(ctx context.Context) {
	if e.place == nil || e.draw == nil {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		e.show(ctx)
		select {
		case <-ctx.Done():
			return
		case <-e.changed:
		case <-tick.C:
		}
	}
}

// show brings the picture onto a pad that does not have it.
func (e *easel) show(ctx context.Context) {
	pad, err := e.place.Get()
	if err != nil || !pad.Traits().Screen {
		return
	}
	e.mu.Lock()
	if e.signing || e.shows == pad {
		e.mu.Unlock()
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	idle := make(chan struct{})
	e.shows, e.cancel, e.idle = pad, cancel, idle
	e.mu.Unlock()
	defer func() {
		cancel()
		e.mu.Lock()
		e.cancel = nil
		e.mu.Unlock()
		close(idle)
	}()
	picture, err := e.draw(pad.Size())
	if err == nil {
		err = pad.Show(ctx, picture, image.Rectangle{})
	}
	if err != nil && ctx.Err() == nil {
		e.say(err)
		e.place.Used(pad, err)
	}
}

// take takes the pad for a signature, and waits until nothing is under way on it.
func (e *easel) take() {
	e.mu.Lock()
	e.signing, e.shows = true, nil
	if e.cancel != nil {
		e.cancel()
	}
	idle := e.idle
	e.mu.Unlock()
	<-idle
}

// give gives it back.
func (e *easel) give() {
	e.mu.Lock()
	e.signing = false
	e.mu.Unlock()
	select {
	case e.changed <- struct{}{}:
	default:
	}
}
