package inspection

import (
	"errors"
	"fmt"
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
	// darkDocuments is how many documents in a row must be dark in one of the lights before its lamp counts as burnt out: one may
	// have been taken away before its last picture.
	darkDocuments = 2
)

var errDark = errors.New("the page is dark in its light: its lamp is burnt out, or something lies before the camera")

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

// judgeImager notes what picturing one side of a document says of the imager: a light that failed, or in which nothing is to be
// seen of the document that lies there.
func (i *Inspector) judgeImager(imager devices.PageImager, fault error, pages []verify.Page) {
	place := i.config.Devices.PageImager
	for _, p := range pages {
		if fault == nil && isDark(p.Image) {
			place.Doubt(imager, fmt.Errorf("%s: %w", p.Light, errDark), darkDocuments)
			return
		}
	}
	place.Used(imager, fault)
}
