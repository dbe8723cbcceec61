package ink_test

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices/ink"
)

// darkening keeps the most that any line covers of a pixel, as everybody who draws does.
func darkening(picture *image.Alpha) func(x, y int, part float64) {
	return func(x, y int, part float64) {
		at := picture.PixOffset(x, y)
		picture.Pix[at] = max(picture.Pix[at], uint8(255*part))
	}
}

func ExampleLine() {
	paper := image.NewAlpha(image.Rect(0, 0, 12, 5))
	ink.Line(paper.Rect, ink.Point{X: 2, Y: 2}, ink.Point{X: 9, Y: 2}, 1, func(x, y int, part float64) {
		paper.Pix[paper.PixOffset(x, y)] = uint8(9 * part)
	})
	for y := range 5 {
		fmt.Println(paper.Pix[12*y : 12*y+12])
	}
	// Output:
	// [0 0 0 0 0 0 0 0 0 0 0 0]
	// [0 0 4 4 4 4 4 4 4 4 0 0]
	// [0 4 9 9 9 9 9 9 9 9 4 0]
	// [0 0 4 4 4 4 4 4 4 4 0 0]
	// [0 0 0 0 0 0 0 0 0 0 0 0]
}

func TestALineIsAsThickAndAsSoftHoweverSlowlyItIsWritten(t *testing.T) {
	written := func(pieces int) *image.Alpha {
		picture := image.NewAlpha(image.Rect(0, 0, 200, 100))
		at := func(i int) ink.Point {
			part := float64(i) / float64(pieces)
			return ink.Point{X: 20 + 160*part, Y: 20 + 55*part}
		}
		for i := range pieces {
			ink.Line(picture.Rect, at(i), at(i+1), 1.4, darkening(picture))
		}
		return picture
	}
	quick := written(1)
	for _, pieces := range []int{20, 170, 400} {
		slow := written(pieces)
		for i, want := range quick.Pix {
			if got := slow.Pix[i]; math.Abs(float64(got)-float64(want)) > 1 {
				t.Fatalf("in %d pieces pixel %d, %d is %d, in one %d", pieces, i%200, i/200, got, want)
			}
		}
	}
}

func TestNothingIsDrawnOutsideOfTheArea(t *testing.T) {
	number := rapid.OneOf(rapid.Float64Range(-300, 300), rapid.Float64())
	rapid.Check(t, func(t *rapid.T) {
		area := image.Rect(10, 20, 60, 50)
		from := ink.Point{X: number.Draw(t, "from x"), Y: number.Draw(t, "from y")}
		to := ink.Point{X: number.Draw(t, "to x"), Y: number.Draw(t, "to y")}
		ink.Line(area, from, to, rapid.Float64Range(0, 20).Draw(t, "radius"), func(x, y int, part float64) {
			if !image.Pt(x, y).In(area) || !(part > 0 && part <= 1) {
				t.Fatalf("%v of %d, %d", part, x, y)
			}
		})
	})
}

func TestADotIsRound(t *testing.T) {
	dot := image.NewAlpha(image.Rect(0, 0, 9, 9))
	ink.Line(dot.Rect, ink.Point{X: 4, Y: 4}, ink.Point{X: 4, Y: 4}, 3.2, darkening(dot))
	turned := image.NewAlpha(dot.Rect)
	for i, p := range dot.Pix {
		x, y := i%9, i/9
		turned.Pix[9*x+8-y] = p
	}
	if !bytes.Equal(dot.Pix, turned.Pix) || dot.AlphaAt(4, 4).A != 255 || dot.AlphaAt(4, 2).A != 255 || dot.AlphaAt(0, 0).A != 0 {
		t.Errorf("it is %v", dot.Pix)
	}
}
