package ui

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/foyer-station/foyer/ui/text"
	"github.com/foyer-station/foyer/ui/theme"
)

// paragraph is text on the screen. All text of the visitor's app is one, so that every language goes the same way: Fyne's
// own text gets mixed right-to-left order wrong. It is laid out once for a width and drawn once for a scale; a refresh
// only hands out the same picture again.
type paragraph struct {
	widget.BaseWidget
	typesetter *text.Typesetter
	content    string
	style      text.Style

	raster  *canvas.Raster
	laid    *text.Layout // for width
	width   float32
	picture *image.RGBA // of laid; nil until it is drawn
}

func newParagraph(t *text.Typesetter, content string, style text.Style) *paragraph {
	p := &paragraph{typesetter: t, content: content, style: style}
	p.raster = canvas.NewRaster(p.draw)
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *paragraph) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.raster) }

// MinSize implements fyne.CanvasObject. The height depends on the width, which the layouts of this package ask for
// instead.
func (p *paragraph) MinSize() fyne.Size { return fyne.NewSize(0, p.style.Size) }

// heightFor implements measured.
func (p *paragraph) heightFor(width float32) float32 { return p.layout(width).Height() }

func (p *paragraph) layout(width float32) *text.Layout {
	if p.laid == nil || p.width != width {
		p.laid, p.width = p.typesetter.Layout(p.content, p.style, width), width
		p.wipe()
	}
	return p.laid
}

// draw gives the picture in pixels of the canvas, whatever its scale.
func (p *paragraph) draw(width, height int) image.Image {
	size := image.Pt(width, height)
	laid := p.layout(p.Size().Width) // first: a new layout wipes the old picture
	if p.picture == nil || p.picture.Rect.Size() != size {
		p.wipe()
		p.picture = image.NewRGBA(image.Rectangle{Max: size})
		p.typesetter.Draw(laid, p.picture, image.Point{}, float32(width)/p.Size().Width)
	}
	return p.picture
}

// say replaces the text in the place that it has.
func (p *paragraph) say(content string) {
	if content == p.content {
		return
	}
	p.content, p.laid = content, nil
	p.wipe()
	p.raster.Refresh()
}

// recolour draws the text in another colour.
func (p *paragraph) recolour(colour theme.Color) {
	p.style.Color, p.laid = colour, nil
	p.wipe()
	p.raster.Refresh()
}

// wipe forgets the picture: it can show a name.
func (p *paragraph) wipe() {
	if p.picture != nil {
		clear(p.picture.Pix)
		p.picture = nil
	}
}
