// Package ink draws what a pen on a signature pad writes: lines with round ends and soft edges, as they are mirrored on the
// screen, kept as a picture, and seen on the pad itself.
package ink

import (
	"image"
	"math"
)

// Point is a place in a picture in pixels, from its top left; the middle of the pixel at (x, y) has the same numbers.
type Point struct{ X, Y float64 }

// Line tells cover of every pixel of an area that lies under a line of a radius in pixels, with how much of the pixel is
// covered, above 0 and up to 1. Two Points that are the same make a dot. What of the line is outside of the area is left out.
//
// A pen that writes slowly sends many short lines, whose soft ends lie over each other. A pixel is to keep the most that any of
// them covers: added up, the edges would be the harder and the line the thicker the slower somebody writes.
func Line(area image.Rectangle, from, to Point, radius float64, cover func(x, y int, part float64)) {
	reach := radius + 1
	box := image.Rect(int(min(from.X, to.X)-reach), int(min(from.Y, to.Y)-reach),
		int(max(from.X, to.X)+reach)+1, int(max(from.Y, to.Y)+reach)+1).Intersect(area)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if part := min(1, radius+0.5-distance(Point{float64(x), float64(y)}, from, to)); part > 0 {
				cover(x, y, part)
			}
		}
	}
}

// distance is that of p from the line between a and b.
func distance(p, a, b Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	t := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		t = min(1, max(0, ((p.X-a.X)*dx+(p.Y-a.Y)*dy)/length))
	}
	return math.Hypot(p.X-a.X-t*dx, p.Y-a.Y-t*dy)
}
