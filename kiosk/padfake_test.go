package kiosk

import (
	"cmp"
	"context"
	"image"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// pad is signed as soon as ink is on, if there is a hand.
type pad struct {
	fake
	hand     bool          // under mu
	late     time.Duration // from sample to sample until the station has it
	restless bool          // the hand writes on until nobody captures
	height   int           // at which it writes, under mu; 0 is the middle
	taps     []image.Point // of the hand when it has written, one a capture, under mu
	missed   int           // before each sample
	cleared  int
	showing  []image.Image // what the pad was told to show, under mu
	captures int           // under mu
}

func (p *pad) Size() devices.PadSize {
	return devices.PadSize{MaxX: 1000, MaxY: 600, MaxPressure: 1023, Width: 100, Height: 60}
}

func (p *pad) Traits() devices.PadTraits {
	return devices.PadTraits{Screen: true, Rate: 200, Counts: true}
}

func (p *pad) Show(_ context.Context, picture image.Image, _ image.Rectangle) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.showing = append(p.showing, picture)
	return nil
}

func (p *pad) shown() []image.Image {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.showing)
}

func (p *pad) Clear(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cleared++
	return nil
}

func (p *pad) Capture(ctx context.Context, sink func(devices.Sample)) error {
	if err := p.broken("capture"); err != nil {
		return err
	}
	p.mu.Lock()
	hand := p.hand
	p.captures++
	p.mu.Unlock()
	begin := time.Now()
	for i := 0; hand && (p.restless || i < 50); i++ {
		select {
		case <-time.After(p.late):
		case <-ctx.Done():
			return nil
		}
		at := time.Duration(i) * 5 * time.Millisecond
		if p.restless {
			at = time.Since(begin)
		}
		sink(devices.Sample{X: 20 * (i % 50), Y: p.writesAt(), Pressure: 500, Down: true, At: at, Missed: p.missed})
	}
	p.tap(sink, time.Since(begin))
	select {
	case <-ctx.Done():
		return nil
	case <-p.gone():
		return p.unplugged("capture")
	}
}

// tap has the hand tap where it is to in this capture.
func (p *pad) tap(sink func(devices.Sample), at time.Duration) {
	p.mu.Lock()
	taps := p.taps
	p.taps = taps[min(1, len(taps)):]
	p.mu.Unlock()
	if len(taps) == 0 {
		return
	}
	sink(devices.Sample{X: 980, Y: p.writesAt(), At: at})
	for range 30 {
		sink(devices.Sample{X: taps[0].X, Y: taps[0].Y, Pressure: 500, Down: true, At: at})
	}
	sink(devices.Sample{X: taps[0].X, Y: taps[0].Y, At: at})
}

// writesAt is the height at which the hand writes.
func (p *pad) writesAt() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return cmp.Or(p.height, 300)
}

func (p *pad) writeAt(height int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.height = height
}
