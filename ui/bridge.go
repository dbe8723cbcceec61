package ui

import (
	"context"
	"image"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// This file is the one place where other goroutines meet Fyne's.

var _ kiosk.Display = (*UI)(nil)

// tickEvery is how often what moves by itself moves: a countdown's seconds, a sign that a device is at work.
const tickEvery = 500 * time.Millisecond

// Run lets time pass on the screen until ctx ends, and returns ctx's error. Fyne must be running or about to.
func (u *UI) Run(ctx context.Context) error {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			fyne.Do(u.tick)
		}
	}
}

// Answers returns nil once Fyne has come round to what it was given to do, and ctx's error when that ends before: a window
// that hangs, or is not running, does not answer.
func (u *UI) Answers(ctx context.Context) error {
	done := make(chan struct{})
	fyne.Do(func() { close(done) })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Show implements kiosk.Display.
func (u *UI) Show(v kiosk.View) { fyne.Do(func() { u.draw(v) }) }

// Preview implements kiosk.Display. A frame that comes before the last one was drawn is dropped.
func (u *UI) Preview(frame *image.RGBA) {
	if u.camera.take(frame) {
		fyne.Do(u.camera.flip)
	}
}

// Sheet implements kiosk.Display.
func (u *UI) Sheet() {
	u.ink.begin()
	fyne.Do(u.ink.flow)
}

// Ink implements kiosk.Display.
func (u *UI) Ink(s devices.Sample, size devices.PadSize) {
	if u.ink.add(s, size) {
		fyne.Do(u.ink.flow)
	}
}

// Test shows what a technician's bench has to show. What comes before the last was drawn takes its place.
func (u *UI) Test(v bench.View) {
	if u.coming.put(v) {
		fyne.Do(func() {
			u.workbench.take(u.coming.take())
			if u.view.State.Screen == flow.Technician {
				u.draw(u.view)
			}
		})
	}
}

// latest is a view that waits to be drawn.
type latest struct {
	mu   sync.Mutex
	view *bench.View
}

// put replaces the view that waits, and tells whether none did.
func (l *latest) put(v bench.View) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.view == nil
	l.view = &v
	return first
}

func (l *latest) take() bench.View {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := *l.view
	l.view = nil
	return v
}
