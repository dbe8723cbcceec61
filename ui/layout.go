package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// measured is an object or a layout whose height depends on its width, which Fyne's own layouts do not ask for.
type measured interface{ heightFor(width float32) float32 }

type measuredLayout interface {
	fyne.Layout
	heightOf(objects []fyne.CanvasObject, width float32) float32
}

func heightFor(o fyne.CanvasObject, width float32) float32 {
	if !o.Visible() {
		return 0
	}
	if m, ok := o.(measured); ok {
		return m.heightFor(width)
	}
	if c, ok := o.(*fyne.Container); ok {
		if m, ok := c.Layout.(measuredLayout); ok {
			return m.heightOf(c.Objects, width)
		}
	}
	return o.MinSize().Height
}

func place(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(width, height))
}

// column stacks its objects from top to bottom. What is left of the height goes to the filler, if there is one.
type column struct {
	gap    float32
	filler fyne.CanvasObject
}

func newColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(column{gap: gap}, objects...)
}

// Layout implements fyne.Layout.
func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rest := size.Height - c.heightOf(objects, size.Width)
	y := float32(0)
	for _, o := range objects {
		height := heightFor(o, size.Width)
		if o == c.filler {
			height = max(0, height+rest)
		}
		place(o, 0, y, size.Width, height)
		y += height + c.gap
	}
}

// MinSize implements fyne.Layout; the window's size is given, not asked for.
func (c column) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (c column) heightOf(objects []fyne.CanvasObject, width float32) float32 {
	sum := c.gap * float32(max(0, len(objects)-1))
	for _, o := range objects {
		sum += heightFor(o, width)
	}
	return sum
}

// row puts its objects side by side in the direction of reading. An object whose width is 0, or not given, shares what is
// left with the others like it. Objects stand in the middle of the row's height, or fill it.
type row struct {
	gap         float32
	widths      []float32
	rightToLeft bool
	fill        bool
}

// Layout implements fyne.Layout.
func (r row) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for i, o := range objects {
		width := r.width(i, len(objects), size.Width)
		height := heightFor(o, width)
		if r.fill {
			height = size.Height
		}
		left := x
		if r.rightToLeft {
			left = size.Width - x - width
		}
		place(o, left, (size.Height-height)/2, width, height)
		x += width + r.gap
	}
}

func (r row) width(i, objects int, width float32) float32 {
	if i < len(r.widths) && r.widths[i] > 0 {
		return r.widths[i]
	}
	rest, sharing := width-r.gap*float32(objects-1), objects
	for _, w := range r.widths {
		if w > 0 {
			rest -= w
			sharing--
		}
	}
	return rest / float32(sharing)
}

// MinSize implements fyne.Layout.
func (r row) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (r row) heightOf(objects []fyne.CanvasObject, width float32) float32 {
	var highest float32
	for i, o := range objects {
		highest = max(highest, heightFor(o, r.width(i, len(objects), width)))
	}
	return highest
}

// inset lays all its objects over each other, the first in the whole box, the others inside the padding.
type inset struct{ x, y float32 }

// Layout implements fyne.Layout.
func (p inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for i, o := range objects {
		if i == 0 {
			place(o, 0, 0, size.Width, size.Height)
			continue
		}
		place(o, p.x, p.y, size.Width-2*p.x, size.Height-2*p.y)
	}
}

// MinSize implements fyne.Layout.
func (p inset) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (p inset) heightOf(objects []fyne.CanvasObject, width float32) float32 {
	var highest float32
	for _, o := range objects[1:] {
		highest = max(highest, heightFor(o, width-2*p.x)+2*p.y)
	}
	return highest
}

// centred gives its one object a fixed size in the middle of the box.
type centred struct{ width, height float32 }

// Layout implements fyne.Layout.
func (c centred) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width, height := min(c.width, size.Width), min(c.height, size.Height)
	for _, o := range objects {
		place(o, (size.Width-width)/2, (size.Height-height)/2, width, height)
	}
}

// MinSize implements fyne.Layout.
func (c centred) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, c.height) }

// walk visits an object and everything in it, in reading order, with its place in the root's own units. Widgets are
// leaves.
func walk(o fyne.CanvasObject, at fyne.Position, visit func(fyne.CanvasObject, fyne.Position)) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	visit(o, at)
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			walk(child, at, visit)
		}
	}
}

// proportion gives all its objects the largest box of a shape, width to height, in the middle.
type proportion struct{ width, height float32 }

// Layout implements fyne.Layout.
func (p proportion) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	scale := min(size.Width/p.width, size.Height/p.height)
	width, height := p.width*scale, p.height*scale
	for _, o := range objects {
		place(o, (size.Width-width)/2, (size.Height-height)/2, width, height)
	}
}

// MinSize implements fyne.Layout.
func (p proportion) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// signingLine puts its object where one signs: low on the sheet.
type signingLine struct{}

// Layout implements fyne.Layout.
func (signingLine) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		place(o, size.Width*0.06, size.Height*0.66, size.Width*0.88, size.Height*0.16)
	}
}

// MinSize implements fyne.Layout.
func (signingLine) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
