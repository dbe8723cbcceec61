package text

import (
	"image"
	"image/draw"
	"math"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/shaping"
)

// Draw draws the paragraph into dst with scale pixels to the unit. Its top left corner, at, lies in dst; what does not
// fit is cut off.
func (t *Typesetter) Draw(l *Layout, dst draw.Image, at image.Point, scale float32) {
	step := lineHeight * l.style.Size * scale
	width := int(math.Ceil(float64(l.width * scale)))
	colour := image.NewUniform(l.style.Color)
	for i, line := range l.lines {
		// Whole pixels from line to line, so that equal letters look equal.
		top := int(math.Round(float64(float32(i) * step)))
		t.raster.Reset(width, int(math.Ceil(float64(step))))
		x := l.start(line) * scale
		y := float32(math.Round(float64(baseline * l.style.Size * scale)))
		for _, run := range line.runs {
			x = t.outline(run, x, y, scale)
		}
		box := image.Rectangle{Max: t.raster.Size()}.Add(at).Add(image.Pt(0, top))
		t.raster.Draw(dst, box.Intersect(dst.Bounds()), colour, image.Point{}) // it does not clip by itself
	}
}

// start is where a line begins, in units from the left.
func (l *Layout) start(line line) float32 {
	free := max(0, l.width-line.advance)
	switch {
	case l.style.Align == Center:
		return free / 2
	case (l.style.Align == Start) == l.style.RightToLeft:
		return free
	default:
		return 0
	}
}

// outline adds the glyphs of a run that begins at x on the baseline y, and returns where the next run begins.
func (t *Typesetter) outline(run shaping.Output, x, y, scale float32) float32 {
	em := float32(run.Size) / 64 * scale / float32(run.Face.Upem())
	for _, glyph := range run.Glyphs {
		// The embedded fonts have outlines only; a glyph without one is a space.
		if shape, ok := run.Face.GlyphData(glyph.GlyphID).(font.GlyphOutline); ok {
			t.contours(shape, x+float32(glyph.XOffset)/64*scale, y-float32(glyph.YOffset)/64*scale, em)
		}
		x += float32(glyph.Advance) / 64 * scale
	}
	return x
}

// contours adds one glyph with its origin at x, y; em is pixels to the font unit, whose axis points upwards.
func (t *Typesetter) contours(shape font.GlyphOutline, x, y, em float32) {
	for _, s := range shape.Segments {
		var p [3]opentype.SegmentPoint
		for i, arg := range s.Args {
			p[i] = opentype.SegmentPoint{X: x + arg.X*em, Y: y - arg.Y*em}
		}
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			t.raster.ClosePath()
			t.raster.MoveTo(p[0].X, p[0].Y)
		case opentype.SegmentOpLineTo:
			t.raster.LineTo(p[0].X, p[0].Y)
		case opentype.SegmentOpQuadTo:
			t.raster.QuadTo(p[0].X, p[0].Y, p[1].X, p[1].Y)
		case opentype.SegmentOpCubeTo:
			t.raster.CubeTo(p[0].X, p[0].Y, p[1].X, p[1].Y, p[2].X, p[2].Y)
		}
	}
	t.raster.ClosePath()
}
