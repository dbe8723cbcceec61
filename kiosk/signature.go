package kiosk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/ink"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const (
	// minSamples is how many samples with the pen down make a signature: at 200 a second a tenth of a second of ink. They
	// reach at least over minExtent of the pad's width or height, some 2 mm: a dot is no signature.
	minSamples = 20
	minExtent  = 0.02
	// maxSamples bounds what is kept: five minutes at 200 samples a second.
	maxSamples = 60_000
	// maxPadPixels bounds the picture: the largest pads have 1280 x 800.
	maxPadPixels = 4 << 20
	// writingEvery is how often the flow is told that the visitor writes, who needs no countdown.
	writingEvery = 5 * time.Second
	// clearTime is how long a pad may take to wipe its screen.
	clearTime = 2 * time.Second
	// quietTime is how long nothing more that counts must come from the pad before a signature is over: a slow station still
	// reads what was written when the visitor was done. lateTime bounds that.
	quietTime = 200 * time.Millisecond
	lateTime  = 3 * time.Second
)

// takeSignature starts the pad. It ends when finishSignature is called.
func (s *Station) takeSignature(c *checkIn) {
	w, p := &writing{language: s.state.Language, done: make(chan struct{})}, c.lastPerson(s.state)
	c.writing = w
	c.step = c.start(func(j *job) { s.capture(j, c, p, w) }, c.step)
}

// finishSignature ends the ink.
func (c *checkIn) finishSignature() {
	if c.writing != nil {
		c.writing.finish(time.Now())
		c.writing = nil
	}
}

// writing is a signature while it is being written. What counts was written before the visitor was done, however late it
// arrives.
type writing struct {
	language string

	// Of the goroutine that captures.
	samples []devices.Sample
	missed  int               // samples that the pad took and that never came
	traits  devices.PadTraits // how far that can be relied on
	began   time.Time         // the capture, as late as the samples allow

	done chan struct{} // closed when the visitor is done
	at   time.Time     // when that was; to be read after done
}

func (w *writing) finish(at time.Time) {
	w.at = at
	close(w.done)
}

// take keeps a sample that arrives now, and says whether it counts.
func (w *writing) take(sample devices.Sample, now time.Time) bool {
	if began := now.Add(-sample.At); w.began.IsZero() || began.Before(w.began) {
		w.began = began
	}
	if len(w.samples) == maxSamples || w.over(w.began.Add(sample.At)) {
		return false
	}
	w.missed += sample.Missed
	w.samples = append(w.samples, sample)
	return true
}

// over says whether the visitor was done before a moment.
func (w *writing) over(moment time.Time) bool {
	select {
	case <-w.done:
		return moment.After(w.at)
	default:
		return false
	}
}

func (s *Station) capture(j *job, c *checkIn, p *person, w *writing) {
	samples, size, err := s.drawInk(j, w)
	defer clear(samples)
	switch {
	case j.stopped():
		return
	case err != nil:
		s.config.Log.Warn("a device failed", "err", err)
		j.tell(flow.SignatureFailed{Problem: flow.DeviceMissing}, nil)
		return
	case !isSigned(samples, size):
		j.tell(flow.SignatureFailed{Problem: flow.NoInk}, nil)
		return
	}
	picture := render(samples, size)
	c.buffers.add(picture.Pix)
	files, err := c.keepSignature(j.ctx, s.config.Journal, p.named, picture, w, size)
	if err != nil {
		if !j.stopped() {
			s.config.Log.Error("a file was not kept", "err", err)
		}
		j.tell(flow.SignatureFailed{Problem: flow.DeviceMissing}, nil)
		return
	}
	missed := w.missed
	j.tell(flow.Signed{}, func() { p.signature, p.signatureFiles, p.signatureMissed = picture, files, missed })
}

// drawInk captures until the visitor has signed or the job is stopped, and leaves the pad's screen white. The display shows
// the samples that count and no others.
func (s *Station) drawInk(j *job, w *writing) (samples []devices.Sample, size devices.PadSize, err error) {
	if s.config.Devices.SignaturePad == nil {
		return nil, devices.PadSize{}, &devices.Error{Kind: devices.KindSignaturePad, Op: "find", Err: devices.ErrNotConfigured}
	}
	s.easel.take()
	defer s.easel.give()
	pad, err := s.config.Devices.SignaturePad.Get()
	if err != nil {
		return nil, devices.PadSize{}, err
	}
	w.traits = pad.Traits()
	defer func() { s.judgePad(j, pad, len(samples), err) }()
	size = pad.Size()
	if size.Width < 1 || size.Height < 1 || size.Width*size.Height > maxPadPixels {
		return nil, size, &devices.Error{Kind: devices.KindSignaturePad, Op: "size", Err: devices.ErrProtocol}
	}
	s.display.sheet(j)
	buttons, err := s.sheet(j.ctx, pad, w.language)
	if err != nil {
		return nil, size, err
	}
	err = s.captureUntilDone(j, pad, w, tapped{buttons: buttons, size: size})
	white, done := context.WithTimeout(context.WithoutCancel(j.ctx), clearTime)
	defer done()
	if clearErr := pad.Clear(white); err == nil {
		err = clearErr
	}
	return w.samples, size, err
}

// captureUntilDone captures until the visitor is done, nothing more comes of what was written before, or the job is stopped.
func (s *Station) captureUntilDone(j *job, pad devices.SignaturePad, w *writing, pen tapped) error {
	ctx, cancel := context.WithCancel(j.ctx)
	var watch sync.WaitGroup
	defer watch.Wait()
	defer cancel()
	arrived := make(chan struct{}, 1)
	watch.Go(func() {
		defer cancel()
		select {
		case <-w.done:
			untilQuiet(ctx, arrived)
		case <-ctx.Done():
		}
	})
	w.samples = make([]devices.Sample, 0, maxSamples) // at once, or copies are left behind that nobody overwrites
	var told time.Time
	return pad.Capture(ctx, func(sample devices.Sample) {
		now := time.Now()
		isInk, event := pen.take(sample)
		if event != nil {
			j.tell(event, nil)
		}
		if !isInk {
			w.missed += sample.Missed
			return
		}
		if !w.take(sample, now) {
			return
		}
		if sample.Down && now.Sub(told) >= writingEvery {
			told = now
			j.tell(flow.Writing{}, nil)
		}
		select {
		case arrived <- struct{}{}:
		default:
		}
		s.display.ink(j, sample, pen.size)
	})
}

// mostSilent is after how many captures in a row in which it said nothing at all a pad counts as ill. One visitor has two tries,
// and may not want to sign; the next one who is not seen either had a pen in hand.
const mostSilent = 4

var errSilent = errors.New("no pen was seen")

// judgePad notes what a capture with so many samples says of the pad.
func (s *Station) judgePad(j *job, pad devices.SignaturePad, samples int, err error) {
	place := s.config.Devices.SignaturePad
	switch {
	case j.stopped():
	case err == nil && samples == 0:
		place.Doubt(pad, errSilent, mostSilent)
	default:
		place.Used(pad, err)
	}
}

// untilQuiet waits until nothing has arrived for a while.
func untilQuiet(ctx context.Context, arrived <-chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, lateTime)
	defer cancel()
	quiet := time.NewTimer(quietTime)
	defer quiet.Stop()
	for {
		select {
		case <-arrived:
			quiet.Reset(quietTime)
		case <-quiet.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// isSigned tells whether somebody wrote, and did not only touch the pad.
func isSigned(samples []devices.Sample, size devices.PadSize) bool {
	var inked image.Rectangle
	n := 0
	for _, s := range samples {
		if !s.Down {
			continue
		}
		at := image.Rect(s.X, s.Y, s.X+1, s.Y+1)
		if n++; n == 1 {
			inked = at
		}
		inked = inked.Union(at)
	}
	wide, high := float64(inked.Dx()-1)/float64(max(1, size.MaxX)), float64(inked.Dy()-1)/float64(max(1, size.MaxY))
	return n >= minSamples && max(wide, high) >= minExtent
}

// signatureSamples is the file of the strokes: all that the pad said, in its own units.
type signatureSamples struct {
	MaxX        int      `json:"max_x"`
	MaxY        int      `json:"max_y"`
	MaxPressure int      `json:"max_pressure"`
	Encrypted   bool     `json:"encrypted"` // on the way from the pad
	Missed      *int     `json:"missed"`    // samples that the pad took and that never came; null where nobody counts them
	Samples     [][5]int `json:"samples"`   // x, y, pressure, 1 where the pen touches, milliseconds since the beginning
}

// keepSignature seals picture and samples.
func (c *checkIn) keepSignature(
	ctx context.Context, j *journal.Journal, whose named, picture *image.Gray, w *writing, size devices.PadSize,
) ([]*stationv1.File, error) {
	var text bytes.Buffer
	text.Grow(2 * len(picture.Pix)) // at once, or copies are left behind that nobody overwrites
	defer func() { clear(text.Bytes()) }()
	if err := png.Encode(&text, picture); err != nil {
		return nil, err
	}
	drawn := &stationv1.File{Name: whose.name("signature"), MediaType: "image/png", Kind: stationv1.KindSignature}
	if err := c.keep(ctx, j, drawn, text.Bytes()); err != nil {
		return nil, err
	}
	all := signatureSamples{MaxX: size.MaxX, MaxY: size.MaxY, MaxPressure: size.MaxPressure, Encrypted: w.traits.Encrypted, Samples: make([][5]int, 0, len(w.samples))}
	defer func() { clear(all.Samples) }()
	if w.traits.Counts {
		all.Missed = &w.missed
	}
	for _, p := range w.samples {
		touches := 0
		if p.Down {
			touches = 1
		}
		all.Samples = append(all.Samples, [5]int{p.X, p.Y, p.Pressure, touches, int(p.At.Milliseconds())})
	}
	written, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	defer clear(written)
	raw := &stationv1.File{Name: whose.name("signature-samples"), MediaType: "application/json", Kind: stationv1.KindStrokes}
	if err := c.keep(ctx, j, raw, written); err != nil {
		return nil, err
	}
	return []*stationv1.File{drawn, raw}, nil
}

// Widths of the drawn line in pixels of the pad's screen, from the lightest touch to the hardest.
const (
	thinLine  = 1.5
	thickLine = 4.0
)

// render draws the strokes black on white, as large as the pad's screen.
func render(samples []devices.Sample, size devices.PadSize) *image.Gray {
	picture := image.NewGray(image.Rect(0, 0, size.Width, size.Height))
	for i := range picture.Pix {
		picture.Pix[i] = 0xff
	}
	for i := 1; i < len(samples); i++ {
		a, b := samples[i-1], samples[i]
		if a.Down && b.Down {
			pressure := float64(a.Pressure+b.Pressure) / 2 / float64(max(1, size.MaxPressure))
			ink.Line(picture.Rect, onScreen(a, size), onScreen(b, size), (thinLine+(thickLine-thinLine)*min(1, pressure))/2, func(x, y int, part float64) {
				at := picture.PixOffset(x, y)
				picture.Pix[at] = min(picture.Pix[at], uint8(255*(1-part)))
			})
		}
	}
	return picture
}

// onScreen is where a sample is on the pad's screen.
func onScreen(s devices.Sample, size devices.PadSize) ink.Point {
	scale := func(v, most, pixels int) float64 {
		return float64(min(max(v, 0), most)) / float64(max(1, most)) * float64(pixels-1)
	}
	return ink.Point{X: scale(s.X, size.MaxX, size.Width), Y: scale(s.Y, size.MaxY, size.Height)}
}
