package drawing

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// scanner fills one path after the other, each in a mask that is no larger than the path: rasterx's own takes a mask of
// the whole picture for every path, which made an illustration ten times slower.
type scanner struct {
	picture draw.Image
	colour  image.Uniform
	points  []point
	extent  fixed.Rectangle26_6
	mask    vector.Rasterizer
}

type point struct {
	fixed.Point26_6
	start bool // of a new contour
}

// Start implements rasterx.Scanner.
func (s *scanner) Start(a fixed.Point26_6) { s.add(point{a, true}) }

// Line implements rasterx.Scanner.
func (s *scanner) Line(b fixed.Point26_6) { s.add(point{b, false}) }

func (s *scanner) add(p point) {
	if len(s.points) == 0 {
		s.extent = fixed.Rectangle26_6{Min: p.Point26_6, Max: p.Point26_6}
	}
	s.points = append(s.points, p)
	s.extent.Min.X, s.extent.Max.X = min(s.extent.Min.X, p.X), max(s.extent.Max.X, p.X)
	s.extent.Min.Y, s.extent.Max.Y = min(s.extent.Min.Y, p.Y), max(s.extent.Max.Y, p.Y)
}

// Draw implements rasterx.Scanner.
func (s *scanner) Draw() {
	box := image.Rect(s.extent.Min.X.Floor(), s.extent.Min.Y.Floor(), s.extent.Max.X.Ceil(), s.extent.Max.Y.Ceil())
	box = box.Intersect(s.picture.Bounds())
	if box.Empty() {
		return
	}
	s.mask.Reset(box.Dx(), box.Dy())
	for _, p := range s.points {
		x, y := float32(p.X)/64-float32(box.Min.X), float32(p.Y)/64-float32(box.Min.Y)
		if p.start {
			s.mask.MoveTo(x, y)
		} else {
			s.mask.LineTo(x, y)
		}
	}
	s.mask.Draw(s.picture, box, &s.colour, image.Point{})
}

// SetColor implements rasterx.Scanner; gradients, which no drawing has, are not drawn.
func (s *scanner) SetColor(c any) {
	s.colour.C = color.Transparent
	if plain, ok := c.(color.Color); ok {
		s.colour.C = plain
	}
}

// GetPathExtent implements rasterx.Scanner.
func (s *scanner) GetPathExtent() fixed.Rectangle26_6 { return s.extent }

// Clear implements rasterx.Scanner.
func (s *scanner) Clear() { s.points = s.points[:0] }

// SetBounds implements rasterx.Scanner; the picture's own hold.
func (s *scanner) SetBounds(_, _ int) {}

// SetWinding implements rasterx.Scanner; like rasterx's own it knows the non-zero rule only.
func (s *scanner) SetWinding(bool) {}

// SetClip implements rasterx.Scanner; no drawing clips.
func (s *scanner) SetClip(image.Rectangle) {}
