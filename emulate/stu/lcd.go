package stu

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"io"

	"github.com/foyer-station/foyer/devices/ink"
)

// Values of the encoding byte (Protocol.hpp, EncodingMode).
const (
	encoding1     = 0
	encoding1Zlib = 1
	encoding16    = 2
	encoding24    = 4
)

// lcd is a pad's screen.
type lcd struct {
	pixels *image.RGBA
	last   Point
	down   bool // the pen touched at last, with ink on
	sent   int  // bytes of pictures
	blocks int  // in which they came
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

// encodedSize is how many bytes an area has in an encoding, at most where it is compressed.
func encodedSize(encoding byte, area image.Rectangle) int {
	width, height := area.Dx(), area.Dy()
	switch encoding {
	case encoding24:
		return 3 * width * height
	case encoding16:
		return 2 * width * height
	default:
		return (width + 7) / 8 * height
	}
}

// show decodes an area: blue, green, red; or 5, 6 and 5 bits, big-endian; or one bit, white is 1, rows padded to bytes. It reports
// false for one that is not whole.
func (l *lcd) show(encoding byte, data []byte, area image.Rectangle) bool {
	if encoding == encoding1Zlib {
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return false
		}
		if data, err = io.ReadAll(io.LimitReader(r, int64(encodedSize(encoding1, area))+1)); err != nil {
			return false
		}
	}
	if len(data) != encodedSize(encoding, area) {
		return false
	}
	width := area.Dx()
	for y := range area.Dy() {
		for x := range width {
			l.pixels.SetRGBA(area.Min.X+x, area.Min.Y+y, pixel(encoding, data, x, y, width))
		}
	}
	return true
}

func pixel(encoding byte, data []byte, x, y, width int) color.RGBA {
	switch encoding {
	case encoding24:
		at := data[3*(y*width+x):]
		return color.RGBA{at[2], at[1], at[0], 255}
	case encoding16:
		v := binary.BigEndian.Uint16(data[2*(y*width+x):])
		return color.RGBA{byte(v >> 11 << 3), byte(v >> 5 << 2), byte(v << 3), 255}
	}
	if data[y*((width+7)/8)+x/8]&(0x80>>(x%8)) != 0 {
		return color.RGBA{255, 255, 255, 255}
	}
	return color.RGBA{A: 255}
}

// pen moves the pen, and inks the line from where it last was, as far as it is on the paper.
func (l *lcd) pen(at Point, inks bool, paper image.Rectangle) {
	if inks && l.down {
		l.line(l.last, at, paper)
	}
	l.last, l.down = at, inks
}

// line inks a line with round ends, thicker under pressure, with soft edges.
func (l *lcd) line(from, to Point, paper image.Rectangle) {
	width, height := float64(l.pixels.Rect.Dx()), float64(l.pixels.Rect.Dy())
	pixel := func(p Point) ink.Point { return ink.Point{X: p.X*width - 0.5, Y: p.Y*height - 0.5} } // ink counts from a pixel's middle
	ink.Line(paper, pixel(from), pixel(to), 0.8+1.6*to.Pressure, l.darken)
}

// darken covers a part of a pixel with black, unless that much is covered already.
func (l *lcd) darken(x, y int, covered float64) {
	c := l.pixels.RGBAAt(x, y)
	light := uint8(255 * (1 - covered))
	l.pixels.SetRGBA(x, y, color.RGBA{min(c.R, light), min(c.G, light), min(c.B, light), 255})
}
