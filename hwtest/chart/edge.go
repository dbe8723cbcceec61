package chart

import (
	"image"
	"math"
)

// edge is a straight edge in a picture, dark on one side.
type edge struct {
	from, to Point
	side     float64 // how far away from it nothing else is seen
}

// acuity is how sharp an edge is.
type acuity struct {
	mtf50 float64 // cycles a pixel at which contrast is half of that of large things
	width float64 // pixels from a tenth to nine tenths of the step
}

// Of an edge spread function.
const (
	oversampling = 4    // bins a pixel, as in ISO 12233
	maxSide      = 24.0 // pixels; beyond that there is nothing but noise
	minSide      = 5.0
	minStep      = 25.0 // grey levels between the sides
	maxFrequency = 0.75 // cycles a pixel
)

// measure measures an edge; ok is false for one that lies along the pixels, is too short, or has no step.
func (e edge) measure(m *image.Gray) (a acuity, ok bool) {
	e.side = min(e.side, maxSide)
	if e.side < minSide {
		return a, false
	}
	for range 2 { // the second time from where it is
		if e, ok = e.refine(m); !ok {
			return a, false
		}
	}
	spread, ok := e.spread(m)
	if !ok {
		return a, false
	}
	dark, light := mean(spread[:len(spread)/5]), mean(spread[len(spread)*4/5:])
	if light-dark < minStep {
		return a, false
	}
	a.width = (crossing(spread, dark+0.9*(light-dark)) - crossing(spread, dark+0.1*(light-dark))) / oversampling
	a.mtf50 = half(spread)
	return a, a.mtf50 > 0
}

// axes are the directions along the edge, and across it from dark to light.
func (e edge) axes() (along, across Point, length float64) {
	length = e.from.distance(e.to)
	along = e.to.minus(e.from).times(1 / length)
	return along, Point{along.Y, -along.X}, length
}

// middlePart is how much of an edge is used, away from its corners.
const middlePart = 0.7

// refine moves the edge to where the picture has it: a line through the steepest places.
func (e edge) refine(m *image.Gray) (edge, bool) {
	along, across, length := e.axes()
	var n, sumT, sumD, sumTT, sumTD float64
	for t := length * (1 - middlePart) / 2; t < length*(1+middlePart)/2; t++ {
		d, ok := steepest(m, Point{e.from.X + t*along.X, e.from.Y + t*along.Y}, across, e.side)
		if !ok {
			continue
		}
		n, sumT, sumD, sumTT, sumTD = n+1, sumT+t, sumD+d, sumTT+t*t, sumTD+t*d
	}
	if n < 8 {
		return e, false
	}
	slope := (n*sumTD - sumT*sumD) / (n*sumTT - sumT*sumT)
	offset := (sumD - slope*sumT) / n
	move := func(t float64) Point {
		d := offset + slope*t
		return Point{e.from.X + t*along.X + d*across.X, e.from.Y + t*along.Y + d*across.Y}
	}
	e.from, e.to = move(0), move(length)
	return e, true
}

// steepest is the middle of the step across an edge, in pixels from p.
func steepest(m *image.Gray, p, across Point, side float64) (at float64, ok bool) {
	var weight, sum float64
	last := -1.0
	for s := -side; s <= side; s++ {
		v, inside := sample(m, Point{p.X + s*across.X, p.Y + s*across.Y})
		if !inside {
			return 0, false
		}
		if last >= 0 {
			if rise := v - last; rise > 4 { // not noise
				weight, sum = weight+rise, sum+rise*(s-0.5)
			}
		}
		last = v
	}
	return sum / weight, weight > minStep/2
}

// sample is the picture at a place between pixels.
func sample(m *image.Gray, p Point) (grey float64, inside bool) {
	x, y := p.X-0.5, p.Y-0.5
	x0, y0 := math.Floor(x), math.Floor(y)
	if x0 < 0 || y0 < 0 || int(x0) >= m.Rect.Dx()-1 || int(y0) >= m.Rect.Dy()-1 {
		return 0, false
	}
	at := int(y0)*m.Stride + int(x0)
	fx, fy := x-x0, y-y0
	top := float64(m.Pix[at])*(1-fx) + float64(m.Pix[at+1])*fx
	bottom := float64(m.Pix[at+m.Stride])*(1-fx) + float64(m.Pix[at+m.Stride+1])*fx
	return top*(1-fy) + bottom*fy, true
}

// spread is the edge spread function from dark to light, a quarter of a pixel a step; ok is false where a step has no pixel, as for
// an edge along the pixels.
func (e edge) spread(m *image.Gray) (values []float64, ok bool) {
	along, across, length := e.axes()
	bins := int(2 * e.side * oversampling)
	sums, counts := make([]float64, bins), make([]int, bins)
	reach := length/2 + e.side
	middle := e.from.times(0.5)
	middle = Point{middle.X + e.to.X/2, middle.Y + e.to.Y/2}
	for y := max(0, int(middle.Y-reach)); y <= min(m.Rect.Dy()-1, int(middle.Y+reach)); y++ {
		for x := max(0, int(middle.X-reach)); x <= min(m.Rect.Dx()-1, int(middle.X+reach)); x++ {
			p := Point{float64(x) + 0.5, float64(y) + 0.5}.minus(middle)
			if t := p.X*along.X + p.Y*along.Y; math.Abs(t) > length*middlePart/2 {
				continue
			}
			if bin := int(math.Floor((p.X*across.X + p.Y*across.Y + e.side) * oversampling)); bin >= 0 && bin < bins {
				sums[bin] += float64(m.Pix[y*m.Stride+x])
				counts[bin]++
			}
		}
	}
	for i, n := range counts {
		if n == 0 {
			return nil, false
		}
		values = append(values, sums[i]/float64(n))
	}
	return values, true
}

func mean(values []float64) (m float64) {
	for _, v := range values {
		m += v / float64(len(values))
	}
	return m
}

// crossing is where the values first reach a level, between two of them.
func crossing(values []float64, level float64) float64 {
	for i := 1; i < len(values); i++ {
		if values[i-1] < level && values[i] >= level {
			return float64(i-1) + (level-values[i-1])/(values[i]-values[i-1])
		}
	}
	return 0
}

// half is the frequency at which the spectrum of the edge's slope has fallen to half, in cycles a pixel; 0 where there is none. The slope
// is windowed (Hamming) around its middle, and what differentiating takes away is given back.
func half(spread []float64) float64 {
	slope := make([]float64, len(spread))
	weight, middle := 0.0, 0.0
	for i := 1; i+1 < len(spread); i++ {
		slope[i] = (spread[i+1] - spread[i-1]) / 2
		if slope[i] > 2 {
			weight, middle = weight+slope[i], middle+slope[i]*float64(i)
		}
	}
	if weight == 0 {
		return 0
	}
	middle /= weight
	reach := float64(len(spread)) / 2
	for i := range slope {
		far := min(1, math.Abs(float64(i)-middle)/reach)
		slope[i] *= 0.54 + 0.46*math.Cos(math.Pi*far)
	}
	const step = 0.0025
	whole := magnitude(slope, 0)
	last := 1.0
	for f := step; f <= maxFrequency; f += step {
		phase := 2 * math.Pi * f / oversampling
		value := magnitude(slope, f) / whole * phase / math.Sin(phase)
		if value <= 0.5 {
			return f - step*(0.5-value)/(last-value)
		}
		last = value
	}
	return maxFrequency
}

// magnitude is that of the spectrum at so many cycles a pixel.
func magnitude(values []float64, frequency float64) float64 {
	var real, imaginary float64
	for i, v := range values {
		sin, cos := math.Sincos(2 * math.Pi * frequency * float64(i) / oversampling)
		real, imaginary = real+v*cos, imaginary+v*sin
	}
	return math.Hypot(real, imaginary)
}
