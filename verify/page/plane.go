package page

import (
	"image"
	"math"
)

// millimetres converts a length on the page to pixels.
func millimetres(mm float64, dpi int) int { return int(mm*float64(dpi)/25.4 + 0.5) }

// luminance is the picture's Rec. 601 luma.
func luminance(picture *image.RGBA) *image.Gray {
	return plane(picture, func(r, g, b uint8) uint8 {
		return uint8((299*int(r) + 587*int(g) + 114*int(b) + 500) / 1000)
	})
}

// brightest is the strongest of the three channels. Optical brighteners shine near 440 nm, and luma counts blue for a ninth.
func brightest(picture *image.RGBA) *image.Gray {
	return plane(picture, func(r, g, b uint8) uint8 { return max(r, g, b) })
}

func plane(picture *image.RGBA, value func(r, g, b uint8) uint8) *image.Gray {
	out := image.NewGray(picture.Rect)
	for i := range out.Pix {
		p := picture.Pix[4*i : 4*i+3 : 4*i+3]
		out.Pix[i] = value(p[0], p[1], p[2])
	}
	return out
}

// histogram counts pixels by value.
type histogram [256]int

func (h *histogram) add(m *image.Gray, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range m.Pix[m.PixOffset(r.Min.X, y):m.PixOffset(r.Max.X, y)] {
			h[v]++
		}
	}
}

func (h *histogram) total() int {
	n := 0
	for _, count := range h {
		n += count
	}
	return n
}

// quantile is the smallest value that at least the part q of the pixels do not exceed; 0 of no pixels.
func (h *histogram) quantile(q float64) int {
	want, n := int(math.Ceil(q*float64(h.total()))), 0
	for v, count := range h {
		if n += count; n >= want {
			return v
		}
	}
	return len(h) - 1
}

func (h *histogram) deviation() float64 {
	var n, sum, squares float64
	for v, count := range h {
		n += float64(count)
		sum += float64(v) * float64(count)
		squares += float64(v) * float64(v) * float64(count)
	}
	if n == 0 {
		return 0
	}
	return math.Sqrt(max(0, squares/n-(sum/n)*(sum/n)))
}

// Guards against pictures that show nothing, in grey values of 0 to 255.
const (
	blankDeviation = 2  // a picture of anything varies more
	noisySpread    = 60 // between the quartiles of what should be plain paper
	documentGrey   = 48 // the glass around a document is darker, paper in white light brighter
)

// documentArea is the rectangle of the document in the visible picture: where rows and columns are mostly brighter
// than the empty glass. It is empty when there is none.
func documentArea(visible *image.Gray) image.Rectangle {
	rows, columns := make([]int, visible.Rect.Dy()), make([]int, visible.Rect.Dx())
	for i, v := range visible.Pix {
		if v >= documentGrey {
			rows[i/len(columns)]++
			columns[i%len(columns)]++
		}
	}
	// A card may cover a third of a passport's glass in either direction; dust covers less.
	top, bottom := extent(rows, len(columns)/4)
	left, right := extent(columns, len(rows)/4)
	return image.Rect(left, top, right, bottom)
}

// extent is where counts first and last reach least; both are 0 when none does.
func extent(counts []int, least int) (first, end int) {
	for i, n := range counts {
		if n >= least {
			if end == 0 {
				first = i
			}
			end = i + 1
		}
	}
	return first, end
}
