package chart

import "image"

// Odd finds the pixels that differ from all around them where the picture is even: dead, stuck and hot ones, and specks of dust no larger
// than a pixel. At most limit of them are given, in reading order. Only what stays from one picture to the next is the camera's.
func Odd(m *image.Gray, limit int) (odd []image.Point) {
	for y := 2; y+2 < m.Rect.Dy(); y++ {
		for x := 2; x+2 < m.Rect.Dx(); x++ {
			if isOdd(m.Pix[(y-2)*m.Stride+x-2:], m.Stride) {
				if odd = append(odd, image.Pt(x, y)); len(odd) == limit {
					return odd
				}
			}
		}
	}
	return odd
}

// Of a pixel and those two away from it: how much it has to differ, and how even they have to be, in grey levels.
const (
	oddBy  = 40
	evenTo = 20
)

// isOdd looks at the middle of five rows of five pixels. What a decoder of colours or of JPEG makes of an odd pixel spreads to its
// neighbours, so only it is compared with the sixteen around these.
func isOdd(p []uint8, stride int) bool {
	middle := int(p[2*stride+2])
	if d := middle - int(p[0]); d < oddBy && d > -oddBy {
		return false
	}
	low, high := 255, 0
	for y := range 5 {
		for x := range 5 {
			if x == 0 || x == 4 || y == 0 || y == 4 {
				low, high = min(low, int(p[y*stride+x])), max(high, int(p[y*stride+x]))
			} else if y != 2 || x != 2 {
				if v := int(p[y*stride+x]); (middle < int(p[0]) && v < middle) || (middle > int(p[0]) && v > middle) {
					return false // its neighbour is odder
				}
			}
		}
	}
	return high-low <= evenTo && (middle <= low-oddBy || middle >= high+oddBy)
}
