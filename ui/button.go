package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/foyer-station/foyer/ui/theme"
)

// rank is how much a button wants to be touched.
type rank int

const (
	primary   rank = iota // the one thing to do next
	secondary             // another way on
	card                  // one of several equal choices
)

// Places inside a button.
const (
	buttonPad    float32 = 36
	buttonMargin float32 = 18 // above and below the text
	buttonIcon   float32 = 56
)

// button is every control of the visitor's app. It shows a finger at once, takes the keyboard's focus, and answers a
// touch, Enter or Space. Its id is published with its place.
type button struct {
	widget.BaseWidget
	id      string
	rank    rank
	label   *paragraph
	detail  *paragraph // nil if there is no second line
	icon    fyne.CanvasObject
	mirror  bool    // icon and text run from the right
	iconEnd bool    // the icon stands behind the label
	least   float32 // its height at least, where that is not its rank's
	narrow  bool    // two share a row: the label has all that the icon leaves
	tapped  func()

	disabled, pressed, focused bool
	face                       *canvas.Rectangle
}

var (
	_ fyne.Tappable     = (*button)(nil)
	_ fyne.Focusable    = (*button)(nil)
	_ desktop.Mouseable = (*button)(nil)
)

// CreateRenderer implements fyne.Widget.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	b.face = canvas.NewRectangle(color.Transparent)
	b.face.CornerRadius = theme.Corner
	r := &buttonRenderer{button: b}
	r.Refresh()
	return r
}

// MinSize implements fyne.CanvasObject.
func (b *button) MinSize() fyne.Size {
	if b.least > 0 {
		return fyne.NewSize(0, b.least)
	}
	if b.rank == card || b.detail != nil {
		return fyne.NewSize(0, theme.CardHeight)
	}
	return fyne.NewSize(0, theme.ButtonHeight)
}

// heightFor implements measured: a long label makes its button higher.
func (b *button) heightFor(width float32) float32 {
	_, inside := b.textBox(width)
	return max(b.MinSize().Height, b.textHeight(inside)+2*buttonMargin)
}

func (b *button) textHeight(width float32) float32 {
	var height float32
	for _, p := range b.paragraphs() {
		height += p.heightFor(width)
	}
	return height
}

// Tapped implements fyne.Tappable.
func (b *button) Tapped(*fyne.PointEvent) {
	if !b.disabled {
		b.tapped()
	}
}

// MouseDown implements desktop.Mouseable: the finger is seen before it is lifted.
func (b *button) MouseDown(*desktop.MouseEvent) { b.show(&b.pressed, !b.disabled) }

// MouseUp implements desktop.Mouseable.
func (b *button) MouseUp(*desktop.MouseEvent) { b.show(&b.pressed, false) }

// FocusGained implements fyne.Focusable.
func (b *button) FocusGained() { b.show(&b.focused, true) }

// FocusLost implements fyne.Focusable.
func (b *button) FocusLost() { b.show(&b.focused, false) }

func (b *button) show(state *bool, on bool) {
	*state = on
	b.Refresh()
}

// TypedRune implements fyne.Focusable.
func (b *button) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (b *button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		b.Tapped(nil)
	}
}

// enable lets a control be touched, or not, in the place that it has.
func (b *button) enable(on bool) {
	b.disabled = !on
	b.label.recolour(theme.Quiet)
	switch {
	case on && b.rank == primary:
		b.label.recolour(theme.White)
	case on:
		b.label.recolour(theme.Accent)
	}
	b.Refresh()
}

func (b *button) paragraphs() []*paragraph {
	if b.detail == nil {
		return []*paragraph{b.label}
	}
	return []*paragraph{b.label, b.detail}
}

// textBox is the part of a button's width that its text has.
func (b *button) textBox(outer float32) (x, width float32) {
	if b.icon == nil {
		return buttonPad, outer - 2*buttonPad
	}
	taken := 2*buttonPad + b.iconWidth()
	if b.rank == card {
		width = outer - taken - buttonPad
		if b.mirror {
			return buttonPad, width
		}
		return taken, width
	}
	if b.narrow {
		taken -= buttonPad / 2
		if width = outer - taken - buttonPad/2; b.mirror {
			return buttonPad / 2, width
		}
		return taken, width
	}
	// Room on both sides, so that the label stands in the middle of the button.
	taken -= buttonPad / 2
	return taken, outer - 2*taken
}

func (b *button) iconWidth() float32 {
	if b.rank == card {
		return buttonIcon * 1.5
	}
	return buttonIcon
}

type buttonRenderer struct{ button *button }

// Layout implements fyne.WidgetRenderer.
func (r *buttonRenderer) Layout(size fyne.Size) {
	b := r.button
	place(b.face, 0, 0, size.Width, size.Height)
	if b.icon != nil {
		x, width := buttonPad, b.iconWidth()
		if b.mirror != b.iconEnd {
			x = size.Width - buttonPad - width
		}
		place(b.icon, x, (size.Height-width)/2, width, width)
	}
	x, width := b.textBox(size.Width)
	y := (size.Height - b.textHeight(width)) / 2
	for _, p := range b.paragraphs() {
		place(p, x, y, width, p.heightFor(width))
		y += p.heightFor(width)
	}
}

// MinSize implements fyne.WidgetRenderer.
func (r *buttonRenderer) MinSize() fyne.Size { return r.button.MinSize() }

// Refresh implements fyne.WidgetRenderer: the face says what the button is and what happens to it.
func (r *buttonRenderer) Refresh() {
	b := r.button
	face := b.face
	face.StrokeWidth, face.StrokeColor = 3, theme.Accent
	switch {
	case b.disabled:
		face.FillColor, face.StrokeColor = theme.Paper, theme.Shade
	case b.rank == primary && b.pressed:
		face.FillColor = theme.Pressed
	case b.rank == primary:
		face.FillColor = theme.Accent
	case b.pressed:
		face.FillColor = theme.Mist
	default:
		face.FillColor = theme.White
	}
	if b.focused {
		face.StrokeWidth, face.StrokeColor = 8, theme.Sea
	}
	face.Refresh()
}

// Objects implements fyne.WidgetRenderer.
func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.button.face}
	if r.button.icon != nil {
		objects = append(objects, r.button.icon)
	}
	for _, p := range r.button.paragraphs() {
		objects = append(objects, p)
	}
	return objects
}

// Destroy implements fyne.WidgetRenderer.
func (r *buttonRenderer) Destroy() {}
