package camera

import (
	"fmt"
	"image"
	"image/draw"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/foyer-station/foyer/devices"
)

// Lamps are the names of the emulated lamps, as folders of the LED class.
func Lamps() map[devices.Light]string {
	return map[devices.Light]string{
		devices.LightVisible:     "page:white:light",
		devices.LightInfrared:    "page:infrared:light",
		devices.LightUltraviolet: "page:ultraviolet:light",
	}
}

// Side is one side of a document: what the camera sees of it under each lamp. A light that is missing shows nothing.
type Side map[devices.Light]image.Image

// Glass is the camera under a document reader's glass and the lamps beside it. The lamps are LED class folders; the camera
// sees the document that lies there in the light of those that are lit, and black when none is. It sends
// uncompressed pictures: what a lossy one does to ink under infrared is not the document's fault.
type Glass struct {
	size   image.Point
	fps    int
	folder string
	stream *stream

	mu    sync.Mutex
	lit   map[devices.Light]int // brightness, 0 to full
	sides []map[devices.Light][]byte
	up    int // the side that the camera sees
	shown []byte
}

// NewGlass makes a reader whose glass is size pixels, with the lamps dark and nothing on it. It makes the lamps' folders below
// folder, which exists. The caller closes it.
func NewGlass(folder string, size image.Point, fps int) (*Glass, error) {
	g := &Glass{size: size, fps: fps, folder: folder, lit: map[devices.Light]int{}}
	g.light()
	for _, name := range Lamps() {
		if err := makeLamp(filepath.Join(folder, name)); err != nil {
			return nil, err
		}
	}
	var err error
	if g.stream, err = newStream(fps, g.next); err != nil {
		return nil, err
	}
	return g, nil
}

// full is the most that a lamp can be lit.
const full = 255

// makeLamp makes a folder like those in /sys/class/leds.
func makeLamp(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make lamp: %w", err)
	}
	for name, value := range map[string]string{"max_brightness": strconv.Itoa(full) + "\n", "brightness": "0\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(value), 0o644); err != nil {
			return fmt.Errorf("make lamp: %w", err)
		}
	}
	return nil
}

// look looks which lamps burn. The caller holds mu.
func (g *Glass) look() {
	lit := map[devices.Light]int{}
	for light, name := range Lamps() {
		lit[light] = brightnessOf(filepath.Join(g.folder, name))
	}
	if !maps.Equal(lit, g.lit) {
		g.lit = lit
		g.light()
	}
}

// brightnessOf is how far a lamp is lit. An empty file is one that is just being written, and its lamp not lit yet; one that is not
// there is that of a lamp that was taken away.
func brightnessOf(folder string) int {
	text, err := os.ReadFile(filepath.Join(folder, "brightness"))
	if err != nil {
		return 0
	}
	brightness, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return max(0, min(brightness, full))
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
			frame[i] = byte(min(255, int(frame[i])+int(v)*power/full))
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
		"video/x-raw,format=BGR ! appsink max-buffers=1 drop=true sync=false", host, port, g.size.X, g.size.Y, g.fps)
}

// Unplug pulls the camera out; the lamps stay.
func (g *Glass) Unplug() { g.stream.unplug() }

// Plug puts it in again where it was.
func (g *Glass) Plug() error { return g.stream.plug() }

// Close takes the reader away. The lamps' folders stay.
func (g *Glass) Close() error {
	g.stream.unplug()
	return nil
}
