package kiosk

import (
	"cmp"
	"context"
	"image"
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
	cleared  int
	captures int // under mu
}

func (p *pad) Size() devices.PadSize {
	return devices.PadSize{MaxX: 1000, MaxY: 600, MaxPressure: 1023, Width: 100, Height: 60}
}

func (p *pad) Show(context.Context, image.Image) error { return nil }

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
		sink(devices.Sample{X: 20 * (i % 50), Y: p.writesAt(), Pressure: 500, Down: true, At: at})
	}
	select {
	case <-ctx.Done():
		return nil
	case <-p.gone():
		return p.unplugged("capture")
	}
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
