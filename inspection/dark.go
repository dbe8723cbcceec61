package inspection

import (
	"errors"
	"fmt"
	"image"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/verify"
)

const (
	// faintest is what a pixel has at least, of 255, where any light falls on a page: paper that is dull in ultraviolet has twice
	// that, and a sensor in the dark less than half.
	faintest = 24
	// enoughLit is how many pixels of a thousand have it at least in a picture that is not dark.
	enoughLit = 1
	// everyDark is how many pixels apart those are that are looked at.
	everyDark = 4
	// mostDark is after how many documents in a row that could not be seen in one of the lights a lamp counts as burnt out: one may
	// have been taken away before its last picture.
	mostDark = 2
)

var errDark = errors.New("the page is dark in its light: its lamp is burnt out, or something lies before the camera")

// isDark tells whether a picture shows no light at all.
func isDark(picture *image.RGBA) bool {
	looked, lit := 0, 0
	for y := picture.Rect.Min.Y; y < picture.Rect.Max.Y; y += everyDark {
		for x := picture.Rect.Min.X; x < picture.Rect.Max.X; x += everyDark {
			p := picture.Pix[picture.PixOffset(x, y):]
			looked++
			if max(p[0], p[1], p[2]) >= faintest {
				lit++
			}
		}
	}
	return lit*1000 < looked*enoughLit
}

// judgeImager notes what picturing one side of a document says of the imager: a light that failed, or in which nothing is to be
// seen of the document that lies there.
func (i *Inspector) judgeImager(imager devices.PageImager, fault error, pages []verify.Page) {
	place := i.config.Devices.PageImager
	for _, p := range pages {
		if fault == nil && isDark(p.Image) {
			place.Doubt(imager, fmt.Errorf("%s: %w", p.Light, errDark), mostDark)
			return
		}
	}
	place.Used(imager, fault)
}
