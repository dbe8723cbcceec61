package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// fingertip lies over the sheet where visitors sign with a finger, and tells where that is. There is one for as long as the window:
// a screen that is drawn anew while somebody writes does not break the stroke. What is told comes back as ink, as from a pad.
type fingertip struct {
	widget.BaseWidget
	sign func(x, y float64, down bool) // parts of the sheet's width and height; nil where visitors sign on a pad
	down bool
}

var (
	_ desktop.Mouseable = (*fingertip)(nil)
	_ desktop.Hoverable = (*fingertip)(nil)
)

func newFingertip(sign func(x, y float64, down bool)) *fingertip {
	f := &fingertip{sign: sign}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer implements fyne.Widget: nothing is seen of it.
func (f *fingertip) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// MouseDown implements desktop.Mouseable; the display server makes a mouse of a finger.
func (f *fingertip) MouseDown(e *desktop.MouseEvent) { f.tell(e.Position, true) }

// MouseUp implements desktop.Mouseable.
func (f *fingertip) MouseUp(e *desktop.MouseEvent) { f.tell(e.Position, false) }

// MouseIn implements desktop.Hoverable. A finger that slides onto the sheet writes from there on.
func (f *fingertip) MouseIn(e *desktop.MouseEvent) { f.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (f *fingertip) MouseMoved(e *desktop.MouseEvent) {
	if touches := e.Button&desktop.MouseButtonPrimary != 0; touches || f.down {
		f.tell(e.Position, touches)
	}
}

// MouseOut implements desktop.Hoverable: beside the sheet nobody writes.
func (f *fingertip) MouseOut() {
	if f.down {
		f.down = false
		f.sign(0, 0, false)
	}
}

func (f *fingertip) tell(at fyne.Position, down bool) {
	size := f.Size()
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	f.down = down
	f.sign(float64(at.X/size.Width), float64(at.Y/size.Height), down)
}

// toldTo has the ink of what is told to sign expected.
func (u *UI) toldTo(sign func(x, y float64, down bool)) func(x, y float64, down bool) {
	if sign == nil {
		return nil
	}
	return func(x, y float64, down bool) {
		u.ink.expect()
		sign(x, y, down)
	}
}

// byFinger tells whether visitors sign on the screen itself.
func (u *UI) byFinger() bool { return u.fingertip.sign != nil }

// signingSheet is the sheet while somebody is to sign.
func (p *page) signingSheet() fyne.CanvasObject {
	if !p.byFinger() {
		return p.sheet()
	}
	return container.New(proportion{inkWidth, inkHeight}, p.sheet(), p.fingertip)
}
