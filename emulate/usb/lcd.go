package usb

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"

	"github.com/foyer-station/foyer/devices/ink"
)

// lcd is a pad's screen.
type lcd struct {
	pixels *image.RGBA
	last   Point
	down   bool // the pen touched at last, with ink on
}

func newLCD(width, height int) *lcd {
	l := &lcd{pixels: image.NewRGBA(image.Rect(0, 0, width, height))}
	l.clear()
	return l
}

func (l *lcd) clear() { draw.Draw(l.pixels, l.pixels.Rect, image.White, image.Point{}, draw.Src) }

// picture is a copy of what is shown.
func (l *lcd) picture() *image.RGBA {
	p := image.NewRGBA(l.pixels.Rect)
	copy(p.Pix, l.pixels.Pix)
	return p
}

// encodedSize is how many bytes a whole picture has in an encoding.
func (l *lcd) encodedSize(encoding byte) int {
	width, height := l.pixels.Rect.Dx(), l.pixels.Rect.Dy()
	switch encoding {
	case encoding24:
		return 3 * width * height
	case encoding16:
		return 2 * width * height
	default:
		return (width + 7) / 8 * height
	}
}

// show decodes a whole picture: blue, green, red; or 5, 6 and 5 bits, big-endian; or one bit, white is 1, rows padded to
// bytes.
func (l *lcd) show(encoding byte, data []byte) {
	width := l.pixels.Rect.Dx()
	for y := range l.pixels.Rect.Dy() {
		for x := range width {
			var c color.RGBA
			switch encoding {
			case encoding24:
				at := data[3*(y*width+x):]
				c = color.RGBA{at[2], at[1], at[0], 255}
			case encoding16:
				v := binary.BigEndian.Uint16(data[2*(y*width+x):])
				c = color.RGBA{byte(v >> 11 << 3), byte(v >> 5 << 2), byte(v << 3), 255}
			default:
				if data[y*((width+7)/8)+x/8]&(0x80>>(x%8)) != 0 {
					c = color.RGBA{255, 255, 255, 255}
				} else {
					c = color.RGBA{A: 255}
				}
			}
			l.pixels.SetRGBA(x, y, c)
		}
	}
}

// pen moves the pen, and inks the line from where it last was.
func (l *lcd) pen(at Point, inks bool) {
	if inks && l.down {
		l.line(l.last, at)
	}
	l.last, l.down = at, inks
}

// line inks a line with round ends, thicker under pressure, with soft edges.
func (l *lcd) line(from, to Point) {
	width, height := float64(l.pixels.Rect.Dx()), float64(l.pixels.Rect.Dy())
	pixel := func(p Point) ink.Point { return ink.Point{X: p.X*width - 0.5, Y: p.Y*height - 0.5} } // ink counts from a pixel's middle
	ink.Line(l.pixels.Rect, pixel(from), pixel(to), 0.8+1.6*to.Pressure, l.darken)
}

// darken covers a part of a pixel with black, unless that much is covered already.
func (l *lcd) darken(x, y int, covered float64) {
	c := l.pixels.RGBAAt(x, y)
	light := uint8(255 * (1 - covered))
	l.pixels.SetRGBA(x, y, color.RGBA{min(c.R, light), min(c.G, light), min(c.B, light), 255})
}
