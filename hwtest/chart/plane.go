package chart

import (
	"errors"
	"math"
)

// plane takes a chart's places to a picture's (a homography, row by row, the last element 1).
type plane [9]float64

func (h plane) at(p Point) Point {
	w := h[6]*p.X + h[7]*p.Y + h[8]
	return Point{(h[0]*p.X + h[1]*p.Y + h[2]) / w, (h[3]*p.X + h[4]*p.Y + h[5]) / w}
}

var errDegenerate = errors.New("the points do not span a plane")

// fit finds the plane that takes from to to, at least four points, in the sense of least squares (Hartley and Zisserman, Multiple View
// Geometry, 4.1, with the last element held at 1). Places on a chart are small numbers; those in the picture are made so.
func fit(from, to []Point) (plane, error) {
	scale := 0.0
	for _, p := range to {
		scale = max(scale, math.Abs(p.X), math.Abs(p.Y))
	}
	var normal [8][9]float64
	for i, p := range from {
		x, y := to[i].X/scale, to[i].Y/scale
		u, v := p.X/designWidth, p.Y/designWidth
		for _, row := range [2][9]float64{
			{u, v, 1, 0, 0, 0, -x * u, -x * v, x},
			{0, 0, 0, u, v, 1, -y * u, -y * v, y},
		} {
			for r := range 8 {
				for c := range 9 {
					normal[r][c] += row[r] * row[c]
				}
			}
		}
	}
	s, ok := solve(&normal)
	if !ok {
		return plane{}, errDegenerate
	}
	return plane{
		s[0] * scale / designWidth, s[1] * scale / designWidth, s[2] * scale,
		s[3] * scale / designWidth, s[4] * scale / designWidth, s[5] * scale,
		s[6] / designWidth, s[7] / designWidth, 1,
	}, nil
}

// solve solves eight equations by Gauss's elimination.
func solve(m *[8][9]float64) (s [8]float64, ok bool) {
	const tiny = 1e-12
	for c := range 8 {
		pivot := c
		for r := c + 1; r < 8; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[pivot][c]) {
				pivot = r
			}
		}
		m[c], m[pivot] = m[pivot], m[c]
		if math.Abs(m[c][c]) < tiny {
			return s, false
		}
		for r := range 8 {
			if r == c {
				continue
			}
			factor := m[r][c] / m[c][c]
			for k := c; k < 9; k++ {
				m[r][k] -= factor * m[c][k]
			}
		}
	}
	for r := range 8 {
		s[r] = m[r][8] / m[r][r]
	}
	return s, true
}

// similarity finds the turn, scale and shift that take from to to, in the sense of least squares, mirrored or not, and gives how far
// each point is from where it would be then, in the units of from.
func similarity(from, to []Point, mirrored bool) (off []float64) {
	flip := 1.0
	if mirrored {
		flip = -1
	}
	var f, t Point
	n := float64(len(from))
	for i := range from {
		f.X, f.Y = f.X+from[i].X/n, f.Y+flip*from[i].Y/n
		t.X, t.Y = t.X+to[i].X/n, t.Y+to[i].Y/n
	}
	var real, imaginary, square float64
	for i := range from {
		a, b := Point{from[i].X, flip * from[i].Y}.minus(f), to[i].minus(t)
		real += a.X*b.X + a.Y*b.Y
		imaginary += a.X*b.Y - a.Y*b.X
		square += a.X*a.X + a.Y*a.Y
	}
	real, imaginary = real/square, imaginary/square
	scale := math.Hypot(real, imaginary)
	for i := range from {
		a, b := Point{from[i].X, flip * from[i].Y}.minus(f), to[i].minus(t)
		is := Point{real*a.X - imaginary*a.Y, imaginary*a.X + real*a.Y}
		off = append(off, is.distance(b)/scale)
	}
	return off
}
