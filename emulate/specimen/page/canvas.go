package page

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/vector"

	"github.com/foyer-station/foyer/verify"
)

// ink is what a printed thing looks like in each light, with how much of the paper it covers; a zero is invisible there.
type ink struct{ visible, infrared, ultraviolet color.NRGBA }

func (i ink) in(light verify.Light) color.NRGBA {
	switch light {
	case verify.Infrared:
		return i.infrared
	case verify.Ultraviolet:
		return i.ultraviolet
	}
	return i.visible
}

// dye is an ordinary printing ink: gone in the infrared, a shade on the paper in the ultraviolet.
func dye(rgb uint32, cover float64) ink {
	return ink{
		visible:     nrgba(rgb, cover),
		ultraviolet: nrgba(0x000008, 0.25*cover),
	}
}

// carbon is black ink that absorbs everywhere.
func carbon(cover float64) ink {
	return ink{visible: nrgba(0x1C1B20, cover), infrared: nrgba(0x161616, cover), ultraviolet: nrgba(0x050308, 0.9*cover)}
}

// fluorescent ink is colourless until ultraviolet light makes it glow.
func fluorescent(rgb uint32, cover float64) ink { return ink{ultraviolet: nrgba(rgb, cover)} }

func nrgba(rgb uint32, cover float64) color.NRGBA {
	return color.NRGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), uint8(255*cover + 0.5)}
}

// canvas is a page being printed, seen in one light. Lengths are in millimetres from the top left corner.
type canvas struct {
	img           *image.RGBA
	width, height float64
	scale         float64 // pixels a millimetre
	light         verify.Light
}

func newCanvas(width, height float64, light verify.Light, dpi int) canvas {
	scale := float64(dpi) / 25.4
	bounds := image.Rect(0, 0, int(math.Round(width*scale)), int(math.Round(height*scale)))
	return canvas{img: image.NewRGBA(bounds), width: width, height: height, scale: scale, light: light}
}

// point is a place on the page, in millimetres.
type point struct{ x, y float64 }

// shape is an outline of closed contours, in pixels.
type shape struct {
	segments []segment
	min, max point
}

type segment struct {
	op   opentype.SegmentOp
	args [3]point
}

func (s *shape) add(op opentype.SegmentOp, points ...point) {
	part := segment{op: op}
	for i, p := range points {
		if len(s.segments) == 0 && i == 0 {
			s.min, s.max = p, p
		}
		s.min = point{min(s.min.x, p.x), min(s.min.y, p.y)}
		s.max = point{max(s.max.x, p.x), max(s.max.y, p.y)}
		part.args[i] = p
	}
	s.segments = append(s.segments, part)
}

// polygon adds a contour of straight lines.
func (s *shape) polygon(points ...point) {
	s.add(opentype.SegmentOpMoveTo, points[0])
	for _, p := range points[1:] {
		s.add(opentype.SegmentOpLineTo, p)
	}
}

// fill prints a shape.
func (c *canvas) fill(s *shape, i ink) {
	tone := i.in(c.light)
	if tone.A == 0 || len(s.segments) == 0 {
		return
	}
	box := image.Rect(int(s.min.x)-1, int(s.min.y)-1, int(s.max.x)+2, int(s.max.y)+2).Intersect(c.img.Rect)
	if box.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	at := func(p point) (float32, float32) {
		return float32(p.x) - float32(box.Min.X), float32(p.y) - float32(box.Min.Y)
	}
	for k, part := range s.segments {
		ax, ay := at(part.args[0])
		bx, by := at(part.args[1])
		cx, cy := at(part.args[2])
		switch part.op {
		case opentype.SegmentOpMoveTo:
			if k > 0 {
				r.ClosePath()
			}
			r.MoveTo(ax, ay)
		case opentype.SegmentOpLineTo:
			r.LineTo(ax, ay)
		case opentype.SegmentOpQuadTo:
			r.QuadTo(ax, ay, bx, by)
		case opentype.SegmentOpCubeTo:
			r.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	r.ClosePath()
	r.Draw(c.img, box, image.NewUniform(tone), image.Point{})
}

// px turns millimetres into pixels.
func (c *canvas) px(p point) point { return point{p.x * c.scale, p.y * c.scale} }

// line adds a line of straight pieces, its width in millimetres given by a function of its place, to a shape.
func (c *canvas) line(s *shape, points []point, width func(point) float64) {
	for k := 1; k < len(points); k++ {
		a, b := c.px(points[k-1]), c.px(points[k])
		dx, dy := b.x-a.x, b.y-a.y
		n := math.Hypot(dx, dy)
		if n == 0 {
			continue
		}
		wa, wb := width(points[k-1])*c.scale/2/n, width(points[k])*c.scale/2/n
		s.polygon(point{a.x - dy*wa, a.y + dx*wa}, point{b.x - dy*wb, b.y + dx*wb},
			point{b.x + dy*wb, b.y - dx*wb}, point{a.x + dy*wa, a.y - dx*wa})
	}
}

// stroke prints one line of constant width.
func (c *canvas) stroke(points []point, width float64, i ink) {
	var s shape
	c.line(&s, points, func(point) float64 { return width })
	c.fill(&s, i)
}

// box prints a filled rectangle.
func (c *canvas) box(min, max point, i ink) {
	tone := i.in(c.light)
	a, b := c.px(min), c.px(max)
	r := image.Rect(int(math.Round(a.x)), int(math.Round(a.y)), int(math.Round(b.x)), int(math.Round(b.y)))
	draw.Draw(c.img, r, image.NewUniform(tone), image.Point{}, draw.Over)
}

// lettering is how text is set.
type lettering struct {
	face   *font.Face
	size   float64 // millimetres an em
	turn   float64 // radians, clockwise
	spread float64 // additional space between letters, millimetres
}

// text prints one line of text from its baseline on.
func (c *canvas) text(at point, text string, l lettering, i ink) {
	var s shape
	unit := l.size * c.scale / float64(l.face.Upem())
	sin, cos := math.Sincos(l.turn)
	origin := c.px(at)
	pen := 0.0
	for _, r := range text {
		glyph, _ := l.face.NominalGlyph(r)
		outline, _ := l.face.GlyphData(glyph).(font.GlyphOutline)
		for _, part := range outline.Segments {
			var points [3]point
			args := part.ArgsSlice()
			for k, p := range args {
				x, y := pen+float64(p.X)*unit, -float64(p.Y)*unit
				points[k] = point{origin.x + x*cos - y*sin, origin.y + x*sin + y*cos}
			}
			s.add(part.Op, points[:len(args)]...)
		}
		pen += float64(l.face.HorizontalAdvance(glyph))*unit + l.spread*c.scale
	}
	c.fill(&s, i)
}
