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
			fyne.Do(func() {
				u.tick()
				if u.coming.waits() {
					u.holding++
					u.showBench()
				}
			})
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
		fyne.Do(u.showBench)
	}
}

// showBench draws what the bench has told last, unless a finger is on a control: one that was drawn anew below it would not know that it
// is touched. Then the next tick draws it; the release of a finger that slides off a control is told to nobody, and is waited for no
// longer than any touch takes.
func (u *UI) showBench() {
	const longest = 4 // ticks
	if u.coming.waits() && u.touches() && u.holding < longest {
		return
	}
	u.holding = 0
	v, came := u.coming.take()
	if !came {
		return
	}
	u.workbench.take(v)
	if u.view.State.Screen == flow.Technician {
		u.draw(u.view)
	}
}

// touches tells whether a finger is on a control.
func (u *UI) touches() (does bool) {
	for _, o := range u.root.Objects {
		walk(o, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
			if b, is := o.(*button); is {
				does = does || b.pressed
			}
		})
	}
	return does
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

func (l *latest) waits() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.view != nil
}

// take gives the view that waits, if one does.
func (l *latest) take() (v bench.View, came bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.view == nil {
		return v, false
	}
	v, l.view = *l.view, nil
	return v, true
}
