// Package external has devices act, without a person: lamps light, pads show a picture, printers print, cameras look at the chart of
// package chart. It is UnifiedPOS's level external (CheckHealth). Each function gives the subject of one device, for [hwtest.Run].
//
// What has to lie there, a chart or a card, and does not, makes checks not performed, with what to bring. Limits are constants beside
// the check that holds them, each with its source. Whatever a device was made to do ends with the test, also with one that somebody
// interrupts. Nothing that could show a person is kept: of pictures only what is certain to be the chart.
package external

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/chart"
)

// What is said of pictures of the chart, by both cameras.
const (
	saysNoChart   devices.Key = "chart.not_seen"         // no chart is in the picture
	saysUneven    devices.Key = "chart.uneven"           // value, min; the light is not even
	saysBent      devices.Key = "chart.bent"             // value, max; the picture is distorted
	saysOddPixels devices.Key = "chart.odd_pixels"       // value, max; of the sensor
	cleanLens     devices.Key = "remedy.clean_lens"      // or the glass, and focus
	straighten    devices.Key = "remedy.straighten"      // the camera
	exchangeEye   devices.Key = "remedy.exchange_camera" // its sensor is going
	evenLight     devices.Key = "remedy.even_light"      // on the chart
)

// grey is a picture without its colours (ITU-R BT.601, as image/draw has it). The picture itself is overwritten: whatever lies on a glass
// or stands before a camera is seen once.
func grey(m *image.RGBA) *image.Gray {
	g := image.NewGray(image.Rectangle{Max: m.Rect.Size()})
	draw.Draw(g, g.Rect, m, m.Rect.Min, draw.Src)
	clear(m.Pix)
	return g
}

// wipe overwrites a picture that has been measured.
func wipe(m *image.Gray) {
	if m != nil {
		clear(m.Pix)
	}
}

// brightness is how light a picture is, in grey levels.
type brightness struct{ mean, low, high float64 }

// brightnessOf leaves out a tenth of the pixels at either end: a glint is no light.
func brightnessOf(m *image.Gray) (b brightness) {
	var counts [256]int
	sum, all := 0, m.Rect.Dx()*m.Rect.Dy()
	for y := range m.Rect.Dy() {
		for _, v := range m.Pix[y*m.Stride : y*m.Stride+m.Rect.Dx()] {
			counts[v]++
			sum += int(v)
		}
	}
	if all == 0 {
		return b
	}
	b.mean = float64(sum) / float64(all)
	below := 0
	for v, n := range counts {
		if below < all/10 {
			b.low = float64(v)
		}
		if below < all-all/10 {
			b.high = float64(v)
		}
		below += n
	}
	return b
}

// evidence is a part of a picture of the chart.
func evidence(name string, m *image.Gray, area image.Rectangle) []hwtest.Picture {
	var b bytes.Buffer
	if area = area.Intersect(m.Rect); area.Empty() || png.Encode(&b, m.SubImage(area)) != nil {
		return nil
	}
	return []hwtest.Picture{{Name: name, PNG: b.Bytes()}}
}

// worst is the least sharp part of the chart.
func worst(r chart.Reading) (z chart.Zone) {
	for _, zone := range r.Zones {
		if z.Name == "" || zone.MTF50 < z.MTF50 {
			z = zone
		}
	}
	return z
}

// maxOdd is how many dead or hot pixels a sensor may have: a stroke of OCR-B is six pixels wide at 400 dpi.
const maxOdd = 5

// odd judges the pixels that are odd in two pictures of the same thing.
func odd(kind devices.Kind, first, second *image.Gray) hwtest.Check {
	const enough = 1000
	in := map[image.Point]bool{}
	for _, p := range chart.Odd(first, enough) {
		in[p] = true
	}
	n := 0
	for _, p := range chart.Odd(second, enough) {
		if in[p] {
			n++
		}
	}
	return hwtest.Judged(kind, "dead_pixels", hwtest.AtMost(float64(n), hwtest.Count, maxOdd), saysOddPixels, exchangeEye)
}

// wanting tells checks that want the chart.
func wanting(kind devices.Kind, names []string, bring devices.Key, tell func(hwtest.Check)) {
	for _, name := range names {
		tell(hwtest.Wanting(kind, name, devices.Say(saysNoChart), devices.Say(bring)))
	}
}

// failing tells checks that a device's error keeps from being made.
func failing(kind devices.Kind, names []string, err error, tell func(hwtest.Check)) {
	for _, name := range names {
		tell(hwtest.Failing(kind, name, err))
	}
}

// putAway bounds what is done after a test whose context has ended.
const putAway = 3 * time.Second
