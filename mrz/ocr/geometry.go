package ocr

import (
	"image"
	"math"
)

// A vector is a place or a direction in a picture, in pixels, x to the right and y down.
type vector struct{ x, y float64 }

func (v vector) plus(w vector) vector   { return vector{v.x + w.x, v.y + w.y} }
func (v vector) minus(w vector) vector  { return vector{v.x - w.x, v.y - w.y} }
func (v vector) times(f float64) vector { return vector{v.x * f, v.y * f} }
func (v vector) dot(w vector) float64   { return v.x*w.x + v.y*w.y }
func (v vector) length() float64        { return math.Hypot(v.x, v.y) }
func (v vector) unit() vector           { return v.times(1 / max(v.length(), 1e-9)) }
func (v vector) down() vector           { return vector{-v.y, v.x} } // from a reading direction to that of the next line

// vectorTo is the place of a pixel, and point the pixel nearest to a place.
func vectorTo(p image.Point) vector { return vector{float64(p.X), float64(p.Y)} }
func (v vector) point() image.Point { return image.Pt(int(math.Round(v.x)), int(math.Round(v.y))) }

// overlap tells whether two convex quadrilaterals share a place: no side of either parts them.
func overlap(a, b [4]image.Point) bool { return !parts(a, b) && !parts(b, a) }

// parts tells whether along a normal of a side of one both lie apart.
func parts(a, b [4]image.Point) bool {
	for i := range a {
		normal := vectorTo(a[(i+1)%4]).minus(vectorTo(a[i])).down()
		if one, other := reach(a, normal), reach(b, normal); one.to < other.from || other.to < one.from {
			return true
		}
	}
	return false
}

// reach is how far a quadrilateral's corners reach along a direction.
func reach(quad [4]image.Point, along vector) extent {
	e := extent{math.Inf(1), math.Inf(-1)}
	for _, p := range quad {
		at := vectorTo(p).dot(along)
		e = extent{min(e.from, at), max(e.to, at)}
	}
	return e
}

// A polynomial is its coefficients, the constant first.
type polynomial []float64

func (p polynomial) at(s float64) float64 {
	sum := 0.0
	for i := len(p) - 1; i >= 0; i-- {
		sum = sum*s + p[i]
	}
	return sum
}

// mirrored gives f times the polynomial of -s.
func (p polynomial) mirrored(f float64) polynomial {
	out := make(polynomial, len(p))
	for i, c := range p {
		out[i] = f * c
		f = -f
	}
	return out
}

// A sample is a value at a place, and how much it counts.
type sample struct{ at, value, weight float64 }

// fit gives the polynomial of the given degree with the least weighted squared error. Where the samples do not bear that
// degree, a lower one is given.
func fit(samples []sample, degree int) polynomial {
	for ; degree > 0; degree-- {
		if p, ok := fitted(samples, degree); ok {
			return p
		}
	}
	sum, weight := 0.0, 1e-12
	for _, s := range samples {
		sum += s.value * s.weight
		weight += s.weight
	}
	return polynomial{sum / weight}
}

// fitted solves the normal equations by Gaussian elimination.
func fitted(samples []sample, degree int) (polynomial, bool) {
	n := degree + 1
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n+1)
	}
	for _, s := range samples {
		powers := make([]float64, 2*n)
		powers[0] = s.weight
		for i := 1; i < len(powers); i++ {
			powers[i] = powers[i-1] * s.at
		}
		for i := range n {
			for j := range n {
				rows[i][j] += powers[i+j]
			}
			rows[i][n] += powers[i] * s.value
		}
	}
	return solve(rows)
}

// solve gives the solution of linear equations, each a row with its right side last.
func solve(rows [][]float64) (polynomial, bool) {
	n := len(rows)
	for i := range n {
		pivot := i
		for j := i; j < n; j++ {
			if math.Abs(rows[j][i]) > math.Abs(rows[pivot][i]) {
				pivot = j
			}
		}
		rows[i], rows[pivot] = rows[pivot], rows[i]
		if math.Abs(rows[i][i]) < 1e-9 {
			return nil, false
		}
		for j := range n {
			if j == i {
				continue
			}
			f := rows[j][i] / rows[i][i]
			for k := i; k <= n; k++ {
				rows[j][k] -= f * rows[i][k]
			}
		}
	}
	p := make(polynomial, n)
	for i := range p {
		p[i] = rows[i][n] / rows[i][i]
	}
	return p, true
}
