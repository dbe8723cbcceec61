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
	padTime     = time.Minute
	bars        = 8
)

// SignaturePad shows black and white bars on the pad, then the sheet on which visitors sign, measures how long that one takes, whatever
// was there before, and makes the pad white again. The sheet is the kiosk's own, as large as the pad's screen: what a picture costs
// depends on what is in it, and a photograph, which the kiosk never sends, takes a pad with many colours seconds.
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

// showPictures shows bars and the sheet, leaves the pad white, and gives how long the sheet took.
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
	if err := pad.Show(ctx, bars, bars.Bounds()); err != nil {
		return 0, err
	}
	began := time.Now()
	err = pad.Show(ctx, sheet, sheet.Bounds())
	return time.Since(began), err
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
