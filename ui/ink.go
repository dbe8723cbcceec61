package ui

import (
	"image"
	"image/color"
	"math"
	"sync"

	"fyne.io/fyne/v2/canvas"
	"golang.org/x/image/draw"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/ui/theme"
)

// The sheet that the signature is mirrored on, in pixels: the shape of the pad's LCD, as wide as the screen's grid.
const (
	inkWidth  = 936
	inkHeight = 562
	inkRadius = 3.2 // of the pen's tip
)

// ink is the signature as it is being written. Samples come faster than the screen is drawn, so they are gathered and
// drawn together.
type ink struct {
	image *canvas.Image
	flow  func() // draws what was gathered; on Fyne's goroutine
	sheet *image.RGBA
	tip   *image.Alpha
	last  image.Point // where the pen was, if it was down
	down  bool

	mu       sync.Mutex
	gathered []stroke
	anew     bool // the sheet is to be empty before they are drawn
}

// stroke is one sample in pixels of the sheet.
type stroke struct {
	at   image.Point
	down bool
}

func newInk() *ink {
	i := &ink{sheet: image.NewRGBA(image.Rect(0, 0, inkWidth, inkHeight)), tip: tip()}
	i.image = &canvas.Image{Image: i.sheet, FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	i.flow = i.draw
	return i
}

// tip is a soft round mask: what one touch of the pen blackens.
func tip() *image.Alpha {
	const size = 9 // odd, and wider than the tip
	mask := image.NewAlpha(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			away := math.Hypot(float64(x-size/2), float64(y-size/2))
			mask.SetAlpha(x, y, color.Alpha{A: uint8(255 * min(1, max(0, inkRadius+0.5-away)))})
		}
	}
	return mask
}

// add gathers a sample, and tells whether to draw. A pad without a size has nothing to show.
func (i *ink) add(s devices.Sample, size devices.PadSize) bool {
	if size.MaxX <= 0 || size.MaxY <= 0 {
		return false
	}
	x, y := min(max(s.X, 0), size.MaxX), min(max(s.Y, 0), size.MaxY)
	at := image.Pt(x*(inkWidth-1)/size.MaxX, y*(inkHeight-1)/size.MaxY)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.gathered = append(i.gathered, stroke{at, s.Down})
	return len(i.gathered) == 1
}

// begin gathers for an empty sheet. What was there is gone when it is drawn.
func (i *ink) begin() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.drop()
	i.anew = true
}

func (i *ink) draw() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.anew {
		i.blank()
	}
	for _, s := range i.gathered {
		if s.down && i.down {
			i.line(i.last, s.at)
		} else if s.down {
			i.dot(float64(s.at.X), float64(s.at.Y))
		}
		i.last, i.down = s.at, s.down
	}
	i.gathered = i.gathered[:0]
	i.image.Refresh()
}

// line draws dots so close to each other that they are a line. It is no longer than the sheet is wide and high.
func (i *ink) line(from, to image.Point) {
	steps := math.Ceil(math.Hypot(float64(to.X-from.X), float64(to.Y-from.Y)))
	for step := 1.0; step <= steps; step++ {
		part := step / steps
		i.dot(float64(from.X)+part*float64(to.X-from.X), float64(from.Y)+part*float64(to.Y-from.Y))
	}
}

func (i *ink) dot(x, y float64) {
	at := image.Pt(int(math.Round(x)), int(math.Round(y))).Sub(i.tip.Rect.Max.Div(2))
	draw.DrawMask(i.sheet, i.tip.Rect.Add(at), image.NewUniform(theme.Ink), image.Point{}, i.tip, image.Point{}, draw.Over)
}

// wipe leaves nothing of the signature.
func (i *ink) wipe() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.drop()
	i.blank()
	i.image.Refresh()
}

// drop forgets what was gathered.
func (i *ink) drop() {
	clear(i.gathered)
	i.gathered = i.gathered[:0]
}

// blank leaves nothing on the sheet.
func (i *ink) blank() {
	clear(i.sheet.Pix)
	i.down, i.anew, i.last = false, false, image.Point{}
}
