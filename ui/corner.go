package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// The gesture that asks for a technician's PIN: a finger that stays in the top left corner, where no control is. No visitor does that by
// chance, and one who does sees a screen that goes away by itself.
const (
	cornerSize float32       = 150
	holdFor    time.Duration = 5 * time.Second
	cornerID                 = "technician"
	cornerRole               = "hold"
)

// corner feels that gesture. There is one for as long as the window: a screen that is drawn anew does not end it.
type corner struct {
	widget.BaseWidget
	now   func() time.Time
	held  func()
	since time.Time // since when a finger is there; zero without
}

var (
	_ desktop.Mouseable = (*corner)(nil)
	_ desktop.Hoverable = (*corner)(nil)
)

func newCorner(now func() time.Time, held func()) *corner {
	c := &corner{now: now, held: held}
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget: nothing is seen of it.
func (c *corner) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// MouseDown implements desktop.Mouseable; the display server makes a mouse of a finger.
func (c *corner) MouseDown(*desktop.MouseEvent) { c.since = c.now() }

// MouseUp implements desktop.Mouseable. Who lets go after five seconds has held it, though no tick came meanwhile.
func (c *corner) MouseUp(*desktop.MouseEvent) {
	c.tick(c.now())
	c.letGo()
}

// MouseIn implements desktop.Hoverable: a finger that slides into the corner was not put there.
func (c *corner) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements desktop.Hoverable: a finger is never quite still.
func (c *corner) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (c *corner) MouseOut() { c.letGo() }

func (c *corner) letGo() { c.since = time.Time{} }

// tick notices that it was held long enough, once.
func (c *corner) tick(now time.Time) {
	if !c.since.IsZero() && now.Sub(c.since) >= holdFor {
		c.letGo()
		c.held()
	}
}

// entersAt tells whether a technician can get in from a view: flow decides, and this is where the gesture is offered.
func entersAt(v kiosk.View) bool {
	if !v.HasPIN {
		return false
	}
	next, _ := flow.Apply(v.State, flow.OpenTechnician{})
	return next.Screen == flow.PIN && v.State.Screen != flow.PIN
}

// withCorner lays the corner over a screen from which a technician can get in.
func (u *UI) withCorner(screen fyne.CanvasObject) fyne.CanvasObject {
	if !entersAt(u.view) {
		u.corner.letGo()
		return screen
	}
	return container.New(stage{resized: func() {}}, screen, container.New(topLeft{cornerSize}, u.corner))
}

// openTechnician asks for the PIN, where that can be.
func (u *UI) openTechnician() {
	if entersAt(u.view) {
		u.send(flow.OpenTechnician{})
	}
}

// shortcut is the gesture of a keyboard: Ctrl+Alt+T.
func shortcut() fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: fyne.KeyT, Modifier: fyne.KeyModifierControl | fyne.KeyModifierAlt}
}

// topLeft gives its one object a square in that corner.
type topLeft struct{ size float32 }

// Layout implements fyne.Layout.
func (c topLeft) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	for _, o := range objects {
		place(o, 0, 0, c.size, c.size)
	}
}

// MinSize implements fyne.Layout.
func (c topLeft) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
