package usb

import (
	"context"
	"encoding/binary"
	"image"
	"sync"
	"time"
)

// Wacom's report ids (the SDK's Protocol.hpp). All are feature reports but the first two.
const (
	reportPen        = 0x01 // pen sample
	reportPenTimed   = 0x34 // pen sample with time and sequence number
	reportStatus     = 0x03
	reportInfo       = 0x08
	reportCapability = 0x09
	reportClear      = 0x20
	reportInk        = 0x21
	reportImageStart = 0x25
	reportImageBlock = 0x26
	reportImageEnd   = 0x27
	reportPenOption  = 0x32
)

// Values of the encoding byte, and the flags by which the capability report lists them.
const (
	encoding1, flag1   = 0, 0x01
	encoding16, flag16 = 2, 0x04
	encoding24, flag24 = 4, 0x08
)

// Pad rates and marks.
const (
	samplePeriod = 5 * time.Millisecond // 200 samples a second
	penReady     = 0x8000               // the pen is near
	penTouches   = 0x1000
	optionTimed  = 3 // time and sequence number
	// reaction is how long a person takes from seeing that the pad is ready until the pen is near it.
	reaction = 250 * time.Millisecond
)

// padModel is what differs between pads.
type padModel struct {
	product                 uint16
	name                    string
	maxX, maxY, maxPressure int // 100 units a millimetre
	width, height           int // of the LCD, in pixels
	encodings               byte
	timed                   bool // can send reportPenTimed
}

// Pad is a Wacom STU signature pad: a person can sign on it, and see what it shows.
type Pad struct {
	*Device
	model   padModel
	started time.Time
	inking  gate
	in      pipe

	mu       sync.Mutex
	lcd      *lcd
	upload   *upload // nil outside of an image transfer
	option   byte
	sequence uint16
}

// NewPad makes an STU-530: 108 x 64.8 mm, 1024 levels of pressure, an LCD of 800 x 480 pixels in colour.
func NewPad(serial string) *Pad {
	return newPad(serial, padModel{product: 0x00a5, name: "STU-530", maxX: 10800, maxY: 6480, maxPressure: 1023,
		width: 800, height: 480, encodings: flag1 | flag16 | flag24, timed: true})
}

// NewSmallPad makes an STU-430: 96 x 60 mm, 1024 levels of pressure, an LCD of 320 x 200 pixels in black and white.
func NewSmallPad(serial string) *Pad {
	return newPad(serial, padModel{product: 0x00a4, name: "STU-430", maxX: 9600, maxY: 6000, maxPressure: 1023,
		width: 320, height: 200, encodings: flag1})
}

func newPad(serial string, model padModel) *Pad {
	p := &Pad{model: model, started: time.Now(), in: pipe{limit: 256}, lcd: newLCD(model.width, model.height)}
	report := vendorReports().with(inputItem, reportPen, 6)
	if model.timed {
		report = report.with(inputItem, reportPenTimed, 10).with(featureItem, reportPenOption, 1)
	}
	for _, f := range []struct {
		id   byte
		size uint16
	}{
		{reportStatus, 4}, {reportInfo, 16}, {reportCapability, 16}, {reportClear, 1}, {reportInk, 1},
		{reportImageStart, 1}, {reportImageBlock, 2 + blockSize}, {reportImageEnd, 1},
	} {
		report = report.with(featureItem, f.id, f.size)
	}
	p.Device = &Device{
		Vendor: 0x056a, Product: model.product, Manufacturer: "Wacom Co.,Ltd.", Name: model.name, Serial: serial,
		Driver: "wacom", Model: (*padWire)(p),
		Interfaces: []Interface{{Report: report.end(), Endpoints: []Endpoint{{Address: 0x81, MaxPacket: 64, Interval: 4}}}},
	}
	return p
}

// Ready waits until the host has turned ink on and listens to the pen, or returns ctx's error. Of a pad whose samples bear
// no stamp it waits until the host has listened for as long as a person takes to put the pen down: before that it may still
// be throwing away what was written earlier.
func (p *Pad) Ready(ctx context.Context) error {
	if err := p.in.ready(ctx, &p.inking); err != nil || p.model.timed {
		return err
	}
	return p.in.steady(ctx, reaction)
}

// LCD is what the pad shows now, ink included.
func (p *Pad) LCD() *image.RGBA {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lcd.picture()
}

// Sign writes the strokes, 200 samples a second, with the pen in the air before, between and after them. It returns when
// the pen is gone, or ctx's error; nobody needs to listen.
func (p *Pad) Sign(ctx context.Context, strokes [][]Point) error {
	const approach = 4 // samples in the air before each stroke
	tick := time.NewTicker(samplePeriod)
	defer tick.Stop()
	for _, stroke := range strokes {
		for i := range approach + len(stroke) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				p.pen(0, Point{})
				return ctx.Err()
			}
			if i < approach {
				p.pen(penReady, Point{X: stroke[0].X, Y: stroke[0].Y})
			} else {
				p.pen(penReady|penTouches, stroke[i-approach])
			}
		}
	}
	p.pen(0, Point{})
	return nil
}

// Press keeps the pen down at a place until ctx ends, 200 samples a second, and lifts it then. Nobody needs to listen.
func (p *Pad) Press(ctx context.Context, at Point) { p.stay(ctx, penReady|penTouches, at) }

// Hover keeps the pen in the air above a place until ctx ends, and takes it away then. Nobody needs to listen.
func (p *Pad) Hover(ctx context.Context, at Point) { p.stay(ctx, penReady, Point{X: at.X, Y: at.Y}) }

func (p *Pad) stay(ctx context.Context, flags uint16, at Point) {
	tick := time.NewTicker(samplePeriod)
	defer tick.Stop()
	for {
		p.pen(flags, at)
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.pen(0, Point{})
			return
		}
	}
}

// pen reports one sample, and draws it when ink is on.
func (p *Pad) pen(flags uint16, at Point) {
	x, y := scale(at.X, p.model.maxX), scale(at.Y, p.model.maxY)
	pressure := scale(at.Pressure, p.model.maxPressure)
	p.mu.Lock()
	id := byte(reportPen)
	if p.option == optionTimed {
		id = reportPenTimed
	}
	report := binary.BigEndian.AppendUint16([]byte{id}, flags|pressure)
	report = binary.BigEndian.AppendUint16(report, x)
	report = binary.BigEndian.AppendUint16(report, y)
	if id == reportPenTimed {
		report = binary.BigEndian.AppendUint16(report, uint16(time.Since(p.started).Milliseconds()))
		report = binary.BigEndian.AppendUint16(report, p.sequence)
	}
	p.sequence++
	p.lcd.pen(at, p.inking.isOpen() && flags&penTouches != 0)
	p.mu.Unlock()
	p.in.report(report)
}

// scale turns a part into device units.
func scale(part float64, most int) uint16 {
	return uint16(min(max(part, 0), 1)*float64(most) + 0.5)
}
