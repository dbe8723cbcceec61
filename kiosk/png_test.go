package kiosk

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestAPictureOfAPageLosesNothing, whatever its size, the part of a larger one that it is, and its colours.
func TestAPictureOfAPageLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 40).Draw(t, "height")
		x, y := rapid.IntRange(0, 9).Draw(t, "left"), rapid.IntRange(0, 9).Draw(t, "top")
		grey, opaque := rapid.Bool().Draw(t, "grey"), rapid.Bool().Draw(t, "opaque")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		glass := image.NewRGBA(image.Rect(0, 0, 50, 50))
		for i := range glass.Pix {
			switch {
			case i%4 == 3 && opaque:
				glass.Pix[i] = 255
			case i%4 == 3:
				glass.Pix[i] = 255 * byte(random.IntN(2))
			case i%4 != 0 && grey:
				glass.Pix[i] = glass.Pix[i-1]
			default:
				glass.Pix[i] = byte(random.IntN(256))
			}
		}
		picture := glass.SubImage(image.Rect(x, y, x+w, y+h)).(*image.RGBA)
		var text bytes.Buffer
		if err := encodePNG(&text, picture); err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(&text)
		if err != nil || text.Len() > 0 {
			t.Fatalf("%v, %d bytes behind its end", err, text.Len())
		}
		if want := color.GrayModel; grey && opaque && got.ColorModel() != want {
			t.Error("a grey picture is kept in colours")
		}
		for row := range h {
			for column := range w {
				want := color.NRGBAModel.Convert(picture.At(x+column, y+row)).(color.NRGBA)
				if pixel := color.NRGBAModel.Convert(got.At(column, row)).(color.NRGBA); pixel.A != want.A || want.A > 0 && pixel != want {
					t.Fatalf("pixel %d, %d is %v, want %v", column, row, pixel, want)
				}
			}
		}
	})
}

// TestNoPictureOutgrowsTheRoomThatIsTakenForIt: what a buffer leaves behind when it grows is overwritten by nobody.
func TestNoPictureOutgrowsTheRoomThatIsTakenForIt(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {3, 2000}, {2000, 3}, {700, 500}} {
		picture := noise(size.X, size.Y)
		var text bytes.Buffer
		text.Grow(pngRoom(size))
		room := text.Cap()
		if err := encodePNG(&text, picture); err != nil || text.Cap() != room {
			t.Errorf("%v: %d bytes of %d, grown to %d, %v", size, text.Len(), room, text.Cap(), err)
		}
	}
}
