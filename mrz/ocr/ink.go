package ocr

import (
	"image"
	"math"

	"gocv.io/x/gocv"
)

// ink is where a picture is darker than around there, and in which pieces it hangs together.
type ink struct {
	width, height int
	piece         []int32           // of each pixel, from 1 on; 0 is paper
	boxes         []image.Rectangle // of the pieces; the first is the paper's, and empty
}

// inkOf takes for ink what is by so many grey levels darker than the mean of the square around it.
func inkOf(picture *image.Gray, square, darker int) (ink, error) {
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	view, err := gocv.NewMatFromBytes(h, w, gocv.MatTypeCV8UC1, picture.Pix)
	if err != nil {
		return ink{}, err
	}
	defer view.Close()
	dark := gocv.NewMat()
	defer dark.Close()
	gocv.AdaptiveThreshold(view, &dark, 1, gocv.AdaptiveThresholdMean, gocv.ThresholdBinaryInv, square|1, float32(darker))
	i := ink{width: w, height: h, piece: make([]int32, w*h), boxes: make([]image.Rectangle, 1)}
	i.divide(dark.ToBytes())
	return i, nil
}

// divide finds the pieces, corners connected, of what is not 0.
func (i *ink) divide(dark []byte) {
	var queue []int
	for start, d := range dark {
		if d == 0 || i.piece[start] != 0 {
			continue
		}
		number, box := int32(len(i.boxes)), image.Rectangle{}
		i.piece[start] = number
		for queue = append(queue[:0], start); len(queue) > 0; {
			at := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			x, y := at%i.width, at/i.width
			box = box.Union(image.Rect(x, y, x+1, y+1))
			for ny := max(0, y-1); ny <= min(i.height-1, y+1); ny++ {
				for nx := max(0, x-1); nx <= min(i.width-1, x+1); nx++ {
					if next := ny*i.width + nx; dark[next] != 0 && i.piece[next] == 0 {
						i.piece[next] = number
						queue = append(queue, next)
					}
				}
			}
		}
		i.boxes = append(i.boxes, box)
	}
}

// An extent is how far something reaches in a direction.
type extent struct{ from, to float64 }

func (e extent) length() float64 { return e.to - e.from }
func (e extent) middle() float64 { return (e.from + e.to) / 2 }

// extents are those of a piece along a direction and at right angles to it, in pixels, and how many pixels it has.
func (i *ink) extents(number int32, along vector) (length, height extent, pixels int) {
	length = extent{math.Inf(1), math.Inf(-1)}
	height = length
	box := i.boxes[number]
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if i.piece[y*i.width+x] != number {
				continue
			}
			pixels++
			place := vector{float64(x) + 0.5, float64(y) + 0.5}
			length = length.with(place.dot(along))
			height = height.with(place.dot(along.down()))
		}
	}
	return length, height, pixels
}

// with reaches as far as a pixel whose middle is there.
func (e extent) with(at float64) extent { return extent{min(e.from, at-0.5), max(e.to, at+0.5)} }

// within counts the pixels of ink in a rectangle that lies along a direction.
func (i *ink) within(along vector, length, height extent) int {
	pixels := 0
	for s := length.from + 0.5; s < length.to; s++ {
		for d := height.from + 0.5; d < height.to; d++ {
			place := along.times(s).plus(along.down().times(d))
			x, y := int(math.Floor(place.x)), int(math.Floor(place.y))
			if image.Pt(x, y).In(image.Rect(0, 0, i.width, i.height)) && i.piece[y*i.width+x] != 0 {
				pixels++
			}
		}
	}
	return pixels
}
