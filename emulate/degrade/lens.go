package degrade

import (
	"image"
	"math"
)

// point is a place in a picture, in pixels; the middle of the top left pixel is at 0.5, 0.5.
type point struct{ x, y float64 }

// homography maps one plane onto another: a 3 x 3 matrix in homogeneous coordinates, row by row.
type homography [9]float64

func (h homography) at(p point) point {
	w := h[6]*p.x + h[7]*p.y + h[8]
	return point{(h[0]*p.x + h[1]*p.y + h[2]) / w, (h[3]*p.x + h[4]*p.y + h[5]) / w}
}

// times is the homography that does other first.
func (h homography) times(other homography) homography {
	var out homography
	for r := range 3 {
		for c := range 3 {
			out[3*r+c] = h[3*r]*other[c] + h[3*r+1]*other[3+c] + h[3*r+2]*other[6+c]
		}
	}
	return out
}

// inverse is the adjugate: a homography knows no scale.
func (h homography) inverse() homography {
	return homography{
		h[4]*h[8] - h[5]*h[7], h[2]*h[7] - h[1]*h[8], h[1]*h[5] - h[2]*h[4],
		h[5]*h[6] - h[3]*h[8], h[0]*h[8] - h[2]*h[6], h[2]*h[3] - h[0]*h[5],
		h[3]*h[7] - h[4]*h[6], h[1]*h[6] - h[0]*h[7], h[0]*h[4] - h[1]*h[3],
	}
}

func shift(x, y float64) homography { return homography{1, 0, x, 0, 1, y, 0, 0, 1} }

func scaling(s float64) homography { return homography{s, 0, 0, 0, s, 0, 0, 0, 1} }

// turning is clockwise, as y points down.
func turning(degrees float64) homography {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return homography{cos, -sin, 0, sin, cos, 0, 0, 0, 1}
}

// tilting leans a plane back about the x axis and looks at it from a distance above the origin.
func tilting(degrees, distance float64) homography {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return homography{1, 0, 0, 0, cos, 0, 0, sin / distance, 1}
}

// view is how the camera sees a sheet: its middle at the origin, in the recipe's resolution.
func (r Recipe) view(s Sheet) homography {
	w, h := float64(s.Image.Rect.Dx()), float64(s.Image.Rect.Dy())
	scale := r.DPI / float64(s.DPI)
	tilted := tilting(r.Tilt, r.Distance*math.Hypot(w, h)*scale)
	tilted = turning(r.Axis).times(tilted).times(turning(-r.Axis))
	return turning(r.Turn).times(tilted).times(scaling(scale)).times(shift(-w/2, -h/2))
}

// quad is four points, clockwise from the top left of what they are the corners of.
type quad [4]point

func (h homography) quad(r image.Rectangle) quad {
	x0, y0, x1, y1 := float64(r.Min.X), float64(r.Min.Y), float64(r.Max.X), float64(r.Max.Y)
	return quad{h.at(point{x0, y0}), h.at(point{x1, y0}), h.at(point{x1, y1}), h.at(point{x0, y1})}
}

// corners is where a rectangle comes to lie, in whole pixels.
func (h homography) corners(r image.Rectangle) [4]image.Point {
	var out [4]image.Point
	for i, p := range h.quad(r) {
		out[i] = image.Pt(int(math.Round(p.x)), int(math.Round(p.y)))
	}
	return out
}

// frame is the picture that just holds a rectangle and a margin around it; both sides are even.
func (h homography) frame(r image.Rectangle, margin float64) image.Rectangle {
	low, high := h.quad(r).box()
	x, y := int(math.Floor(low.x-margin)), int(math.Floor(low.y-margin))
	width, height := int(math.Ceil(high.x+margin))-x, int(math.Ceil(high.y+margin))-y
	return image.Rect(x, y, x+width+width%2, y+height+height%2)
}

func (q quad) box() (low, high point) {
	low, high = q[0], q[0]
	for _, p := range q[1:] {
		low = point{min(low.x, p.x), min(low.y, p.y)}
		high = point{max(high.x, p.x), max(high.y, p.y)}
	}
	return low, high
}

// span is the part of a row of pixels that a convex quad covers, from first up to but not including end.
func (q quad) span(row int) (first, end int) {
	y := float64(row) + 0.5
	low, high := math.Inf(1), math.Inf(-1)
	for i, a := range q {
		b := q[(i+1)%4]
		if (a.y <= y) == (b.y <= y) {
			continue
		}
		x := a.x + (b.x-a.x)*(y-a.y)/(b.y-a.y)
		low, high = min(low, x), max(high, x)
	}
	if low > high {
		return 0, 0
	}
	return int(math.Ceil(low - 0.5)), int(math.Ceil(high - 0.5))
}
