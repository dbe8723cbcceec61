package external

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

const (
	saysSlowPad devices.Key = "pad.slow_picture"   // value, max
	directPort  devices.Key = "remedy.direct_port" // without a hub
)

// Limits of signature pads.
const (
	// mostPicture is how long the sheet may take: visitors wait for it.
	mostPicture = 500 * time.Millisecond
	// mostShown is how often a sheet that took too long is shown: a computer that has other work makes one late, and none early.
	mostShown = 3
	padTime   = time.Minute
	bars      = 8
)

// SignaturePad shows black and white bars on the pad, then the sheet on which visitors sign, measures how long that one takes, whatever
// was there before, and makes the pad white again. One that takes too long is shown again, and the shortest time counts. The sheet is
// the kiosk's own, as large as the pad's screen: what a picture costs depends on what is in it, and a photograph, which the kiosk never
// sends, takes a pad with many colours seconds.
func SignaturePad(
	open func(context.Context) (devices.SignaturePad, error), sheet func(devices.PadSize) (image.Image, error),
) hwtest.Subject {
	return hwtest.Act[devices.SignaturePad]{
		Kind: devices.KindSignaturePad, Open: open, Checks: []string{"lcd"}, Limit: padTime,
		Do: func(ctx context.Context, pad devices.SignaturePad, tell func(hwtest.Check)) {
			took, err := showPictures(ctx, pad, sheet)
			if err != nil {
				tell(hwtest.Failing(devices.KindSignaturePad, "lcd", err).Took(took))
				return
			}
			m := hwtest.AtMost(float64(took.Milliseconds()), hwtest.Milliseconds, float64(mostPicture.Milliseconds()))
			tell(hwtest.Judged(devices.KindSignaturePad, "lcd", m, saysSlowPad, directPort).Took(took))
		},
	}.Subject()
}

// showPictures shows bars and the sheet, leaves the pad white, and gives how long the sheet took at best.
func showPictures(
	ctx context.Context, pad devices.SignaturePad, draw func(devices.PadSize) (image.Image, error),
) (took time.Duration, err error) {
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), putAway)
		defer cancel()
		if cleared := pad.Clear(ending); err == nil {
			err = cleared
		}
	}()
	sheet, err := draw(pad.Size())
	if err != nil {
		return 0, err
	}
	bars := barsOf(pad.Size().Width, pad.Size().Height)
	for n := range mostShown {
		if err := pad.Show(ctx, bars, bars.Bounds()); err != nil {
			return took, err
		}
		began := time.Now()
		err := pad.Show(ctx, sheet, sheet.Bounds())
		if now := time.Since(began); n == 0 || now < took {
			took = now
		}
		if err != nil || took <= mostPicture {
			return took, err
		}
	}
	return took, nil
}

// barsOf is a picture of upright bars, black first: a pad that shows them aslant, doubled or in colours is seen to.
func barsOf(width, height int) image.Image {
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range bars {
		area := image.Rect(width*i/bars, 0, width*(i+1)/bars, height)
		draw.Draw(m, area, image.NewUniform(color.Gray{uint8(255 * (i % 2))}), image.Point{}, draw.Src)
	}
	return m
}
