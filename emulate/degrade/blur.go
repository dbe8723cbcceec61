package degrade

import (
	"image"
	"math"
)

// blur is what lens and hand do to the picture; the chroma, at half resolution already, stays as it is.
func (f frame) blur(r Recipe) {
	mm := r.DPI / 25.4
	if sigma := r.Defocus * mm; sigma > 0.2 {
		soften(f.y, sigma)
	}
	if half := int(r.Motion * mm / 2); half > 0 {
		drag(f.y, half, r.Heading)
	}
}

// soften spreads every pixel with a standard deviation in pixels: two boxes one after the other, which is near to the
// round spot of a lens out of focus.
func soften(plane *image.Gray, sigma float64) {
	// Two boxes of w pixels have a variance of 2*(w*w-1)/12.
	radius := (math.Sqrt(6*sigma*sigma+1) - 1) / 2
	row := make([]uint8, plane.Rect.Dx())
	for y := range plane.Rect.Dy() {
		line := plane.Pix[y*plane.Stride:][:len(row)]
		boxAlong(row, line, radius)
		boxAlong(line, row, radius)
	}
	copied := image.NewGray(plane.Rect)
	boxAcross(copied, plane, radius)
	boxAcross(plane, copied, radius)
}

// kernel splits a radius that is no whole number into whole pixels and the weights, of 1<<16 for all together, of a
// pixel inside and of the two outermost ones.
func kernel(radius float64) (whole int, inner, outer uint32) {
	whole = int(radius)
	part := radius - float64(whole)
	one := 65536 / (2*radius + 1)
	return whole, uint32(one), uint32(one * part)
}

func boxAlong(to, from []uint8, radius float64) {
	whole, inner, outer := kernel(radius)
	last := len(from) - 1
	sum := uint32(0)
	for i := -whole; i <= whole; i++ {
		sum += uint32(from[min(max(i, 0), last)])
	}
	for x := range to {
		left, right := uint32(from[max(x-whole-1, 0)]), uint32(from[min(x+whole+1, last)])
		to[x] = uint8((sum*inner + (left+right)*outer + 1<<15) >> 16)
		sum += right - uint32(from[max(x-whole, 0)])
	}
}

// boxAcross is boxAlong down the columns, row by row for the sake of the cache.
func boxAcross(to, from *image.Gray, radius float64) {
	whole, inner, outer := kernel(radius)
	width, last := from.Rect.Dx(), from.Rect.Dy()-1
	row := func(y int) []uint8 { return from.Pix[min(max(y, 0), last)*from.Stride:][:width] }
	sums := make([]uint32, width)
	for y := -whole; y <= whole; y++ {
		for x, v := range row(y) {
			sums[x] += uint32(v)
		}
	}
	for y := range to.Rect.Dy() {
		above, leaving, below := row(y-whole-1), row(y-whole), row(y+whole+1)
		out := to.Pix[y*to.Stride:][:width]
		for x, sum := range sums {
			out[x] = uint8((sum*inner + (uint32(above[x])+uint32(below[x]))*outer + 1<<15) >> 16)
			sums[x] = sum + uint32(below[x]) - uint32(leaving[x])
		}
	}
}

// drag moves the picture along a straight way during the exposure, so many pixels on either side of its place: the mean
// of pictures a pixel apart.
func drag(plane *image.Gray, half int, heading float64) {
	sin, cos := math.Sincos(heading * math.Pi / 180)
	from := image.NewGray(plane.Rect)
	copy(from.Pix, plane.Pix)
	width, last := plane.Rect.Dx(), plane.Rect.Dy()-1
	sums := make([]uint32, width)
	share := uint32(65536 / (2*half + 1))
	for y := range plane.Rect.Dy() {
		clear(sums)
		for k := -half; k <= half; k++ {
			dx, dy := int(math.Round(float64(k)*cos)), int(math.Round(float64(k)*sin))
			row := from.Pix[min(max(y+dy, 0), last)*from.Stride:][:width]
			add(sums, row, dx)
		}
		out := plane.Pix[y*plane.Stride:][:width]
		for x, sum := range sums {
			out[x] = uint8((sum*share + 1<<15) >> 16)
		}
	}
}

// add adds a row, moved by dx, the ends going on as they are.
func add(sums []uint32, row []uint8, dx int) {
	last := len(row) - 1
	for x := 0; x < min(-dx, len(row)); x++ {
		sums[x] += uint32(row[0])
	}
	for x := max(last+1-dx, 0); x <= last; x++ {
		sums[x] += uint32(row[last])
	}
	low, high := max(0, -dx), min(len(row), len(row)-dx)
	if low >= high {
		return
	}
	moved := row[low+dx : high+dx]
	for x, v := range moved {
		sums[low+x] += uint32(v)
	}
}
