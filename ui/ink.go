package ui

import (
	"image"
	"slices"
	"sync"

	"fyne.io/fyne/v2/canvas"

	"github.com/foyer-station/foyer/devices"
	pen "github.com/foyer-station/foyer/devices/ink"
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
	i := &ink{sheet: image.NewRGBA(image.Rect(0, 0, inkWidth, inkHeight))}
	i.image = &canvas.Image{Image: i.sheet, FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	i.flow = i.draw
	return i
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
			i.line(s.at, s.at)
		}
		i.last, i.down = s.at, s.down
	}
	i.gathered = i.gathered[:0]
	i.image.Refresh()
}

// line inks a line, or a dot where it does not lead anywhere.
func (i *ink) line(from, to image.Point) {
	r, g, b, a := theme.Ink.RGBA()
	whole := [4]float64{float64(r >> 8), float64(g >> 8), float64(b >> 8), float64(a >> 8)}
	pixel := func(p image.Point) pen.Point { return pen.Point{X: float64(p.X), Y: float64(p.Y)} }
	pen.Line(i.sheet.Rect, pixel(from), pixel(to), inkRadius, func(x, y int, part float64) {
		at := i.sheet.Pix[i.sheet.PixOffset(x, y):]
		for channel, most := range whole {
			at[channel] = max(at[channel], uint8(part*most))
		}
	})
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

// isBlank tells that nothing is on the sheet.
func (i *ink) isBlank() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return !slices.ContainsFunc(i.sheet.Pix, func(v uint8) bool { return v != 0 })
}

// blank leaves nothing on the sheet.
func (i *ink) blank() {
	clear(i.sheet.Pix)
	i.down, i.anew, i.last = false, false, image.Point{}
}
