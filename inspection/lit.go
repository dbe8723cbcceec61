package inspection

import (
	"errors"
	"image"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/verify"
)

const (
	// litLevel is the brightness, of 255, that a pixel has at least where any light falls on a page: paper that is dull in
	// ultraviolet has twice that, and a sensor in the dark less than half.
	litLevel = 24
	// litPerMille is how many pixels of a thousand are lit at least in a picture that is not dark.
	litPerMille = 1
	// darkStride is how far apart the pixels are that are looked at.
	darkStride = 4
	// darkDocuments is how many documents in a row must be dark in one of the lights, twice each, before its lamp counts as burnt
	// out: one may have been taken away before its last picture.
	darkDocuments = 2
)

// isDark tells whether a picture shows no light at all.
func isDark(picture *image.RGBA) bool {
	looked, lit := 0, 0
	for y := picture.Rect.Min.Y; y < picture.Rect.Max.Y; y += darkStride {
		for x := picture.Rect.Min.X; x < picture.Rect.Max.X; x += darkStride {
			p := picture.Pix[picture.PixOffset(x, y):]
			looked++
			if max(p[0], p[1], p[2]) >= litLevel {
				lit++
			}
		}
	}
	return lit*1000 < looked*litPerMille
}

// failures are what became of the lights that gave no picture of a document which lies there.
type failures struct {
	last  error   // of any of them
	fault error   // that speaks against the imager
	dark  []error // of lights in which nothing was to be seen
}

func (f *failures) add(err error) {
	f.last = err
	switch {
	case errors.Is(err, devices.ErrNoLight):
		f.dark = append(f.dark, err)
	case devices.Faulty(err):
		f.fault = err
	}
}

// judgeImager notes what picturing one side of a document says of the imager. If nothing at all was to be seen, that is one fault, and
// not one of each lamp.
func (i *Inspector) judgeImager(imager devices.PageImager, f failures, pages []verify.Page) {
	place := i.config.Devices.PageImager
	switch {
	case f.fault != nil || len(f.dark) == 0:
		place.Used(imager, f.fault)
	case len(pages) == 0 && len(f.dark) > 1:
		place.Doubt(imager, devices.NoLightError{}, darkDocuments)
	default:
		place.Doubt(imager, errors.Join(f.dark...), darkDocuments)
	}
}
