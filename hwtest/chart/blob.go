package chart

import "image"

// blob is a connected dark part of a picture.
type blob struct {
	area                     int
	left, top, right, bottom int // right and bottom are inclusive
	sumX, sumY               float64
}

func (b *blob) width() int    { return b.right - b.left + 1 }
func (b *blob) height() int   { return b.bottom - b.top + 1 }
func (b *blob) middle() Point { return Point{b.sumX / float64(b.area), b.sumY / float64(b.area)} }

// fill is how much of its bounding box it covers.
func (b *blob) fill() float64 { return float64(b.area) / float64(b.width()*b.height()) }

// dark marks the pixels that are darker than what is around them (Bradley and Roth, Adaptive Thresholding Using the Integral Image):
// by 15 in a hundred of the mean of a window of an eighth of the picture.
func dark(m *image.Gray) []bool {
	width, height := m.Rect.Dx(), m.Rect.Dy()
	sums := make([]uint64, (width+1)*(height+1))
	for y := range height {
		row := uint64(0)
		for x := range width {
			row += uint64(m.Pix[y*m.Stride+x])
			sums[(y+1)*(width+1)+x+1] = sums[y*(width+1)+x+1] + row
		}
	}
	half := max(width, height) / 16
	marked := make([]bool, width*height)
	for y := range height {
		top, bottom := max(0, y-half), min(height, y+half+1)
		for x := range width {
			left, right := max(0, x-half), min(width, x+half+1)
			sum := sums[bottom*(width+1)+right] + sums[top*(width+1)+left] - sums[top*(width+1)+right] - sums[bottom*(width+1)+left]
			marked[y*width+x] = uint64(m.Pix[y*m.Stride+x])*uint64((bottom-top)*(right-left))*100 < sum*85
		}
	}
	return marked
}

// blobs are the connected parts of what is marked, of at least so many pixels; neighbours share a side.
func blobs(marked []bool, width, least int) (found []blob) {
	height := len(marked) / width
	var stack []int32
	for start, is := range marked {
		if !is {
			continue
		}
		b := blob{left: width, top: height}
		stack = append(stack[:0], int32(start))
		marked[start] = false
		for len(stack) > 0 {
			at := int(stack[len(stack)-1])
			stack = stack[:len(stack)-1]
			x, y := at%width, at/width
			b.add(x, y)
			for _, n := range [4]struct {
				inside bool
				at     int
			}{{x > 0, at - 1}, {x < width-1, at + 1}, {y > 0, at - width}, {y < height-1, at + width}} {
				if n.inside && marked[n.at] {
					marked[n.at] = false
					stack = append(stack, int32(n.at))
				}
			}
		}
		if b.area >= least {
			found = append(found, b)
		}
	}
	return found
}

func (b *blob) add(x, y int) {
	b.area++
	b.left, b.right = min(b.left, x), max(b.right, x)
	b.top, b.bottom = min(b.top, y), max(b.bottom, y)
	b.sumX += float64(x) + 0.5
	b.sumY += float64(y) + 0.5
}

// centroid is the middle of what is darker than its surroundings, within a distance.
func centroid(m *image.Gray, near Point, within float64) Point {
	left, right := max(0, int(near.X-within)), min(m.Rect.Dx()-1, int(near.X+within))
	top, bottom := max(0, int(near.Y-within)), min(m.Rect.Dy()-1, int(near.Y+within))
	lightest := uint8(0)
	each := func(use func(p Point, grey uint8)) {
		for y := top; y <= bottom; y++ {
			for x := left; x <= right; x++ {
				if p := (Point{float64(x) + 0.5, float64(y) + 0.5}); p.distance(near) <= within {
					use(p, m.Pix[y*m.Stride+x])
				}
			}
		}
	}
	each(func(_ Point, grey uint8) { lightest = max(lightest, grey) })
	var sum Point
	weight := 0.0
	each(func(p Point, grey uint8) {
		w := max(0, float64(lightest)*0.8-float64(grey)) // paper is never quite even
		sum.X, sum.Y, weight = sum.X+w*p.X, sum.Y+w*p.Y, weight+w
	})
	if weight == 0 {
		return near
	}
	return sum.times(1 / weight)
}
