package page_test

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/page"
)

// glass is a picture of empty glass with something of a grey on it.
func glass(dpi int, something image.Rectangle, grey uint8) verify.Page {
	m := image.NewRGBA(image.Rect(0, 0, 1200, 800))
	draw.Draw(m, m.Rect, image.NewUniform(color.RGBA{20, 20, 20, 255}), image.Point{}, draw.Src)
	draw.Draw(m, something, image.NewUniform(color.RGBA{grey, grey, grey, 255}), image.Point{}, draw.Src)
	return verify.Page{Image: m, DPI: dpi}
}

func TestTheAreaOfADocumentHoldsWhatShowsInAnyLight(t *testing.T) {
	whole := image.Rect(0, 0, 1200, 800)
	for name, c := range map[string]struct {
		pages []verify.Page
		want  image.Rectangle
	}{
		"a card, and 3 mm around": {[]verify.Page{glass(254, image.Rect(300, 200, 900, 600), 200)}, image.Rect(270, 170, 930, 630)},
		"what glows only": {[]verify.Page{
			glass(254, image.Rect(300, 200, 900, 600), 200), glass(254, image.Rect(300, 100, 400, 300), 90),
		}, image.Rect(270, 70, 930, 630)},
		"at the edge":     {[]verify.Page{glass(254, image.Rect(0, 0, 600, 400), 200)}, image.Rect(0, 0, 630, 430)},
		"all over":        {[]verify.Page{glass(254, whole, 200)}, whole},
		"nothing":         {[]verify.Page{glass(254, image.Rectangle{}, 0)}, whole},
		"dust":            {[]verify.Page{glass(254, image.Rect(5, 5, 9, 9), 255)}, whole},
		"an odd size too": {[]verify.Page{glass(254, image.Rect(300, 200, 900, 600), 200), {Image: image.NewRGBA(image.Rect(0, 0, 1300, 700)), DPI: 254}}, image.Rect(0, 0, 1300, 800)},
		"no picture":      {nil, image.Rectangle{}},
	} {
		if got := page.Area(c.pages); got != c.want {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}
