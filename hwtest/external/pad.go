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
	// mostPicture is how long a picture may take: visitors wait for it.
	mostPicture = 500 * time.Millisecond
	padTime     = time.Minute
	bars        = 8
)

// SignaturePad shows black and white bars on the pad, measures how long that takes, and makes it white again.
func SignaturePad(open func(context.Context) (devices.SignaturePad, error)) hwtest.Subject {
	return hwtest.Act[devices.SignaturePad]{
		Kind: devices.KindSignaturePad, Open: open, Checks: []string{"lcd"}, Limit: padTime, Do: showBars,
	}.Subject()
}

func showBars(ctx context.Context, pad devices.SignaturePad, tell func(hwtest.Check)) {
	size := pad.Size()
	began := time.Now()
	err := pad.Show(ctx, barsOf(size.Width, size.Height))
	took := time.Since(began)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), putAway)
	defer cancel()
	cleared := pad.Clear(ending)
	if err == nil {
		err = cleared
	}
	if err != nil {
		tell(hwtest.Failing(devices.KindSignaturePad, "lcd", err).Took(took))
		return
	}
	m := hwtest.AtMost(float64(took.Milliseconds()), hwtest.Milliseconds, float64(mostPicture.Milliseconds()))
	tell(hwtest.Judged(devices.KindSignaturePad, "lcd", m, saysSlowPad, directPort).Took(took))
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
