// Package finger is signing with a finger on the station's own screen, as a signature pad like any other.
//
// A [Screen] is told what the finger does by whoever draws the screen; the pad that it opens hands that on while it captures. There
// is no picture to show: the screen itself mirrors the ink, as it does for every pad. A finger has no pressure, and what the display
// server leaves out of its way nobody counts.
package finger

import (
	"context"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// size is the geometry of the pad: units of a tenth of a pixel on a sheet in the shape of the screen's own.
var size = devices.PadSize{MaxX: 9360, MaxY: 5620, MaxPressure: 2, Width: 936, Height: 562}

// waiting is how many samples may wait for whoever captures: several seconds of a finger.
const waiting = 1024

// Screen is a screen that can be signed on. Its methods may be called from any goroutine.
type Screen struct {
	path string

	mu   sync.Mutex
	pad  *Pad // that is open; nil without one
	gone bool
}

// NewScreen makes a screen, called path where devices are named by where they are.
func NewScreen(path string) *Screen { return &Screen{path: path} }

// Open opens the screen as a pad. Errors: ErrBusy, ErrNoDevice once it is closed.
func (s *Screen) Open(ctx context.Context) (*Pad, error) {
	if err := ctx.Err(); err != nil {
		return nil, failure("open", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
		return nil, failure("open", devices.ErrNoDevice)
	case s.pad != nil:
		return nil, failure("open", devices.ErrBusy)
	}
	s.pad = &Pad{screen: s, ended: make(chan struct{})}
	return s.pad, nil
}

// Touch says where the finger is, in parts of the sheet's width and height, and whether it touches. It does not wait; what nobody
// captures is forgotten.
func (s *Screen) Touch(x, y float64, down bool) {
	s.mu.Lock()
	pad := s.pad
	s.mu.Unlock()
	if pad != nil {
		pad.take(x, y, down)
	}
}

// Close says that the screen is gone. It may be called twice.
func (s *Screen) Close() {
	s.mu.Lock()
	pad := s.pad
	s.pad, s.gone = nil, true
	s.mu.Unlock()
	if pad != nil {
		pad.stop(devices.ErrUnplugged)
	}
}

// Pad is the screen while somebody may sign on it.
type Pad struct {
	screen *Screen

	mu     sync.Mutex
	reason error         // why it has ended, nil before
	ended  chan struct{} // closed then
	began  time.Time     // of the capture under way
	sink   chan devices.Sample
	missed int  // samples that found no room
	down   bool // the finger touches
	lifted bool // it was up since the capture began
}

var _ devices.SignaturePad = (*Pad)(nil)

// take keeps a sample for whoever captures.
func (p *Pad) take(x, y float64, down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down, p.lifted = down, p.lifted || !down
	if p.sink == nil || !p.lifted {
		return
	}
	s := devices.Sample{X: scale(x, size.MaxX), Y: scale(y, size.MaxY), Down: down, At: time.Since(p.began), Missed: p.missed}
	if down {
		s.Pressure = size.MaxPressure / 2
	}
	select {
	case p.sink <- s:
		p.missed = 0
	default:
		p.missed++
	}
}

func scale(part float64, most int) int { return int(min(max(part, 0), 1)*float64(most) + 0.5) }

// Info implements [devices.Device].
func (p *Pad) Info() devices.Info {
	return devices.Info{Kind: devices.KindSignaturePad, Model: "touchscreen", Path: p.screen.path}
}

// Size implements [devices.SignaturePad].
func (p *Pad) Size() devices.PadSize { return size }

// Traits implements [devices.SignaturePad].
func (p *Pad) Traits() devices.PadTraits { return devices.PadTraits{} }

// Health implements [devices.Device].
func (p *Pad) Health(context.Context) devices.Health {
	if err := p.over(); err != nil {
		return devices.HealthOf(failure("look", err))
	}
	return devices.Health{State: devices.StateOnline}
}

// Show implements [devices.SignaturePad]: there is no other screen to show anything on.
func (p *Pad) Show(context.Context, image.Image, image.Rectangle) error { return p.wrap("show") }

// Clear implements [devices.SignaturePad].
func (p *Pad) Clear(context.Context) error { return p.wrap("clear") }

func (p *Pad) wrap(op string) error {
	if err := p.over(); err != nil {
		return failure(op, err)
	}
	return nil
}

// over says why the pad has ended, if it has.
func (p *Pad) over() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason
}

// Capture implements [devices.SignaturePad]. A finger that is down already begins once it was lifted; one that was not seen is up.
func (p *Pad) Capture(ctx context.Context, sink func(devices.Sample)) error {
	samples := make(chan devices.Sample, waiting)
	p.mu.Lock()
	reason := p.reason
	if reason == nil {
		p.sink, p.began, p.missed, p.lifted = samples, time.Now(), 0, !p.down
	}
	p.mu.Unlock()
	if reason != nil {
		return failure("capture", reason)
	}
	defer func() {
		p.mu.Lock()
		p.sink = nil
		p.mu.Unlock()
	}()
	for {
		select {
		case s := <-samples:
			sink(s)
		case <-p.ended:
			return failure("capture", p.over())
		case <-ctx.Done():
			return nil
		}
	}
}

// Close implements [devices.Device].
func (p *Pad) Close() error {
	p.screen.mu.Lock()
	if p.screen.pad == p {
		p.screen.pad = nil
	}
	p.screen.mu.Unlock()
	p.stop(devices.ErrClosed)
	return nil
}

// stop ends the pad, for the first reason that it is given.
func (p *Pad) stop(reason error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason == nil {
		p.reason = reason
		close(p.ended)
	}
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindSignaturePad, Op: op, Err: err}
}
