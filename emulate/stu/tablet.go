// Package stu is the inside of an emulated Wacom STU signature pad: its screen, its pen, its encryption, and the reports by which a
// host asks and tells it things. Package usb puts it behind a USB plug, and [Line] at the end of a serial line.
//
// It is written from the same public sources as the driver, and shares no code with it.
package stu

import (
	"context"
	"encoding/binary"
	"image"
	"sync"
	"time"
)

// Wacom's report ids (the SDK's Protocol.hpp).
const (
	reportPen            = 0x01
	reportPenCrypt       = 0x10
	reportPenNumber      = 0x30
	reportPenNumberCrypt = 0x31
	reportPenTimedCrypt  = 0x33
	reportPenTimed       = 0x34
	reportStatus         = 0x03
	reportInfo           = 0x08
	reportCapability     = 0x09
	reportUID            = 0x0a
	reportUID2           = 0x0b
	reportRate           = 0x0d
	reportESerial        = 0x0f
	reportHostKey        = 0x13
	reportDeviceKey      = 0x14
	reportStartCapture   = 0x15
	reportEndCapture     = 0x16
	reportPrime          = 0x1a
	reportBase           = 0x1b
	reportClear          = 0x20
	reportInk            = 0x21
	reportImageArea      = 0x24
	reportImageStart     = 0x25
	reportImageBlock     = 0x26
	reportImageEnd       = 0x27
	reportInkArea        = 0x2a
	reportPenOption      = 0x32
	reportKeyCommand     = 0x40
	reportKeyStatus      = 0x50
)

// Rates and marks of the pen.
const (
	samplePeriod = 5 * time.Millisecond // 200 samples a second
	penReady     = 0x8000               // the pen is near
	penTouches   = 0x1000
)

// Status codes.
const (
	statusReady       = 0
	statusImage       = 1
	statusCapture     = 2
	statusCalculation = 3
)

// Tablet is a pad without its plug: a person can sign on it, and see what it shows. Its methods may be called from several
// goroutines.
type Tablet struct {
	model   Model
	serial  string
	started time.Time
	emit    func(report []byte)
	ink     func(on bool)

	mu       sync.Mutex
	inking   bool
	lcd      *lcd
	upload   *upload // nil outside of an image transfer
	paper    image.Rectangle
	option   byte
	sequence uint16
	keep     int // samples that come before some do not
	lose     int // samples that do not come
	inClear  int // samples sent in clear while ink was on
	secret   secret
	mischief Mischief
}

// Mischief is what a pad does wrong about its encryption.
type Mischief int

// The kinds of mischief.
const (
	Honest       Mischief = iota
	RefusesKeys           // takes no key
	OtherSession          // samples bear another session's id
	SendsInClear          // agrees on a key, and encrypts nothing
	NoPrime               // a group of Diffie-Hellman that is all zeros: switched off
)

// New makes a tablet that gives what the pen does to emit, as reports with their ids, and tells ink whenever the host turns it on
// or off.
func New(m Model, serial string, emit func(report []byte), ink func(on bool)) *Tablet {
	t := &Tablet{model: m, serial: serial, started: time.Now(), emit: emit, ink: ink, lcd: newLCD(m.Width, m.Height)}
	t.paper = t.lcd.pixels.Rect
	return t
}

// Model is what the tablet is.
func (t *Tablet) Model() Model { return t.model }

// Misbehave makes the tablet do something wrong about its encryption from now on.
func (t *Tablet) Misbehave(m Mischief) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mischief = m
}

// LoseAfter keeps samples from being sent, as a bad cable does, after so many more while ink is on.
func (t *Tablet) LoseAfter(keep, lose int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep, t.lose = keep, lose
}

// SentInClear counts the samples that were sent in clear while ink was on.
func (t *Tablet) SentInClear() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inClear
}

// LastSession gives key and id of the last encrypted session.
func (t *Tablet) LastSession() (key []byte, id uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.secret.last, t.secret.session
}

// LCD is what the pad shows now, ink included.
func (t *Tablet) LCD() *image.RGBA {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lcd.picture()
}

// Sent counts the bytes of pictures that the host has sent.
func (t *Tablet) Sent() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lcd.sent
}

// Blocks counts the parts that they came in.
func (t *Tablet) Blocks() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lcd.blocks
}

// PowerOff makes the tablet as new, its screen white.
func (t *Tablet) PowerOff() {
	t.mu.Lock()
	t.lcd.clear()
	t.upload, t.option, t.secret, t.paper, t.inking = nil, 0, secret{}, t.lcd.pixels.Rect, false
	t.mu.Unlock()
	t.ink(false)
}

// Sign writes the strokes, 200 samples a second, with the pen in the air before, between and after them. It returns when
// the pen is gone, or ctx's error; nobody needs to listen.
func (t *Tablet) Sign(ctx context.Context, strokes [][]Point) error {
	const approach = 4 // samples in the air before each stroke
	tick := time.NewTicker(samplePeriod)
	defer tick.Stop()
	for _, stroke := range strokes {
		for i := range approach + len(stroke) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.pen(0, Point{})
				return ctx.Err()
			}
			if i < approach {
				t.pen(penReady, Point{X: stroke[0].X, Y: stroke[0].Y})
			} else {
				t.pen(penReady|penTouches, stroke[i-approach])
			}
		}
	}
	t.pen(0, Point{})
	return nil
}

// Put says at once where the pen is, and whether it touches, which lasts until it is said again.
func (t *Tablet) Put(at Point, down bool) {
	flags := uint16(penReady)
	if down {
		flags |= penTouches
	}
	t.pen(flags, at)
}

// Press keeps the pen down at a place until ctx ends, 200 samples a second, and lifts it then. Nobody needs to listen.
func (t *Tablet) Press(ctx context.Context, at Point) { t.stay(ctx, penReady|penTouches, at) }

// Hover keeps the pen in the air above a place until ctx ends, and takes it away then. Nobody needs to listen.
func (t *Tablet) Hover(ctx context.Context, at Point) { t.stay(ctx, penReady, Point{X: at.X, Y: at.Y}) }

func (t *Tablet) stay(ctx context.Context, flags uint16, at Point) {
	tick := time.NewTicker(samplePeriod)
	defer tick.Stop()
	for {
		t.pen(flags, at)
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.pen(0, Point{})
			return
		}
	}
}

// pen draws one sample when ink is on, and sends it.
func (t *Tablet) pen(flags uint16, at Point) {
	t.mu.Lock()
	t.lcd.pen(at, t.inking && flags&penTouches != 0, t.paper)
	s := sample{time: uint16(time.Since(t.started).Milliseconds()), number: t.sequence}
	flags |= scale(at.Pressure, t.model.MaxPressure)
	for i, v := range []uint16{flags, scale(at.X, t.model.MaxX), scale(at.Y, t.model.MaxY)} {
		binary.BigEndian.PutUint16(s.pen[2*i:], v)
	}
	t.sequence++
	var report []byte
	if t.inking && t.keep == 0 && t.lose > 0 {
		t.lose--
	} else {
		t.keep = max(0, t.keep-1)
		report = t.report(s, flags&penReady == 0)
	}
	t.mu.Unlock()
	if report != nil {
		t.emit(report)
	}
}

// sample is what the pad has measured at one moment.
type sample struct {
	pen          [6]byte
	time, number uint16
}

// report puts a sample into the report that the host wants; nil where it is to wait for the next one.
func (t *Tablet) report(s sample, last bool) []byte {
	if t.secret.capturing() && t.mischief != SendsInClear {
		return t.encrypted(s, last)
	}
	if t.inking {
		t.inClear++
	}
	switch t.option {
	case optionTimesAndNumbers:
		return append([]byte{reportPenTimed}, s.timed()...)
	case optionNumbers:
		return binary.BigEndian.AppendUint16(append([]byte{reportPenNumber}, s.pen[:]...), s.number)
	}
	return append([]byte{reportPen}, s.pen[:]...)
}

func (s sample) timed() []byte {
	b := binary.BigEndian.AppendUint16(append([]byte(nil), s.pen[:]...), s.time)
	return binary.BigEndian.AppendUint16(b, s.number)
}

// scale turns a part into device units.
func scale(part float64, most int) uint16 {
	return uint16(min(max(part, 0), 1)*float64(most) + 0.5)
}

// Tells says whether what the pad sends now can be told from what it sent before the host asked: it bears a stamp or a session.
func (t *Tablet) Tells() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.option != 0 || t.secret.open
}
