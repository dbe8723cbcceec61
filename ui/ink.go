package ui

import (
	"image"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
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

// dueTime is how long a frame waits for the ink of a finger, an eighth of what it may take itself.
const dueTime = 2 * time.Millisecond

// ink is the signature as it is being written. Samples come faster than the screen is drawn, so they are gathered and
// drawn together, with the frame that comes next: whatever came while the last one was painted is in it.
type ink struct {
	image *canvas.Image
	flow  func()          // draws what was gathered; on Fyne's goroutine
	frame *fyne.Animation // has it flow before each frame
	moves bool            // frame is running
	wait  time.Duration   // of a frame for the ink of a finger: dueTime
	sheet *image.RGBA
	last  image.Point // where the pen was, if it was down
	down  bool

	mu       sync.Mutex
	gathered []stroke
	anew     bool          // the sheet is to be empty before they are drawn
	due      int           // touches of this frame whose ink has not come yet
	came     chan struct{} // has a value when the last of those has
}

// stroke is one sample in pixels of the sheet.
type stroke struct {
	at   image.Point
	down bool
}

func newInk() *ink {
	i := &ink{wait: dueTime, came: make(chan struct{}, 1), sheet: image.NewRGBA(image.Rect(0, 0, inkWidth, inkHeight))}
	i.image = &canvas.Image{Image: i.sheet, FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	i.flow = i.draw
	i.frame = &fyne.Animation{Duration: time.Minute, RepeatCount: fyne.AnimationRepeatForever, Tick: func(float32) {
		i.await()
		i.draw()
	}}
	return i
}

// expect says that a finger was told of, whose ink comes back by way of the pad that the screen is: in some microseconds, if anybody
// captures.
func (i *ink) expect() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.due++
}

// await waits a little for the ink of the touches that this frame has brought, which would else be seen a frame later.
func (i *ink) await() {
	i.mu.Lock()
	due := i.due
	i.mu.Unlock()
	if due == 0 {
		return
	}
	select {
	case <-i.came:
	case <-time.After(i.wait):
	}
	i.mu.Lock()
	i.due = 0
	i.mu.Unlock()
}

// keepUp says whether ink may come, which every frame then looks for, besides being told.
func (i *ink) keepUp(on bool) {
	if on == i.moves {
		return
	}
	i.moves = on
	if on {
		i.frame.Start()
	} else {
		i.frame.Stop()
	}
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
	if i.due--; i.due == 0 {
		select {
		case i.came <- struct{}{}:
		default: // nobody has waited for the last one
		}
	}
	i.due = max(0, i.due)
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
	if len(i.gathered) == 0 && !i.anew {
		return
	}
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
