package camera

import (
	"fmt"
	"image"
	"image/draw"
	"maps"
	"net"
	"sync"

	"github.com/foyer-station/foyer/devices"
)

// Side is one side of a document: what the camera sees of it under each lamp. A light that is missing shows nothing.
type Side map[devices.Light]image.Image

// Glass is the camera under a document reader's glass. It sees the document that lies there in the light of the lamps that are
// lit, and black when none is. It sends uncompressed pictures: what a lossy one does to ink under infrared is not the document's fault.
type Glass struct {
	size   image.Point
	fps    int
	lamps  Lighting
	stream *stream

	mu    sync.Mutex
	lit   map[devices.Light]int // power, in hundredths
	sides []map[devices.Light][]byte
	up    int // the side that the camera sees
	shown []byte
}

// NewGlass makes a reader whose glass is size pixels, with nothing on it, in the light of lamps. The caller closes it.
func NewGlass(lamps Lighting, size image.Point, fps int) (*Glass, error) {
	g := &Glass{size: size, fps: fps, lamps: lamps, lit: map[devices.Light]int{}}
	g.light()
	var err error
	if g.stream, err = newStream(fps, g.next); err != nil {
		return nil, err
	}
	return g, nil
}

// LightBy exchanges the lamps.
func (g *Glass) LightBy(lamps Lighting) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lamps = lamps
}

// feeler is lighting that feels whether a document lies on the glass: a board with a switch.
type feeler interface{ Lay(lies bool) }

// press presses the switch, if there is one.
func (g *Glass) press(lies bool) {
	g.mu.Lock()
	lamps := g.lamps
	g.mu.Unlock()
	if f, feels := lamps.(feeler); feels {
		f.Lay(lies)
	}
}

// look looks which lamps burn. The caller holds mu.
func (g *Glass) look() {
	lit := map[devices.Light]int{}
	for light := range Lamps() {
		lit[light] = g.lamps.Power(light)
	}
	if !maps.Equal(lit, g.lit) {
		g.lit = lit
		g.light()
	}
}

// Lay puts a document down, its first side on the glass. Whatever lay there is taken away.
func (g *Glass) Lay(sides ...Side) error {
	var raw []map[devices.Light][]byte
	for i, side := range sides {
		pictures := map[devices.Light][]byte{}
		for light, picture := range side {
			if s := picture.Bounds().Size(); s.X > g.size.X || s.Y > g.size.Y {
				return fmt.Errorf("lay document down: side %d is %v, the glass %v", i, s, g.size)
			}
			pictures[light] = g.bgr(picture)
		}
		raw = append(raw, pictures)
	}
	defer g.press(true)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sides, g.up = raw, 0
	g.light()
	return nil
}

// Turn turns the document over to its next side.
func (g *Glass) Turn() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.sides) > 0 {
		g.up = (g.up + 1) % len(g.sides)
		g.light()
	}
}

// Take takes the document away.
func (g *Glass) Take() {
	defer g.press(false)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sides, g.up = nil, 0
	g.light()
}

// light makes the frame that the camera sees now. Lamps that burn together add up, so a lamp left on spoils the picture as
// it does in a real reader. The caller holds mu.
func (g *Glass) light() {
	frame := make([]byte, stride(g.size.X)*g.size.Y)
	for light, power := range g.lit {
		if power == 0 || len(g.sides) == 0 {
			continue
		}
		for i, v := range g.sides[g.up][light] {
			frame[i] = byte(min(255, int(frame[i])+int(v)*power/100))
		}
	}
	g.shown = frame
}

// next is what the camera sees now: a lamp that was switched before is seen, however busy the computer is.
func (g *Glass) next() []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.look()
	return g.shown
}

// stride is the length of a row as GStreamer lays out BGR pictures: a multiple of four bytes.
func stride(width int) int { return (3*width + 3) &^ 3 }

// bgr is the picture in the glass's upper left corner, where documents are pushed, in GStreamer's layout.
func (g *Glass) bgr(picture image.Image) []byte {
	bounds := picture.Bounds()
	flat := image.NewRGBA(image.Rectangle{Max: bounds.Size()})
	draw.Draw(flat, flat.Rect, picture, bounds.Min, draw.Src)
	raw := make([]byte, stride(g.size.X)*g.size.Y)
	for y := range flat.Rect.Dy() {
		row, pixels := raw[y*stride(g.size.X):], flat.Pix[y*flat.Stride:]
		for x := range flat.Rect.Dx() {
			row[3*x], row[3*x+1], row[3*x+2] = pixels[4*x+2], pixels[4*x+1], pixels[4*x]
		}
	}
	return raw
}

// Pipeline is the GStreamer source that the camera driver opens. It stays the same over unplugging.
func (g *Glass) Pipeline() string {
	host, port, _ := net.SplitHostPort(g.stream.address)
	return fmt.Sprintf("tcpclientsrc host=%s port=%s timeout=10 ! rawvideoparse format=bgr width=%d height=%d framerate=%d/1 ! "+
		"video/x-raw,format=BGR ! appsink max-buffers=1 drop=false sync=false", host, port, g.size.X, g.size.Y, g.fps)
}

// Unplug pulls the camera out; the lamps stay.
func (g *Glass) Unplug() { g.stream.unplug() }

// Plug puts it in again where it was.
func (g *Glass) Plug() error { return g.stream.plug() }

// Close takes the reader away. The lamps stay.
func (g *Glass) Close() error {
	g.stream.unplug()
	return nil
}
