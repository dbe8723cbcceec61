package external

import (
	"context"
	"errors"
	"image"
	"math"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/chart"
)

const (
	saysSlowCamera  devices.Key = "camera.slow"           // value, min
	saysBlurredHall devices.Key = "camera.blurred"        // value, min
	saysFixed       devices.Key = "camera.no_exposure"    // its exposure cannot be set
	saysBlind       devices.Key = "camera.exposure_stuck" // value, min; longer exposures give no lighter pictures
	holdChart       devices.Key = "remedy.hold_chart"     // before the camera
	fasterPort      devices.Key = "remedy.faster_port"    // a slow hub, or a dark hall
	moreLight       devices.Key = "remedy.more_light"     // or less
)

// Exposer is a camera whose exposure can be set.
type Exposer interface {
	// Exposures are the shortest and the longest time that it can be set to; errors.ErrUnsupported where it cannot be set.
	Exposures(ctx context.Context) (shortest, longest time.Duration, err error)
	// Expose sets it; 0 gives it back as it was found.
	Expose(ctx context.Context, exposure time.Duration) error
}

// Limits of the camera that sees visitors.
const (
	// leastRate is how many frames a second there are at least: the preview is a mirror that must not stutter.
	leastRate = 8
	// leastMTF is how sharp it is, in cycles a pixel: half of the contrast is left in details of eight pixels.
	leastMTF = 0.12
	// mostBend is how far the lens may bend a picture, in percent of the diagonal of the chart: with a barrel that takes a tenth of the
	// way to its corners it is 1.
	mostBend = 0.8
	// leastRise is how much lighter the longest exposure is than the shortest, in grey levels.
	leastRise = 30

	// mostExposure is the longest that is tried: longer ones have no use for a camera that is to send leastRate frames.
	mostExposure = 250 * time.Millisecond

	exposures  = 6
	settling   = 4 // frames until a new exposure is seen: the buffers of a USB camera
	rateTime   = 2 * time.Second
	cameraTime = time.Minute
)

// Camera counts the camera's frames, sweeps its exposure where that can be set, and measures the chart that is held before it.
func Camera(open func(context.Context) (devices.Camera, error)) hwtest.Subject {
	return hwtest.Act[devices.Camera]{
		Kind: devices.KindCamera, Open: open, Checks: append([]string{"frame_rate", "exposure"}, hallChecks()...), Limit: cameraTime, Do: lookIntoHall,
	}.Subject()
}

// hallChecks are those of the chart before the camera.
func hallChecks() []string { return []string{"sharpness", "evenness", "distortion", "dead_pixels"} }

func lookIntoHall(ctx context.Context, c devices.Camera, tell func(hwtest.Check)) {
	kind := devices.KindCamera
	first, second, rate, err := frames(ctx, c) // to be wiped
	defer wipe(first)
	defer wipe(second)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		failing(kind, append([]string{"frame_rate", "exposure"}, hallChecks()...), err, tell)
		return
	}
	tell(hwtest.Judged(kind, "frame_rate", hwtest.AtLeast(rate, hwtest.PerSecond, leastRate), saysSlowCamera, fasterPort).Took(rateTime))
	began := time.Now()
	exposure := sweep(ctx, c)
	if ctx.Err() != nil {
		return
	}
	tell(exposure.Took(time.Since(began)))
	r, err := chart.ForCamera().Measure(first)
	if err != nil {
		wanting(kind, hallChecks(), holdChart, tell)
		return
	}
	zone := worst(r)
	sharp := hwtest.Judged(kind, "sharpness", hwtest.AtLeast(r.MTF50, hwtest.CyclesPixel, leastMTF), saysBlurredHall, cleanLens)
	sharp.Facts = sharpnessOf(r, zone)
	sharp.Pictures = evidence("camera_"+zone.Name, first, zone.Area)
	tell(sharp)
	tell(hwtest.Judged(kind, "evenness", hwtest.AtLeast(100*r.Evenness, hwtest.Percent, leastEven), saysUneven, evenLight))
	tell(hwtest.Judged(kind, "distortion", hwtest.AtMost(r.Bend, hwtest.Percent, mostBend), saysBent, straighten))
	tell(odd(kind, first, second))
}

// frames counts frames for a while, and gives two of them, the first also with an error; the first of all is not counted, for it may have waited.
func frames(ctx context.Context, c devices.Camera) (first, last *image.Gray, rate float64, err error) {
	frame, err := c.Frame(ctx, nil)
	if err != nil {
		return nil, nil, 0, err
	}
	first = grey(frame)
	began := time.Now()
	n := 0
	for time.Since(began) < rateTime {
		if frame, err = c.Frame(ctx, frame); err != nil {
			return first, nil, 0, err
		}
		n++
	}
	return first, grey(frame), float64(n) / time.Since(began).Seconds(), nil
}

// sweep goes from the shortest exposure to the longest, in equal factors, and leaves the camera as it was found.
func sweep(ctx context.Context, c devices.Camera) hwtest.Check {
	kind := devices.KindCamera
	e, can := c.(Exposer)
	if !can {
		return hwtest.Unsupported(kind, "exposure", devices.Say(saysFixed))
	}
	shortest, longest, err := e.Exposures(ctx)
	switch {
	case errors.Is(err, errors.ErrUnsupported) || err == nil && (shortest <= 0 || longest <= shortest):
		return hwtest.Unsupported(kind, "exposure", devices.Say(saysFixed))
	case err != nil:
		return hwtest.Failing(kind, "exposure", err)
	}
	curve, err := exposureCurve(ctx, c, e, shortest, max(shortest, min(longest, mostExposure)))
	if err != nil {
		return hwtest.Failing(kind, "exposure", err)
	}
	rise := curve.Y[len(curve.Y)-1] - curve.Y[0]
	check := hwtest.Judged(kind, "exposure", hwtest.AtLeast(rise, hwtest.GreyLevels, leastRise), saysBlind, moreLight)
	check.Curve = curve
	check.Facts = []hwtest.Fact{{Name: "steps", Value: strconv.Itoa(exposures)}}
	return check
}

func exposureCurve(ctx context.Context, c devices.Camera, e Exposer, shortest, longest time.Duration) (curve *hwtest.Curve, err error) {
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), putAway)
		defer cancel()
		err = errors.Join(err, e.Expose(ending, 0))
	}()
	curve = &hwtest.Curve{XUnit: hwtest.Milliseconds, YUnit: hwtest.GreyLevels}
	var frame *image.RGBA
	for i := range exposures {
		exposure := time.Duration(float64(shortest) * math.Pow(float64(longest)/float64(shortest), float64(i)/(exposures-1)))
		if err := e.Expose(ctx, exposure); err != nil {
			return nil, err
		}
		for range settling + 1 {
			if frame, err = c.Frame(ctx, frame); err != nil {
				return nil, err
			}
		}
		curve.X = append(curve.X, float64(exposure.Microseconds())/1000)
		g := grey(frame)
		curve.Y = append(curve.Y, math.Round(brightnessOf(g).mean))
		wipe(g)
	}
	return curve, nil
}
